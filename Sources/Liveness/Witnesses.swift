import VRRP

/// Neighbours that can say that the network is there: the gateway, the other peers, and those that the file names.
struct Witnesses: Sendable {
    private struct Witness: Sendable {
        /// The last question, and when it was asked.
        var asked: (number: UInt64, at: Instant)?
        var answeredAt: Instant?
        /// When the last question was asked that has an answer.
        var answeredQuestionAt: Instant?
    }

    private var witnesses: [Witness]
    private var nextAt: Instant?
    /// Questions whose answers are still of interest.
    private var open: [UInt64: (witness: Int, at: Instant)] = [:]

    /// In calm times.
    private static let period = Duration.seconds(1)
    /// One that has not answered for so long is none.
    private static let patience = Duration.milliseconds(2500)
    /// In doubt, so many are asked at a time.
    private static let mostInDoubt = 2

    init(count: Int) { witnesses = Array(repeating: Witness(), count: count) }

    var due: Instant? { witnesses.isEmpty ? nil : nextAt }

    mutating func begin(at now: Instant) { nextAt = nextAt ?? now }

    mutating func end() { (nextAt, open) = (nil, [:]) }

    /// Whether one has answered lately.
    func answers(at now: Instant) -> Bool { witnesses.contains { isGood($0, at: now) } }

    private func isGood(_ witness: Witness, at now: Instant) -> Bool {
        witness.answeredAt.map { now - $0 <= Self.patience } ?? false
    }

    /// Those to be asked now: all of them each second, in doubt the first that are known to answer.
    mutating func takeDue(inDoubt: Bool, at now: Instant) -> [Int] {
        if let next = nextAt, now >= next {
            nextAt = now + Self.period
            return Array(witnesses.indices)
        }
        guard inDoubt else { return [] }
        return Array(witnesses.indices.filter { isGood(witnesses[$0], at: now) }.prefix(Self.mostInDoubt))
    }

    mutating func note(_ number: UInt64, askedOf witness: Int, at now: Instant) {
        open = open.filter { now - $0.value.at <= Self.patience }
        open[number] = (witness, now)
    }

    /// - Parameter received: when the kernel had the answer.
    mutating func noteAnswer(to number: UInt64, received: Instant) {
        guard let question = open.removeValue(forKey: number), received - question.at <= Self.patience else { return }
        let old = witnesses[question.witness]
        witnesses[question.witness].answeredAt = max(old.answeredAt ?? received, received)
        witnesses[question.witness].answeredQuestionAt = max(old.answeredQuestionAt ?? question.at, question.at)
    }

    /// Whether one has vouched for the network: it has answered after `half`, and what it was asked after `begin`.
    func vouched(askedAfter begin: Instant, answeredAfter half: Instant) -> Bool {
        witnesses.contains { witness in
            guard let answered = witness.answeredAt, let asked = witness.answeredQuestionAt else { return false }
            return asked > begin && answered >= half
        }
    }
}
