import Addressing
import Testing

@testable import Configuration

@Suite("virtual_routes and virtual_rules")
struct RoutingTests {
    private func read(_ block: String) -> ConfigurationReader.Result {
        var context = ReadingContext()
        context.routingNames.add("# names\n100\tisp1\n0x65 isp2\nnonsense\n0 none\n")
        return ConfigurationReader.read(
            "test",
            from: MemoryFiles([
                "test": """
                vrrp_instance A {
                    interface eth0
                    virtual_router_id 51
                    virtual_ipaddress {
                        192.0.2.1
                    }
                \(block)
                }
                """
            ]), context: context)
    }

    private func words(_ block: String) throws -> [String] {
        let result = read(block)
        return try #require(result.configuration, "\(result.diagnostics)").instances[0].routing.map(\.words)
    }

    /// As they are read, and as ip(8) writes them.
    static let routes: [(String, String)] = [
        ("default via 192.0.2.254", "route default via 192.0.2.254"),
        ("default gw 192.0.2.254", "route default via 192.0.2.254"),
        ("0.0.0.0/0 via 192.0.2.254", "route default via 192.0.2.254"),
        ("to default via 192.0.2.254 dev eth0", "route default via 192.0.2.254 dev eth0"),
        ("src 192.0.2.1 198.51.100.0/24 dev eth0", "route 198.51.100.0/24 dev eth0 src 192.0.2.1"),
        (
            "198.51.100.7 via 192.0.2.9 metric 50 mtu 1400 advmss 1200 table isp1",
            "route 198.51.100.7/32 via 192.0.2.9 table 100 metric 50 mtu 1400 advmss 1200"
        ),
        ("198.51.100.0/24 oif eth1 scope link table main", "route 198.51.100.0/24 dev eth1 scope link"),
        ("198.51.100.0/24 dev eth1 scope 253 preference 7", "route 198.51.100.0/24 dev eth1 metric 7 scope link"),
        ("198.51.100.0/24 dev eth1 tos 0x10 priority 7", "route 198.51.100.0/24 dev eth1 metric 7 tos 0x10"),
        ("198.51.100.0/24 via 203.0.113.1 dev eth1 onlink", "route 198.51.100.0/24 via 203.0.113.1 dev eth1 onlink"),
        ("198.51.100.0/24 dev eth1 mtu lock 1300", "route 198.51.100.0/24 dev eth1 mtu lock 1300"),
        ("blackhole 198.51.100.0/24", "route blackhole 198.51.100.0/24"),
        ("blackhole 198.51.100.0/24 onlink", "route blackhole 198.51.100.0/24 onlink"),
        ("unreachable 198.51.100.0/24 table 0x65", "route unreachable 198.51.100.0/24 table 101"),
        ("prohibit default metric 9", "route prohibit default metric 9"),
        ("throw 198.51.100.0/24 table isp2", "route throw 198.51.100.0/24 table 101"),
        ("unicast 198.51.100.0/24 dev eth1 metric 0", "route 198.51.100.0/24 dev eth1"),
        ("2001:db8::/32 via fe80::1 dev eth0", "route 2001:db8::/32 via fe80::1 dev eth0"),
        ("default via 2001:db8::1", "route default (IPv6) via 2001:db8::1"),
        ("default6 dev eth0", "route default (IPv6) dev eth0"),
        ("::/0 via 2001:db8::1 metric 77", "route default (IPv6) via 2001:db8::1 metric 77"),
    ]

    @Test("a route, with the words that people use", arguments: routes)
    func route(_ line: String, _ expected: String) throws {
        #expect(try words("virtual_routes {\n \(line)\n}") == [expected])
    }

    static let rules: [(String, String)] = [
        ("from 192.0.2.1 table 100 priority 1000", "rule from 192.0.2.1 table 100 priority 1000"),
        ("from 192.0.2.1/24 lookup isp1 preference 5", "rule from 192.0.2.0/24 table 100 priority 5"),
        (
            "to 198.51.100.0/24 iif eth0 table main order 6",
            "rule from all to 198.51.100.0/24 iif eth0 table 254 priority 6"
        ),
        ("dev eth0 oif eth1 table 7 priority 7", "rule from all iif eth0 oif eth1 table 7 priority 7"),
        ("fwmark 0x5/0xff table 7 priority 8", "rule from all fwmark 0x5/0xff table 7 priority 8"),
        ("fwmark 5 table 7 priority 8", "rule from all fwmark 0x5 table 7 priority 8"),
        ("not from 10.0.0.0/8 table 7 priority 8", "rule not from 10.0.0.0/8 table 7 priority 8"),
        ("from 10.0.0.0/8 blackhole priority 8", "rule from 10.0.0.0/8 blackhole priority 8"),
        ("from 10.0.0.0/8 tos 8 prohibit priority 8", "rule from 10.0.0.0/8 tos 0x8 prohibit priority 8"),
        ("from all unreachable priority 0", "rule from all unreachable priority 0"),
        ("from 2001:db8::1 table 7 priority 8", "rule from 2001:db8::1 table 7 priority 8"),
    ]

    @Test("a rule, with the words that people use", arguments: rules)
    func rule(_ line: String, _ expected: String) throws {
        #expect(try words("virtual_rules {\n \(line)\n}") == [expected])
    }

    @Test("rules without a priority get keepalived's numbers, with a warning")
    func priorities() throws {
        let block =
            "virtual_rules {\n from 10.0.0.1 table 1\n from 10.0.0.2 table 1 priority 5\n from 10.0.0.3 table 1\n}"
        #expect(
            try words(block) == [
                "rule from 10.0.0.1 table 1 priority 16384", "rule from 10.0.0.2 table 1 priority 5",
                "rule from 10.0.0.3 table 1 priority 16383",
            ])
        #expect(read(block).diagnostics.map(\.location.line) == [8, 10])
    }

    /// What is refused, and a word of the reason.
    static let wrongRoutes: [(String, String)] = [
        ("198.51.100.0/24", "needs a gateway"), ("via 192.0.2.254", "needs a destination"),
        ("198.51.100.7/24 dev eth0", "write 198.51.100.0/24"), ("198.51.100.0/24 gateway 192.0.2.9", "'via'"),
        ("198.51.100.0/24 dev eth0 foo", "'foo'"), ("198.51.100.0/24 dev eth0 10.0.0.0/8", "one destination"),
        ("198.51.100.0/24 dev eth0 metric 0x10", "metric"), ("198.51.100.0/24 dev eth0 metric 4294967296", "metric"),
        ("198.51.100.0/24 dev eth0 metric", "needs a value"), ("198.51.100.0/24 dev eth0 table nosuch", "rt_tables"),
        ("198.51.100.0/24 dev eth0 table 0", "table"), ("198.51.100.0/24 dev eth0 scope far", "scope"),
        ("198.51.100.0/24 dev eth0 tos 256", "type of service"), ("198.51.100.0/24 dev eth0 mtu lock", "needs a value"),
        ("198.51.100.0/24 dev eth0 mtu -5", "whole number"), ("198.51.100.0/24 dev a/b", "interface's name"),
        ("198.51.100.0/24 via 224.0.0.1", "no address of a host"), ("198.51.100.0/24 via 2001:db8::1", "family"),
        ("2001:db8::/32 dev eth0 src 192.0.2.1", "family"), ("blackhole 198.51.100.0/24 dev eth0", "blackhole"),
        ("198.51.100.0/24 nexthop via 192.0.2.9", "nexthop"), ("198.51.100.0/24 via 192.0.2.9 or 192.0.2.8", "'or'"),
        ("local 198.51.100.1 dev eth0", "'local'"), ("inet6 default dev eth0", "default6"),
        ("198.51.100.0/24 dev eth0 from 10.0.0.1", "'from'"), ("198.51.100.0/24 dev eth0 track_group g", "track_group"),
        ("198.51.100.0/24 dev eth0 encap mpls 5", "encap"), ("198.51.100.0/24 vrf red", "vrf"),
        ("append 198.51.100.0/24 dev eth0", "append"), ("198.51.100.0/24 dev eth0 congctl cubic", "congctl"),
        ("198.51.100.0/24 via 203.0.113.1 onlink", "'onlink' needs an interface"),
        ("2001:db8::/32 via fe80::1 onlink", "'onlink' needs an interface"),
        ("blackhole 2001:db8::/32 onlink", "'onlink' needs an interface"),
        ("198.51.100.0/33 dev eth0", "no network"), ("198.51.100.0/24 dev eth0 {\n }", "no block"),
    ]

    @Test("any other word of a route is refused with its line", arguments: wrongRoutes)
    func wrongRoute(_ line: String, _ reason: String) {
        let result = read("virtual_routes {\n \(line)\n}")
        #expect(result.configuration == nil)
        #expect(
            result.diagnostics.contains { $0.message.contains(reason) && $0.location.line == 8 },
            "\(result.diagnostics)")
    }

    static let wrongRules: [(String, String)] = [
        ("from 10.0.0.1 priority 9", "needs a table"), ("from 10.0.0.1 table 5 prio 9", "'priority'"),
        ("from 10.0.0.1 goto 900 priority 9", "goto"), ("from x table 5 priority 9", "network"),
        ("from 10.0.0.1 to 2001:db8::1 table 5 priority 9", "family"), ("inet6 from all table 5", "inet6"),
        ("from 10.0.0.1 table 5 priority -1", "priority"), ("from 10.0.0.1 table", "needs a value"),
        ("fwmark 5/ table 5 priority 9", "fwmark"), ("fwmark x table 5 priority 9", "fwmark"),
        ("from 10.0.0.1 table 5 uidrange 0-5", "uidrange"), ("iif a/b table 5 priority 9", "interface's name"),
        ("from 10.0.0.1 table 4294967296", "table"), ("from 10.0.0.1 l3mdev priority 5", "l3mdev"),
    ]

    @Test("any other word of a rule is refused with its line", arguments: wrongRules)
    func wrongRule(_ line: String, _ reason: String) {
        let result = read("virtual_rules {\n \(line)\n}")
        #expect(result.configuration == nil)
        #expect(
            result.diagnostics.contains { $0.message.contains(reason) && $0.location.line == 8 },
            "\(result.diagnostics)")
    }

    @Test("what has no effect is said: a protocol number, no_track, a line twice")
    func warnings() throws {
        let result = read(
            "virtual_routes {\n 10.0.0.0/8 dev eth0 protocol static no_track\n 10.0.0.0/8 dev eth0\n}\n"
                + "virtual_rules {\n from 10.0.0.1 table 5 priority 9 no_track\n}")
        #expect(result.configuration?.instances[0].routing.count == 2)
        #expect(result.diagnostics.map(\.severity) == Array(repeating: .warning, count: 4))
    }

    @Test(
        "more than the kernel keeps of a route is what it keeps, with a warning; 0 is nothing",
        arguments: [
            ("mtu 65521", "mtu 65520", 1), ("mtu 65520", "mtu 65520", 0), ("mtu lock 70000", "mtu lock 65520", 1),
            ("advmss 65535", "advmss 65495", 1), ("hoplimit 256", "hoplimit 255", 1),
            ("hoplimit 255", "hoplimit 255", 0),
            ("initcwnd 4294967295", "initcwnd 4294967295", 0),
        ])
    func limits(_ line: String, _ expected: String, _ warnings: Int) throws {
        for destination in ["10.0.0.0/8", "2001:db8::/32"] {
            let block = "virtual_routes {\n \(destination) dev eth0 \(line)\n}"
            #expect(try words(block) == ["route \(destination) dev eth0 \(expected)"])
            #expect(read(block).diagnostics.count == warnings)
        }
    }

    @Test("a metric of 0 is none, as the kernel has it")
    func noMetric() throws {
        let result = read("virtual_routes {\n 10.0.0.0/8 dev eth0 mtu 0 hoplimit 0\n}")
        guard case .route(let route)? = result.configuration?.instances[0].routing.first?.object else {
            Issue.record("\(result.diagnostics)")
            return
        }
        #expect(route.metrics.isEmpty)
    }

    @Test("a rule's network of all addresses is none, as the kernel tells of it, and says of which family it is")
    func allAddresses() throws {
        let result = read(
            "virtual_rules {\n from ::/0 table 5 priority 9\n from 0.0.0.0/0 to 10.0.0.0/8 table 5 priority 9\n}")
        var six = RoutingRule(priority: 9, isIPv4: false, action: .lookUp(5))
        var four = RoutingRule(priority: 9, action: .lookUp(5))
        four.destination = IPPrefix("10.0.0.0/8")
        #expect(result.configuration?.instances[0].routing.map(\.object) == [.rule(six), .rule(four)])
        six.isIPv4 = true
        let zero = read("virtual_rules {\n to 0.0.0.0/0 table 5 priority 9\n}").configuration?.instances[0].routing
        #expect(zero?.map(\.object) == [.rule(six)])
    }

    @Test("IPv6 takes one route of a metric to a destination")
    func twoOfIPv6() {
        let result = read("virtual_routes {\n default via fe80::1 dev eth0\n ::/0 via fe80::2 dev eth0\n}")
        #expect(result.configuration == nil)
        #expect(read("virtual_routes {\n default via 10.0.0.1\n 0.0.0.0/0 via 10.0.0.2\n}").configuration != nil)
    }

    @Test("a reload tells which come and go")
    func difference() throws {
        let old = try #require(read("virtual_routes {\n default via 10.0.0.1\n}").configuration)
        let new = try #require(read("virtual_routes {\n default via 10.0.0.2\n}").configuration)
        let text = ConfigurationDifference(from: old, to: new).lines.joined(separator: "\n")
        #expect(text.contains("- route default via 10.0.0.1") && text.contains("+ route default via 10.0.0.2"))
        #expect(old.instances[0].fingerprint == new.instances[0].fingerprint)
        let moved = try #require(read("\n\nvirtual_routes {\n default via 10.0.0.1\n}").configuration)
        #expect(moved.isEquivalent(to: old))
    }

    @Test("a migration keeps what keepalived has in force, and comments out what it passes over")
    func migration() throws {
        let file = """
            vrrp_instance A {
                interface eth0
                virtual_router_id 51
                virtual_ipaddress {
                    192.0.2.1
                }
                virtual_routes {
                    default via 192.0.2.254
                    10.0.0.0/8 gateway 192.0.2.253
                    172.16.0.0/12 nexthop via 192.0.2.9
                }
                virtual_rules {
                    from 192.0.2.1 table 100 priority 1000
                    from 192.0.2.1 priority 5
                }
            }
            """
        let migration = try Migration("k", as: "a", from: MemoryFiles(["k": file]))
        #expect(migration.dropped.map(\.keyword) == ["172.16.0.0/12"])
        #expect(migration.ignored.map(\.keyword) == ["10.0.0.0/8", "from"])
    }

    @Test("static objects and track groups are refused, with what to write instead")
    func refusedBlocks() {
        for (block, advice) in [
            ("static_ipaddress", "virtual_ipaddress_excluded"), ("static_routes", "virtual_routes"),
            ("static_rules", "virtual_rules"), ("track_group g", "vrrp_sync_group"),
        ] {
            let result = ConfigurationReader.read("test", from: MemoryFiles(["test": "\(block) {\n}\n"]))
            #expect(result.diagnostics.contains { $0.severity == .error && $0.message.contains(advice) })
        }
    }

    @Test("A track group inside of an instance is told what to write instead, too")
    func trackGroupInside() {
        let errors = read("track_group g").diagnostics.map(\.message)
        #expect(errors.count == 1 && errors[0].contains("unknown keyword 'track_group' in vrrp_instance: it ties"))
        #expect(errors[0].contains("'vrrp_sync_group'"))
    }
}
