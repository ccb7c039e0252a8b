/// A point on the machine's boot clock (CLOCK_BOOTTIME), which runs on while the machine sleeps and never steps.
///
/// The pure rooms read no clock: every call that depends on time is told the time.
package struct Instant: Hashable, Comparable, Sendable {
    /// Time since the machine started.
    package let sinceBoot: Duration

    package init(sinceBoot: Duration) {
        self.sinceBoot = sinceBoot
    }

    package static func < (left: Instant, right: Instant) -> Bool { left.sinceBoot < right.sinceBoot }
    package static func + (instant: Instant, span: Duration) -> Instant { Instant(sinceBoot: instant.sinceBoot + span) }
    package static func - (instant: Instant, span: Duration) -> Instant { Instant(sinceBoot: instant.sinceBoot - span) }
    package static func - (later: Instant, earlier: Instant) -> Duration { later.sinceBoot - earlier.sinceBoot }
}
