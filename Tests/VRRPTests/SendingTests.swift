import Addressing
import Testing
import VRRP

@Suite("A router whose advertisements do not leave its host")
struct SendingRuleTests {
    private static let source = IPAddress(192, 0, 2, 12)
    private static let other = IPAddress(192, 0, 2, 13)

    private static func at(_ seconds: Double) -> Instant {
        Instant(sinceBoot: .seconds(100) + .nanoseconds(Int64(seconds * 1_000_000_000)))
    }

    private static func heard(_ priority: UInt8) -> HeardAdvertisement {
        HeardAdvertisement(source: other, priority: priority, interval: .seconds(1))
    }

    private func backup(preempts: Bool = true) -> VirtualRouter {
        var router = VirtualRouter(VirtualRouter.Parameters(priority: 100, preempts: preempts))
        _ = router.startup(source: Self.source, at: Self.at(0))
        return router
    }

    private func master() -> VirtualRouter {
        var router = backup()
        for look in [1.5, 2.5, 3.5, 3.7] { _ = router.fire(at: Self.at(look)) }
        _ = router.confirmClaim(at: Self.at(3.7))
        return router
    }

    @Test("As master it yields to any priority but a resignation")
    func yields() {
        var router = master()
        router.change(cannotSend: true, at: Self.at(5))
        let answer1 = router.receive(Self.heard(0), at: Self.at(5))
        #expect(answer1 == .assert(contested: false))
        let answer2 = router.receive(Self.heard(1), at: Self.at(5))
        #expect(answer2 == .yield)
    }

    @Test("As backup it follows a lower priority, waits an interval longer than the slowest, and asks before it claims")
    func lastResort() {
        var router = backup()
        router.change(cannotSend: true, at: Self.at(0))
        let answer3 = router.receive(Self.heard(50), at: Self.at(1))
        #expect(answer3 == .follow(isNew: true))
        guard case .backup(let downAt) = router.state else {
            Issue.record("it is no backup")
            return
        }
        #expect(downAt > Self.at(1 + 4.99) && downAt < Self.at(1 + 5))
        for look in [2.5, 3.5, 4.5, 5.5] {
            let action = router.fire(at: Self.at(look))
            #expect(action == .none)
        }
        let answer4 = router.fire(at: downAt)
        #expect(answer4 == .ask)
        let answer5 = router.heardAnswer(from: Self.other, at: downAt)
        #expect(!answer5)
        guard case .backup(let again) = router.state else {
            Issue.record("it is no backup")
            return
        }
        #expect(again - downAt > .seconds(4), "an answer counts as an advertisement")
    }

    @Test("An answer by ARP makes a master a backup")
    func answered() {
        var router = master()
        let answer6 = router.heardAnswer(from: Self.other, at: Self.at(5))
        #expect(!answer6, "one that can send is asked by nobody")
        router.change(cannotSend: true, at: Self.at(5))
        let answer7 = router.heardAnswer(from: Self.other, at: Self.at(6))
        #expect(answer7)
        #expect(router.master?.address == Self.other)
    }

    @Test("When it can send again it waits no longer than others, after a resignation for the skew time alone")
    func again() {
        var router = backup()
        router.change(cannotSend: true, at: Self.at(0))
        _ = router.receive(Self.heard(200), at: Self.at(1))
        _ = router.receive(Self.heard(0), at: Self.at(2))
        router.change(cannotSend: false, at: Self.at(2.1))
        guard case .backup(let downAt) = router.state else {
            Issue.record("it is no backup")
            return
        }
        #expect(downAt == Self.at(2.1) + router.skew)
    }

    @Test("Unless it was stalled meanwhile: then that resignation may be an old one")
    func againAfterStall() {
        var router = backup()
        router.change(cannotSend: true, at: Self.at(0))
        _ = router.receive(Self.heard(200), at: Self.at(1))
        _ = router.receive(Self.heard(0), at: Self.at(2))
        guard case .postpone(let end) = router.fire(at: Self.at(20)) else {
            Issue.record("it does not doubt its ears")
            return
        }
        router.change(cannotSend: false, at: Self.at(20))
        #expect(router.nextStepAt == end)
    }
}
