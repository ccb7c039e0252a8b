import VRRP

/// A priority that has risen a moment ago: another host may still go by what it was, take over, and stop when it hears the new one. That is no
/// network in two parts.
struct PriorityDip: Hashable, Sendable {
    /// What it was.
    private let lowest: UInt8
    private let until: Instant

    /// - Parameters:
    ///   - old: before it rose.
    ///   - interval: at which this host advertises: so long others may not have heard it; and as long again until it hears them.
    ///   - before: the last one, which may not be over.
    init(from old: UInt8, interval: Duration, after before: PriorityDip?, at now: Instant) {
        lowest = before.map { now < $0.until ? min($0.lowest, old) : old } ?? old
        until = now + interval * 2
    }

    /// Whether a host of that priority may have taken over for it.
    /// - Parameter priority: `nil` where it is not known.
    func explains(_ priority: UInt8?, at now: Instant) -> Bool { now < until && priority.map { $0 >= lowest } ?? true }
}
