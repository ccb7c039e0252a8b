import Testing
import VRRP

@testable import Liveness

@Suite("A dead host is found, and nothing else is taken for one")
struct ProberTests {
    @Test("Armed after three advertisements and ten seconds of reliable answers")
    func arming() {
        let place = Neighbourhood()
        place.pass(.milliseconds(1900))
        #expect(place.prober.obstacle(at: place.now) == .fewAdvertisements)
        #expect(place.questions(to: .master) == 0)
        place.pass(.seconds(5))
        var isTried = false
        if case .trial = place.prober.obstacle(at: place.now) { isTried = true }
        #expect(isTried)
        place.pass(.seconds(6))
        #expect(place.isArmed)
    }

    @Test("Of a host that is cut at any moment it takes 0.6 to 0.8 of the limit", arguments: [40, 50, 200, 500, 1000])
    func detection(limit: Int) {
        let timing = ProbeTiming(limit: .milliseconds(limit))
        for part in 0..<40 {
            let place = Neighbourhood.armed(timing)
            place.pass(timing.spacing * part / 40)
            place.cut()
            let cut = place.now
            place.pass(timing.limit)
            let span = place.deaths.first.map { $0.at - cut } ?? .zero
            #expect(place.deaths.count == 1)
            #expect(span >= timing.limit * 59 / 100 && span <= timing.limit * 8 / 10)
        }
    }

    @Test("The verdict tells on what it rests")
    func evidence() throws {
        let place = Neighbourhood.armed()
        place.cut()
        place.pass(.milliseconds(50))
        let death = try #require(place.deaths.first).death
        #expect(death.unanswered == 6 && death.mostLateness == .zero)
        #expect(death.lastAnswer < death.silentSince)
    }

    @Test("No witness, no verdict: also when it is the first to come back")
    func witness() {
        let place = Neighbourhood.armed()
        // A switch port that blocks for 30 s: nothing is heard of anybody.
        place.cut()
        place.witnessesAnswer = [false]
        place.pass(.seconds(2))
        place.witnessesAnswer = [true]
        place.pass(.seconds(28))
        #expect(place.deaths.isEmpty)
        place.revive()
        place.pass(.seconds(12))
        #expect(place.isArmed)
        place.cut()
        place.pass(.milliseconds(50))
        #expect(place.deaths.count == 1)
    }

    @Test("Without any witness it is never armed")
    func noWitnesses() {
        let place = Neighbourhood.armed(witnesses: 0)
        #expect(place.prober.obstacle(at: place.now) == .noWitness)
        place.cut()
        place.pass(.seconds(1))
        #expect(place.deaths.isEmpty)
    }

    @Test("Of two witnesses one is enough")
    func oneOfTwo() {
        let place = Neighbourhood.armed(witnesses: 2)
        place.witnessesAnswer = [false, true]
        place.pass(.seconds(5))
        place.cut()
        place.pass(.milliseconds(50))
        #expect(place.deaths.count == 1)
    }

    @Test("A witness that answered only in the first half of the silence vouches for nothing")
    func earlyWitness() {
        let place = Neighbourhood.armed()
        place.cut()
        for _ in 0..<20 where !place.prober.isDoubting { place.pass(.milliseconds(1)) }
        place.pass(.milliseconds(6))
        place.witnessesAnswer = [false]
        place.pass(.seconds(1))
        #expect(place.deaths.isEmpty)
    }

    @Test("What a witness was asked before the silence says nothing, and one that was silent for long is none")
    func lateWitness() {
        let begin = Neighbourhood.start
        var witnesses = Witnesses(count: 1)
        witnesses.note(1, askedOf: 0, at: begin - .milliseconds(1))
        witnesses.noteAnswer(to: 1, received: begin + .milliseconds(25))
        #expect(!witnesses.vouched(askedAfter: begin, answeredAfter: begin + .milliseconds(15)))
        witnesses.note(2, askedOf: 0, at: begin + .milliseconds(1))
        witnesses.noteAnswer(to: 2, received: begin + .milliseconds(26))
        #expect(witnesses.vouched(askedAfter: begin, answeredAfter: begin + .milliseconds(15)))
        #expect(witnesses.answers(at: begin + .seconds(2)))
        #expect(!witnesses.answers(at: begin + .seconds(3)))
    }

    @Test("Who woke late may have slept through the answers: there has to be another one first")
    func late() {
        let place = Neighbourhood.armed()
        place.cut()
        place.pass(.milliseconds(12))
        place.lateness = .milliseconds(11)
        place.pass(.milliseconds(20))
        place.lateness = .zero
        place.pass(.seconds(1))
        #expect(place.deaths.isEmpty)
        #expect(place.prober.obstacle(at: place.now) == .noAnswer)
    }

    @Test("Lateness of no more than the spacing costs time, and no verdict")
    func littleLate() {
        let place = Neighbourhood.armed()
        place.lateness = .milliseconds(9)
        place.cut()
        place.pass(.milliseconds(150))
        #expect(place.deaths.count == 1)
        #expect(place.deaths.first?.death.mostLateness == .milliseconds(9))
    }

    @Test("Within two seconds after a change of the carrier there is no verdict")
    func link() {
        for (pause, count) in [(Duration.milliseconds(500), 0), (.seconds(3), 1)] {
            let place = Neighbourhood.armed()
            place.prober.linkChanged(isUp: false, at: place.now)
            place.prober.linkChanged(isUp: true, at: place.now)
            place.pass(pause)
            place.cut()
            place.pass(.seconds(1))
            #expect(place.deaths.count == count)
        }
    }

    @Test("Packets that this host has lost void what was counted")
    func losses() {
        let place = Neighbourhood.armed()
        place.cut()
        place.pass(.milliseconds(20))
        place.prober.lostCount(at: place.now)
        place.pass(.seconds(1))
        #expect(place.deaths.isEmpty)
    }

    @Test("A master that is heard is not dead, whatever its kernel answers")
    func heard() {
        let place = Neighbourhood.armed()
        place.cut()
        place.pass(.milliseconds(20))
        _ = place.prober.heardAdvertisement(masterDownInterval: .seconds(4), at: place.now)
        place.pass(.seconds(1))
        #expect(place.deaths.isEmpty)
    }

    @Test("Who answers as a neighbour lives: a firewall has learnt to drop the questions")
    func neighbour() {
        let place = Neighbourhood.armed()
        place.masterAnswers = false
        place.pass(.seconds(30))
        #expect(place.deaths.isEmpty)
        #expect(place.questions(to: .masterAsNeighbour) == 1)
    }

    @Test("Five lost packets in a row are no death")
    func bursts() {
        let place = Neighbourhood()
        place.isLost = { $0 > 1500 && $0 % 500 < 5 }
        place.masterAnswersAsNeighbour = false
        place.pass(.seconds(60))
        #expect(place.deaths.isEmpty)
    }

    @Test("What never answers is asked once a second, and never armed")
    func silent() {
        let place = Neighbourhood()
        place.masterAnswers = false
        place.pass(.seconds(60))
        #expect(place.questions(to: .master) < 170)
        #expect(place.prober.obstacle(at: place.now) == .noAnswer)
    }

    @Test("Where a limiter lets one answer of ten through it is not armed, and asked fast a part of the time alone")
    func limiter() {
        let place = Neighbourhood()
        place.isLost = { $0 % 10 != 0 }
        place.pass(.seconds(210))
        var isUnreliable = false
        if case .unreliable = place.prober.obstacle(at: place.now) { isUnreliable = true }
        #expect(isUnreliable)
        #expect(place.questions(to: .master) < 300)
    }

    @Test("97 of a hundred are reliable, 96 are not", arguments: [(34, true), (25, false)])
    func reliability(each: Int, isArmed: Bool) {
        let place = Neighbourhood()
        place.isLost = { $0 % each == 0 }
        place.pass(.seconds(16))
        #expect(place.isArmed == isArmed)
    }

    @Test("Several backups wait for each other by rank")
    func rank() {
        let spans = [0, 1, 2].map { rank in
            let place = Neighbourhood.armed(ProbeTiming(limit: .milliseconds(50), rank: rank))
            place.cut()
            let cut = place.now
            place.pass(.milliseconds(200))
            return place.deaths.first.map { $0.at - cut } ?? .zero
        }
        #expect(spans[1] - spans[0] == .milliseconds(15) && spans[2] - spans[1] == .milliseconds(15))
    }
}
