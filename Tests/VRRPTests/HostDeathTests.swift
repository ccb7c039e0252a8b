import Addressing
import Testing
import VRRP

@Suite("The master's host is known to be dead (fast_takeover)")
struct HostDeathTests {
    private typealias Given = VirtualRouterTests
    private static let master = VirtualRouterTests.higher

    private static func at(_ seconds: Double) -> Instant { VirtualRouterTests.at(seconds) }

    /// A backup of priority 100 that has heard its master half a second ago.
    private static func backup(
        of priority: UInt8 = 150, from source: IPAddress = master, preempts: Bool = true, own: UInt8 = 100
    ) -> RouterUnderTest {
        var parameters = VirtualRouter.Parameters()
        (parameters.priority, parameters.preempts) = (own, preempts)
        let router = Given.backup(parameters)
        _ = router.receive(Given.heard(priority, from: source), at: at(10))
        return router
    }

    @Test("It takes over at once, and says why")
    func atOnce() {
        let router = Self.backup()
        #expect(router.masterHostDied(Self.master, at: Self.at(10.5)) == Self.at(10.5))
        guard case .claim(.masterHostDead(let master, let span)) = router.fire(at: Self.at(10.5)) else {
            Issue.record("no claim")
            return
        }
        #expect(master.address == Self.master && span == .milliseconds(500))
    }

    @Test(
        "Where its advertisement would depose a living master it waits until one is overdue: one interval and a tenth")
    func overdue() {
        // nopreempt with the higher priority, or the same one and the higher address.
        for router in [
            Self.backup(of: 90, preempts: false), Self.backup(of: 100, from: Given.lower),
        ] {
            #expect(router.masterHostDied(router.master?.address ?? .unspecified, at: Self.at(10.5)) == Self.at(11.1))
            #expect(router.fire(at: Self.at(11.05)) == .none)
            guard case .claim(.masterHostDead) = router.fire(at: Self.at(11.1)) else {
                Issue.record("no claim")
                return
            }
        }
        let late = Self.backup(of: 90, preempts: false)
        #expect(late.masterHostDied(Self.master, at: Self.at(11.5)) == Self.at(11.5), "overdue already")
        let equal = Self.backup(of: 100)
        #expect(equal.masterHostDied(Self.master, at: Self.at(10.5)) == Self.at(10.5), "the other address wins")
    }

    @Test("An advertisement that comes before that withdraws it: the protocol decides again")
    func heard() {
        let router = Self.backup(of: 90, preempts: false)
        _ = router.masterHostDied(Self.master, at: Self.at(10.5))
        _ = router.receive(Given.heard(90), at: Self.at(11))
        #expect(router.fire(at: Self.at(11.2)) == .none)
        #expect(!router.isMasterHostDead)
    }

    @Test("An answer that comes before that leaves the timer as it was")
    func lives() throws {
        let router = Self.backup(of: 90, preempts: false)
        let before = try #require(router.deadline)
        _ = router.masterHostDied(Self.master, at: Self.at(10.5))
        router.masterHostLives(Given.lower)
        #expect(router.deadline != before, "another host's answer")
        router.masterHostLives(Self.master)
        #expect(router.deadline == before)
        guard case .claim(.masterSilent) = router.fire(at: before) else {
            Issue.record("no claim")
            return
        }
    }

    @Test("It never waits longer than the protocol")
    func noLonger() throws {
        let router = Self.backup(of: 90, preempts: false)
        let before = try #require(router.deadline)
        #expect(router.masterHostDied(Self.master, at: before) == before)
        #expect(router.masterHostDied(Self.master, at: before + .seconds(1)) == before)
    }

    @Test("Nobody takes over for it who follows another master, none, or one that has resigned, or who was handed over")
    func others() {
        let router = Self.backup()
        #expect(router.masterHostDied(Given.lower, at: Self.at(10.5)) == nil)
        router.stand(back: true)
        #expect(router.masterHostDied(Self.master, at: Self.at(10.5)) == nil)
        let resigned = Self.backup()
        _ = resigned.receive(Given.heard(0), at: Self.at(10.1))
        #expect(resigned.masterHostDied(Self.master, at: Self.at(10.2)) == nil)
        // It is about to preempt this one anyway.
        let preempting = Self.backup(of: 90)
        #expect(preempting.masterHostDied(Self.master, at: Self.at(10.5)) == nil)
        #expect(Given.backup().masterHostDied(Self.master, at: Self.at(1)) == nil)
        #expect(Given.master().masterHostDied(Self.master, at: Self.at(1)) == nil)
    }

    @Test("A host that may only have missed its master's advertisements asks for them first, as ever")
    func missed() {
        let router = Self.backup()
        router.noteLostPackets()
        _ = router.masterHostDied(Self.master, at: Self.at(10.5))
        guard case .postpone = router.fire(at: Self.at(10.5)) else {
            Issue.record("no grace")
            return
        }
    }
}
