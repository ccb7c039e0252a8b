import Addressing
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Health, and the peers that were heard")
struct HealthTests {
    private func master() throws -> TestHost {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        return host
    }

    private func texts(_ host: TestHost) -> [String] { host.core.health(at: host.now).findings.map(\.text) }

    @Test("All is well with a master and with a backup")
    func well() throws {
        let host = try master()
        #expect(host.core.health(at: host.now).level == .ok)
        host.hear(200)
        host.pass(.seconds(1))
        host.hear(200)
        #expect(host.core.health(at: host.now).findings.isEmpty == true)
        let peer = try #require(host.status.peers.first)
        #expect(peer.address == IPAddress(192, 0, 2, 13))
        #expect(peer.priority == 200)
        #expect(peer.advertisements == 2)
    }

    @Test("Version 3 follows the master's interval: one that is not the own is warned of all the same")
    func intervalOfVersion3() throws {
        func texts(_ interval: Int) throws -> [String] {
            let host = TestHost(try TestFile.guide(extra: "version 3\nadvert_int 1"))
            let advertisement = Advertisement(
                version: .v3, virtualRouterID: 10, priority: 200, interval: .seconds(interval),
                addresses: [IPAddress(192, 0, 2, 1)])
            host.hear(advertisement.ipv4Packet(from: IPv4Address(192, 0, 2, 13)))
            #expect(host.state == .backup)
            return self.texts(host)
        }
        #expect(try texts(1).isEmpty)
        #expect(try texts(3) == ["192.0.2.13 advertises every 3.000 s, and this host is to every 1.000 s"])
    }

    @Test("A fault is critical, with its reason")
    func fault() throws {
        let host = try master()
        host.give(.link(TestHost.link(running: false)))
        #expect(host.core.health(at: host.now).level == .critical)
        #expect(texts(host) == ["takes no part: interface eth0 has no carrier"])
    }

    @Test("A peer with another password is a warning, with the count of the last minute, and forgotten later")
    func password() throws {
        let host = try master()
        for _ in 0..<30 {
            host.hear(99, password: "other")
            host.pass(.milliseconds(500))
        }
        #expect(
            texts(host) == [
                "192.0.2.1/32 has been on two hosts for 13.500 s, this one and 192.0.2.13; cause: this host rejects its advertisements: "
                    + "password differs"
            ])
        #expect(host.core.health(at: host.now).level == .critical)
        host.pass(.seconds(150))
        #expect(texts(host).isEmpty)
        #expect(host.status.peers.first?.dropped[.password]?.total == 30)
    }

    @Test("Other addresses, two masters, a send that fails, a handover")
    func others() throws {
        let host = try master()
        host.pass(.seconds(10))
        host.hear(50, addresses: ["192.0.2.1", "192.0.2.2"])
        #expect(
            texts(host) == [
                "192.0.2.1/32 has been on two hosts for 0.000 s, this one and 192.0.2.13; cause: the two lists of addresses differ, "
                    + "so that it rejects this host's advertisements"
            ])
        #expect(host.core.health(at: host.now).level == .warning, "a takeover may be under way")
        host.pass(.seconds(20))
        host.give(
            .sendFailed(instance: host.core.routers[0], SendFailure(code: 1, text: "Operation not permitted")))
        #expect(texts(host) == ["advertisements can't be sent: Operation not permitted"])
        #expect(host.core.health(at: host.now).level == .critical)
        host.pass(.seconds(4))
        #expect(texts(host).isEmpty)
    }

    @Test("At most sixteen peers are kept, the latest ones")
    func bounded() throws {
        let host = try master()
        for number in 20..<120 { host.hear(50, from: "192.0.2.\(number)", password: "x") }
        #expect(host.status.peers.count == 16)
        #expect(host.status.peers.contains { $0.address == IPAddress(192, 0, 2, 119) })
    }
}

@Suite("A shared address on a host that is not master")
struct CopyTests {
    private func backup(_ extra: InterfaceAddress, starts: Bool = true) throws -> TestHost {
        let host = TestHost(try TestFile.guide(), extra: [extra], starts: starts)
        host.hear(200)
        return host
    }

    private func advice(_ host: TestHost) -> [String] {
        host.core.health(at: host.now).findings.filter { $0.text.contains("although this host is not master") }
            .compactMap(\.advice)
    }

    @Test("With another prefix length it is told of, with the command that takes it away")
    func otherLength() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        host.hear(200)
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.1/24"), createdAt: 7)))
        #expect(advice(host) == ["ip addr del 192.0.2.1/24 dev eth0"])
    }

    @Test("The host's own is told of, and nobody is told to take away what the host may be reached by")
    func hostsOwn() throws {
        let host = try backup(InterfaceAddress(key: TestHost.key("192.0.2.1/32"), createdAt: 3))
        #expect(advice(host).count == 1)
        #expect(!advice(host).joined().contains("ip addr del"))
    }
}
