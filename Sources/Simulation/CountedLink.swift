import VRRP

/// A tracked link as `interface_up_down_delays` count it, for the reference model.
struct CountedLink {
    /// How long it has to be down, or up again, until that counts.
    var delays: Scenario.LinkDelays?
    /// What counts.
    private(set) var isUp = true
    private var isReallyUp = true
    /// When that counts; `nil` where it does already.
    private(set) var changesAt: Instant?
    /// The first time that it comes up needs no wait.
    private var hasBeenUp = false
    private var isKnown = false

    init(_ delays: Scenario.LinkDelays?) { self.delays = delays }

    /// The program begins, and knows nothing.
    mutating func forget() { self = CountedLink(delays) }

    /// The program has heard what the link is.
    mutating func hear(_ isUpNow: Bool, at now: Instant) {
        isReallyUp = isUpNow
        defer { hasBeenUp = hasBeenUp || isUp }
        guard let delays, isKnown else {
            isUp = isUpNow
            isKnown = true
            return
        }
        guard isUpNow != isUp else {
            changesAt = nil
            return
        }
        let wait = isUpNow ? (hasBeenUp ? delays.up : .zero) : delays.down
        let due = changesAt ?? now + wait
        changesAt = due
        _ = pass(now)
    }

    /// - Returns: whether something else counts from now on.
    mutating func pass(_ now: Instant) -> Bool {
        guard let due = changesAt, now >= due else { return false }
        isUp = isReallyUp
        hasBeenUp = hasBeenUp || isUp
        changesAt = nil
        return true
    }
}
