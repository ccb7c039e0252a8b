import Addressing
import Configuration
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Advertisements that can't be sent")
struct SendingTests {
    private static let forbidden = SendFailure(code: 1, text: "Operation not permitted")
    private static let full = SendFailure(code: 105, text: "No buffer space available")

    private func master(_ configuration: Configuration? = nil) throws -> TestHost {
        let host = TestHost(try configuration ?? TestFile.guide())
        host.pass(.seconds(10))
        #expect(host.state == .master)
        return host
    }

    private func findings(_ host: TestHost) -> [Health.Finding] { host.core.health(at: host.now).findings }

    @Test("After an interval a master yields to any valid advertisement, and is in fault until something leaves again")
    func yields() throws {
        let host = try master()
        host.sendFailure = Self.forbidden
        host.pass(.milliseconds(900))
        host.hear(50)
        #expect(host.state == .master, "one that failed may be an accident")
        host.pass(.seconds(2))
        #expect(host.state == .master, "it hears nobody")
        host.hear(50)
        #expect(host.state == .fault)
        #expect(!host.has("192.0.2.1/32"))
        #expect(findings(host).map(\.level) == [.critical])
        #expect(
            findings(host).first?.text
                == "takes no part but as the last resort: advertisements can't be sent: Operation not permitted")
        // It preempts nobody.
        for _ in 0..<20 {
            host.hear(50)
            host.pass(.seconds(1))
        }
        #expect(host.state == .fault)
        // Something leaves: it takes part again, and preempts.
        host.sendFailure = nil
        for _ in 0..<10 {
            host.hear(50)
            host.pass(.seconds(1))
        }
        #expect(host.state == .master)
        #expect(findings(host).allSatisfy { $0.level != .critical })
    }

    @Test("What a backup sends to see whether it can is for virtual router 0, every five seconds")
    func trials() throws {
        let host = try master()
        host.sendFailure = Self.forbidden
        host.pass(.seconds(2))
        host.hear(50)
        host.forgetLog()
        for _ in 0..<20 {
            host.hear(50)
            host.pass(.seconds(1))
        }
        let trials = host.log.compactMap { entry -> UInt8? in
            if case .tryToSend(_, _, _, let packet) = entry.effect { packet[21] } else { nil }
        }
        #expect(trials == [0, 0, 0, 0])
        #expect(host.advertisements(since: host.now - .seconds(20)).isEmpty)
    }

    @Test("With nobody heard it takes over as the last resort, after every backup that can send")
    func lastResort() throws {
        let host = try master()
        host.sendFailure = Self.forbidden
        host.pass(.seconds(2))
        host.hear(50)
        host.pass(.milliseconds(4900))
        #expect(host.state == .fault)
        host.pass(.seconds(1))
        #expect(host.state == .master)
    }

    @Test("Before that it asks by ARP, and an answer counts from a host that has advertised alone")
    func asks() throws {
        let host = try master()
        host.see(vrid: 10, times: 3) { host.hear(50) }
        host.sendFailure = Self.forbidden
        host.pass(.seconds(2))
        host.hear(50)
        host.forgetLog()
        for _ in 0..<5 {
            host.pass(.seconds(5))
            host.hearAnnouncement("192.0.2.1")
        }
        #expect(host.state == .fault, "the one that has advertised answers")
        #expect(host.log.contains { if case .probe = $0.effect { true } else { false } })
        host.pass(.seconds(5))
        host.hearAnnouncement("192.0.2.1", from: 0x02_0000_0000_99)
        host.pass(.seconds(1))
        #expect(host.state == .master, "a proxy answers for everything")
    }

    @Test("A silent master yields to the answer of a host that has advertised")
    func answered() throws {
        let host = try master()
        host.see(vrid: 10, times: 3) { host.hear(50) }
        host.sendFailure = Self.forbidden
        host.pass(.seconds(2))
        host.hearAnnouncement("192.0.2.1", from: 0x02_0000_0000_99)
        #expect(host.state == .master)
        host.hearAnnouncement("192.0.2.1")
        #expect(host.state == .fault)
    }

    @Test("A peer that nothing reaches is told, and keeps nobody from being master")
    func onePeer() throws {
        let host = try master(
            TestFile.guide(extra: "unicast_src_ip 192.0.2.12\nunicast_peer {\n192.0.2.13\n192.0.2.14\n}"))
        let id = try #require(host.lastSender)
        for _ in 0..<3 {
            host.give(.sendFailedInPart(instance: id, Self.forbidden, destination: IPAddress(192, 0, 2, 14)))
            host.pass(.seconds(1))
        }
        #expect(host.state == .master)
        #expect(host.status.counters.sendErrors == 3)
        #expect(host.events.count { if case .sendFailed = $0 { true } else { false } } == 1)
        #expect(findings(host).map(\.text) == ["advertisements to 192.0.2.14 can't be sent: Operation not permitted"])
    }

    @Test("A failure of before says nothing about a new mastership")
    func oldFailure() throws {
        let host = try master()
        host.sendFailure = Self.forbidden
        host.pass(.milliseconds(1100))
        host.hear(200)
        #expect(host.state == .backup)
        host.pass(.milliseconds(3700))
        #expect(host.state == .master)
        host.hear(50)
        #expect(host.state == .master, "its first advertisement alone has failed")
        host.pass(.milliseconds(1100))
        host.hear(50)
        #expect(host.state == .fault)
    }

    @Test("A full queue is tried again first, three times within an interval")
    func queue() throws {
        let host = try master()
        host.sendFailure = Self.full
        host.forgetLog()
        host.pass(.milliseconds(990))
        #expect(host.advertisements(since: host.now - .milliseconds(990)).count == 4)
        host.sendFailure = nil
        host.pass(.seconds(5))
        host.hear(50)
        #expect(host.state == .master)
        #expect(host.events.count { if case .sendFailed = $0 { true } else { false } } == 1)
    }

    // MARK: - The MTU

    private static func link(mtu: Int, running: Bool = true) -> Link {
        var link = TestHost.link(running: running)
        link.mtu = mtu
        return link
    }

    private static func many() throws -> Configuration {
        try TestFile.guide(addresses: (0..<250).map { "10.66.\($0 / 200).\($0 % 200 + 1)" })
    }

    @Test("A list that the MTU does not carry: told once, with the sizes; over when it does")
    func mtu() throws {
        let host = try master(try Self.many())
        host.give(.link(Self.link(mtu: 1000)))
        let size = SendFailure.Size(length: 1036, mtu: 1000, addresses: 250, fitting: 241)
        host.sendFailure = SendFailure(code: 90, text: "Message too long")
        host.pass(.seconds(3))
        #expect(host.state == .master, "it hears nobody")
        #expect(findings(host).count == 1)
        #expect(
            findings(host).first?.text.contains("1036 bytes, the interface's MTU is 1000, and 241 addresses would fit")
                == true)
        #expect(
            host.events.contains(
                .sendFailed(
                    instance: "Instance1", failure: SendFailure(code: 90, text: "Message too long", size: size))))
        host.hear(50, addresses: ["10.66.0.1"])
        #expect(host.state == .fault)
        host.sendFailure = nil
        host.give(.link(Self.link(mtu: 1500)))
        #expect(host.state == .backup)
    }

    @Test("A backup knows beforehand, and so does a host that starts")
    func backupKnows() throws {
        let host = TestHost(try Self.many(), links: [Self.link(mtu: 1000)])
        host.sendFailure = SendFailure(code: 90, text: "Message too long")
        #expect(host.state == .fault)
        host.pass(.milliseconds(4900))
        #expect(host.state == .fault)
        host.pass(.seconds(1))
        #expect(host.state == .master, "nobody else is there")
        #expect(host.status.addresses.allSatisfy { $0.isPresent })
        #expect(host.core.explain(host.core.routers[0], at: host.now).causes.count == 1)
    }

    @Test("A cable that is out and in makes it try anew")
    func link() throws {
        let host = try master()
        host.sendFailure = Self.forbidden
        host.pass(.seconds(2))
        host.hear(50)
        host.sendFailure = nil
        host.give(.link(TestHost.link(running: false)))
        host.give(.link(TestHost.link()))
        #expect(host.state == .backup)
    }

    @Test("A reload of the same virtual router keeps what is known of its sending")
    func reload() throws {
        let host = try master()
        host.sendFailure = Self.forbidden
        host.pass(.seconds(2))
        host.hear(50)
        host.reconfigure(try TestFile.guide(priority: 120))
        host.hear(50)
        host.pass(.seconds(4))
        #expect(host.state == .fault)
    }
}

@Suite("What outlives a reload knows its virtual router by its id")
struct IdentityTests {
    private func file(_ instances: [(name: String, vrid: Int, addresses: [Int])]) throws -> Configuration {
        try TestFile.read(
            instances.map { name, vrid, addresses in
                """
                vrrp_instance \(name) {
                    interface eth0
                    virtual_router_id \(vrid)
                    priority 100
                    virtual_ipaddress {
                        \(addresses.map { "192.0.2.\($0)" }.joined(separator: "\n"))
                    }
                }
                """
            }.joined(separator: "\n"))
    }

    @Test("A resignation during a reload is nobody else's: its failure touches no other counters")
    func resignation() throws {
        let host = TestHost(try file([("A", 10, [1]), ("B", 20, [2])]))
        host.pass(.seconds(5))
        host.forgetLog()
        // B gets A's address, so that A resigns at once; and B moves to A's place.
        host.sendFailure = SendFailure(code: 1, text: "Operation not permitted")
        host.reconfigure(try file([("B", 20, [2, 1])]))
        let resigned = host.log.compactMap { entry -> RouterID? in
            if case .advertise(let id, _, _, _, let packet) = entry.effect, packet[22] == 0 { id } else { nil }
        }
        let id = try #require(resigned.first)
        #expect(host.core.contains(id) == false)
        let found = host.core.router(named: "B")
        let index = try #require(found)
        #expect(host.core.status(of: index).counters.sendErrors == 0)
    }
}
