import Addressing
import Testing
import VRRP

@Suite("A host that was stalled, or lost packets, does not trust its ears")
struct StallTests {
    private typealias Base = VirtualRouterTests

    @Test("A backup whose timer fires more than half an interval late grants one more interval and skew")
    func lateBackup() {
        let router = Base.backup()
        #expect(router.fireLate(at: Base.at(8)) == .postpone(until: Base.at(9.609375)))
        #expect(router.fireLate(at: Base.at(9.6)) == .none)
        #expect(router.fire(at: Base.at(9.609375)) == .claim(.masterSilent(nil, after: .nanoseconds(3_609_375_000))))
    }

    @Test("A further stall is granted as much again, three times in all")
    func threeTimes() {
        let router = Base.backup()
        #expect(router.fireLate(at: Base.at(8)) == .postpone(until: Base.at(9.609375)))
        #expect(router.fireLate(at: Base.at(20)) == .postpone(until: Base.at(21.609375)))
        #expect(router.fireLate(at: Base.at(40)) == .postpone(until: Base.at(41.609375)))
        guard case .claim = router.fireLate(at: Base.at(60)) else {
            Issue.record("no claim")
            return
        }
    }

    @Test("After a further stall it is on time, and claims: a dead master costs an interval and skew a stall")
    func twoStalls() {
        let router = Base.backup()
        _ = router.fireLate(at: Base.at(8))
        #expect(router.fireLate(at: Base.at(20)) == .postpone(until: Base.at(21.609375)))
        #expect(router.fireLate(at: Base.at(21.5)) == .none)
        guard case .claim = router.fire(at: Base.at(21.609375)) else {
            Issue.record("no claim")
            return
        }
    }

    @Test("An advertisement makes all of it anew")
    func anew() {
        let router = Base.backup()
        for second in [8.0, 20, 40] { _ = router.fireLate(at: Base.at(second)) }
        #expect(router.receive(Base.heard(101), at: Base.at(41)) == .follow(isNew: true))
        #expect(router.fireLate(at: Base.at(60)) == .postpone(until: Base.at(61.609375)))
    }

    @Test("A loop that runs late by less than half an interval claims as usual")
    func littleLate() {
        let router = Base.backup()
        _ = router.fire(at: Base.at(3.6))
        guard case .claim = router.fireLate(at: Base.at(4)) else {
            Issue.record("no claim")
            return
        }
    }

    @Test("A stall that ends just before the master down timer is noticed, too")
    func stallBeforeTimer() {
        let router = Base.backup()
        // Nothing ran between 0.1 s and 3.5 s: the look at 1.5 s came two seconds late.
        #expect(router.fireLate(at: Base.at(3.5)) == .none)
        guard case .postpone = router.fireLate(at: Base.at(3.61)) else {
            Issue.record("claimed after a stall")
            return
        }
    }

    @Test("After a grant, an advertisement puts everything back to normal")
    func heardAgain() {
        let router = Base.backup()
        _ = router.fireLate(at: Base.at(8))
        #expect(router.receive(Base.heard(101), at: Base.at(8.5)) == .follow(isNew: true))
        #expect(router.deadline == Base.at(12.109375))
        guard case .claim = router.fire(at: Base.at(12.109375)) else {
            Issue.record("no claim")
            return
        }
    }

    @Test("Lost packets cost the same grant, on time or not")
    func lostPackets() {
        let router = Base.backup()
        router.noteLostPackets()
        #expect(router.fire(at: Base.at(3.609375)) == .postpone(until: Base.at(5.21875)))
        // A flood does not put it off for ever.
        _ = router.fire(at: Base.at(5.109375))
        router.noteLostPackets()
        guard case .claim = router.fire(at: Base.at(5.21875)) else {
            Issue.record("no claim")
            return
        }
    }

    @Test("A nopreempt master that was silent for three intervals says nothing before it has listened")
    func lapse() {
        let router = Base.master(.init(preempts: false))
        #expect(router.fireLate(at: Base.at(3)) == .lapse(span: .seconds(3)))
        #expect(router.state == .lapsed(until: Base.at(4.609375)))
        #expect(router.receive(Base.heard(1), at: Base.at(3)) == .yield)
        #expect(router.deadline == Base.at(6.609375))
    }

    @Test("Alone, it goes on after an interval and skew; a resignation is nobody")
    func resume() {
        let router = Base.master(.init(preempts: false))
        _ = router.fireLate(at: Base.at(8))
        #expect(router.receive(Base.heard(0), at: Base.at(8)) == .none)
        #expect(router.fireLate(at: Base.at(9.609375)) == .resume)
        #expect(router.deadline == Base.at(10.609375))
    }

    @Test("A lapsed master that is stopped does not resign: another may be master")
    func stopLapsed() {
        let router = Base.master(.init(preempts: false))
        _ = router.fireLate(at: Base.at(8))
        #expect(router.shutdown() == .none)
    }

    @Test("A master that preempts, and one that was silent for less, advertises first")
    func noLapse() {
        #expect(Base.master().fireLate(at: Base.at(8)) == .advertise)
        #expect(Base.master(.init(preempts: false)).fireLate(at: Base.at(2.9)) == .advertise)
        #expect(Base.master(.init(priority: 255, preempts: false)).fireLate(at: Base.at(9)) == .advertise)
    }

    @Test("down_timer_adverts changes how long a master may be silent", arguments: [(1, 1.609375), (10, 10.609375)])
    func downAdvertisements(count: Int, seconds: Double) {
        #expect(Base.backup(.init(downAdvertisements: count)).deadline == Base.at(seconds))
    }

    @Test("owner_ignore_adverts: nothing moves the owner, and nobody else may have it so")
    func ownerIgnores() {
        let owner = Base.master(.init(priority: 255, ownerIgnoresAdvertisements: true))
        #expect(owner.receive(Base.heard(255), at: Base.at(0.5)) == .none)
        #expect(Base.master(.init(priority: 255)).receive(Base.heard(255), at: Base.at(0.5)) == .yield)
        let other = Base.master(.init(ownerIgnoresAdvertisements: true))
        #expect(other.receive(Base.heard(200), at: Base.at(0.5)) == .yield)
    }
}
