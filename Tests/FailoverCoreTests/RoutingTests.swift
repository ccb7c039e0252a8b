import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("Routes and rules come behind the addresses of a master and go before them")
struct RoutingTests {
    private static let lines = """
        virtual_routes {
            default via 192.0.2.254
            198.51.100.0/24 dev eth0 src 192.0.2.1
        }
        virtual_rules {
            from 192.0.2.1 table 100 priority 1000
        }
        """

    private func file(_ lines: String = lines, addresses: [String] = ["192.0.2.1", "192.0.2.2"]) throws -> Configuration
    {
        try TestFile.guide(extra: lines, addresses: addresses)
    }

    private func master(_ lines: String = lines) throws -> TestHost {
        let host = TestHost(try file(lines))
        host.pass(.seconds(5))
        #expect(host.state == .master)
        return host
    }

    /// What was asked of the kernel, in words.
    private func requests(_ host: TestHost) -> [String] {
        host.requests.map { effect in
            switch effect {
            case .addAddress(_, let assignment): "+ \(assignment.key.prefix)"
            case .removeAddress(_, let key): "- \(key.prefix)"
            case .setRouting(_, let object): "+ \(object.words(interface: nil))"
            case .removeRouting(_, let object): "- \(object.words(interface: nil))"
            default: "?"
            }
        }
    }

    private func kinds(_ host: TestHost) -> [Event.Kind] { host.events.map(\.kind) }

    @Test("the order of a takeover, and of a stop")
    func order() throws {
        let host = try master()
        #expect(
            requests(host) == [
                "+ 192.0.2.1/32", "+ 192.0.2.2/32", "+ route default via 192.0.2.254",
                "+ route 198.51.100.0/24 src 192.0.2.1", "+ rule from 192.0.2.1 table 100 priority 1000",
            ])
        #expect(host.routing.count == 3)
        host.forgetLog()
        host.give(.stop)
        host.hear(200, addresses: ["192.0.2.1", "192.0.2.2"])
        host.pass(.seconds(2))
        #expect(
            requests(host) == [
                "- rule from 192.0.2.1 table 100 priority 1000", "- route 198.51.100.0/24 src 192.0.2.1",
                "- route default via 192.0.2.254", "- 192.0.2.1/32", "- 192.0.2.2/32",
            ])
        let isFinished = host.core.isFinished
        #expect(host.routing.isEmpty && isFinished)
    }

    @Test("a route knows the number of its interface, and says so to the kernel")
    func interface() throws {
        let host = try master()
        guard host.routing.count == 3, case .route(let route) = host.routing[1] else {
            Issue.record("it is no route")
            return
        }
        #expect(route.interface == TestHost.eth0)
        #expect(route.source == IPAddress(192, 0, 2, 1))
    }

    @Test("nothing is set before the last address is there")
    func waitsForAddresses() throws {
        let host = TestHost(try file())
        host.isSlow = true
        host.pass(.seconds(5))
        host.answerOne()
        #expect(!requests(host).contains { $0.contains("route") })
        host.answerAll()
        host.isSlow = false
        host.answerAll()
        #expect(host.routing.count == 3)
    }

    @Test("of a reload, too, a route waits for the address that comes with it")
    func reloadWaitsForAddress() throws {
        let host = try master()
        host.forgetLog()
        host.isSlow = true
        host.reconfigure(
            try file(
                Self.lines.replacing("src 192.0.2.1", with: "src 192.0.2.3"),
                addresses: ["192.0.2.1", "192.0.2.2", "192.0.2.3"]))
        #expect(requests(host) == ["+ 192.0.2.3/32"])
        host.isSlow = false
        host.answerAll()
        #expect(
            requests(host).dropFirst() == [
                "+ route 198.51.100.0/24 src 192.0.2.3", "- route 198.51.100.0/24 src 192.0.2.1",
            ])
    }

    @Test("a stop waits for what the kernel does not remove at once")
    func stopWaits() throws {
        let host = try master()
        host.refuseRoutingRemoval = { _ in KernelRefusal(code: 16, text: "Device or resource busy") }
        host.give(.stop)
        host.hear(200, addresses: ["192.0.2.1", "192.0.2.2"])
        host.pass(.milliseconds(700))
        var isFinished = host.core.isFinished
        #expect(!isFinished && host.routing.count == 3 && !host.has("192.0.2.1/32"))
        #expect(kinds(host).count(where: { $0 == .routeRefused }) == 3)
        host.refuseRoutingRemoval = { _ in nil }
        host.pass(.milliseconds(1100))
        isFinished = host.core.isFinished
        #expect(isFinished && host.routing.isEmpty)
    }

    @Test("a master that yields removes them before its addresses, in one batch")
    func yields() throws {
        let host = try master()
        host.forgetLog()
        host.hear(200)
        #expect(requests(host).first == "- rule from 192.0.2.1 table 100 priority 1000")
        #expect(Array(requests(host).suffix(2)) == ["- 192.0.2.1/32", "- 192.0.2.2/32"])
        #expect(host.routing.isEmpty)
    }

    @Test(
        "a master that has just asked whether they are there, and yields, removes them all the same before its addresses"
    )
    func yieldsWhileLooking() throws {
        let host = try master()
        host.forgetLog()
        host.isSlow = true
        host.ask { core, now in core.handle(.routing(.doubtful), at: now + .seconds(1)) }
        host.hear(200)
        let asked = requests(host)
        let last = try #require(asked.lastIndex { $0.contains("route") || $0.contains("rule") })
        let first = try #require(asked.firstIndex { $0.hasPrefix("- 192.0.2") })
        #expect(last < first && asked.count(where: { $0.hasPrefix("- ru") || $0.hasPrefix("- ro") }) == 3)
        host.isSlow = false
        host.answerAll()
        host.pass(.seconds(1))
        #expect(host.routing.isEmpty && !host.has("192.0.2.1/32"))
    }

    @Test("what somebody removes is put back at once, and with growing pauses where that happens again and again")
    func mended() throws {
        let host = try master()
        for _ in 0..<3 {
            let gone = host.routing.remove(at: 0)
            host.give(.routing(.disturbed(gone)))
            #expect(host.routing.count == 3)
        }
        #expect(kinds(host).count(where: { $0 == .routeRestored }) == 3)
        var immediate = 0
        for _ in 0..<10 {
            guard let place = host.routing.indices.first else { break }
            let gone = host.routing.remove(at: place)
            host.give(.routing(.disturbed(gone)))
            if host.routing.count == 3 { immediate += 1 }
            host.pass(.seconds(1))
            #expect(host.routing.count == 3)
        }
        #expect(immediate < 10)
        #expect(host.state == .master)
        #expect(
            host.core.findings(about: host.core.routers[0], at: host.now).map(\.code.name)
                == [.routeContested, .routeContested, .routeContested])
    }

    @Test("what the kernel drops with an address comes back with it")
    func goesWithAddress() throws {
        let host = try master()
        host.routing.removeAll { if case .route(let route) = $0 { route.source != nil } else { false } }
        host.give(.addressRemoved(TestHost.key("192.0.2.1/32")))
        host.pass(.milliseconds(200))
        #expect(host.has("192.0.2.1/32") && host.routing.count == 3)
    }

    @Test("what has gone without a word is missed after half a minute at the latest")
    func periodicLook() throws {
        let host = try master()
        host.routing = []
        host.pass(.seconds(31))
        #expect(host.routing.count == 3)
    }

    @Test("with events by the thousand it is looked at ten times a second, not more")
    func paced() throws {
        let host = try master()
        host.pass(.seconds(1))
        host.forgetLog()
        for _ in 0..<100 {
            host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.77/24"))))
            host.give(.addressRemoved(TestHost.key("192.0.2.77/24")))
        }
        host.pass(.milliseconds(99))
        #expect(requests(host).count == 3)
        host.pass(.milliseconds(100))
        #expect(requests(host).count == 6)
    }

    @Test("a route that the kernel refuses is a warning, is tried again, and makes nobody fail over")
    func refused() throws {
        let host = TestHost(try file())
        host.refuseRouting = { object in
            guard case .route(let route) = object, route.isDefault else { return nil }
            return KernelRefusal(code: 101, text: "Nexthop has invalid gateway (Network is unreachable)")
        }
        host.pass(.seconds(60))
        #expect(host.state == .master && host.routing.count == 2)
        #expect(kinds(host).count(where: { $0 == .routeRefused }) == 1)
        let finding = try #require(host.core.findings(about: host.core.routers[0], at: host.now).first)
        #expect(finding.level == .warning && finding.code.name == .routeMissing)
        let tries = requests(host).count(where: { $0.hasPrefix("+ route default") })
        #expect((5...9).contains(tries))
        host.refuseRouting = { _ in nil }
        host.pass(.seconds(31))
        #expect(host.routing.count == 3)
        #expect(host.core.findings(about: host.core.routers[0], at: host.now).isEmpty)
    }

    @Test("IPv6: another route of the host in its place is left alone, and told")
    func occupied() throws {
        let host = TestHost(try file("virtual_routes {\n 2001:db8::/32 via fe80::1 dev eth0\n}"))
        host.refuseRouting = { _ in KernelRefusal(code: 17, text: "File exists") }
        host.pass(.seconds(10))
        let findings = host.core.findings(about: host.core.routers[0], at: host.now)
        #expect(
            findings.map(\.code) == [
                .routeMissing(words: "route 2001:db8::/32 via fe80::1 dev eth0", .occupied)
            ])
        host.forgetLog()
        host.hear(200)
        #expect(!requests(host).contains { $0.contains("route") })
    }

    @Test(
        "what an earlier run has left: a backup and an agent without that line remove it, one that goes on as master keeps it"
    )
    func leftovers() throws {
        let kept = try master().routing
        let backup = TestHost(try file(), starts: false)
        backup.routing = kept
        backup.give(.routing(.table(kept)))
        backup.snapshot()
        #expect(backup.routing.isEmpty)
        let other = TestHost(try file("virtual_routes {\n default via 192.0.2.254\n}"), starts: false)
        other.routing = kept
        other.give(.routing(.table(kept)))
        other.snapshot()
        #expect(other.routing.isEmpty)
        #expect(Array(requests(other).prefix(2)).allSatisfy { $0.hasPrefix("- ru") || $0.hasPrefix("- route 198") })
    }

    @Test("a process that goes on as master leaves them in place")
    func adopted() throws {
        let before = try master()
        let next = TestHost(
            try file(), own: [], extra: before.addresses, adoptable: [0: Instant(sinceBoot: .milliseconds(99_900))],
            starts: false)
        next.routing = before.routing
        next.give(.routing(.table(before.routing)))
        next.snapshot()
        next.pass(.seconds(1))
        #expect(next.state == .master && next.routing == before.routing)
        #expect(!requests(next).contains { $0.contains("route") || $0.contains("rule") })
    }

    @Test("a reload changes what differs: the new one first, then the old one goes")
    func reload() throws {
        let host = try master()
        host.forgetLog()
        host.reconfigure(
            try file(Self.lines.replacing("default via 192.0.2.254", with: "default via 192.0.2.253")))
        #expect(
            requests(host) == ["+ route default via 192.0.2.253", "- route default via 192.0.2.254"])
        host.forgetLog()
        host.reconfigure(try file(""))
        #expect(requests(host).count == 3 && host.routing.isEmpty)
        host.reconfigure(try file())
        let watches = host.core.watchesRouting
        #expect(host.routing.count == 3 && watches)
    }

    @Test("IPv6 takes one of a metric: there the old one goes first")
    func reloadIPv6() throws {
        let host = try master("virtual_routes {\n 2001:db8::/32 via fe80::1 dev eth0\n}")
        host.forgetLog()
        host.reconfigure(try file("virtual_routes {\n 2001:db8::/32 via fe80::2 dev eth0\n}"))
        #expect(requests(host).map { $0.prefix(1) } == ["-", "+"])
    }

    @Test("two virtual routers with the same route: it stays while one of them is master")
    func shared() throws {
        func instance(_ number: Int) -> String {
            """
            vrrp_instance i\(number) {
                interface eth0
                virtual_router_id \(number)
                virtual_ipaddress {
                    192.0.2.\(number)
                }
                virtual_routes {
                    default via 192.0.2.254
                }
            }

            """
        }
        let host = TestHost(try TestFile.read(instance(10) + instance(11)))
        host.pass(.seconds(5))
        #expect(host.routing.count == 1)
        host.hear(200, vrid: 10, password: nil, addresses: ["192.0.2.10"])
        #expect(host.routing.count == 1)
        host.hear(200, vrid: 11, password: nil, addresses: ["192.0.2.11"])
        #expect(host.routing.isEmpty)
    }

    @Test("with many virtual routers events are taken together, and what somebody removes is back at once all the same")
    func many() throws {
        let instances = (1...20).map { number in
            """
            vrrp_instance i\(number) {
                interface eth0
                virtual_router_id \(number)
                virtual_ipaddress {
                    192.0.2.\(100 + number)
                }
                virtual_routes {
                    10.\(number).0.0/16 dev eth0
                }
            }
            """
        }
        let host = TestHost(try TestFile.read(instances.joined(separator: "\n")))
        host.pass(.seconds(5))
        #expect(host.routing.count == 20)
        host.forgetLog()
        for _ in 0..<50 {
            host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.77/24"))))
            host.give(.addressRemoved(TestHost.key("192.0.2.77/24")))
        }
        #expect(requests(host).count == 20)
        let due = host.core.routed.doubtDue
        #expect(due == host.now + .milliseconds(100))
        host.pass(.milliseconds(100))
        #expect(requests(host).count == 40)
        host.pass(.seconds(10))
        #expect(requests(host).count == 40)
        host.give(.routing(.disturbed(host.routing.remove(at: 7))))
        #expect(host.routing.count == 20 && requests(host).count == 41)
    }

    @Test("a route over an interface that is not there yet waits for it")
    func missingInterface() throws {
        let host = TestHost(try file("virtual_routes {\n 198.51.100.0/24 dev eth7\n}"))
        host.pass(.seconds(5))
        #expect(host.routing.isEmpty)
        let codes = host.core.findings(about: host.core.routers[0], at: host.now).map(\.code)
        #expect(codes == [.routeMissing(words: "route 198.51.100.0/24 dev eth7", .noInterface("eth7"))])
        host.give(.link(Link(index: InterfaceIndex(rawValue: 7), name: "eth7")))
        host.pass(.seconds(1))
        #expect(host.routing.count == 1)
        host.routing = []
        host.give(.linkRemoved(InterfaceIndex(rawValue: 7)))
        host.pass(.seconds(60))
        #expect(host.routing.isEmpty && host.state == .master)
    }

    @Test("an instance without routes asks for none and has no timer")
    func costsNothing() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(100))
        #expect(!requests(host).contains { $0.contains("route") })
        let watches = host.core.watchesRouting
        let deadline = host.core.instances[host.core.routers[0]].deadline(.routing)
        #expect(!watches && deadline == nil)
    }
}
