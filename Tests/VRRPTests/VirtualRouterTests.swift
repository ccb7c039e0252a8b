import Addressing
import Testing
import VRRP

/// A virtual router behind a reference: the testing macros take no mutating calls.
final class RouterUnderTest {
    private var router: VirtualRouter

    init(_ parameters: VirtualRouter.Parameters) {
        router = VirtualRouter(parameters)
    }

    var state: VirtualRouter.State { router.state }
    /// When the state's own timer runs out; a backup that hears nothing looks up before that, too.
    var deadline: Instant? {
        if case .backup(let masterDownAt) = router.state { return masterDownAt }
        return router.deadline
    }
    var nextLook: Instant? { router.deadline }
    var master: VirtualRouter.KnownMaster? { router.master }
    var masterInterval: Duration { router.masterInterval }

    func startup(source: IPAddress, at now: Instant) -> VirtualRouter.StartupAction {
        router.startup(source: source, at: now)
    }

    func receive(_ heard: HeardAdvertisement, at now: Instant) -> VirtualRouter.ReceiveAction {
        router.receive(heard, at: now)
    }

    /// Every timer of a backup fires on time, up to now.
    func fire(at now: Instant) -> VirtualRouter.TimerAction {
        while case .backup = router.state, let deadline = router.deadline, deadline <= now {
            let action = router.fire(at: deadline)
            if action != .none { return action }
        }
        return router.fire(at: now)
    }
    /// The program was stalled: nothing fired before now.
    func fireLate(at now: Instant) -> VirtualRouter.TimerAction { router.fire(at: now) }
    func masterHostDied(_ address: IPAddress, at now: Instant) -> Instant? {
        router.masterHostDied(address, at: now)
    }
    var isMasterHostDead: Bool { router.isMasterHostDead }
    func masterHostLives(_ address: IPAddress) { router.masterHostLives(address) }
    func stand(back standsBack: Bool) { router.stand(back: standsBack, neverClaims: false) }
    func noteLostPackets() { router.noteLostPackets() }
    func confirmClaim(at now: Instant) -> Bool { router.confirmClaim(at: now) }
    func shutdown() -> VirtualRouter.ShutdownAction { router.shutdown() }
}

@Suite("The state machine: RFC 3768, section 6.4")
struct VirtualRouterTests {
    static let own = IPAddress(192, 0, 2, 12)
    static let lower = IPAddress(192, 0, 2, 11)
    static let higher = IPAddress(192, 0, 2, 13)
    static let start = Instant(sinceBoot: .seconds(1000))

    static func at(_ seconds: Double) -> Instant { start + .microseconds(Int64((seconds * 1e6).rounded())) }

    static func heard(_ priority: UInt8, from source: IPAddress = higher, interval: Duration = .seconds(1))
        -> HeardAdvertisement
    {
        HeardAdvertisement(source: source, priority: priority, interval: interval)
    }

    static func backup(_ parameters: VirtualRouter.Parameters = .init()) -> RouterUnderTest {
        let router = RouterUnderTest(parameters)
        #expect(router.startup(source: own, at: start) == .wait)
        return router
    }

    static func master(_ parameters: VirtualRouter.Parameters = .init()) -> RouterUnderTest {
        let router = RouterUnderTest(parameters)
        if router.startup(source: own, at: start - .seconds(10)) == .wait {
            _ = router.fire(at: start)
        }
        #expect(router.confirmClaim(at: start))
        return router
    }

    // MARK: - Start

    @Test("A router that starts is a backup and waits for the whole master down interval")
    func startsAsBackup() {
        let router = Self.backup()
        #expect(router.deadline == Self.at(3.609375))
        #expect(router.fire(at: Self.at(3.6093)) == .none)
        #expect(router.fire(at: Self.at(3.609375)) == .claim(.masterSilent(nil, after: .nanoseconds(3_609_375_000))))
        #expect(router.state == .claiming)
    }

    @Test("The owner of the addresses claims at once")
    func owner() {
        let router = RouterUnderTest(.init(priority: 255))
        #expect(router.startup(source: Self.own, at: Self.start) == .claim(.addressOwner))
    }

    @Test("A claim is confirmed once; then advertisements are an interval apart")
    func confirmed() {
        let router = Self.master()
        #expect(router.deadline == Self.at(1))
        #expect(!router.confirmClaim(at: Self.start))
        #expect(router.fire(at: Self.at(1.0001)) == .advertise)
        #expect(router.deadline == Self.at(2))
        #expect(router.fire(at: Self.at(7.5)) == .advertise)
        #expect(router.deadline == Self.at(8.5))
    }

    // MARK: - Backup

    @Test(
        "An advertisement of at least the own priority resets the down timer", arguments: [UInt8(100), 101, 254, 255])
    func follows(priority: UInt8) {
        let router = Self.backup()
        #expect(router.receive(Self.heard(priority), at: Self.at(2)) == .follow(isNew: true))
        #expect(router.deadline == Self.at(5.609375))
        #expect(router.receive(Self.heard(priority), at: Self.at(3)) == .follow(isNew: false))
        #expect(router.master?.priority == priority)
    }

    @Test("Equal priority is followed by a backup, whoever has the higher address")
    func equalPriorityAsBackup() {
        let router = Self.backup()
        #expect(router.receive(Self.heard(100, from: Self.lower), at: Self.at(1)) == .follow(isNew: true))
    }

    @Test("A lower priority is discarded: the timer runs on and the master is preempted")
    func preempts() {
        let router = Self.backup()
        #expect(router.receive(Self.heard(99), at: Self.at(3)) == .discard(isNew: true))
        #expect(router.deadline == Self.at(3.609375))
        guard case .claim(.preempting(let master)) = router.fire(at: Self.at(3.61)) else {
            Issue.record("no preemption")
            return
        }
        #expect(master.priority == 99)
    }

    @Test("nopreempt follows a lower priority")
    func nopreempt() {
        let router = Self.backup(.init(preempts: false))
        #expect(router.receive(Self.heard(1), at: Self.at(3)) == .follow(isNew: true))
        #expect(router.deadline == Self.at(6.609375))
    }

    @Test(
        "preempt_delay spares a lower master for its time, from the first one heard, and never delays the answer to silence"
    )
    func preemptDelay() {
        let router = Self.backup(.init(preemptDelay: .seconds(5)))
        #expect(router.receive(Self.heard(99), at: Self.at(1)) == .follow(isNew: true))
        #expect(router.receive(Self.heard(99), at: Self.at(5.9)) == .follow(isNew: false))
        #expect(router.receive(Self.heard(99), at: Self.at(6)) == .discard(isNew: false))
        #expect(router.deadline == Self.at(5.9 + 3.609375))
        let silent = Self.backup(.init(preemptDelay: .seconds(5)))
        #expect(silent.fire(at: Self.at(3.61)) != .none)
    }

    @Test("A better master cancels the preempt_delay that has begun")
    func preemptDelayCancelled() {
        let router = Self.backup(.init(preemptDelay: .seconds(5)))
        _ = router.receive(Self.heard(99), at: Self.at(1))
        _ = router.receive(Self.heard(150), at: Self.at(4))
        #expect(router.receive(Self.heard(99), at: Self.at(6.5)) == .follow(isNew: false))
    }

    @Test("Priority 0 shortens the wait to the skew time")
    func resignation() {
        let router = Self.backup()
        _ = router.receive(Self.heard(200), at: Self.at(1))
        #expect(router.receive(Self.heard(0), at: Self.at(2)) == .masterResigned)
        #expect(router.deadline == Self.at(2.609375))
        guard case .claim(.masterResigned) = router.fire(at: Self.at(2.61)) else {
            Issue.record("the reason is the resignation")
            return
        }
    }

    @Test("No stream of resignations holds a takeover off")
    func repeatedResignation() {
        let router = Self.backup()
        for step in 0..<20 {
            _ = router.receive(Self.heard(0), at: Self.at(1 + Double(step) * 0.1))
        }
        #expect(router.deadline == Self.at(1.609375))
    }

    @Test("Version 3 judges the master by the interval that it advertises")
    func adoptsInterval() {
        let router = Self.backup(.init(version: .v3))
        _ = router.receive(Self.heard(200, interval: .milliseconds(100)), at: Self.at(1))
        #expect(router.masterInterval == .milliseconds(100))
        #expect(router.deadline == Self.at(1) + .nanoseconds(360_937_500))
    }

    // MARK: - Claiming

    @Test("Somebody better ends a claim; somebody worse does not")
    func claimWithdrawn() {
        let router = Self.backup()
        _ = router.fire(at: Self.at(4))
        #expect(router.receive(Self.heard(99), at: Self.at(4)) == .none)
        #expect(router.receive(Self.heard(0), at: Self.at(4)) == .none)
        #expect(router.receive(Self.heard(100, from: Self.lower), at: Self.at(4)) == .none)
        #expect(router.receive(Self.heard(100, from: Self.higher), at: Self.at(4)) == .withdraw)
        #expect(!router.confirmClaim(at: Self.at(4)))
    }

    @Test("A nopreempt claim ends for any living master")
    func nopreemptClaim() {
        let router = Self.backup(.init(preempts: false))
        _ = router.fire(at: Self.at(4))
        #expect(router.receive(Self.heard(1), at: Self.at(4)) == .withdraw)
    }

    // MARK: - Master

    @Test(
        "A higher priority, or an equal one with a higher address, takes over",
        arguments: [
            (UInt8(101), Self.lower), (101, Self.higher), (100, Self.higher), (255, Self.lower),
        ] as [(UInt8, IPAddress)])
    func yields(priority: UInt8, source: IPAddress) {
        let router = Self.master()
        #expect(router.receive(Self.heard(priority, from: source), at: Self.at(0.5)) == .yield)
        #expect(router.deadline == Self.at(0.5 + 3.609375))
        #expect(router.master?.address == source)
    }

    @Test(
        "A losing master is answered at once",
        arguments: [(99, Self.higher), (1, Self.higher), (100, Self.lower)] as [(UInt8, IPAddress)])
    func asserts(priority: UInt8, source: IPAddress) {
        let router = Self.master()
        #expect(router.receive(Self.heard(priority, from: source), at: Self.at(0.5)) == .assert(contested: true))
        #expect(router.fire(at: Self.at(0.5)) == .advertise)
        #expect(router.deadline == Self.at(1.5))
    }

    @Test("lower_prio_no_advert leaves a losing master unanswered until the next advertisement is due")
    func silentTowardsLoser() {
        let router = Self.master(.init(answersLosingMaster: false))
        _ = router.receive(Self.heard(99), at: Self.at(0.5))
        #expect(router.fire(at: Self.at(0.5)) == .none)
        #expect(router.deadline == Self.at(1))
    }

    @Test("Priority 0 is answered at once")
    func answersResignation() {
        let router = Self.master()
        #expect(router.receive(Self.heard(0), at: Self.at(0.5)) == .assert(contested: false))
        #expect(router.fire(at: Self.at(0.5)) == .advertise)
    }

    @Test("nopreempt does not help a master against a higher priority")
    func nopreemptMasterYields() {
        let router = Self.master(.init(preempts: false))
        #expect(router.receive(Self.heard(101), at: Self.at(0.5)) == .yield)
    }

    // MARK: - Shutdown

    @Test("Only a master resigns")
    func shutdown() {
        let master = Self.master()
        #expect(master.shutdown() == .resign)
        #expect(master.state == .initialize)
        #expect(master.deadline == nil)
        let backup = Self.backup()
        #expect(backup.shutdown() == .none)
        let claiming = Self.backup()
        _ = claiming.fire(at: Self.at(4))
        #expect(claiming.shutdown() == .none)
    }

    @Test("A router that takes no part hears nothing and does nothing")
    func initialize() {
        let router = RouterUnderTest(.init())
        #expect(router.receive(Self.heard(0), at: Self.start) == .none)
        #expect(router.fire(at: Self.at(100)) == .none)
        #expect(router.state == .initialize)
    }
}
