import Addressing
import FailoverCore
import Testing
import VRRP

@Suite("A virtual router without an address")
struct NoAddressTests {
    private static func host() throws -> TestHost {
        TestHost(try TestFile.guide(extra: "no_virtual_ipaddress", addresses: []))
    }

    @Test("It is elected as any other: it becomes master in time, asks the kernel for nothing, and announces nothing")
    func takeover() throws {
        let host = try Self.host()
        host.pass(.seconds(8))
        #expect(host.state == .master)
        #expect(host.advertisements().first?.at == .nanoseconds(3_609_375_000))
        #expect(host.requests.isEmpty)
        #expect(host.announcements().isEmpty)
        host.audit()
        #expect(host.state == .master)
    }

    @Test("Its advertisements name no address, and are heard where none is configured")
    func advertisements() throws {
        let host = try Self.host()
        host.pass(.seconds(2))
        host.hear(200, addresses: [])
        #expect(host.status.master?.address == IPAddress(192, 0, 2, 13))
        host.pass(.seconds(3.5))
        #expect(host.state == .backup, "the advertisement of another one counts")
        host.pass(.seconds(1))
        #expect(host.state == .master)
        host.hear(200, addresses: [])
        #expect(host.state == .backup)
        let packet = try #require(
            host.log.compactMap { entry -> [UInt8]? in
                if case .advertise(_, _, _, _, let packet) = entry.effect { packet } else { nil }
            }.first)
        #expect(packet[23] == 0)
        #expect(packet.count == 36)
    }

    @Test("Where addresses are configured, an advertisement without any is dropped, as before")
    func others() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(2))
        host.hear(200, addresses: [])
        host.pass(.seconds(3))
        #expect(host.state == .master)
    }

    @Test("It stops with a resignation, and a peer with addresses of its own is no other cluster")
    func leaving() throws {
        let host = try Self.host()
        host.pass(.seconds(5))
        host.hear(50, addresses: ["192.0.2.1"])
        #expect(host.state == .master)
        host.give(.stop)
        host.pass(.seconds(6))
        #expect(host.advertisements().last?.priority == 0)
    }

    @Test("A reload brings an address, and takes it away again")
    func reload() throws {
        let host = try Self.host()
        host.pass(.seconds(5))
        host.reconfigure(try TestFile.guide())
        host.pass(.seconds(5))
        #expect(host.state == .master)
        #expect(host.has("192.0.2.1/32"))
        host.reconfigure(try TestFile.guide(extra: "no_virtual_ipaddress", addresses: []))
        host.pass(.seconds(5))
        #expect(host.state == .master)
        #expect(!host.has("192.0.2.1/32"))
    }
}
