import Foundation
import Testing

/// The same file with keepalived 2.2.7 and with this agent, and what `ip -d addr`, `link`, `route` and `rule` show of the host in each state.
@Suite("What ip shows beside keepalived")
struct ShownStateTests {
    /// Why the two differ: docs/operations.md has the same table.
    private struct Difference {
        /// In which lines.
        var pattern: String
        var reason: String
    }

    private static let differences = [
        Difference(
            pattern: #"^(route|rule).* proto (keepalived|250)"#,
            reason: "each marks routes and rules with a protocol number of its own"),
        Difference(
            pattern: #"^(addr|route).* 10\.9\.0\.[12]"#,
            reason: "keepalived leaves an address with a peer behind: it asks for its removal without the peer"),
        Difference(
            pattern: #"^link: vrrp\.5[12]@eth0"#,
            reason: "a macvlan of this agent is off as backup, and has an alias by which it is found again"),
        Difference(
            pattern: #"^link: eth0.* promiscuity"#,
            reason: "keepalived's macvlan is on as backup, too, for which a card without a filter takes in everything"),
        Difference(
            pattern: #"^(addr|route).*(fe80::|vrrp\.52 table local)"#,
            reason: "keepalived copies the link-local address of the parent to the macvlan"),
        Difference(
            pattern: #"^route.* ff00::/8 dev vrrp\.5[12]"#,
            reason: "keepalived switches IPv6 off on an IPv4 macvlan, by /proc/sys, where this agent does not write"),
        Difference(
            pattern: #"^conf: eth0\.(arp_announce|arp_filter|arp_ignore)"#,
            reason:
                "this agent sets arp_announce, without which neighbours learn the parent's hardware address, and puts all back"
        ),
        Difference(
            pattern: #"^conf: vrrp\.5[12]\."#,
            reason: "a loose rp_filter holds whatever 'all' is; nothing but the addresses is answered for"),
    ]

    private static let plain = VirtualMACLab.four(
        100, "", addresses: ["192.0.2.1/24", "192.0.2.2", "192.0.2.3/24 label eth0:x", "192.0.2.4/24 brd +"])
    private static let peer = VirtualMACLab.four(100, "", addresses: ["10.9.0.1 peer 10.9.0.2"])
    private static let six = VirtualMACLab.six(100, "virtual_ipaddress_excluded {\n 192.0.2.9/24\n }")
    private static let routes = VirtualMACLab.four(
        100,
        """
        virtual_routes {
            default via 192.0.2.254
            203.0.113.0/24 via 192.0.2.253 src 192.0.2.1 metric 50
            blackhole 172.16.0.0/12
        }
        virtual_rules {
            from 192.0.2.1 table 100 priority 1000
        }
        """)

    /// Of the first host as master and as backup, and after its stop.
    private func states(_ kind: String, _ file: String, holder: String, _ device: String) throws -> [[String]] {
        let lab = try VirtualMACLab.hosts("ab")
        defer { lab.tearDown() }
        func start(_ host: String, _ file: String) throws -> Program {
            kind == "agent" ? try lab.agent(host, file) : try lab.keepalived(host, file)
        }
        func isHolder(_ host: String) -> Bool {
            (try? lab.on(host, "addr", "show", "dev", device).contains(" \(holder)")) == true
        }
        let first = try start("a", file)
        try lab.wait("a is master") { isHolder("a") }
        Thread.sleep(forTimeInterval: 1.5)
        var shown = [try look(lab, "a")]
        let better = try start("b", file.replacing("priority 100", with: "priority 200"))
        try lab.wait("b is master") { isHolder("b") }
        Thread.sleep(forTimeInterval: 2)
        shown.append(try look(lab, "a"))
        _ = first.stop()
        Thread.sleep(forTimeInterval: 1)
        shown.append(try look(lab, "a"))
        _ = better.stop()
        return shown
    }

    private func look(_ lab: Lab, _ host: String) throws -> [String] {
        func lines(_ title: String, _ arguments: String...) throws -> [String] {
            try Lab.run(["ip", "-n", lab.namespace(host)] + arguments).split(separator: "\n").map { line in
                // What each host has drawn for itself.
                var words = line.replacing(
                    /^\d+: |@if\d+|link-netns[a-z]* [^ ]+|(valid_lft|preferred_lft|expires) +[^ ]+/, with: "")
                words = words.replacing(/fe80::[0-9a-f:]+ff:fe[0-9a-f:]+/, with: "fe80::OWN")
                if words.hasPrefix("eth0") { words = words.replacing(/link\/ether [^ ]+/, with: "link/ether OWN") }
                return "\(title): "
                    + words.split(whereSeparator: { $0.isWhitespace || $0 == "\\" }).joined(separator: " ")
            }
        }
        var shown = try lines("addr", "-o", "-d", "addr") + lines("link", "-o", "-d", "link")
        shown +=
            try lines("route", "route", "show", "table", "all") + lines("route", "-6", "route", "show", "table", "all")
        shown += try lines("rule", "-d", "rule") + lines("rule", "-6", "-d", "rule")
        for device in ["eth0", "vrrp.51", "vrrp.52"] {
            for name in [
                "arp_ignore", "arp_announce", "arp_filter", "rp_filter", "accept_local", "promote_secondaries",
            ] {
                let path = "/proc/sys/net/ipv4/conf/\(device)/\(name)"
                guard let value = try? Lab.run("ip", "netns", "exec", lab.namespace(host), "cat", path) else {
                    continue
                }
                shown.append("conf: \(device).\(name) \(value.trimmingCharacters(in: .whitespacesAndNewlines))")
            }
        }
        return shown
    }

    @Test(
        "As master, as backup and after a stop, IPv4, IPv6, a peer, routes and rules, virtual MAC addresses: each difference has its reason",
        arguments: [
            ("plain", plain, "192.0.2.1/24", "eth0"), ("peer", peer, "10.9.0.1", "eth0"),
            ("six", six, "2001:db8::1/64", "eth0"), ("routes", routes, "192.0.2.1/24", "eth0"),
            ("virtual", VirtualMACLab.both(100), "192.0.2.1/24", "vrrp.51"),
        ])
    func sideBySide(name: String, file: String, holder: String, device: String) throws {
        let theirs = try states("keepalived", file, holder: holder, device)
        let ours = try states("agent", file, holder: holder, device)
        for (state, (their, our)) in zip(["master", "backup", "stopped"], zip(theirs, ours)) {
            #expect(Set(their).intersection(our).count > 20)
            for line in Set(their).symmetricDifference(our) {
                let who = our.contains(line) ? "ours" : "keepalived's"
                let isExplained = try Self.differences.contains { try Regex($0.pattern).firstMatch(in: line) != nil }
                #expect(isExplained, "\(name), \(state), \(who): \(line)")
                if ["plain", "six"].contains(name) { Issue.record("\(name), \(state), \(who): \(line)") }
            }
        }
    }

    @Test("docs/operations.md has the same reasons")
    func documented() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/operations.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        for difference in Self.differences { #expect(text.contains(difference.reason), "\(difference.reason)") }
    }
}
