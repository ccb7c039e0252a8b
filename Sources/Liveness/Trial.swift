import VRRP

/// Ten seconds in which a host shows how reliably it answers.
struct Trial: Sendable {
    let since: Instant
    private var asked = 0
    private var answered = 0
    private(set) var longestSilence = Duration.zero

    static let length = Duration.seconds(10)
    /// Of a hundred: less is a limiter, or a sick network.
    private static let mostUnanswered = 3

    init(at now: Instant) { since = now }

    mutating func noteQuestion() { asked += 1 }

    mutating func noteAnswer(after silence: Duration) {
        answered += 1
        longestSilence = max(longestSilence, silence)
    }

    func isOver(at now: Instant) -> Bool { now - since >= Self.length }

    /// Of a hundred questions, rounded down.
    var answeredPercent: Int { asked > 0 ? min(answered, asked) * 100 / asked : 0 }

    var isReliable: Bool { asked > 0 && (asked - min(answered, asked)) * 100 <= asked * Self.mostUnanswered }
}
