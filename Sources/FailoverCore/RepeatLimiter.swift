package import VRRP

/// Keeps a fault that repeats itself from filling the log: the first few of a kind pass, then one a minute with the
/// number that it stands for.
package struct RepeatLimiter: Sendable {
    /// What counts as the same.
    private struct Key: Hashable {
        var kind: Event.Kind
        var instance: String?
    }

    private struct Tally {
        var begin: Instant
        var passed = 0
        var suppressed = 0
    }

    /// How long the first few are counted together.
    private static let span = Duration.seconds(60)
    private var tallies: [Key: Tally] = [:]

    package init() {}

    /// Counts an event.
    /// - Returns: how many earlier ones were kept quiet about, 0 as a rule; `nil` to keep quiet about this one, too.
    package mutating func admit(_ event: Event, at now: Instant) -> Int? {
        let key = Key(kind: event.kind, instance: event.instance)
        var tally = tallies[key] ?? Tally(begin: now)
        defer { tallies[key] = tally }
        if now - tally.begin >= Self.span {
            let suppressed = tally.suppressed
            tally = Tally(begin: now, passed: 1)
            return suppressed
        }
        guard tally.passed < event.kind.mostInSpan else {
            tally.suppressed += 1
            return nil
        }
        tally.passed += 1
        return 0
    }
}

extension Event.Kind {
    /// How many of a kind are told in a minute for an instance. Changes of state are what people look for: of them many.
    fileprivate var mostInSpan: Int {
        switch self {
        case .becameMaster, .becameBackup, .enteredFault, .stopped: 30
        default: 5
        }
    }
}
