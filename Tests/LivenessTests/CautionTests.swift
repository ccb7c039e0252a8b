import Testing
import VRRP

@testable import Liveness

@Suite("After a false alarm")
struct CautionTests {
    @Test("An answer within a second takes the verdict back, and ten minutes pass before there is another one")
    func falseAlarm() {
        let place = Neighbourhood.armed()
        place.cut()
        place.pass(.milliseconds(300))
        #expect(place.deaths.count == 1)
        place.revive()
        place.pass(.milliseconds(20))
        #expect(place.takenBack == 1)
        place.pass(.seconds(60))
        #expect(place.prober.caution.objection(at: place.now)?.reason == .falseAlarm)
        place.cut()
        place.pass(.seconds(2))
        #expect(place.deaths.count == 1)
        place.revive()
        place.pass(.seconds(700))
        #expect(place.isArmed)
    }

    @Test("An advertisement within the master down interval takes it back, too; a later one is a master's beginning")
    func lateAdvertisement() {
        for (pause, count) in [(Duration.seconds(2), 1), (.seconds(5), 0)] {
            let place = Neighbourhood.armed()
            place.cut()
            place.pass(pause)
            place.revive()
            place.masterAnswers = false
            place.pass(.milliseconds(1100))
            #expect(place.takenBack == count)
        }
    }

    @Test("The second one within a day switches it off until the operator has looked")
    func twice() {
        var caution = Caution()
        let begin = Neighbourhood.start
        caution.noteFalseAlarm(at: begin)
        #expect(caution.objection(at: begin + .seconds(599))?.reason == .falseAlarm)
        #expect(caution.objection(at: begin + .seconds(600)) == nil)
        caution.noteFalseAlarm(at: begin + .seconds(80_000))
        #expect(caution.objection(at: begin + .seconds(400_000))?.reason == .falseAlarms)
        caution.forget()
        #expect(caution.objection(at: begin + .seconds(400_000)) == nil)
        caution.noteFalseAlarm(at: begin + .seconds(400_000))
        caution.noteFalseAlarm(at: begin + .seconds(490_000))
        #expect(caution.objection(at: begin + .seconds(490_700)) == nil)
    }

    @Test("Three near misses within an hour are enough for that hour")
    func nearMisses() {
        let place = Neighbourhood.armed()
        place.masterAnswersAsNeighbour = false
        for _ in 0..<3 {
            place.masterAnswers = false
            for _ in 0..<20 where !place.prober.isDoubting { place.pass(.milliseconds(1)) }
            // It answers the last of the six questions.
            place.pass(.milliseconds(17))
            place.masterAnswers = true
            place.pass(.seconds(2))
        }
        #expect(place.deaths.isEmpty)
        #expect(place.prober.nearMisses == 3)
        #expect(place.prober.caution.objection(at: place.now)?.reason == .nearMisses)
        #expect(!place.isArmed)
        place.pass(.seconds(3600))
        #expect(place.isArmed)
    }

    @Test("One fast takeover in ten minutes")
    func takeover() {
        let place = Neighbourhood.armed()
        place.prober.noteTakeover(at: place.now)
        place.cut()
        place.pass(.seconds(1))
        #expect(place.deaths.isEmpty)
    }
}

@Suite("How fast is asked")
struct ProbeTimingTests {
    @Test("All masters together are asked 5,000 times a second at most")
    func stretch() {
        func limits(_ count: Int, _ milliseconds: Int) -> [Duration] {
            Array(repeating: .milliseconds(milliseconds), count: count)
        }
        #expect(ProbeTiming.stretch(for: limits(50, 50)) == 1)
        #expect(ProbeTiming.stretch(for: limits(51, 50)) == 2)
        #expect(ProbeTiming.stretch(for: limits(1000, 50)) == 20)
        #expect(ProbeTiming.stretch(for: limits(500, 500)) == 1)
        #expect(ProbeTiming.stretch(for: [Duration]()) == 1)
    }

    @Test("The limit that would have borne a silence")
    func safeLimit() {
        #expect(ProbeTiming.safeLimit(forSilence: .milliseconds(10)) == .milliseconds(40))
        #expect(ProbeTiming.safeLimit(forSilence: .milliseconds(300)) == .milliseconds(500))
        #expect(ProbeTiming.safeLimit(forSilence: .milliseconds(600)) == .milliseconds(1000))
        #expect(ProbeTiming.safeLimit(forSilence: .milliseconds(601)) == nil)
    }

    @Test("What lies outside counts as the nearest that is allowed")
    func bounds() {
        #expect(ProbeTiming(limit: .zero).limit == .milliseconds(40))
        #expect(ProbeTiming(limit: .seconds(100), stretch: -3, rank: 1_000_000).wait == .milliseconds(300))
    }
}
