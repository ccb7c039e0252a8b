import VRRP

/// How long something waits that somebody else undoes again and again: nothing for the first few times (a network manager may set an
/// interface up more than once), and then twice as long each time, up to a second.
enum RepeatedUndoing {
    private static let atOnce = 3
    /// More is not counted.
    static let most = 16

    /// How often it was undone in a row.
    /// - Parameters:
    ///   - count: how often until now.
    ///   - last: when it was undone, or put right, last; `nil` for never.
    static func count(after count: Int, last: Instant?, now: Instant) -> Int {
        guard let last, now - last < Absences.window else { return 0 }
        return min(count + 1, most)
    }

    static func pause(before attempt: Int) -> Duration {
        guard attempt > atOnce else { return .zero }
        return min(.milliseconds(10 << min(attempt - atOnce, most)), .seconds(1))
    }
}

/// How long something waits that the kernel refuses: a second, and then twice as long each time, up to 30 s.
struct RepeatedRefusal: Hashable, Sendable {
    static let longest = Duration.seconds(30)
    /// In a row; with more the pause does not grow.
    private var count = 0

    mutating func countAndPause() -> Duration {
        count = min(count + 1, 6)
        return min(.seconds(1 << (count - 1)), Self.longest)
    }
}
