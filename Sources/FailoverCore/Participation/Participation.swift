import Addressing
import VRRP

/// Whether one virtual router can take part, from where it speaks, and what keeps it from that.
struct Participation: Hashable, Sendable {
    /// Where the interface is now; `nil` while there is none of its name.
    private(set) var interface: InterfaceIndex?
    /// The address to send from; `nil` while there is none.
    private(set) var source: IPAddress?
    /// When the interface lost its last address to send from; until it is missed for good, the old one stays in use.
    @Seldom private(set) var sourceLostAt: Instant?
    /// What keeps it from taking part.
    private(set) var faults = FaultSet()
    /// What the kernel refused when it was last to become master.
    @Seldom private(set) var refusedTakeover: Fault?
    /// When to take part again, after a refusal or a delay.
    private(set) var retryAt: Instant?
    /// Another VRRP daemon on this host uses the same virtual router; until when it counts as running.
    @Seldom private(set) var rivalUntil: Instant?

    /// How long an interface may be without an address to send from before that is a fault.
    static let sourceGrace = Duration.seconds(2)

    /// The fault that is told; `nil` while it takes part.
    var fault: Fault? { faults.first }

    // MARK: - Interface and source

    mutating func move(to interface: InterfaceIndex?) { self.interface = interface }

    mutating func use(_ source: IPAddress) { self.source = source }

    /// There is an address to send from.
    mutating func findSource() { sourceLostAt = nil }

    /// The address to send from has gone.
    /// - Returns: whether the old one may stay in use for now.
    mutating func missSource(at now: Instant) -> Bool {
        let lostAt = sourceLostAt ?? now
        guard now < lostAt + Self.sourceGrace else { return false }
        sourceLostAt = lostAt
        return true
    }

    /// It has gone, and the old one is still in use.
    func isBridging(at now: Instant) -> Bool { sourceLostAt.map { now < $0 + Self.sourceGrace } ?? false }

    // MARK: - Faults

    /// Takes no part from now on.
    /// - Parameter faults: all that is in the way now; what was in the way before and is not among them has gone.
    /// - Returns: whether another fault is told than before.
    mutating func fail(_ faults: FaultSet) -> Bool {
        let old = fault
        self.faults = faults
        // Where only something else is in the way there may be a last word to say.
        if faults[.network] != nil { source = nil }
        switch faults[.network] {
        case .addressRefused, .macvlanRefused: refusedTakeover = faults[.network]
        default: break
        }
        sourceLostAt = nil
        return old != fault
    }

    /// Nothing is in the way any more. A source that was lost is looked for again when its time is over.
    mutating func recover() {
        retryAt = sourceLostAt.map { $0 + Self.sourceGrace }
        faults = FaultSet()
    }

    /// While it leaves for something else, too, its time counts.
    mutating func awaitSource(at now: Instant) {
        guard let end = sourceLostAt.map({ $0 + Self.sourceGrace }), now < end else { return }
        retryAt = end
    }

    /// It is master: the kernel has refused nothing.
    mutating func noteTakeover() { if refusedTakeover != nil { refusedTakeover = nil } }

    // MARK: - Later

    /// After a refusal, or for a delay: not before that.
    mutating func wait(until due: Instant) { retryAt = due }

    mutating func stopWaiting() { retryAt = nil }

    /// - Returns: whether the time to try again has come.
    mutating func takeRetry(at now: Instant) -> Bool {
        guard let due = retryAt, now >= due else { return false }
        // Over, whatever else may be in the way by now.
        retryAt = nil
        return true
    }

    // MARK: - Rivals

    var hasRival: Bool { rivalUntil != nil }

    func hasRival(at now: Instant) -> Bool { rivalUntil.map { now < $0 } ?? false }

    /// Another daemon of this host has advertised the virtual router.
    mutating func hearRival(until end: Instant) { rivalUntil = end }

    /// It has said that it leaves.
    mutating func loseRival() { rivalUntil = nil }

    /// One that has been silent for long enough has gone; one that has not is waited for.
    mutating func judgeRival(at now: Instant) {
        guard let end = rivalUntil else { return }
        if now < end {
            retryAt = max(end, retryAt ?? end)
        } else {
            rivalUntil = nil
        }
    }
}
