import Foundation
import Testing

/// Each of the reasons why two hosts have an address, made for real. The network is a bridge, the filters are nftables'.
@Suite("An address on two hosts: the cause has a name")
struct SplitCauseTests {
    enum Kind: String, CaseIterable { case agent, keepalived }

    /// The master down interval of a host whose advertisements are a second apart.
    private static let slow = 3.6

    /// Of two hosts, number 0 and 1: four instances that do not agree, each in another thing, and one whose lists differ.
    private func disagreeing(_ host: Int) -> String {
        let isFirst = host == 0
        let priority = 100 - host
        return [
            Guide.file(priority: priority, password: isFirst ? "s3cret" : "other", addresses: ["192.0.2.1"], name: "P"),
            Guide.file(priority: priority, password: nil, addresses: ["192.0.2.2"], name: "I", id: 20)
                .replacing("advert_int 1", with: "advert_int \(host + 1)"),
            Guide.file(
                priority: priority, password: nil, extra: "version \(host + 2)", addresses: ["192.0.2.3"], name: "V",
                id: 30),
            Guide.fast(priority, addresses: ["192.0.2.4"], name: "N", id: 40 + host),
            Guide.fast(priority, addresses: ["192.0.2.5"] + (isFirst ? [] : ["192.0.2.6"]), name: "L", id: 50),
        ].joined()
    }

    @Test("Other password, interval, version, VRID, list", arguments: Kind.allCases)
    func disagreement(peer: Kind) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.agent("a", disagreeing(0))
        if peer == .agent {
            try lab.agent("b", disagreeing(1))
        } else {
            try lab.keepalived("b", disagreeing(1))
        }
        for address in 1...4 { try lab.waitForHolder("ab", "192.0.2.\(address)") }
        try lab.expectCritical(
            "a", of: "N", "cause: it uses virtual_router_id 41, and this host 40",
            advice: "'virtual_router_id' the same")
        try lab.expectCritical(
            "a", of: "P", "cause: this host rejects its advertisements: password differs",
            advice: "'auth_pass' the same",
            patience: Self.slow)
        try lab.expectCritical(
            "a", of: "V", "cause: this host rejects its advertisements: VRRP version differs", advice: "make 'version'",
            patience: Self.slow)
        try lab.expectCritical(
            "a", of: "I", "cause: this host rejects its advertisements: advertisement interval differs",
            advice: "'advert_int' the same", patience: Self.slow)
        if peer == .agent {
            try lab.expectCritical("b", of: "N", "it uses virtual_router_id 40, and this host 41", advice: "the same")
            try lab.expectCritical("b", of: "P", "password differs", advice: "'auth_pass'", patience: Self.slow)
            try lab.expectCritical("b", of: "V", "VRRP version differs", advice: "'version'", patience: Self.slow)
            // It hears this one all the same.
            #expect(lab.holders("192.0.2.5") == "a")
            #expect(
                lab.findings("b", "L").map(\.description).joined().hasPrefix(
                    "warning: 192.0.2.11 advertises another list of addresses"))
        } else {
            #expect(lab.holders("192.0.2.5") == "ab")
            try lab.expectCritical(
                "a", of: "L", "cause: the two lists of addresses differ, so that it rejects this host's advertisements",
                advice: "make 'virtual_ipaddress' the same")
        }
    }

    /// Host a backs up host b.
    private func pair(_ lab: Lab, extra: String = "") throws {
        try lab.agent("b", Guide.fast(100, extra: extra))
        try lab.waitForHolder("b")
        try lab.agent("a", Guide.fast(99, extra: extra))
        try lab.wait("a follows") { lab.state("a") == "backup" }
        Thread.sleep(forTimeInterval: 0.7)
        #expect(lab.holders() == "b")
    }

    @Test("One-way loss: one event, which grows, and its end; each side says what it sees")
    func oneWayLoss() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try pair(lab)
        let before = lab.events("b").count
        try lab.lose("iifname \"\(lab.port("b"))\" ip protocol 112 drop")
        try lab.waitForHolder("ab")
        try lab.expectCritical(
            "b",
            "192.0.2.11; cause: this host hears its advertisements, and it does not hear this host's",
            advice: "on 192.0.2.11: let IP protocol 112 in through its firewall")
        try lab.expectCritical(
            "a", "cause: it is 192.0.2.12, whose advertisements do not arrive here any more",
            advice: "a switch that drops multicast to 224.0.0.18")
        let first = try duration(lab, "b")
        Thread.sleep(forTimeInterval: 2)
        #expect(try duration(lab, "b") - first > 1)
        #expect(lab.events("b").count - before <= 5, "\(lab.events("b"))")
        try lab.unfilter("sw")
        try lab.waitForHolder("b")
        try lab.wait("a tells the end") { lab.events("a", "splitEnded").count == 1 }
        try lab.wait("b tells the end", within: 40) { lab.events("b", "splitEnded").count == 1 }
        for host in ["a", "b"] {
            #expect(lab.events(host, "addressOnTwoHosts").count == 1)
            #expect(lab.findings(host).isEmpty)
        }
    }

    /// Seconds that the one event says.
    private func duration(_ lab: Lab, _ host: String) throws -> Double {
        let events = lab.events(host, "addressOnTwoHosts")
        #expect(events.count == 1, "\(events)")
        return try #require(events.last?["seconds"] as? Double)
    }

    @Test("Loss in both directions: who was heard before is named, who was not is told by its hardware address")
    func bothWays() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try pair(lab)
        try lab.lose("ip protocol 112 drop")
        try lab.waitForHolder("ab")
        try lab.expectCritical(
            "a", "cause: it is 192.0.2.12, whose advertisements do not arrive here any more",
            advice: "on 192.0.2.12: failoverctl status")
        try lab.expectCritical(
            "b", "cause: \(try lab.hardwareAddress("a")) sends no advertisements that arrive here",
            advice: "see what drops its advertisements")
    }

    @Test("A firewall that drops what arrives is named on its host; the other host hears and is not heard")
    func inbound() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try pair(lab)
        try lab.filter(
            "a", "table inet filter { chain input { type filter hook input priority 0; ip protocol 112 drop; }; }")
        try lab.waitForHolder("ab")
        try lab.expectCritical(
            "a", "cause: its advertisements arrive on eth0, and a firewall of this host drops them",
            advice: "nft insert rule inet filter input meta l4proto vrrp accept", within: 15)
        #expect(!lab.explained("a").contains("rp_filter"))
        try lab.expectCritical("b", "it does not hear this host's", advice: "see its rp_filter")
    }

    @Test("A firewall that drops what leaves, on a host that hears nobody: it can't send")
    func outbound() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.lose("iifname \"\(lab.port("b"))\" ip protocol 112 drop")
        try lab.agent("a", Guide.fast(100))
        try lab.waitForHolder("a")
        try lab.agent("b", Guide.fast(99))
        try lab.wait("b follows") { lab.state("b") == "backup" }
        try lab.filter(
            "a", "table inet filter { chain output { type filter hook output priority 0; ip protocol 112 drop; }; }")
        try lab.waitForHolder("ab")
        try lab.expectCritical(
            "a", "cause: this host can't send advertisements: Operation not permitted",
            advice: "nft insert rule inet filter output meta l4proto vrrp accept")
    }

    @Test("The reverse path filter is named, and no firewall")
    func reversePath() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        // Two interfaces in one network, and the route prefers the other one: what arrives on eth0 is dropped.
        try lab.plugSecond("a")
        try lab.on("a", "addr", "add", "192.0.2.31/24", "dev", "eth1")
        try lab.on("a", "route", "del", "192.0.2.0/24", "dev", "eth0")
        try lab.on("a", "route", "add", "192.0.2.0/24", "dev", "eth0", "metric", "500")
        try lab.sysctl("a", "net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.eth0.rp_filter=1")
        try lab.agent("b", Guide.fast(100))
        try lab.waitForHolder("b")
        try lab.agent("a", Guide.fast(99))
        try lab.waitForHolder("ab")
        try lab.expectCritical(
            "a", "cause: the reverse path filter (rp_filter) of eth0 drops its advertisements",
            advice: "sysctl -w net.ipv4.conf.eth0.rp_filter=2")
        #expect(!lab.explained("a").contains("firewall"))
        try lab.expectCritical("b", "it does not hear this host's", advice: "see its rp_filter")
    }

    @Test("Multicast that a switch does not flood: IGMP snooping without a querier")
    func snooping() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        for host in ["a", "b"] { try lab.flood(host, false) }
        for (host, priority) in [("a", 99), ("b", 100)] {
            try lab.agent(host, Guide.fast(priority, extra: "mcast_dst_ip 239.1.1.1"))
        }
        try lab.waitForHolder("ab")
        for (host, other) in [("a", "b"), ("b", "a")] {
            try lab.expectCritical(
                host, "cause: \(try lab.hardwareAddress(other)) sends no advertisements that arrive here",
                advice: "IGMP snooping on a switch without a querier, which forwards 239.1.1.1 to nobody")
        }
        for host in ["a", "b"] { try lab.flood(host, true) }
        try lab.waitForHolder("b")
    }

    @Test("A copy of the address on a host without VRRP: it is found by its hardware address")
    func copy() throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        try lab.on("c", "addr", "add", "192.0.2.1/32", "dev", "eth0")
        try lab.agent("a", Guide.fast(100))
        try lab.wait("a holds it") { lab.holders() == "ac" }
        try lab.agent("b", Guide.fast(99))
        let address = try lab.hardwareAddress("c")
        try lab.expectCritical(
            "a",
            "the host with the hardware address \(address); cause: \(address) sends no advertisements that arrive here: "
                + "somebody gave the address to another host",
            advice: "find the host (ip link shows \(address) there) and take the address away: ip addr del ADDRESS dev")
        #expect(lab.state("b") == "backup")
        #expect(lab.holders() == "ac")
        try lab.on("c", "addr", "del", "192.0.2.1/32", "dev", "eth0")
        try lab.wait("nothing is found any more") { lab.findings("a").isEmpty }
    }
}

extension Lab {
    /// A second interface, eth1, in the same network.
    fileprivate func plugSecond(_ host: String) throws {
        try Self.run(
            "ip", "-n", namespace("sw"), "link", "add", "p9\(host)", "type", "veth", "peer", "name", "eth1", "netns",
            namespace(host))
        try Self.run("ip", "-n", namespace("sw"), "link", "set", "p9\(host)", "master", "br0", "up")
        try on(host, "link", "set", "eth1", "up")
    }

    /// Whether the switch sends multicast to a host that has not asked for it.
    fileprivate func flood(_ host: String, _ floods: Bool) throws {
        try Self.run(
            "bridge", "-n", namespace("sw"), "link", "set", "dev", port(host), "mcast_flood", floods ? "on" : "off")
    }
}
