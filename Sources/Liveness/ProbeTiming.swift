import VRRP

/// How fast a master's host is asked, and how long it may be silent: all follows from `fast_takeover MS`.
package struct ProbeTiming: Hashable, Sendable {
    /// `fast_takeover`: the death of a host is to be answered within this; 40 to 1000 ms.
    package let limit: Duration
    /// How many times further apart the questions are than they would be for a single master: with many of them the host asks no faster than
    /// `mostProbesPerSecond` altogether.
    package let stretch: Int
    /// How long the verdict waits where several backups have it: `fast_takeover_rank`, 15 ms each.
    package let wait: Duration

    package static let limits = Duration.milliseconds(40)...Duration.milliseconds(1000)
    package static let mostProbesPerSecond = 5000
    /// So many questions in a row without an answer mean that the host is dead.
    package static let unanswered = 6
    private static let step = Duration.milliseconds(15)

    /// - Parameters:
    ///   - limit: what lies outside of `limits` counts as the nearest.
    ///   - rank: 0 for the one that takes over first; at most 20.
    package init(limit: Duration, stretch: Int = 1, rank: Int = 0) {
        self.limit = min(max(limit, Self.limits.lowerBound), Self.limits.upperBound)
        self.stretch = min(max(stretch, 1), 1000)
        wait = Self.step * min(max(rank, 0), 20)
    }

    /// Between two questions.
    package var spacing: Duration { limit / 5 * stretch }
    /// Between two questions while one has no answer; after this long one counts as unanswered.
    package var doubtSpacing: Duration { limit / 10 * stretch }
    /// Whoever wakes later than this may have slept through the answers: nothing that was counted until then counts.
    package var mostLateness: Duration { limit / 5 }
    /// While it is found out whether a host answers reliably, no silence may be longer.
    var mostSilenceInTrial: Duration { limit / 2 * stretch }
    /// A silence that was longer, and ended, was nearly taken for a death.
    package var nearMiss: Duration { limit * 2 / 3 * stretch }

    /// What keeps the questions to several masters at or below `mostProbesPerSecond`.
    /// - Parameter limits: of all masters that are asked.
    package static func stretch(for limits: some Sequence<Duration>) -> Int {
        let perSecond = limits.reduce(0) { sum, limit in
            sum + Int(Duration.seconds(1) / max(limit / 5, .milliseconds(1)))
        }
        return max(1, (perSecond + mostProbesPerSecond - 1) / mostProbesPerSecond)
    }

    /// The smallest `fast_takeover` under which a silence would never have been taken for a death, in steps of 10 ms.
    /// - Returns: `nil` where no value is large enough.
    package static func safeLimit(forSilence silence: Duration) -> Duration? {
        // A host that pauses for six tenths of the limit is still asked again in time.
        let tens = (silence * 10 / 6) / Duration.milliseconds(10)
        let limit = Duration.milliseconds(10) * Int(tens.rounded(.up))
        return limit <= limits.upperBound ? max(limit, limits.lowerBound) : nil
    }
}
