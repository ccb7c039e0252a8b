import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Handing over to another host")
struct HandoverTests {
    private func order(until: Instant? = nil, force: Bool = false, never: Bool = false) -> HandoverOrder {
        HandoverOrder(
            requestedBy: "alice", requestedAt: "2026-11-25T10:00:00Z", until: until, isForced: force, neverClaims: never
        )
    }

    private func master() throws -> TestHost {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        host.forgetLog()
        return host
    }

    @Test("A master leaves to its successor, and does not take the address back")
    func handover() throws {
        let host = try master()
        host.handOver(order())
        #expect(host.core.handoverOutcome(of: host.core.routers[0]) == .underWay)
        host.pass(.milliseconds(613))
        host.hear(99)
        host.hearAnnouncement("192.0.2.1")
        host.pass(.milliseconds(10))
        #expect(host.core.handoverOutcome(of: host.core.routers[0]) == .done)
        #expect(host.state == .backup)
        #expect(host.status.reason.description == "handed over to 192.0.2.13")
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.status.handover?.requestedBy == "alice")
        for _ in 0..<20 {
            host.hear(99)
            host.pass(.seconds(1))
        }
        #expect(host.state == .backup, "it does not preempt the lower priority")
        host.resume()
        for _ in 0..<4 {
            host.hear(99)
            host.pass(.seconds(1))
        }
        #expect(host.state == .master)
        #expect(host.status.handover == nil)
    }

    @Test("Stalled while it leaves, it may have missed its successor: it says nothing more, and takes nothing back")
    func stalled() throws {
        let host = try master()
        host.handOver(order())
        host.stall(.seconds(8))
        #expect(host.state == .backup)
        #expect(host.advertisements().map(\.priority) == [0])
        #expect(!host.has("192.0.2.1/32"))
        host.pass(.milliseconds(3609))
        #expect(host.state == .backup)
        host.pass(.milliseconds(1))
        #expect(host.state == .master, "nobody else is there")
    }

    @Test("Nobody takes over: it goes on as master, and says so")
    func nobody() throws {
        let host = try master()
        host.handOver(order())
        host.pass(.seconds(3))
        #expect(
            host.core.handoverOutcome(of: host.core.routers[0])
                == .nobodyTookOver(after: .nanoseconds(2 * 1_196_093_750)))
        #expect(host.state == .master)
        #expect(host.status.reason.description == "nobody took over in 2392 ms")
        #expect(host.has("192.0.2.1/32"))
        #expect(host.status.handover == nil)
        #expect(host.advertisements().map(\.priority) == [0, 0, 100])
        #expect(host.requests.isEmpty)
    }

    @Test("Nobody takes over, and meanwhile its own address is gone: it is not master any more, and the order stands")
    func nobodyAndFault() throws {
        let host = try master()
        host.handOver(order())
        host.give(.addressRemoved(TestHost.key("192.0.2.12/24")))
        host.pass(.seconds(4))
        #expect(host.state == .fault)
        #expect(host.core.handoverOutcome(of: host.core.routers[0]) == .done)
        #expect(host.status.handover?.requestedBy == "alice")
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("Forced, it lets go all the same, and comes back only as the last resort, or never")
    func forced() throws {
        for never in [false, true] {
            let host = try master()
            host.handOver(order(force: true, never: never))
            host.pass(.seconds(3))
            #expect(!host.has("192.0.2.1/32"))
            #expect(host.core.handoverOutcome(of: host.core.routers[0]) == .done)
            host.pass(.seconds(8))
            #expect(host.state == (never ? .backup : .master))
        }
    }

    @Test("As the last resort it leaves to anybody who comes back, without a gap")
    func lastResort() throws {
        let host = try master()
        host.handOver(order(force: true))
        host.pass(.seconds(10))
        #expect(host.state == .master)
        host.forgetLog()
        host.hear(1)
        #expect(host.state == .leaving)
        #expect(host.advertisements().map(\.priority) == [0], "the other one, which yields to us, has to go on")
        host.pass(.seconds(1))
        host.hear(1)
        host.pass(.milliseconds(250))
        #expect(host.state == .backup)
    }

    @Test("It ends at the time given")
    func timed() throws {
        let host = try master()
        host.handOver(order(until: host.now + .seconds(60)))
        host.pass(.milliseconds(500))
        host.hear(99)
        for second in 0..<64 {
            host.hear(99)
            host.pass(.seconds(1))
            if second < 58 { #expect(host.state == .backup) }
        }
        #expect(host.state == .master)
        #expect(host.events.contains(.handoverEnded(instance: "Instance1")))
    }

    @Test("A backup just stands back; an owner does not claim at its start; an order survives a restart and a reload")
    func standingBack() throws {
        let host = TestHost(try TestFile.guide(priority: 255), starts: false)
        host.restore(["Instance1": order(), "nobody": order()])
        host.snapshot()
        #expect(host.state == .backup)
        host.reconfigure(try TestFile.guide(priority: 254))
        for _ in 0..<5 {
            host.hear(99)
            host.pass(.seconds(1))
        }
        #expect(host.state == .backup)
        #expect(host.status.handover?.requestedBy == "alice")
    }

    @Test("Told to stop meanwhile, it stops when its successor is there")
    func stop() throws {
        let host = try master()
        host.handOver(order())
        host.give(.stop)
        host.pass(.milliseconds(613))
        host.hear(99)
        host.pass(.milliseconds(250))
        #expect(host.core.isFinished == true)
    }

    @Test("As the last resort it is master, and another one appears: it announces, and leaves to that one")
    func standsBackFromTheLastResort() throws {
        let host = try master()
        host.handOver(order(force: true))
        host.pass(.seconds(20))
        #expect(host.state == .master, "nobody else is there")
        host.pass(.seconds(10))
        host.forgetLog()
        host.hear(99)
        #expect(host.state == .leaving)
        #expect(host.announcements().count == 1, "the clients that the other one has misled")
        #expect(host.advertisements().map(\.priority) == [0])
    }

    @Test("A master hears that another one resigns: the clients may have learnt that one's hardware address")
    func otherResigns() throws {
        let host = try master()
        host.pass(.seconds(10))
        host.forgetLog()
        host.hear(0)
        #expect(host.announcements().count == 1)
        host.hear(0)
        #expect(host.announcements().count == 1, "once a second")
        host.pass(.seconds(6))
        #expect(host.announcements().count == 3, "and again a moment later, and after garp_lower_prio_delay")
        #expect(host.advertisements().allSatisfy { $0.priority == 100 })
    }
}
