import Foundation
import Testing

/// Twelve reasons why an address is not where somebody expects it.
@Suite("explain")
struct ExplainTests {
    enum Cause: String, CaseIterable {
        case password, interval, number, version, addresses, inbound, outbound, carrier, source, nopreempt, handedOver,
            daemon
    }

    /// What the second host's file is; the first one's is the guide's, without a password.
    private func file(_ cause: Cause) -> String {
        switch cause {
        case .password: Guide.file(priority: 99, password: "other")
        case .interval: plain(99).replacingOccurrences(of: "advert_int 1", with: "advert_int 2")
        case .number: Guide.file(priority: 99, password: nil, id: 11)
        case .version: Guide.file(priority: 99, password: nil, extra: "version 3")
        case .addresses: Guide.file(priority: 99, password: nil, addresses: ["192.0.2.1", "192.0.2.2"])
        case .nopreempt: Guide.file(priority: 200, password: nil, extra: "nopreempt")
        default: plain(99)
        }
    }

    private func plain(_ priority: Int) -> String { Guide.file(priority: priority, password: nil) }

    /// On which host it is asked, what it says, and what to type.
    private func answer(_ cause: Cause) -> (host: String, text: String, advice: String) {
        switch cause {
        case .password: ("b", "rejecting advertisements from 192.0.2.11: password differs", "make 'auth_pass' the same")
        case .interval:
            (
                "b", "rejecting advertisements from 192.0.2.11: advertisement interval differs",
                "make 'advert_int' the same"
            )
        case .number:
            (
                "b", "192.0.2.11 advertises an address of this instance as virtual router 10, not 11",
                "make 'virtual_router_id' the same"
            )
        case .version: ("b", "rejecting advertisements from 192.0.2.11: VRRP version differs", "make 'version'")
        case .addresses:
            ("b", "192.0.2.11 advertises another list of addresses", "make 'virtual_ipaddress' the same")
        case .inbound:
            (
                "b", "its advertisements arrive on eth0, and a firewall of this host drops them",
                "nft insert rule inet filter input meta l4proto vrrp accept"
            )
        case .outbound:
            (
                "a", "advertisements can't be sent: Operation not permitted",
                "nft insert rule inet filter output meta l4proto vrrp accept"
            )
        case .carrier: ("a", "interface eth0 has no carrier", "ip -br link show eth0")
        case .source: ("a", "interface eth0 has no IPv4 address to send from", "ip addr add ADDRESS/LENGTH dev eth0")
        case .nopreempt:
            ("b", "nopreempt: 192.0.2.11 is master with the lower priority 100", "failoverctl handover Instance1")
        case .handedOver: ("a", "handed over by", "failoverctl resume Instance1")
        case .daemon:
            (
                "a", "another VRRP daemon on this host uses virtual router 10 on eth0",
                "systemctl disable --now keepalived"
            )
        }
    }

    @Test("Each cause is named, with what to type; status, health and metrics show it, too", arguments: Cause.allCases)
    func cause(_ cause: Cause) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        if cause == .daemon {
            try lab.keepalived("a", plain(100))
            try lab.waitForHolder("a")
        }
        try lab.agent("a", cause == .password ? Guide.primary : plain(100))
        try lab.waitForHolder("a")
        if cause == .inbound { try filter(lab, "b", "input") }
        try lab.agent("b", file(cause))
        try lab.wait("the second agent answers") { !lab.state("b").isEmpty }
        switch cause {
        case .outbound: try filter(lab, "a", "output")
        case .carrier: try lab.cut("a")
        case .source: try lab.on("a", "addr", "del", "192.0.2.11/24", "dev", "eth0")
        case .handedOver:
            try lab.wait("the other one follows") { lab.state("b") == "backup" }
            #expect(try lab.control("a", "handover", "Instance1").code == 0)
        default: break
        }
        let (host, text, advice) = answer(cause)
        // Lines are broken at 80 columns.
        let explained = {
            (try? lab.control(host, "explain", "Instance1").output)?
                .split(whereSeparator: \.isWhitespace).joined(separator: " ") ?? ""
        }
        try lab.wait("explain names the cause", within: 45) { explained().contains(text) }
        #expect(explained().contains(advice), "\(explained())")
        guard cause != .nopreempt else { return }
        let (code, line) = try lab.control(host, "health")
        #expect(code == 1 || code == 2, "\(line)")
        #expect(line.contains(text), "\(line)")
        #expect(try lab.control(host, "status").output.contains(code == 2 ? "CRITICAL" : "WARNING"))
        #expect(
            try lab.control(host, "metrics").output.contains("failover_agent_health{failover_agent_health=\"ok\"} 0"))
    }

    private func filter(_ lab: Lab, _ host: String, _ hook: String) throws {
        let rules =
            "table inet filter { chain \(hook) { type filter hook \(hook) priority 0; ip protocol 112 drop; }; }"
        try Lab.run("ip", "netns", "exec", lab.namespace(host), "nft", "-f", lab.write(rules, as: "rules"))
    }
}
