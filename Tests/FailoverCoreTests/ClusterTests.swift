import Addressing
import Configuration
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Another cluster with the same number and password")
struct ClusterTests {
    private let theirs = ["192.0.2.9"]

    private func findings(_ host: TestHost) -> [Health.Finding] { host.core.health(at: host.now).findings }

    @Test("A master does not yield to it, whatever its priority: who, which number, which addresses is critical")
    func master() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        for priority: UInt8 in [150, 0, 255, 1] { host.hear(priority, from: "192.0.2.14", addresses: theirs) }
        #expect(host.state == .master)
        #expect(host.has("192.0.2.1/32"))
        #expect(host.status.counters.dropped == [.anotherCluster: 4])
        let finding = try #require(findings(host).first)
        #expect(findings(host).count == 1)
        #expect(finding.level == .critical)
        #expect(
            finding.text
                == "192.0.2.14 uses virtual_router_id 10, too, for other addresses: 192.0.2.9 (4 advertisements in the last minute)"
        )
        #expect(finding.advice?.contains("another 'virtual_router_id'") == true)
        #expect(finding.advice?.contains("mistyped") == true)
        #expect(
            host.events.contains(
                .anotherCluster(
                    instance: "Instance1", from: IPAddress(192, 0, 2, 14), virtualRouterID: 10,
                    addresses: [IPAddress(192, 0, 2, 9)], count: 1)))
    }

    @Test("A backup takes over although it is heard")
    func backup() throws {
        let host = TestHost(try TestFile.guide())
        for _ in 0..<5 {
            host.hear(150, from: "192.0.2.14", addresses: theirs)
            host.pass(.seconds(1))
        }
        #expect(host.state == .master)
    }

    @Test("A list that has one address in common is this virtual router's")
    func overlapping() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        host.hear(150, from: "192.0.2.14", addresses: ["192.0.2.9", "192.0.2.1"])
        #expect(host.state == .backup)
        host.pass(.seconds(5))
        #expect(host.state == .master)
        host.hear(150, from: "192.0.2.14", addresses: ["192.0.2.9"])
        #expect(host.state == .master, "it has never sent this list")
    }

    @Test("A host that has sent this list within ten minutes is known: its list is being changed, and it is followed")
    func known() throws {
        let host = TestHost(try TestFile.guide())
        host.hear(150)
        host.pass(.seconds(1))
        host.hear(150, addresses: theirs)
        #expect(host.status.counters.dropped == [:])
        #expect(
            findings(host).map(\.text) == [
                "192.0.2.13 is master, and advertises none of this instance's addresses: they are on no host"
            ])
        #expect(findings(host).first?.level == .critical)
        host.pass(.seconds(700))
        #expect(host.state == .master)
        host.hear(150, addresses: theirs)
        #expect(host.state == .master, "later it is somebody else's")
    }

    @Test("Known before a reload that changes this host's list, known after it")
    func reloaded() throws {
        let host = TestHost(try TestFile.guide())
        host.hear(150)
        host.reconfigure(try TestFile.guide(addresses: theirs))
        host.pass(.seconds(1))
        host.hear(150)
        #expect(host.status.master?.priority == 150)
        #expect(host.status.counters.dropped == [:])
    }

    @Test("A unicast peer is known because the file names it")
    func unicastPeer() throws {
        let host = TestHost(
            try TestFile.guide(extra: "unicast_src_ip 192.0.2.12\nunicast_peer {\n192.0.2.13\n}"))
        let advertisement = Advertisement(
            version: .v2, virtualRouterID: 10, priority: 150, interval: .seconds(1),
            addresses: [IPAddress(192, 0, 2, 9)], authentication: .password(Password("s3cret".utf8)))
        let here = IPv4Address(192, 0, 2, 12)
        host.hear(advertisement.ipv4Packet(from: IPv4Address(192, 0, 2, 14), to: here))
        #expect(host.status.counters.dropped == [.anotherCluster: 1])
        host.hear(advertisement.ipv4Packet(from: IPv4Address(192, 0, 2, 13), to: here))
        #expect(host.status.master?.address == IPAddress(192, 0, 2, 13))
    }
}

@Suite("Another host sends from this host's address")
struct SameSourceTests {
    /// This host is 192.0.2.12 with priority 100.
    private func host() throws -> TestHost { TestHost(try TestFile.guide()) }

    @Test("Priorities decide: the higher one is followed, the lower one contested")
    func priorities() throws {
        let host = try host()
        host.pass(.seconds(4))
        host.hear(99, from: "192.0.2.12", tapped: true)
        #expect(host.state == .master)
        #expect(host.events.contains(.contested(instance: "Instance1", by: IPAddress(192, 0, 2, 12), priority: 99)))
        host.hear(101, from: "192.0.2.12", tapped: true)
        #expect(host.state == .backup)
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("A backup with the same address and the same priority has sent nothing: it follows")
    func backupOfEqual() throws {
        let host = try host()
        for _ in 0..<8 {
            host.hear(100, from: "192.0.2.12", tapped: true)
            host.pass(.seconds(1))
        }
        #expect(host.state == .backup)
        #expect(host.status.counters.dropped == [:])
    }

    @Test("What equals something sent within three intervals is no input, later it is; a resignation included")
    func echo() throws {
        let host = try host()
        host.pass(.seconds(10))
        host.forgetLog()
        host.hear(100, from: "192.0.2.12", tapped: true)
        #expect(host.advertisements().isEmpty)
        #expect(host.status.counters.dropped == [.echo: 1])
        #expect(host.core.health(at: host.now).level == .ok, "it changes nothing")
        #expect(
            host.core.explain(host.core.routers[0], at: host.now).causes.contains {
                $0.text.contains("a hairpin or a mirror port")
            })
        // The cable is out and in: its resignation of before comes back, and then somebody else's.
        host.give(.link(TestHost.link(running: false)))
        host.give(.link(TestHost.link()))
        host.hear(100, from: "192.0.2.12", tapped: true)
        #expect(host.status.counters.dropped == [.echo: 2], "what it sent two seconds ago")
        host.pass(.seconds(3))
        host.hear(100, from: "192.0.2.12", tapped: true)
        #expect(host.status.counters.dropped == [.echo: 2])
        #expect(host.status.master?.address == IPAddress(192, 0, 2, 12))
    }

    @Test("An own resignation that comes back is no input")
    func resignation() throws {
        let host = try host()
        host.pass(.seconds(10))
        host.give(.stop)
        #expect(host.advertisements().last?.priority == 0)
        host.hear(0, from: "192.0.2.12", tapped: true)
        #expect(host.status.counters.resignationsReceived == 0)
        #expect(host.status.counters.dropped == [.echo: 1])
    }

    @Test("An advertisement of an earlier priority that comes back after a reload is no input")
    func earlierPriority() throws {
        let host = try host()
        host.pass(.seconds(10))
        host.reconfigure(try TestFile.guide(priority: 50))
        host.hear(100, from: "192.0.2.12", tapped: true)
        #expect(host.state == .master)
    }

    @Test("An echo that waited in the socket while this host was stalled is judged by when it came")
    func echoAfterStall() throws {
        let host = TestHost(try TestFile.guide(extra: "nopreempt"))
        host.pass(.seconds(10))
        let came = host.now + .seconds(1)
        host.stall(.seconds(8)) { host.hear(100, from: "192.0.2.12", tapped: true, arrived: came) }
        #expect(host.state == .master, "it does not follow itself")
        #expect(host.status.counters.dropped == [.echo: 1])
        host.pass(.seconds(3))
        #expect(host.state == .master)
    }

    @Test("Equal in all but the list: nobody answers, so that no answers go back and forth")
    func noStorm() throws {
        let host = try host()
        host.pass(.seconds(10))
        host.forgetLog()
        host.hear(100, from: "192.0.2.12", addresses: ["192.0.2.1", "192.0.2.2"], tapped: true)
        #expect(host.state == .master)
        #expect(host.advertisements().isEmpty)
    }

    @Test("The kernel is asked for what comes from this host's own address")
    func tap() throws {
        let host = try host()
        let taps = host.log.compactMap { entry -> [IPAddress]? in
            if case .tap(_, let sources) = entry.effect { sources } else { nil }
        }
        #expect(taps.last?.contains(IPAddress(192, 0, 2, 12)) == true)
    }
}

@Suite("One number twice on an interface, for different unicast peers")
struct NumberTwiceTests {
    private func file(_ peers: [(name: String, peer: Int, address: Int)]) throws -> Configuration {
        let text = peers.map { name, peer, address in
            """
            vrrp_instance \(name) {
                interface eth0
                virtual_router_id 51
                priority 100
                unicast_src_ip 192.0.2.12
                unicast_peer {
                    192.0.2.\(peer)
                }
                virtual_ipaddress {
                    192.0.2.\(address)
                }
            }
            """
        }
        return try TestFile.read(text.joined(separator: "\n"))
    }

    private func hear(_ priority: UInt8, from peer: UInt8, address: UInt8, at host: TestHost) {
        let advertisement = Advertisement(
            version: .v2, virtualRouterID: 51, priority: priority, interval: .seconds(1),
            addresses: [IPAddress(192, 0, 2, address)])
        host.hear(advertisement.ipv4Packet(from: IPv4Address(192, 0, 2, peer), to: IPv4Address(192, 0, 2, 12)))
    }

    @Test("Each hears its own peer alone")
    func peersTell() throws {
        let host = TestHost(try file([("A", 13, 1), ("B", 14, 2)]))
        for _ in 0..<5 {
            hear(200, from: 13, address: 1, at: host)
            host.pass(.seconds(1))
        }
        #expect(host.core.status(of: host.core.routers[0]).state == .backup)
        #expect(host.core.status(of: host.core.routers[0]).master?.priority == 200)
        #expect(host.core.status(of: host.core.routers[1]).state == .master)
        #expect(host.core.status(of: host.core.routers[1]).counters.advertisementsReceived == 0)
        hear(200, from: 14, address: 2, at: host)
        #expect(host.core.status(of: host.core.routers[1]).state == .backup)
    }

    @Test("A reload that adds the second one leaves the first alone; the new one listens first")
    func second() throws {
        let host = TestHost(try file([("A", 13, 1)]))
        host.pass(.seconds(5))
        let id = try #require(host.lastSender)
        host.reconfigure(try file([("A", 13, 1), ("B", 14, 2)]))
        #expect(host.core.status(of: host.core.routers[0]).state == .master)
        #expect(host.core.position(of: id) == 0)
        #expect(host.core.status(of: host.core.routers[1]).state == .backup)
        #expect(!host.has("192.0.2.2/32"))
    }

    @Test("A reload keeps both apart, also when their order changes")
    func reload() throws {
        let host = TestHost(try file([("A", 13, 1), ("B", 14, 2)]))
        host.pass(.seconds(5))
        hear(200, from: 13, address: 1, at: host)
        host.reconfigure(try file([("B", 14, 2), ("A", 13, 1)]))
        #expect(host.core.status(of: host.core.routers[0]).state == .master)
        #expect(host.core.status(of: host.core.routers[0]).name == "B")
        #expect(host.core.status(of: host.core.routers[1]).state == .backup)
        hear(150, from: 13, address: 1, at: host)
        #expect(host.core.status(of: host.core.routers[1]).counters.advertisementsReceived == 2)
    }
}
