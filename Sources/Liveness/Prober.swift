package import VRRP

/// Watches the host of one master from one interface, by questions that its kernel answers (ICMP echo). It says that the host is dead if six
/// questions in a row have no answer, and only where nothing else explains the silence: it had answered reliably, this host was awake, its
/// own link is steady, and a neighbour vouches for the network.
///
/// It knows no sockets and no clock: whoever owns it asks what it says to ask, hands in the answers, and wakes it at `due`.
package struct Prober: Sendable {
    /// Whom a question goes to.
    package enum Target: Hashable, Sendable {
        case master
        /// By ARP or neighbour discovery, to the hardware address that is known: another part of its kernel answers, past its firewall. Only in
        /// doubt, and seldom: switches count these.
        case masterAsNeighbour
        /// By its place in the list of witnesses.
        case witness(Int)
    }

    package enum Action: Hashable, Sendable {
        /// Ask, with a nonce that nobody can guess; the answer is handed in under this number.
        case ask(Target, number: UInt64)
        case declareDead(Death)
        /// The host was declared dead and is alive.
        case takeBack
    }

    /// What a verdict rests on.
    package struct Death: Hashable, Sendable {
        package var lastAnswer: Instant
        /// When the first question without an answer was asked.
        package var silentSince: Instant
        package var unanswered: Int
        /// The longest that this host was late itself meanwhile.
        package var mostLateness: Duration
    }

    /// Why there would be no verdict now.
    package enum Obstacle: Hashable, Sendable {
        /// Fewer than three advertisements of this master.
        case fewAdvertisements
        /// It answers no question, or has not answered since the last trouble.
        case noAnswer
        /// The trial is under way.
        case trial(until: Instant)
        /// Of a hundred questions so many were answered in the trial, and after silences of at most so long.
        case unreliable(percent: Int, longestSilence: Duration)
        case noWitness
        case unsteadyLink
        case caution(Caution.Reason, until: Instant?)
        /// The verdict is out.
        case dead
    }

    enum State: Sendable {
        case waiting
        /// It has to answer before anything counts: for a moment it is asked as fast as ever, then each second.
        case calling(Call)
        case trying(Trial)
        case armed
        case doubting(Doubt)
        /// Asked on for a second: perhaps it lives.
        case dead(since: Instant)
    }

    struct Call: Sendable {
        let why: Obstacle
        let since: Instant
        /// An answer counts only then.
        var notBefore: Instant?
        /// It has not shown yet that it answers reliably.
        let needsTrial: Bool
    }

    struct Doubt: Sendable {
        /// When the first question without an answer was asked.
        let since: Instant
        var unanswered = 1
        var askedAsNeighbour = 0
        var mostLateness: Duration
    }

    package let timing: ProbeTiming
    package private(set) var caution: Caution
    /// For an operator who wants to know which limit would have been safe: the longest silence that ended, and how many were near misses.
    package private(set) var longestSilence = Duration.zero
    package private(set) var nearMisses = 0

    var state = State.waiting
    private var witnesses: Witnesses
    private var advertisements = 0
    private var lastNumber: UInt64 = 0
    /// The last question to the master.
    private var asked: (number: UInt64, at: Instant)?
    private var isAnswered = false
    private var answeredAt: Instant?
    private var nextAt: Instant?
    /// When the link last changed; `nil` while it is down.
    private var steadySince: Instant?
    /// When it was asked as a neighbour lately.
    private var askedAsNeighbourAt: [Instant] = []
    /// Until its end an advertisement of a host that was declared dead says that this was wrong.
    private var masterDownInterval = Duration.seconds(4)

    private static let fewest = 3
    private static let callPeriod = Duration.seconds(1)
    private static let afterUnreliability = Duration.seconds(60)
    private static let steadiness = Duration.seconds(2)
    private static let afterDeath = Duration.seconds(1)
    private static let mostAsNeighbour = (inADoubt: 2, aSecond: 4)

    /// - Parameters:
    ///   - witnesses: how many neighbours may vouch for the network, the best first.
    ///   - caution: what happened with this master before.
    ///   - steadySince: since when the interface has its carrier; `nil` without one.
    package init(_ timing: ProbeTiming, witnesses: Int, caution: Caution = Caution(), steadySince: Instant?) {
        self.timing = timing
        self.witnesses = Witnesses(count: witnesses)
        self.caution = caution
        self.steadySince = steadySince
    }

    // MARK: - When, and why not

    /// When it is to be woken.
    package var due: Instant? { [nextAt, witnesses.due].compactMap { $0 }.min() }

    /// What stands against a verdict; `nil` while it is armed.
    package func obstacle(at now: Instant) -> Obstacle? {
        switch state {
        case .waiting: return .fewAdvertisements
        case .calling(let call): return call.why
        case .trying(let trial): return .trial(until: trial.since + Trial.length)
        case .dead: return .dead
        case .armed, .doubting: return outerObstacle(at: now)
        }
    }

    /// What has nothing to do with the answers.
    private func outerObstacle(at now: Instant) -> Obstacle? {
        if let objection = caution.objection(at: now) { return .caution(objection.reason, until: objection.until) }
        guard let steadySince, now - steadySince >= Self.steadiness else { return .unsteadyLink }
        return witnesses.answers(at: now) ? nil : .noWitness
    }

    // MARK: - What happens

    /// An advertisement of this master has passed every check. It lives, whatever its kernel answers.
    /// - Parameter masterDownInterval: as it says in the election.
    package mutating func heardAdvertisement(masterDownInterval: Duration, at now: Instant) -> [Action] {
        self.masterDownInterval = masterDownInterval
        advertisements = min(advertisements + 1, Self.fewest)
        switch state {
        case .waiting:
            guard advertisements == Self.fewest else { break }
            call(.noAnswer, needsTrial: true, at: now)
            witnesses.begin(at: now)
        case .doubting: call(.noAnswer, at: now)
        case .dead: return revive(at: now)
        case .calling, .trying, .armed: break
        }
        return []
    }

    /// The master's host has answered.
    /// - Parameter received: when the kernel had the answer.
    package mutating func answered(_ number: UInt64, received: Instant, at now: Instant) -> [Action] {
        guard number <= lastNumber else { return [] }
        if number == asked?.number { isAnswered = true }
        let silence = answeredAt.map { received - $0 } ?? .zero
        answeredAt = max(answeredAt ?? received, received)
        switch state {
        case .waiting: break
        case .calling(let call):
            guard call.notBefore.map({ now >= $0 }) ?? true else { break }
            state = call.needsTrial ? .trying(Trial(at: now)) : .armed
            (asked, nextAt) = (nil, now)
        case .trying(var trial):
            trial.noteAnswer(after: silence)
            state = .trying(trial)
        case .armed: longestSilence = max(longestSilence, silence)
        case .doubting:
            longestSilence = max(longestSilence, silence)
            if silence > timing.nearMiss {
                nearMisses += 1
                caution.noteNearMiss(at: now)
            }
            state = .armed
            (asked, nextAt) = (nil, now)
        case .dead: return revive(at: now)
        }
        return []
    }

    /// It has answered as a neighbour: it lives, and something else is wrong with the questions.
    package mutating func answeredAsNeighbour(at now: Instant) -> [Action] {
        switch state {
        case .doubting: call(.noAnswer, needsTrial: true, at: now)
        case .dead: return revive(at: now)
        case .waiting, .calling, .trying, .armed: break
        }
        return []
    }

    package mutating func witnessAnswered(_ number: UInt64, received: Instant) {
        witnesses.noteAnswer(to: number, received: received)
    }

    /// The interface has lost or found its carrier.
    package mutating func linkChanged(isUp: Bool, at now: Instant) {
        steadySince = isUp ? now : nil
        void(at: now)
    }

    /// Answers may have been lost on this host, or its clock has jumped.
    package mutating func lostCount(at now: Instant) { void(at: now) }

    /// It takes part in the election no more as backup of this master: nothing is asked.
    package mutating func stop() {
        (state, advertisements, nextAt, asked, answeredAt) = (.waiting, 0, nil, nil, nil)
        witnesses.end()
    }

    /// What follows from a verdict was done: for a while nothing follows from another one.
    package mutating func noteTakeover(at now: Instant) { caution.noteTakeover(at: now) }

    /// The operator has looked at the false alarms.
    package mutating func forgiveFalseAlarms() { caution.forget() }

    // MARK: - Time

    /// It is woken; everything that waited in the sockets has been handed in.
    package mutating func wake(at now: Instant) -> [Action] {
        var actions: [Action] = []
        if let planned = nextAt, now >= planned {
            let lateness = now - planned
            nextAt = nil
            if lateness > timing.mostLateness, counts { void(at: now) }
            actions += pass(lateness, at: now)
        }
        for witness in witnesses.takeDue(inDoubt: isDoubting && !actions.isEmpty, at: now) {
            lastNumber += 1
            witnesses.note(lastNumber, askedOf: witness, at: now)
            actions.append(.ask(.witness(witness), number: lastNumber))
        }
        return actions
    }

    var isDoubting: Bool { if case .doubting = state { true } else { false } }

    /// Whether answers are counted.
    private var counts: Bool {
        switch state {
        case .trying, .armed, .doubting: true
        case .waiting, .calling, .dead: false
        }
    }

    private mutating func pass(_ lateness: Duration, at now: Instant) -> [Action] {
        switch state {
        case .waiting: return []
        case .calling(let call):
            return ask(next: now - call.since < Self.callPeriod ? timing.spacing : Self.callPeriod, at: now)
        case .trying(var trial):
            if let answeredAt, now - answeredAt > timing.mostSilenceInTrial { return end(trial, at: now) }
            if trial.isOver(at: now) { return end(trial, at: now) }
            trial.noteQuestion()
            state = .trying(trial)
            return ask(next: timing.spacing, at: now)
        case .armed: return passArmed(lateness, at: now)
        case .doubting(let doubt): return pass(doubt, lateness, at: now)
        case .dead(let since):
            guard now - since < Self.afterDeath else {
                if now - since < masterDownInterval { nextAt = since + masterDownInterval } else { stop() }
                return []
            }
            return ask(next: timing.spacing, at: now)
        }
    }

    /// Half way to the next question it is looked whether the last one has its answer.
    private mutating func passArmed(_ lateness: Duration, at now: Instant) -> [Action] {
        guard let asked else { return ask(next: timing.doubtSpacing, at: now) }
        if !isAnswered, now - asked.at >= timing.doubtSpacing {
            state = .doubting(Doubt(since: asked.at, mostLateness: lateness))
            return ask(next: timing.doubtSpacing, at: now)
        }
        guard now - asked.at >= timing.spacing else {
            nextAt = asked.at + timing.spacing
            return []
        }
        return ask(next: timing.doubtSpacing, at: now)
    }

    private mutating func pass(_ doubt: Doubt, _ lateness: Duration, at now: Instant) -> [Action] {
        var doubt = doubt
        doubt.unanswered += 1
        doubt.mostLateness = max(doubt.mostLateness, lateness)
        state = .doubting(doubt)
        guard doubt.unanswered >= ProbeTiming.unanswered, now - doubt.since >= window + timing.wait else {
            return askAsNeighbour(at: now) + ask(next: timing.doubtSpacing, at: now)
        }
        guard isProven(doubt, at: now), let last = answeredAt else {
            // What was no proof at this moment is none a moment later: when a blocked port opens, a witness may be the first to answer.
            call(outerObstacle(at: now) ?? .noWitness, at: now)
            return ask(next: timing.spacing, at: now)
        }
        state = .dead(since: now)
        let death = Death(
            lastAnswer: last, silentSince: doubt.since, unanswered: doubt.unanswered, mostLateness: doubt.mostLateness)
        return [.declareDead(death)] + ask(next: timing.spacing, at: now)
    }

    /// The shortest span in which six questions stay without an answer.
    private var window: Duration { timing.doubtSpacing * ProbeTiming.unanswered }

    private func isProven(_ doubt: Doubt, at now: Instant) -> Bool {
        outerObstacle(at: now) == nil
            && witnesses.vouched(askedAfter: doubt.since, answeredAfter: doubt.since + (now - doubt.since) / 2)
    }

    private mutating func askAsNeighbour(at now: Instant) -> [Action] {
        askedAsNeighbourAt = askedAsNeighbourAt.filter { now - $0 < .seconds(1) }
        guard case .doubting(var doubt) = state, doubt.askedAsNeighbour < Self.mostAsNeighbour.inADoubt,
            askedAsNeighbourAt.count < Self.mostAsNeighbour.aSecond
        else { return [] }
        doubt.askedAsNeighbour += 1
        state = .doubting(doubt)
        askedAsNeighbourAt.append(now)
        lastNumber += 1
        return [.ask(.masterAsNeighbour, number: lastNumber)]
    }

    private mutating func ask(next span: Duration, at now: Instant) -> [Action] {
        lastNumber += 1
        asked = (lastNumber, now)
        isAnswered = false
        nextAt = now + span
        return [.ask(.master, number: lastNumber)]
    }

    // MARK: - Between the states

    private mutating func call(
        _ why: Obstacle, needsTrial: Bool = false, notBefore: Instant? = nil, at now: Instant
    ) {
        state = .calling(Call(why: why, since: now, notBefore: notBefore, needsTrial: needsTrial))
        nextAt = now
    }

    /// Nothing that was counted counts: it has to answer again. One that has shown that it does needs no other trial.
    private mutating func void(at now: Instant) {
        switch state {
        case .trying: call(.noAnswer, needsTrial: true, at: now)
        case .armed, .doubting: call(.noAnswer, at: now)
        case .waiting, .calling, .dead: break
        }
    }

    private mutating func end(_ trial: Trial, at now: Instant) -> [Action] {
        let silence = max(trial.longestSilence, answeredAt.map { now - $0 } ?? .zero)
        guard trial.isOver(at: now), trial.isReliable, silence <= timing.mostSilenceInTrial else {
            let why = Obstacle.unreliable(percent: trial.answeredPercent, longestSilence: silence)
            call(why, needsTrial: true, notBefore: now + Self.afterUnreliability, at: now)
            return ask(next: Self.callPeriod, at: now)
        }
        state = .armed
        return ask(next: timing.doubtSpacing, at: now)
    }

    private mutating func revive(at now: Instant) -> [Action] {
        caution.noteFalseAlarm(at: now)
        call(.noAnswer, needsTrial: true, at: now)
        return [.takeBack]
    }
}
