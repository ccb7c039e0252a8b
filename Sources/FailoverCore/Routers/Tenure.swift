import VRRP

/// Since when a virtual router has been in its state, and why.
struct Tenure: Hashable, Sendable {
    private(set) var since: Instant
    private(set) var reason = Reason.started
    /// Why the addresses are claimed, while they are, and were when this host became master.
    private(set) var claim: Reason.Claim?

    init(since: Instant) {
        self.since = since
    }

    mutating func claim(_ reason: VirtualRouter.ClaimReason) { claim = Reason.Claim(reason) }

    /// - Parameter isNew: another state than before.
    mutating func enter(_ reason: Reason, isNew: Bool, at now: Instant) {
        if isNew || reason == .started { since = now }
        self.reason = reason
    }
}
