package import VRRP

/// What keeps one error from becoming many: after a false alarm, near misses, or a fast takeover there is none for a while.
package struct Caution: Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// The host was alive.
        case falseAlarm
        /// It was alive twice within a day: somebody has to look.
        case falseAlarms
        /// It was nearly taken for dead three times within an hour.
        case nearMisses
        /// The last fast takeover was less than ten minutes ago.
        case recentTakeover
    }

    private var nearMisses: [Instant] = []
    private var falseAlarms: [Instant] = []
    private var takenOverAt: Instant?
    /// There were two false alarms within a day.
    private var isOff = false

    private static let afterFalseAlarm = Duration.seconds(600)
    private static let afterTakeover = Duration.seconds(600)
    private static let day = Duration.seconds(86_400)
    private static let hour = Duration.seconds(3600)
    private static let mostNearMisses = 3

    package init() {}

    mutating func noteNearMiss(at now: Instant) {
        nearMisses = nearMisses.filter { now - $0 < Self.hour } + [now]
    }

    package mutating func noteFalseAlarm(at now: Instant) {
        falseAlarms = falseAlarms.filter { now - $0 < Self.day } + [now]
        if falseAlarms.count > 1 { isOff = true }
    }

    package mutating func noteTakeover(at now: Instant) { takenOverAt = now }

    /// The operator has looked.
    package mutating func forget() { self = Caution() }

    /// Why nothing is done now, and until when: `nil` for until the operator says so. An empty answer where nothing stands against it.
    package func objection(at now: Instant) -> (reason: Reason, until: Instant?)? {
        if isOff { return (.falseAlarms, nil) }
        if let last = falseAlarms.last, now - last < Self.afterFalseAlarm {
            return (.falseAlarm, last + Self.afterFalseAlarm)
        }
        let misses = nearMisses.filter { now - $0 < Self.hour }
        if misses.count >= Self.mostNearMisses { return (.nearMisses, misses[0] + Self.hour) }
        if let last = takenOverAt, now - last < Self.afterTakeover {
            return (.recentTakeover, last + Self.afterTakeover)
        }
        return nil
    }
}
