import VRRP

/// Lets one report a minute through for each reason, with the number of cases that it stands for.
struct WarningLimiter: Sendable {
    private struct Tally {
        var quietUntil: Instant
        var suppressed = 0
    }

    private static let pause = Duration.seconds(60)
    private var tallies: [DropReason: Tally] = [:]

    /// Counts a case.
    /// - Returns: how many cases to report now; `nil` to keep quiet.
    mutating func count(_ reason: DropReason, at now: Instant) -> Int? {
        guard let tally = tallies[reason] else {
            tallies[reason] = Tally(quietUntil: now + Self.pause)
            return 1
        }
        guard now >= tally.quietUntil else {
            tallies[reason]?.suppressed += 1
            return nil
        }
        tallies[reason] = Tally(quietUntil: now + Self.pause)
        return tally.suppressed + 1
    }
}
