import VRRP

@testable import Liveness

/// A prober with its master and its witnesses, in virtual time.
final class Neighbourhood {
    static let start = Instant(sinceBoot: .seconds(1000))

    var prober: Prober
    private(set) var now = Neighbourhood.start
    /// Whether each answers questions.
    var masterAnswers = true
    var masterAnswersAsNeighbour = true
    var witnessesAnswer: [Bool]
    var advertises = true
    /// Which question to the master is lost, by its number among them.
    var isLost: (Int) -> Bool = { _ in false }
    /// How late this host wakes.
    var lateness = Duration.zero
    let roundTrip = Duration.microseconds(100)

    private(set) var actions: [(at: Instant, action: Prober.Action)] = []
    private var answers: [(at: Instant, target: Prober.Target, number: UInt64)] = []
    private var nextAdvertisement = Neighbourhood.start
    private var questions = 0

    init(_ timing: ProbeTiming = ProbeTiming(limit: .milliseconds(50)), witnesses: Int = 1) {
        prober = Prober(timing, witnesses: witnesses, steadySince: Self.start - .seconds(60))
        witnessesAnswer = Array(repeating: true, count: witnesses)
    }

    /// One that has been watched for a while.
    static func armed(
        _ timing: ProbeTiming = ProbeTiming(limit: .milliseconds(50)), witnesses: Int = 1
    ) -> Neighbourhood {
        let result = Neighbourhood(timing, witnesses: witnesses)
        result.pass(.seconds(20))
        return result
    }

    func pass(_ span: Duration) {
        let end = now + span
        while let next = nextEvent, next <= end { step(to: next) }
        now = end
    }

    private var nextEvent: Instant? {
        let wake = prober.due.map { max($0 + lateness, now) }
        return [wake, answers.map(\.at).min(), advertises ? nextAdvertisement : nil].compactMap { $0 }.min()
    }

    private func step(to next: Instant) {
        now = max(now, next)
        // What has arrived is taken in before the time is looked at.
        let arrived = answers.filter { $0.at <= now }
        answers.removeAll { $0.at <= now }
        for answer in arrived {
            switch answer.target {
            case .master: take(prober.answered(answer.number, received: answer.at, at: now))
            case .masterAsNeighbour: take(prober.answeredAsNeighbour(at: now))
            case .witness: prober.witnessAnswered(answer.number, received: answer.at)
            }
        }
        if advertises, now >= nextAdvertisement {
            nextAdvertisement = now + .seconds(1)
            take(prober.heardAdvertisement(masterDownInterval: .milliseconds(3610), at: now))
        }
        if let due = prober.due, now >= due { take(prober.wake(at: now)) }
    }

    private func take(_ new: [Prober.Action]) {
        for action in new {
            actions.append((now, action))
            guard case .ask(let target, let number) = action else { continue }
            let isAnswered: Bool
            switch target {
            case .master:
                questions += 1
                isAnswered = masterAnswers && !isLost(questions)
            case .masterAsNeighbour: isAnswered = masterAnswersAsNeighbour
            case .witness(let place): isAnswered = witnessesAnswer[place]
            }
            if isAnswered { answers.append((now + roundTrip, target, number)) }
        }
    }

    /// The host of the master is gone.
    func cut() {
        (masterAnswers, masterAnswersAsNeighbour, advertises) = (false, false, false)
        answers.removeAll { if case .witness = $0.target { false } else { true } }
    }

    func revive() { (masterAnswers, masterAnswersAsNeighbour, advertises) = (true, true, true) }

    var isArmed: Bool { prober.obstacle(at: now) == nil }

    var deaths: [(at: Instant, death: Prober.Death)] {
        actions.compactMap { entry in
            if case .declareDead(let death) = entry.action { (entry.at, death) } else { nil }
        }
    }

    var takenBack: Int { actions.count { $0.action == .takeBack } }

    func questions(to wanted: Prober.Target) -> Int {
        actions.count { entry in
            if case .ask(wanted, _) = entry.action { true } else { false }
        }
    }
}
