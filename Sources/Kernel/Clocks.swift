import CLinux
import Glibc

/// The two clocks that the program reads, each in one place.
package enum Clocks {
    /// CLOCK_BOOTTIME: runs on while the machine sleeps, never steps.
    package static func sinceBoot() -> Duration { read(CLOCK_BOOTTIME) }

    /// CLOCK_REALTIME, as time since 1970, for people only.
    package static func sinceEpoch() -> Duration { read(CLOCK_REALTIME) }

    /// A point in time for people and programs: RFC 3339, UTC, with milliseconds.
    /// - Parameter sinceEpoch: time since 1970.
    package static func timestamp(_ sinceEpoch: Duration) -> String {
        let (seconds, attoseconds) = sinceEpoch.components
        var time = time_t(seconds)
        var parts = unsafe tm()
        guard unsafe gmtime_r(&time, &parts) != nil else { return "" }
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(max(number, 0))
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let date = unsafe [
            padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2), padded(Int(parts.tm_mday), 2),
        ]
        let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
        let milliseconds = padded(Int(attoseconds / 1_000_000_000_000_000), 3)
        return date.joined(separator: "-") + "T" + clock.joined(separator: ":") + "." + milliseconds + "Z"
    }

    /// Waits, before the loop runs; a signal that ends the program ends the wait, too.
    package static func sleep(_ span: Duration) {
        let (seconds, attoseconds) = span.components
        var rest = timespec(tv_sec: Int(clamping: seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var left = timespec()
        while unsafe nanosleep(&rest, &left) != 0, errno == EINTR { rest = left }
    }

    private static func read(_ clock: clockid_t) -> Duration {
        var time = timespec()
        guard unsafe clock_gettime(clock, &time) == 0 else { return .zero }
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
