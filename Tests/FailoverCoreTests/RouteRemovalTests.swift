import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

extension TestHost {
    /// What was asked of the kernel, in words.
    var requestWords: [String] {
        requests.map { effect in
            switch effect {
            case .addAddress(_, let assignment): "+ \(assignment.key.prefix)"
            case .removeAddress(_, let key): "- \(key.prefix)"
            case .setRouting(_, let object): "+ \(object.words(interface: nil))"
            case .removeRouting(_, let object): "- \(object.words(interface: nil))"
            default: "?"
            }
        }
    }

    var routingWords: [String] { routing.map { $0.words(interface: nil) } }
}

/// The kernel takes the first route that a request does not contradict.
@Suite("Routes and rules that go: those that are meant, and all of them")
struct RouteRemovalTests {
    private static let plain = "198.51.100.0/24 via 192.0.2.254"

    private func file(_ routes: [String], rules: [String] = [], addresses: [String] = ["192.0.2.1"]) throws
        -> Configuration
    {
        let lines = "virtual_routes {\n\(routes.joined(separator: "\n"))\n}\n"
        let rules = rules.isEmpty ? "" : "virtual_rules {\n\(rules.joined(separator: "\n"))\n}\n"
        return try TestFile.guide(extra: lines + rules, addresses: addresses)
    }

    private func master(_ configuration: Configuration) -> TestHost {
        let host = TestHost(configuration)
        host.pass(.seconds(5))
        #expect(host.state == .master)
        return host
    }

    /// Virtual routers 10, 11 and so on, each with the routes of one text.
    private func routers(_ routes: [String]) throws -> Configuration {
        let instances = routes.enumerated().map { number, routes in
            """
            vrrp_instance i\(number) {
                interface eth0
                virtual_router_id \(10 + number)
                virtual_ipaddress {
                    192.0.2.\(1 + number)
                }
                virtual_routes {
                    \(routes)
                }
            }
            """
        }
        return try TestFile.read(instances.joined(separator: "\n"))
    }

    private func yield(_ host: TestHost, _ number: UInt8) {
        host.hear(200, vrid: 10 + number, password: nil, addresses: ["192.0.2.\(1 + number)"])
    }

    // MARK: - Those that are meant

    @Test(
        "A reload that says more of a route takes the old one off",
        arguments: ["src 192.0.2.1", "mtu 1400", "dev eth0", "metric 50"])
    func saysMore(words: String) throws {
        let host = master(try file([Self.plain]))
        let wanted = "\(Self.plain) \(words)"
        host.forgetLog()
        host.reconfigure(try file([wanted]))
        #expect(host.requestWords.map { $0.prefix(7) } == ["- route", "+ route"])
        #expect(host.routing.count == 1 && host.routing.first != nil)
        let isThere = host.routing.first.map { $0.words(interface: words == "dev eth0" ? "eth0" : nil) }
        #expect(isThere?.contains(words) == true, "\(host.routingWords)")
        host.reconfigure(try file([Self.plain]))
        #expect(host.routingWords == ["route \(Self.plain)"])
        host.hear(200)
        #expect(host.routing.isEmpty)
    }

    @Test("Of two of which one says more both go, in whatever order they came", arguments: [false, true])
    func bothGo(isReversed: Bool) throws {
        let routes = [Self.plain, "\(Self.plain) src 192.0.2.1"]
        let host = master(try file(isReversed ? routes.reversed() : routes))
        #expect(host.routing.count == 2)
        host.hear(200)
        #expect(host.routing.isEmpty, "\(host.routingWords)")
    }

    @Test("Of two rules as well")
    func rules() throws {
        let rules = ["from 192.0.2.1 iif eth0 table 7 priority 9", "from 192.0.2.1 table 7 priority 9"]
        let host = master(try file([Self.plain], rules: rules))
        host.reconfigure(try file([Self.plain], rules: [rules[0]]))
        #expect(host.routingWords.filter { $0.hasPrefix("rule") } == ["rule \(rules[0])"])
        host.hear(200)
        #expect(host.routing.isEmpty, "\(host.routingWords)")
    }

    @Test("A route stays where a plainer one goes, and nobody is told of it")
    func stays() throws {
        let more = "\(Self.plain) mtu 1400"
        let host = master(try file([Self.plain, more]))
        host.forgetLog()
        host.reconfigure(try file([more]))
        #expect(host.routingWords == ["route \(more)"])
        #expect(host.requestWords == ["- route \(more)", "- route \(Self.plain)", "+ route \(more)"])
        let told = host.events.compactMap { event -> RoutingChange? in
            if case .routingChanged(_, let change, _) = event { change } else { nil }
        }
        #expect(told == [.leftoverRemoved])
        host.pass(.seconds(60))
        #expect(host.core.findings(about: host.core.routers[0], at: host.now).isEmpty)
    }

    @Test("The plainer one may be another virtual router's", arguments: [0, 1])
    func ofAnother(number: Int) throws {
        let more = "\(Self.plain) mtu 1400"
        let host = TestHost(try routers(number == 0 ? [Self.plain, more] : [more, Self.plain]))
        host.pass(.seconds(5))
        #expect(host.routing.count == 2)
        yield(host, UInt8(number))
        #expect(host.routingWords == ["route \(more)"])
        yield(host, UInt8(1 - number))
        #expect(host.routing.isEmpty)
    }

    @Test("All virtual routers go at once, and leave none")
    func allAtOnce() throws {
        let host = TestHost(
            try routers([Self.plain, "\(Self.plain) mtu 1400", "\(Self.plain) mtu 1400 src 192.0.2.3"]))
        host.pass(.seconds(5))
        #expect(host.routing.count == 3)
        host.give(.link(TestHost.link(running: false)))
        #expect(host.routing.isEmpty, "\(host.routingWords)")
    }

    @Test("What an earlier run has left goes, and not what a master has that goes on")
    func leftover() throws {
        let wanted = try file(["\(Self.plain) mtu 1400"])
        let before = master(wanted)
        let plain = try #require(master(try file([Self.plain])).routing.first)
        let next = TestHost(
            wanted, own: [], extra: before.addresses, adoptable: [0: Instant(sinceBoot: .milliseconds(99_900))],
            starts: false)
        next.routing = before.routing + [plain]
        next.give(.routing(.table(next.routing)))
        next.snapshot()
        next.pass(.seconds(1))
        #expect(next.state == .master && next.routing == before.routing)
    }

    @Test("Of two virtual routers with a common route one goes on as master: it has the route")
    func adoptedByOne() throws {
        let wanted = try routers([Self.plain, Self.plain])
        let before = TestHost(wanted)
        before.pass(.seconds(5))
        let next = TestHost(
            wanted, own: [], extra: before.addresses, adoptable: [1: Instant(sinceBoot: .milliseconds(99_900))],
            starts: false)
        next.routing = before.routing
        next.give(.routing(.table(next.routing)))
        next.snapshot()
        next.hear(200, vrid: 10, password: nil, addresses: ["192.0.2.1"])
        next.pass(.seconds(1))
        #expect(next.core.status(of: next.core.routers[1]).state == .master)
        #expect(next.routing == before.routing)
        #expect(!next.events.contains { $0.kind == .routeRestored }, "nobody else has taken it away")
    }

    // MARK: - All of them

    @Test("A route that the kernel does not even look for any more goes all the same when the host is master no more")
    func refusedLook() throws {
        let host = master(try file([Self.plain]))
        // The network of its gateway has gone, and the kernel looks at that first.
        host.refuseRouting = { _ in KernelRefusal(code: 101, text: "Nexthop has invalid gateway") }
        host.give(.routing(.doubtful))
        host.pass(.seconds(2))
        #expect(host.routing.count == 1)
        host.hear(200)
        #expect(host.routing.isEmpty)
    }

    @Test("A reload that comes after the refused look takes it off as well")
    func refusedLookBeforeReload() throws {
        let host = master(try file([Self.plain, "203.0.113.0/24 dev eth0"]))
        host.refuseRouting = { _ in KernelRefusal(code: 101, text: "Nexthop has invalid gateway") }
        host.give(.routing(.doubtful))
        host.pass(.seconds(2))
        host.reconfigure(try file(["203.0.113.0/24 dev eth0"]))
        #expect(host.routingWords == ["route 203.0.113.0/24"])
    }

    @Test("Who leaves hands a common route on, which the kernel refuses to look for, and the other one takes it off")
    func handedOn() throws {
        let host = TestHost(try routers([Self.plain, Self.plain]), starts: false)
        host.refuseRouting = { [unowned host] _ in
            host.routing.isEmpty ? nil : KernelRefusal(code: 101, text: "Nexthop has invalid gateway")
        }
        host.snapshot()
        host.pass(.seconds(5))
        #expect(host.routing.count == 1)
        host.forgetLog()
        yield(host, 0)
        #expect(host.routing.count == 1 && !host.requestWords.contains { $0.hasPrefix("- route") })
        yield(host, 1)
        #expect(host.routing.isEmpty)
    }

    @Test("A reload that takes a line out and one that brings it back, before the first has had its effect")
    func wantedAgain() throws {
        let host = master(try file([Self.plain]))
        host.isSlow = true
        let more = ["192.0.2.1", "192.0.2.2"]
        host.reconfigure(try file(["203.0.113.0/24 dev eth0"], addresses: more))
        host.reconfigure(try file([Self.plain], addresses: more))
        host.isSlow = false
        host.answerAll()
        #expect(host.routingWords == ["route \(Self.plain)"])
        #expect(!host.requestWords.contains { $0.hasPrefix("- route") })
    }

    @Test("An interface gets another name: its routes go, and come where the old name is now")
    func renamed() throws {
        let (seven, eight) = (InterfaceIndex(rawValue: 7), InterfaceIndex(rawValue: 8))
        let host = TestHost(try file(["198.51.100.0/24 dev eth7"]))
        host.give(.link(Link(index: seven, name: "eth7")))
        host.pass(.seconds(5))
        #expect(host.routing.count == 1)
        host.give(.link(Link(index: seven, name: "old7")))
        host.pass(.milliseconds(200))
        #expect(host.routing.isEmpty)
        host.give(.link(Link(index: eight, name: "eth7")))
        host.pass(.milliseconds(200))
        guard case .route(let route)? = host.routing.first else {
            Issue.record("it has not come")
            return
        }
        #expect(route.interface == eight)
    }

    @Test("What nobody has and the kernel does not remove is told once and tried again after pauses, and a stop waits")
    func keptLeftover() throws {
        let kept = master(try file([Self.plain])).routing
        let host = TestHost(try file([]), starts: false)
        host.refuseRoutingRemoval = { _ in KernelRefusal(code: 16, text: "Device or resource busy") }
        host.routing = kept
        host.give(.routing(.table(kept)))
        host.snapshot()
        host.pass(.seconds(60))
        #expect(host.events.count { $0.kind == .routeRefused } == 1)
        let tries = host.requestWords.count { $0.hasPrefix("- route") }
        #expect((5...8).contains(tries))
        host.hear(200)
        host.give(.stop)
        host.pass(.milliseconds(100))
        var isFinished = host.core.isFinished
        #expect(!isFinished)
        host.refuseRoutingRemoval = { _ in nil }
        host.pass(.seconds(32))
        isFinished = host.core.isFinished
        #expect(isFinished)
    }

    @Test("It goes once the kernel takes it, and stays where a reload wants it again")
    func keptLeftoverGoes() throws {
        let host = master(try file([Self.plain]))
        host.refuseRoutingRemoval = { _ in KernelRefusal(code: 16, text: "Device or resource busy") }
        host.reconfigure(try file(["203.0.113.0/24 dev eth0"]))
        #expect(host.routing.count == 2)
        host.refuseRoutingRemoval = { _ in nil }
        host.pass(.seconds(2))
        #expect(host.routingWords == ["route 203.0.113.0/24"])
        host.refuseRoutingRemoval = { _ in KernelRefusal(code: 16, text: "Device or resource busy") }
        host.reconfigure(try file([Self.plain]))
        host.refuseRoutingRemoval = { _ in nil }
        host.reconfigure(try file(["203.0.113.0/24 dev eth0"]))
        host.pass(.seconds(10))
        #expect(host.routingWords == ["route 203.0.113.0/24"])
    }
}
