import Addressing
import Testing
import VRRP

@Suite("A router in a group: it wishes, and claims when it is told to")
struct GroupedTests {
    private static let start = Instant(sinceBoot: .seconds(100))

    private func router(priority: UInt8 = 100, grouped: Bool = true) -> VirtualRouter {
        var router = VirtualRouter(VirtualRouter.Parameters(priority: priority))
        router.isGrouped = grouped
        _ = router.startup(source: IPAddress(192, 0, 2, 12), at: Self.start)
        return router
    }

    private func heard(_ priority: UInt8) -> HeardAdvertisement {
        HeardAdvertisement(source: IPAddress(192, 0, 2, 13), priority: priority, interval: .seconds(1))
    }

    /// One whose timer has just ended.
    private func wishing() -> (router: VirtualRouter, at: Instant) {
        var router = router()
        // It looks up once an interval.
        while let deadline = router.deadline {
            if router.fire(at: deadline) == .wish { return (router, deadline) }
        }
        return (router, Self.start)
    }

    @Test("Its timer ends in a wish, and begins anew")
    func wish() {
        let (router, at) = wishing()
        #expect(at == Self.start + router.masterDownInterval)
        #expect(router.standing == .wishes)
        #expect(router.state == .backup(masterDownAt: at + router.masterDownInterval))
    }

    @Test("What it accepts withdraws the wish; a resignation and a lower master do not")
    func withdrawal() {
        var (router, at) = wishing()
        _ = router.receive(heard(0), at: at)
        #expect(router.standing == .wishes)
        _ = router.receive(heard(50), at: at)
        #expect(router.standing == .wishes)
        _ = router.receive(heard(100), at: at)
        #expect(router.standing == .objects)
        _ = router.receive(heard(0), at: at)
        #expect(router.standing == .undecided)
    }

    @Test("It claims only what it wishes, for the reason for which it would by itself")
    func claim() {
        var undecided = router()
        #expect(undecided.standing == .undecided)
        let early = undecided.claim(at: Self.start)
        #expect(early == nil)
        var (router, at) = wishing()
        let reason = router.claim(at: at)
        #expect(reason == .masterSilent(nil, after: router.masterDownInterval))
        #expect(router.standing == .claims)
        let isMaster = router.confirmClaim(at: at)
        #expect(isMaster)
        #expect(router.standing == .holds && !router.wishes)
    }

    @Test("The owner wishes at once")
    func owner() {
        var router = router(priority: 255)
        #expect(router.standing == .wishes)
        let reason = router.claim(at: Self.start)
        #expect(reason == .addressOwner)
    }

    @Test("A claim that is given back is a wish still; a master that gives up waits as at a start")
    func standDown() {
        var (router, at) = wishing()
        _ = router.claim(at: at)
        router.standDown(at: at)
        #expect(router.standing == .wishes)
        _ = router.claim(at: at)
        _ = router.confirmClaim(at: at)
        router.standDown(at: at)
        #expect(router.standing == .undecided)
    }

    @Test("Packets that were lost withdraw the wish until its master has had more time; so does a stall")
    func missed() {
        var (router, at) = wishing()
        router.noteLostPackets()
        #expect(router.standing == .undecided)
        let look = router.deadline ?? at
        #expect(look == at + .milliseconds(1500))
        guard case .postpone(let end) = router.fire(at: look) else {
            Issue.record("no time was granted")
            return
        }
        #expect(router.standing == .undecided)
        while let deadline = router.deadline, router.standing != .wishes { _ = router.fire(at: deadline) }
        #expect(router.state == .backup(masterDownAt: end + router.masterDownInterval))
    }

    @Test(
        "One that finds that it can't send wishes nothing, and wishes again only when nobody answers for the addresses")
    func cannotSend() {
        var (router, at) = wishing()
        router.change(cannotSend: true, at: at)
        #expect(router.standing == .undecided)
    }

    @Test("Out of its group, what it wished is due")
    func leavesGroup() {
        var (router, at) = wishing()
        router.leaveGroup(at: at)
        #expect(router.deadline == at)
        let action = router.fire(at: at)
        #expect(action == .claim(.masterSilent(nil, after: router.masterDownInterval)))
    }

    @Test("Its departure waits for the largest skew time of the group, and a patient one to the limit")
    func departure() {
        func master() -> VirtualRouter {
            var router = router(grouped: false)
            while let deadline = router.deadline {
                if case .claim = router.fire(at: deadline) { break }
            }
            _ = router.confirmClaim(at: Self.start)
            return router
        }
        var plain = master()
        _ = plain.leave(at: Self.start, groupSkew: .seconds(2))
        #expect(plain.deadline == Self.start + .milliseconds(2200))
        var patient = master()
        _ = patient.leave(at: Self.start, isPatient: true)
        let first = patient.deadline ?? Self.start
        #expect(first < Self.start + .milliseconds(1200))
        let action = patient.fire(at: first)
        #expect(action == .resignAgain)
        #expect(patient.deadline == Self.start + .seconds(5))
    }
}
