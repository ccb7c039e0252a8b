import Addressing
import Testing

@testable import VRRP

@Suite("A priority that changes")
struct PriorityTests {
    private static let own = IPAddress(192, 0, 2, 11)
    private static let start = Instant(sinceBoot: .seconds(10))

    private func backup(_ priority: UInt8, _ version: ProtocolVersion = .v2, interval: Duration = .seconds(1))
        -> VirtualRouter
    {
        var router = VirtualRouter(
            VirtualRouter.Parameters(version: version, priority: priority, advertisementInterval: interval))
        _ = router.startup(source: Self.own, at: Self.start)
        return router
    }

    @Test("A backup's deadline moves by the difference of the skew times, and its timer does not begin anew")
    func shift() {
        var router = backup(100)
        let before = router.nextStepAt
        router.change(priority: 200)
        // RFC 3768, section 6.1: 100 steps of 1/256 s.
        #expect(router.nextStepAt == before.map { $0 - .nanoseconds(100 * (1_000_000_000 / 256)) })
        router.change(priority: 100)
        #expect(router.nextStepAt == before)
    }

    @Test("In version 3 the skew time is a part of the interval")
    func version3() {
        var router = backup(100, .v3, interval: .milliseconds(256))
        let before = router.nextStepAt
        router.change(priority: 50)
        #expect(router.nextStepAt == before.map { $0 + .milliseconds(50) })
    }

    @Test("One that changes at each moment does not keep a backup from taking over")
    func restless() {
        var router = backup(100)
        var now = Self.start
        for step in 0..<500 {
            now = Self.start + .milliseconds(10 * step)
            router.change(priority: step % 2 == 0 ? 90 : 100)
            if case .claim = router.fire(at: now) { break }
        }
        #expect(router.state == .claiming)
        #expect(now - Self.start <= .milliseconds(3660))
    }

    @Test("A reload that changes nothing else does the same; one that changes the interval begins the timer anew")
    func reload() {
        var router = backup(100)
        let before = router.nextStepAt
        let now = Self.start + .seconds(2)
        var wanted = router.parameters
        wanted.priority = 101
        router.change(wanted, at: now)
        #expect(router.nextStepAt == before.map { $0 - .nanoseconds(1_000_000_000 / 256) })
        wanted.advertisementInterval = .seconds(2)
        router.change(wanted, at: now)
        #expect(router.nextStepAt == now + router.masterDownInterval)
    }

    @Test("A master's next advertisement stays where it is")
    func master() {
        var router = backup(255)
        _ = router.confirmClaim(at: Self.start)
        let before = router.nextStepAt
        router.change(priority: 100)
        #expect(router.nextStepAt == before)
    }
}
