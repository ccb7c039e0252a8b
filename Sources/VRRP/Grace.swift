/// Whether a backup can trust its own ears.
///
/// A host that was stalled (a paused virtual machine, swapping) or whose receive socket overflowed has perhaps only missed
/// the master's advertisements. Before its backup claims, the master gets one more interval and skew time to be heard; and as
/// much again after a further stall, in which that time may have gone by unheard.
///
/// A stall shows as a timer that fires late. The master down timer alone does not show one that ends just before it: so,
/// while an advertisement is overdue, the backup looks up between the moments at which the next ones would come.
struct Grace: Hashable, Sendable {
    /// When to look up, were nothing heard until then.
    private(set) var lookAt: Instant?
    /// Something may have been missed since an advertisement was heard.
    var mayHaveMissed = false
    /// It was a stall by which it may have been missed, not a full socket alone.
    private var wasStalled = false
    /// How often the master has had extra time since an advertisement was heard.
    private(set) var grants: UInt8 = 0
    /// A machine that is late each time has to take over all the same.
    private static let most = 3

    init() {}

    /// - Parameters:
    ///   - interval: the interval at which the master is expected to advertise.
    ///   - grants: how often extra time was granted before.
    init(expecting interval: Duration, from now: Instant, grants: UInt8 = 0) {
        lookAt = now + interval + interval / 2
        self.grants = grants
    }

    /// A timer fired late.
    mutating func noteStall() {
        mayHaveMissed = true
        wasStalled = true
    }

    /// Whether the master gets extra time: a flood of packets gives it once, each stall once more.
    var isDue: Bool { mayHaveMissed && (grants == 0 || wasStalled && grants < Self.most) }

    mutating func lookAgain(after now: Instant, expecting interval: Duration) {
        lookAt = now + interval
    }
}
