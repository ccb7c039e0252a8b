import Foundation
import Testing

/// The same file with keepalived and with this agent, on real kernels.
@Suite("Routes and rules on real kernels", .serialized)
struct RouteTests {
    private static let lines = """
        virtual_routes {
            default via 192.0.2.254
            203.0.113.0/24 via 192.0.2.253 src 192.0.2.1 metric 50
            10.0.0.0/8 dev eth0 scope link mtu 1400 advmss 1200 table 100
            blackhole 172.16.0.0/12
            2001:db8:50::/48 dev eth0
        }
        virtual_rules {
            from 192.0.2.1 table 100 priority 1000
            fwmark 0x5/0xff table 100 priority 1001
            not from 10.0.0.0/8 to 203.0.113.0/24 iif eth0 table 100 priority 1002
            from 2001:db8:50::1 blackhole priority 1003
        }
        """

    private static func file(_ priority: Int, _ lines: String = lines) -> String {
        Guide.file(state: priority == 100 ? "MASTER" : "BACKUP", priority: priority, extra: lines)
    }

    /// Routes and rules that a program has set, without its protocol number, in order.
    private func routing(_ lab: Lab, _ host: String) -> [String] {
        var found: [String] = []
        for family in ["-4", "-6"] {
            for program in ["250", "keepalived", "18"] {
                let routes = (try? lab.on(host, family, "-o", "route", "show", "table", "all", "proto", program)) ?? ""
                found += lines(routes)
            }
            let rules = (try? lab.on(host, family, "-d", "rule", "show")) ?? ""
            for rule in lines(rules) where rule.contains("proto 250") || rule.contains("proto keepalived") {
                found.append(lines(rule.replacing("proto 250", with: "").replacing("proto keepalived", with: ""))[0])
            }
        }
        return Set(found).sorted()
    }

    /// With single blanks.
    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }

    private static let whole = 9

    private func waitForAll(_ lab: Lab, _ host: String) throws {
        try lab.wait("\(host) has all routes") { routing(lab, host).count == Self.whole }
    }

    @Test("IPv6: a route keeps its source address when that was deleted, and is back")
    func sourceIPv6() throws {
        let lab = try IPv6Lab.hosts("a")
        defer { lab.tearDown() }
        let lines = "virtual_routes {\n    2001:db8:88::/48 via 2001:db8::fe dev eth0 src 2001:db8::1\n}"
        try lab.agent("a", IPv6Lab.file(priority: 100, extra: lines))
        func hasRoute() -> Bool {
            (try? lab.on("a", "-6", "route", "show", "2001:db8:88::/48").contains("src 2001:db8::1")) == true
        }
        try lab.wait("the route") { hasRoute() }
        try lab.on("a", "addr", "del", "2001:db8::1/64", "dev", "eth0")
        try lab.waitForHolderIPv6("a")
        try lab.wait("the route with its source") { hasRoute() }
    }

    @Test("In each state the host has what keepalived has: none as backup, all as master, none after the stop")
    func sideBySide() throws {
        var seen: [[String]] = []
        for program in ["keepalived", "agent"] {
            let lab = try Lab("ab")
            defer { lab.tearDown() }
            for host in ["a", "b"] { try lab.on(host, "-6", "addr", "add", "2001:db8:1::1/64", "dev", "eth0", "nodad") }
            let isAgent = program == "agent"
            let first = try isAgent ? lab.agent("a", Self.file(100)) : lab.keepalived("a", Self.file(100))
            try waitForAll(lab, "a")
            let second = try isAgent ? lab.agent("b", Self.file(99)) : lab.keepalived("b", Self.file(99))
            Thread.sleep(forTimeInterval: 1.5)
            let master = routing(lab, "a")
            let backup = routing(lab, "b")
            first.end(SIGTERM)
            try waitForAll(lab, "b")
            try lab.waitForHolder("b")
            #expect(routing(lab, "a") == [], "\(program)")
            seen += [master, backup, routing(lab, "b")]
            second.end(SIGTERM)
            try lab.wait("b has nothing") { routing(lab, "b") == [] && lab.holders() == "" }
        }
        #expect(seen[0] == seen[3])
        #expect(seen[1] == [] && seen[4] == [])
        #expect(seen[2] == seen[5] && seen[2] == seen[0])
    }

    @Test("What somebody removes or replaces is back at once, and nobody fails over for it")
    func mended() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        try lab.agent("a", Self.file(100))
        try waitForAll(lab, "a")
        let before = routing(lab, "a")
        for removal in [
            ["route", "del", "default", "proto", "250"], ["route", "del", "blackhole", "172.16.0.0/12"],
            ["-6", "route", "del", "2001:db8:50::/48"], ["rule", "del", "priority", "1000"],
            ["-6", "rule", "del", "priority", "1003"], ["route", "replace", "default", "via", "192.0.2.99"],
            ["addr", "del", "192.0.2.1/32", "dev", "eth0"], ["route", "flush", "proto", "250"],
        ] {
            try Lab.run(["ip", "-n", lab.namespace("a")] + removal)
            try lab.wait("it is back after \(removal)", within: 2) { routing(lab, "a") == before }
        }
        // The host's own stays, and ours stands before it.
        #expect(try lab.on("a", "route", "show", "default").contains("via 192.0.2.99"))
        #expect(try lab.on("a", "route", "get", "198.51.100.9").contains("via 192.0.2.254"))
        #expect(try lab.status("a").first?["secondsInState"] as? Double ?? 0 > 0)
        #expect(lab.state("a") == "master")
        let events = try lab.control("a", "events").output
        #expect(!events.contains("→ fault") && events.contains("is back"))
        let routes = try #require(try lab.status("a").first?["routes"] as? [[String: Any]])
        #expect(routes.count == Self.whole && routes.allSatisfy { $0["present"] as? Bool == true })
    }

    @Test("What the kernel drops when the link is switched off is set again with the next mastership")
    func adminDown() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        try lab.agent("a", Self.file(100))
        try waitForAll(lab, "a")
        let before = routing(lab, "a")
        try lab.on("a", "link", "set", "eth0", "down")
        try lab.wait("nothing is left") { routing(lab, "a") == [] }
        try lab.on("a", "link", "set", "eth0", "up")
        try lab.wait("all is back") { routing(lab, "a") == before }
    }

    @Test("A route over another link comes back with that link")
    func otherLink() throws {
        let lab = try Lab("a", interfaces: ["eth0", "eth1"])
        defer { lab.tearDown() }
        let lines = "virtual_routes {\n 10.0.0.0/8 dev eth1\n 10.9.0.0/16 dev eth2\n}"
        try lab.agent("a", Self.file(100, lines))
        try lab.wait("it is set") { routing(lab, "a").count == 1 }
        try lab.on("a", "link", "set", "eth1", "down")
        try lab.wait("it is gone, and told") {
            routing(lab, "a") == []
                && (try? lab.control("a", "status").output.contains("10.0.0.0/8 dev eth1 is not set")) == true
        }
        #expect(lab.state("a") == "master")
        try lab.on("a", "link", "set", "eth1", "up")
        try lab.wait("it is back", within: 5) { routing(lab, "a").count == 1 }
        try lab.on("a", "link", "add", "eth2", "type", "veth", "peer", "name", "eth2p")
        for name in ["eth2", "eth2p"] { try lab.on("a", "link", "set", name, "up") }
        try lab.wait("the other one is there, too", within: 5) { routing(lab, "a").count == 2 }
    }

    @Test("Nothing is left after kill -9 and --stop-post, nor after --release; a restart goes on with all of it")
    func nothingIsLeft() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        for way in ["--stop-post", "--release"] {
            let agent = try lab.agent("a", Self.file(100))
            try waitForAll(lab, "a")
            let before = routing(lab, "a")
            agent.end(SIGKILL)
            #expect(routing(lab, "a") == before)
            let next = try lab.agent("a", Self.file(100))
            try lab.wait("it goes on") { lab.state("a") == "master" }
            #expect(routing(lab, "a") == before)
            #expect(!next.output.contains("added route"))
            next.end(SIGKILL)
            let cleaner = try lab.start(
                "a",
                [
                    "\(Lab.binaries)/failover-agent", way, "--socket", lab.socket("a"), "--state-dir",
                    lab.directory.appending(path: "a.state").path(),
                ])
            #expect(cleaner.waitForExit() == 0)
            #expect(routing(lab, "a") == [] && lab.holders() == "")
        }
    }

    @Test("A reload changes what differs and leaves the rest in place")
    func reload() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        try lab.agent("a", Self.file(100))
        try waitForAll(lab, "a")
        let watch = try lab.start("a", ["ip", "monitor", "route", "rule"])
        Thread.sleep(forTimeInterval: 0.3)
        _ = try lab.write(
            Self.file(
                100, Self.lines.replacing("via 192.0.2.254", with: "via 192.0.2.252").replacing("0x5", with: "0x6")),
            as: "a.conf")
        let answer = try lab.control("a", "reload")
        #expect(answer.code == 0 && answer.output.contains("+ route default via 192.0.2.252"))
        try lab.wait("the new one is there") { routing(lab, "a").contains { $0.contains("via 192.0.2.252") } }
        #expect(routing(lab, "a").count == Self.whole)
        Thread.sleep(forTimeInterval: 0.3)
        watch.end(SIGTERM)
        let lines = watch.output.split(separator: "\n").filter { !$0.contains("lookup local") }
        #expect(lines.count == 4, "\(watch.output)")
        let (new, old) = (
            lines.firstIndex { $0.contains("252") }, lines.firstIndex { $0.contains("Deleted") && $0.contains("254") }
        )
        #expect(try #require(new) < #require(old))
        // Without them nothing is left.
        _ = try lab.write(Self.file(100, ""), as: "a.conf")
        #expect(try lab.control("a", "reload").code == 0)
        try lab.wait("nothing is left", within: 2) { routing(lab, "a") == [] }
    }

    @Test("Of routes to one destination some say more: a reload changes them, and a host that is no master has none")
    func oneSaysMore() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let plain = "203.0.113.0/24 via 192.0.2.253"
        func file(_ routes: [String]) -> String {
            Self.file(100, "virtual_routes {\n\(routes.joined(separator: "\n"))\n}")
        }
        func reload(_ routes: [String], _ shown: [String]) throws {
            _ = try lab.write(file(routes), as: "a.conf")
            #expect(try lab.control("a", "reload").code == 0)
            let wanted = shown.map { "203.0.113.0/24 via 192.0.2.253 dev eth0\($0)" }.sorted()
            try lab.wait("\(shown)") { routing(lab, "a") == wanted }
        }
        let agent = try lab.agent("a", file([plain]))
        try lab.wait("it is there") { routing(lab, "a").count == 1 }
        try reload(["\(plain) src 192.0.2.1"], [" src 192.0.2.1"])
        try reload(["\(plain) src 192.0.2.1 mtu 1400"], [" src 192.0.2.1 mtu 1400"])
        try reload([plain], [""])
        try reload(["\(plain) dev eth0"], [""])
        try reload(
            [plain, "\(plain) mtu 1400", "\(plain) mtu 1400 metric 50"], ["", " mtu 1400", " metric 50 mtu 1400"])
        try reload(["\(plain) mtu 1400", "\(plain) mtu 70000"], [" mtu 1400", " mtu 65520"])
        try reload([plain, "\(plain) mtu 1400"], ["", " mtu 1400"])
        try reload(["\(plain) mtu 1400"], [" mtu 1400"])
        try reload([plain, "\(plain) mtu 1400"], ["", " mtu 1400"])
        agent.end(SIGTERM)
        #expect(routing(lab, "a") == [])
    }

    @Test("A route whose gateway the host does not reach any more goes with the mastership")
    func unreachableGateway() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Self.file(100, "virtual_routes {\n198.51.100.0/24 via 10.9.9.254\n}"))
        try lab.waitForHolder("a")
        try lab.on("a", "addr", "add", "10.9.9.1/24", "dev", "eth0")
        try lab.wait("it is there") { routing(lab, "a").count == 1 }
        // Its network has gone, and the kernel keeps the route.
        try lab.on("a", "addr", "del", "10.9.9.1/24", "dev", "eth0")
        Thread.sleep(forTimeInterval: 1)
        #expect(routing(lab, "a").count == 1)
        agent.end(SIGTERM)
        #expect(routing(lab, "a") == [])
    }
}
