package import FailoverCore
package import VRRP

/// Keeps a fault that repeats itself from filling the log: the first few of a kind pass, then one a minute with the
/// number that it stands for.
package struct RepeatLimiter: Sendable {
    /// What counts as the same, hashed: thousands of virtual routers may change their states at a time. Two that are hashed to the same
    /// number of 64 bits would be counted together, and that is all.
    private struct Key: Hashable {
        let rawValue: Int

        init(_ event: Event) {
            var hasher = Hasher()
            hasher.combine(event.kind)
            hasher.combine(event.instance)
            rawValue = hasher.finalize()
        }
    }

    private struct Tally {
        /// In hundredths of a second, modulo 2³²: some 500 days.
        var begin: UInt32
        var suppressed: UInt32 = 0
        var passed: UInt8 = 0

        init(at now: Instant) { begin = Self.hundredths(now) }

        /// How long the first few are counted together: a minute.
        private static let span: UInt32 = 6000

        func isOver(at now: Instant) -> Bool { Self.hundredths(now) &- begin >= Self.span }

        private static func hundredths(_ now: Instant) -> UInt32 {
            UInt32(truncatingIfNeeded: now.sinceBoot.inMilliseconds / 10)
        }
    }

    private var tallies: [Key: Tally] = [:]
    /// With so many, those that are over make room.
    private var most = leastMost
    private static let leastMost = 1024

    package init() {}

    /// Counts an event.
    /// - Returns: how many earlier ones were kept quiet about, 0 as a rule; `nil` to keep quiet about this one, too.
    package mutating func admit(_ event: Event, at now: Instant) -> Int? {
        if tallies.count >= most { forgetWhatIsOver(at: now) }
        let key = Key(event)
        var tally = tallies[key] ?? Tally(at: now)
        defer { tallies[key] = tally }
        if tally.isOver(at: now) {
            let suppressed = Int(tally.suppressed)
            tally = Tally(at: now)
            tally.passed = 1
            return suppressed
        }
        guard tally.passed < event.kind.declaration.mostInMinute else {
            tally.suppressed &+= 1
            return nil
        }
        tally.passed += 1
        return 0
    }

    /// Gives back the memory of what has not repeated itself. Called now and then.
    package mutating func forgetWhatIsOver(at now: Instant) {
        tallies = tallies.filter { !$0.value.isOver(at: now) || $0.value.suppressed > 0 }
        most = max(Self.leastMost, tallies.count * 2)
    }

    /// For tests: how many it remembers.
    package var count: Int { tallies.count }
}
