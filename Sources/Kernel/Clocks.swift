import Glibc

/// The two clocks that the program reads, each in one place.
package enum Clocks {
    /// CLOCK_BOOTTIME: runs on while the machine sleeps, never steps.
    package static func sinceBoot() -> Duration { read(CLOCK_BOOTTIME) }

    /// CLOCK_REALTIME, as time since 1970, for people only.
    package static func sinceEpoch() -> Duration { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> Duration {
        var time = timespec()
        guard unsafe clock_gettime(clock, &time) == 0 else { return .zero }
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
