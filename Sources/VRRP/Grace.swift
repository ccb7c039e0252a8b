/// Whether a backup can trust its own ears.
///
/// A host that was stalled (a paused virtual machine, swapping) or whose receive socket overflowed has perhaps only missed
/// the master's advertisements. Before its backup claims, the master gets one more interval and skew time to be heard.
///
/// A stall shows as a timer that fires late. The master down timer alone does not show one that ends just before it: so,
/// while an advertisement is overdue, the backup looks up between the moments at which the next ones would come.
struct Grace: Hashable, Sendable {
    /// Something may have been missed since an advertisement was heard.
    var mayHaveMissed = false
    /// The master has had its extra time.
    var isUsed = false
    /// When to look up, were nothing heard until then.
    private(set) var lookAt: Instant?

    init() {}

    /// - Parameter interval: the interval at which the master is expected to advertise.
    init(expecting interval: Duration, from now: Instant) {
        lookAt = now + interval + interval / 2
    }

    mutating func lookAgain(after now: Instant, expecting interval: Duration) {
        lookAt = now + interval
    }
}
