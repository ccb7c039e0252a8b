import Addressing
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Another VRRP daemon on the same host")
struct RivalTests {
    private func advertisement(priority: UInt8 = 100, vrid: UInt8 = 10) -> [UInt8] {
        Advertisement(
            version: .v2, virtualRouterID: vrid, priority: priority, interval: .seconds(1),
            addresses: [IPAddress(192, 0, 2, 1)]
        ).ipv4Packet(from: IPv4Address(192, 0, 2, 12))
    }

    private func overhear(_ host: TestHost, priority: UInt8 = 100, vrid: UInt8 = 10) {
        host.overhear(advertisement(priority: priority, vrid: vrid))
    }

    @Test("A backup stands back: fault with the sentence that says why, and it claims nothing")
    func backup() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(1))
        for _ in 0..<10 {
            overhear(host)
            host.pass(.seconds(1))
        }
        #expect(host.state == .fault)
        #expect(
            host.status.reason.description == "another VRRP daemon on this host uses virtual router 10 on eth0")
        #expect(host.advertisements().isEmpty)
        let changes = host.events.filter { if case .stateChanged = $0 { true } else { false } }
        #expect(changes.count == 2, "start and fault, each told once: \(changes)")
    }

    @Test(
        "A master resigns and leaves the address to the other daemon, also when it stops; when the other one ends, it goes"
    )
    func master() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        #expect(host.state == .master)
        overhear(host)
        #expect(host.state == .fault)
        #expect(host.advertisements().last?.priority == 0)
        #expect(host.has("192.0.2.1/32"))
        host.pass(.seconds(2))
        #expect(host.has("192.0.2.1/32"))
        host.pass(.milliseconds(2100))
        #expect(!host.has("192.0.2.1/32"), "nobody speaks for it any more")
        host.pass(.seconds(4))
        #expect(host.state == .master)
        overhear(host)
        host.give(.stop)
        #expect(host.has("192.0.2.1/32"))
        #expect(host.core.isFinished == true)
    }

    @Test("The other daemon ends before it was left the addresses: what is removed then is not put on again")
    func endsAtOnce() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        for priority: UInt8 in [70, 0] {
            host.core.overhear(advertisement(priority: priority, vrid: 10).span, leaving: TestHost.eth0, at: host.now)
        }
        host.give(.packetsLost(TestHost.eth0, count: 0))
        #expect(host.state == .backup)
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("An address that the other daemon left becomes this agent's with the mastership")
    func inherited() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        overhear(host)
        #expect(host.state == .fault)
        overhear(host, priority: 0)
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.1/32"), createdAt: 7)))
        host.pass(.seconds(4))
        #expect(host.state == .master)
        host.pass(.seconds(1))
        host.hear(200)
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("What the other daemon adds is its to remove")
    func address() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(1))
        overhear(host)
        host.pass(.seconds(3))
        overhear(host)
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.1/32"), createdAt: 7)))
        host.pass(.seconds(1))
        #expect(host.has("192.0.2.1/32"))
    }

    @Test("It takes part again when the other one has been silent for 4 s, or has resigned")
    func end() throws {
        let host = TestHost(try TestFile.guide())
        overhear(host)
        host.pass(.milliseconds(3900))
        #expect(host.state == .fault)
        host.pass(.milliseconds(200))
        #expect(host.state == .backup)
        overhear(host)
        #expect(host.state == .fault)
        overhear(host, priority: 0)
        #expect(host.state == .backup)
        #expect(host.core.hasRivals == false)
    }

    @Test("Without a carrier, that is the reason that counts, and no timer spins")
    func carrier() throws {
        let host = TestHost(try TestFile.guide())
        overhear(host)
        host.give(.link(TestHost.link(running: false)))
        host.pass(.seconds(10))
        #expect(host.status.reason.description == "interface eth0 has no carrier")
        host.give(.link(TestHost.link()))
        #expect(host.state == .backup)
    }

    @Test("Another virtual router of another daemon is none of our business")
    func otherRouter() throws {
        let host = TestHost(try TestFile.guide())
        overhear(host, vrid: 11)
        host.overhear([1, 2, 3])
        #expect(host.state == .backup)
    }
}
