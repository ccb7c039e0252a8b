import Addressing
import Configuration
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Another configuration while everything runs")
struct ReconfigurationTests {
    private func master(_ configuration: Configuration) -> TestHost {
        let host = TestHost(configuration)
        host.pass(.milliseconds(4300))
        host.forgetLog()
        return host
    }

    private func file(_ instances: String...) throws -> Configuration {
        try TestFile.read(instances.joined(separator: "\n"))
    }

    private func instance(_ name: String, id: Int, _ addresses: String..., priority: Int = 100) -> String {
        """
        vrrp_instance \(name) {
            interface eth0
            virtual_router_id \(id)
            priority \(priority)
            virtual_ipaddress {
                \(addresses.joined(separator: "\n"))
            }
        }
        """
    }

    /// The addresses that an advertisement names.
    private func advertised(_ packet: [UInt8]) -> [String] {
        (0..<Int(packet[23])).map { number in
            packet[(28 + 4 * number)..<(32 + 4 * number)].map(String.init).joined(separator: ".")
        }
    }

    @Test("The same configuration, elsewhere in the file: nothing at all happens")
    func same() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1")))
        host.reconfigure(try file("", "", instance("one", id: 10, "192.0.2.1")))
        #expect(host.log.isEmpty)
        host.pass(.seconds(3))
        let times = host.advertisements().map(\.at)
        #expect(times.count == 3)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == .seconds(1) })
    }

    @Test("An address more: it is added, announced, and advertised when the kernel has acknowledged it")
    func addressAdded() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1")))
        host.isSlow = true
        host.reconfigure(try file(instance("one", id: 10, "192.0.2.1", "192.0.2.2")))
        #expect(host.requests.count == 1)
        #expect(host.advertisements().isEmpty)
        host.pass(.milliseconds(700))
        let waiting = host.log.compactMap {
            if case .advertise(_, _, _, _, let packet) = $0.effect { packet } else { nil }
        }
        #expect(waiting.map(advertised) == [["192.0.2.1"]])
        host.isSlow = false
        host.answerAll()
        #expect(host.has("192.0.2.2/32"))
        #expect(host.announcements().count == 1)
        host.pass(.seconds(1))
        let last = try #require(
            host.log.compactMap { if case .advertise(_, _, _, _, let packet) = $0.effect { packet } else { nil } }.last)
        #expect(advertised(last) == ["192.0.2.1", "192.0.2.2"])
        #expect(host.state == .master)
        #expect(host.advertisements().allSatisfy { $0.priority == 100 })
    }

    @Test("An address less: only that one goes")
    func addressRemoved() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1", "192.0.2.2")))
        host.reconfigure(try file(instance("one", id: 10, "192.0.2.2")))
        #expect(!host.has("192.0.2.1/32"))
        #expect(
            host.events.map(\.description) == [
                "removed 192.0.2.1/32 from eth0, where the configuration does not have it"
            ])
        #expect(host.has("192.0.2.2/32"))
        #expect(host.requests.count == 1)
        #expect(host.state == .master)
    }

    @Test("All addresses are others: the role stays, and nothing is advertised that is not there")
    func allReplaced() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1")))
        host.reconfigure(try file(instance("one", id: 10, "192.0.2.9")))
        #expect(host.has("192.0.2.9/32"))
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.state == .master)
    }

    @Test("An instance more and one less; the third does not notice")
    func instances() throws {
        let host = master(
            try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
        host.reconfigure(try file(instance("three", id: 30, "192.0.2.3"), instance("two", id: 20, "192.0.2.2")))
        #expect(host.advertisements().map(\.priority) == [0], "the one that leaves says so")
        #expect(host.has("192.0.2.2/32"))
        #expect(host.core.status(of: host.core.routers[0]).state == .backup)
        #expect(host.core.status(of: host.core.routers[1]).state == .master)
        host.pass(.seconds(4))
        #expect(!host.has("192.0.2.1/32"), "nobody took over, and the file does not want it")
        #expect(host.core.status(of: host.core.routers[0]).state == .master)
        #expect(host.has("192.0.2.3/32"))
        let ofTwo = host.log.filter {
            if case .advertise(_, _, _, _, let packet) = $0.effect { packet[21] == 20 } else { false }
        }
        #expect(zip(ofTwo, ofTwo.dropFirst()).allSatisfy { $1.at - $0.at == .seconds(1) })
    }

    @Test("A master that is wanted no more keeps its address until its successor is there, and is forgotten then")
    func departure() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
        host.reconfigure(try file(instance("two", id: 20, "192.0.2.2")))
        #expect(host.core.routers.count == 2)
        #expect(host.core.status(of: host.core.routers[0]).name == "two")
        #expect(host.core.status(of: host.core.routers[1]).state == .leaving)
        host.pass(.milliseconds(613))
        #expect(host.has("192.0.2.1/32"))
        host.hear(99, password: nil)
        host.hearAnnouncement("192.0.2.1")
        host.pass(.milliseconds(10))
        #expect(!host.has("192.0.2.1/32"))
        host.pass(.milliseconds(300))
        #expect(host.core.routers.count == 1)
        #expect(host.core.status(of: host.core.routers[0]).state == .master)
        #expect(host.has("192.0.2.2/32"))
    }

    @Test("Told to stop, it begins nothing new, whatever the new configuration wants")
    func reloadWhileStopping() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1")))
        host.give(.stop)
        host.pass(.milliseconds(100))
        host.reconfigure(try file(instance("one", id: 11, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
        host.pass(.seconds(3))
        #expect(host.core.isFinished == true)
        #expect(!host.has("192.0.2.1/32"))
        #expect(!host.has("192.0.2.2/32"))
    }

    @Test("What a takeover has still to announce, one at a time, is announced after a reload, too")
    func pacedThroughReload() throws {
        func text(_ more: String) -> String {
            "global_defs {\nvrrp_garp_interval 0.3\n}\n"
                + "vrrp_instance one {\ninterface eth0\nvirtual_router_id 10\nvirtual_ipaddress {\n"
                + (1...4).map { "192.0.2.\($0)\n" }.joined() + "}\n}\n" + more
        }
        let two = "vrrp_instance two {\ninterface eth0\nvirtual_router_id 20\nvirtual_ipaddress {\n192.0.2.9\n}\n}\n"
        let host = TestHost(try TestFile.read(text("")))
        host.pass(.milliseconds(3700))
        host.forgetLog()
        host.reconfigure(try TestFile.read(two + text("")))
        host.pass(.seconds(3))
        let announced = host.log.compactMap { entry -> [IPAddress]? in
            if case .announce(_, _, let addresses, _) = entry.effect { addresses } else { nil }
        }.joined()
        #expect(Set(announced).isSuperset(of: (2...4).map { IPAddress(192, 0, 2, $0) }))
    }

    @Test("Other settings of a master: its addresses' lease is renewed, and others are asked about them, as before")
    func keepsItsTimers() throws {
        func text(_ priority: Int, lease: Int) -> String {
            "global_defs {\naddress_lease \(lease)\n}\nvrrp_instance one {\ninterface eth0\nvirtual_router_id 10\n"
                + "priority \(priority)\nvirtual_ipaddress {\n192.0.2.1\n}\n}\n"
        }
        func counts(_ host: TestHost) -> (renewals: Int, probes: Int) {
            var result = (renewals: 0, probes: 0)
            for entry in host.log {
                switch entry.effect {
                case .renewAddress: result.renewals += 1
                case .probe: result.probes += 1
                default: break
                }
            }
            return result
        }
        let host = TestHost(try TestFile.read(text(100, lease: 9)))
        host.pass(.seconds(10))
        host.forgetLog()
        host.reconfigure(try TestFile.read(text(110, lease: 9)))
        host.pass(.seconds(31))
        #expect(counts(host).renewals >= 10)
        #expect(counts(host).probes >= 1)
        host.forgetLog()
        host.reconfigure(try TestFile.read(text(110, lease: 3)))
        host.pass(.milliseconds(1))
        #expect(counts(host).renewals == 1, "the new lease begins at once")
    }

    @Test("Another number under the same name: a handover goes on with it")
    func handoverUnderAnotherNumber() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1")))
        host.handOver(HandoverOrder(requestedBy: "alice", requestedAt: "now"))
        host.pass(.milliseconds(613))
        host.hear(99, password: nil)
        host.pass(.seconds(1))
        #expect(host.state == .backup)
        host.reconfigure(try file(instance("one", id: 11, "192.0.2.1")))
        #expect(host.status.handover?.requestedBy == "alice")
    }

    @Test("The name goes to another virtual router: the one that had it leaves under another name, and without a gap")
    func nameGoesToAnother() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1")))
        host.reconfigure(try file(instance("one", id: 20, "192.0.2.2")))
        #expect(host.core.status(of: host.core.routers[0]).name == "one")
        #expect(host.core.status(of: host.core.routers[0]).virtualRouterID == 20)
        #expect(host.core.status(of: host.core.routers[1]).name == "one (removed, VRID 10)")
        #expect(host.core.status(of: host.core.routers[1]).state == .leaving)
        #expect(host.core.router(named: "one") == host.core.routers[0])
        host.pass(.milliseconds(300))
        #expect(host.has("192.0.2.1/32"))
        host.hear(99, password: nil)
        host.hearAnnouncement("192.0.2.1")
        host.pass(.seconds(4))
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.core.routers.count == 1)
        #expect(host.core.status(of: host.core.routers[0]).state == .master)
    }

    @Test("Wanted again while it leaves: it stays a virtual router of this host")
    func recalled() throws {
        let both = try file(instance("two", id: 20, "192.0.2.2"), instance("one", id: 10, "192.0.2.1"))
        let host = master(both)
        host.reconfigure(try file(instance("two", id: 20, "192.0.2.2")))
        host.pass(.milliseconds(100))
        host.reconfigure(both)
        host.pass(.seconds(10))
        #expect(host.core.routers.count == 2)
        #expect(host.core.status(of: host.core.routers[1]).state == .master)
        #expect(host.has("192.0.2.1/32"))
    }

    @Test("Another name for the same virtual router: it goes on")
    func renamed() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1")))
        host.reconfigure(try file(instance("uno", id: 10, "192.0.2.1")))
        #expect(host.requests.isEmpty)
        host.pass(.seconds(3))
        #expect(host.core.status(of: host.core.routers[0]).name == "uno")
        #expect(host.advertisements().map(\.priority) == [100, 100, 100])
    }

    @Test("Two instances change their names: both go on")
    func swapNames() throws {
        let host = master(
            try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
        host.reconfigure(try file(instance("two", id: 10, "192.0.2.1"), instance("one", id: 20, "192.0.2.2")))
        #expect(host.requests.isEmpty)
        host.pass(.seconds(2))
        #expect(host.core.status(of: host.core.routers[0]).name == "two")
        #expect(host.core.status(of: host.core.routers[0]).state == .master)
        #expect(host.core.status(of: host.core.routers[1]).state == .master)
        #expect(host.advertisements().allSatisfy { $0.priority == 100 })
    }

    @Test("Two instances change their numbers: the virtual routers go on, with each other's addresses and names")
    func swap() throws {
        let host = master(
            try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
        host.reconfigure(try file(instance("one", id: 20, "192.0.2.1"), instance("two", id: 10, "192.0.2.2")))
        #expect(host.core.status(of: host.core.routers[0]).state == .master)
        #expect(host.core.status(of: host.core.routers[0]).virtualRouterID == 20)
        host.pass(.seconds(4))
        #expect(host.core.status(of: host.core.routers[1]).state == .master)
        #expect(host.has("192.0.2.1/32"))
        #expect(host.has("192.0.2.2/32"))
        #expect(host.advertisements().allSatisfy { $0.priority == 100 })
    }

    @Test("A backup judges by the new settings; a master advertises its new priority")
    func priority() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1")))
        host.reconfigure(try file(instance("one", id: 10, "192.0.2.1", priority: 150)))
        host.pass(.seconds(1))
        #expect(host.advertisements().map(\.priority) == [150])
        host.hear(200, password: nil)
        #expect(host.state == .backup)
        host.reconfigure(try file(instance("one", id: 10, "192.0.2.1", priority: 254)))
        host.hear(200, password: nil)
        host.pass(.seconds(4))
        #expect(host.state == .master)
    }

    @Test("Another source address is sent from at once; where the host must have it and does not, it is waited for")
    func source() throws {
        func file(_ extra: String) throws -> Configuration { try TestFile.guide(extra: extra) }
        let host = master(try file(""))
        host.reconfigure(try file("mcast_src_ip 192.0.2.12"))
        host.reconfigure(try file("mcast_src_ip 192.0.2.99"))
        let said = host.log.filter {
            switch $0.effect {
            case .record, .tap: false
            default: true
            }
        }
        #expect(said.isEmpty, "nothing has to be said")
        host.pass(.seconds(1))
        #expect(host.advertisements().map(\.priority) == [100])
        #expect(sources(host) == ["192.0.2.99"])
        host.forgetLog()
        host.reconfigure(try file("mcast_src_ip 192.0.2.98\ntrack_src_ip"))
        host.pass(.milliseconds(1900))
        #expect(sources(host).allSatisfy { $0 == "192.0.2.99" })
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.98/24"))))
        host.pass(.seconds(5))
        #expect(host.state == .master)
        #expect(host.has("192.0.2.1/32"))
        #expect(sources(host).last == "192.0.2.98")
        host.reconfigure(try file("mcast_src_ip 192.0.2.97\ntrack_src_ip"))
        host.pass(.milliseconds(2100))
        #expect(host.state == .leaving)
        #expect(host.has("192.0.2.1/32"), "until a successor has it")
        host.pass(.seconds(5))
        #expect(host.state == .fault)
    }

    private func sources(_ host: TestHost) -> [String] {
        host.log.compactMap { entry in
            guard case .advertise(_, _, _, _, let packet) = entry.effect else { return nil }
            return packet[12..<16].map(String.init).joined(separator: ".")
        }
    }

    @Test("Another number, and name: a master stays one of the new virtual router; a backup listens first")
    func number() throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1", "192.0.2.2")))
        host.reconfigure(try file(instance("uno", id: 20, "192.0.2.2", "192.0.2.3")))
        #expect(host.state == .master)
        #expect(host.status.virtualRouterID == 20)
        #expect(host.has("192.0.2.2/32") && host.has("192.0.2.3/32") && !host.has("192.0.2.1/32"))
        host.pass(.seconds(1))
        #expect(host.advertisements().map(\.priority) == [100], "the old number is not resigned: its hosts wait")
        host.hear(200, vrid: 20, password: nil, addresses: ["192.0.2.2", "192.0.2.3"])
        #expect(host.state == .backup)
        host.pass(.milliseconds(1500))
        host.reconfigure(try file(instance("uno", id: 30, "192.0.2.2")))
        host.pass(.milliseconds(3500))
        #expect(host.state == .backup)
        host.pass(.milliseconds(200))
        #expect(host.state == .master)
    }

    @Test(
        "A virtual router that is given addresses of masters alone is master at once; numbers that shift cost nothing")
    func inheritance() throws {
        var host = master(try file(instance("one", id: 10, "192.0.2.1", "192.0.2.2")))
        host.reconfigure(
            try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 11, "192.0.2.2")))
        #expect(host.core.status(of: host.core.routers[0]).state == .master)
        #expect(host.core.status(of: host.core.routers[1]).state == .master)
        #expect(!host.log.contains { if case .removeAddress = $0.effect { true } else { false } })
        host = master(try file(instance("a", id: 10, "192.0.2.1"), instance("b", id: 11, "192.0.2.2")))
        host.reconfigure(try file(instance("a", id: 11, "192.0.2.1"), instance("b", id: 12, "192.0.2.2")))
        #expect(host.core.routers.allSatisfy { host.core.status(of: $0).state == .master })
        #expect(!host.log.contains { if case .removeAddress = $0.effect { true } else { false } })
        // With something new it listens: another host may be master of it.
        host = master(try file(instance("one", id: 10, "192.0.2.1", "192.0.2.2")))
        host.reconfigure(
            try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 11, "192.0.2.2", "192.0.2.3")))
        #expect(host.core.status(of: host.core.routers[1]).state == .backup)
    }

    @Test("An address that another instance had before is advertised at once")
    func inherited() throws {
        let host = master(
            try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
        host.watched = [IPAddress(192, 0, 2, 2)]
        host.reconfigure(try file(instance("one", id: 10, "192.0.2.1", "192.0.2.2")))
        host.pass(.seconds(1))
        #expect(host.missed.isEmpty)
        let last = try #require(
            host.log.compactMap { if case .advertise(_, _, _, _, let packet) = $0.effect { packet } else { nil } }.last)
        #expect(advertised(last) == ["192.0.2.1", "192.0.2.2"])
    }

    @Test("An address of the host that becomes a shared one is the host's, and is never removed")
    func nativeAddress() throws {
        let own = InterfaceAddress(key: TestHost.key("192.0.2.7/32"), createdAt: 3)
        let host = TestHost(try file(instance("one", id: 10, "192.0.2.1")), extra: [own])
        host.hear(200, password: nil)
        host.reconfigure(try file(instance("one", id: 10, "192.0.2.1", "192.0.2.7")))
        host.hear(200, password: nil)
        host.reconfigure(try file(instance("one", id: 10, "192.0.2.1")))
        host.pass(.seconds(2))
        #expect(host.has("192.0.2.7/32"))
    }

    @Test("The old form of an address goes when the kernel has answered about the new one, not before")
    func replaced() throws {
        let host = TestHost(try TestFile.guide(addresses: ["192.0.2.1/32"]))
        host.pass(.seconds(4))
        #expect(host.state == .master)
        host.forgetLog()
        host.isSlow = true
        host.reconfigure(try TestFile.guide(addresses: ["192.0.2.1/24"]))
        func isOldAskedFor() -> Bool {
            host.requests.contains { request in
                if case .removeAddress(_, let asked) = request { asked == TestHost.key("192.0.2.1/32") } else { false }
            }
        }
        #expect(host.requests.count == 1)
        #expect(!isOldAskedFor())
        host.answerAll()
        #expect(isOldAskedFor())
    }
}
