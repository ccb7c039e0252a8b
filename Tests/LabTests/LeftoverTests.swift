import Foundation
import Testing

/// Whatever happens to an agent, what it has made is gone in the end, and what the host had is as it was.
@Suite("Nothing is left behind")
struct LeftoverTests {
    /// A hundred in contrib/test nightly.
    static let histories = Int(ProcessInfo.processInfo.environment["FAILOVER_HISTORIES"] ?? "") ?? 6

    /// SplitMix64: a history follows from its number.
    struct Draws {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }

        mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
        mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
    }

    /// Configurations between which reloads change. What a router has may move to another one, or to the other family's.
    static let files: [@Sendable (Int) -> String] = [
        { Guide.file(priority: $0, password: nil) },
        { Guide.file(priority: $0, password: nil, addresses: ["192.0.2.1/24 label eth0:one", "192.0.2.2/24 brd +"]) },
        { IPv6Lab.file(priority: $0) },
        { IPv6Lab.file(priority: $0, addresses: ["fe80::51", "2001:db8::1", "2001:db8::2/64 preferred_lft 0"]) },
        { priority in
            let excluded =
                "virtual_ipaddress_excluded {\n        2001:db8::3/64\n        198.51.100.1 peer 198.51.100.2\n    }"
            return Guide.file(priority: priority, password: nil, extra: excluded)
                + IPv6Lab.file(
                    priority: priority, extra: "virtual_ipaddress_excluded {\n        192.0.2.9/24\n    }")
        },
        { priority in
            let routes = """
                virtual_routes {
                    203.0.113.0/24 via 192.0.2.254 dev eth0 src 192.0.2.1
                    2001:db8:77::/48 via 2001:db8::fe dev eth0
                    blackhole 198.51.100.128/25
                }
                virtual_rules {
                    from 192.0.2.1 table 100 priority 4242
                }
                """
            return Guide.file(priority: priority, password: nil, extra: routes, addresses: ["192.0.2.1/24"])
                + IPv6Lab.file(
                    priority: priority,
                    extra: "virtual_routes {\n 2001:db8:88::/48 via 2001:db8::fe dev eth0 src 2001:db8::1\n }")
        },
        {
            Guide.file(priority: $0, password: nil, addresses: ["192.0.2.1/24", "192.0.2.2/24", "10.9.0.1/16"], id: 11)
        },
        {
            Guide.file(priority: $0, password: nil, extra: "use_vmac", addresses: ["192.0.2.1/24", "192.0.2.2/24"])
                + IPv6Lab.file(priority: $0, extra: "use_vmac")
        },
        { Guide.file(priority: $0, password: nil, extra: "use_vmac other0\n    vmac_xmit_base") },
    ]

    /// What a host has, without what changes by itself.
    private func state(_ lab: Lab, _ host: String) throws -> [String] {
        func lines(_ arguments: String...) throws -> [String] {
            try Lab.run(["ip", "-n", lab.namespace(host)] + arguments).split(separator: "\n").map {
                $0.replacing(/valid_lft [^ ]+|preferred_lft [^ ]+|expires [^ ]+/, with: "").description
            }.sorted()
        }
        return try lines("-o", "addr", "show") + lines("-o", "-d", "link", "show")
            + lines("route", "show", "table", "all") + lines("-6", "route", "show", "table", "all")
            + lines("rule", "show") + lines("-6", "rule", "show") + settings(lab, host)
    }

    private func settings(_ lab: Lab, _ host: String) throws -> [String] {
        let names = ["arp_ignore", "arp_announce", "arp_filter", "rp_filter", "accept_local", "promote_secondaries"]
        return try Lab.run(
            ["ip", "netns", "exec", lab.namespace(host), "sysctl"] + names.map { "net.ipv4.conf.eth0.\($0)" }
        ).split(separator: "\n").map(String.init)
    }

    /// Of two hosts: what a history has done so far, and what runs.
    private final class Host {
        let name: String
        let priority: Int
        var agent: Program?
        var file = 0

        init(_ name: String, priority: Int) {
            self.name = name
            self.priority = priority
        }
    }

    private func release(_ lab: Lab, _ host: String, _ option: String) throws {
        let program = try lab.start(
            host,
            [
                "\(Lab.binaries)/failover-agent", option, "--socket", lab.socket(host), "--state-dir",
                lab.directory.appending(path: "\(host).state").path(),
            ])
        #expect(program.waitForExit() == 0, "\(program.output)")
    }

    @Test("Random histories: starts, stops, kills, reloads, links and addresses that others take away")
    func random() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.addressIPv6()
        let hosts = [Host("a", priority: 100), Host("b", priority: 99)]
        let before = try hosts.map { try state(lab, $0.name) }
        for history in 0..<Self.histories {
            var draws = Draws(state: UInt64(history))
            var story: [String] = []
            for _ in 0..<(8 + draws.below(8)) {
                let host = draws.pick(hosts)
                story.append(try step(lab, host, &draws))
                usleep(UInt32(draws.pick([1, 50, 400, 1500]) * 1000))
            }
            for host in hosts {
                guard let agent = host.agent else { continue }
                switch draws.below(3) {
                case 0: #expect([0, 128 + SIGTERM].contains(agent.stop()))
                case 1:
                    agent.end(SIGKILL)
                    try release(lab, host.name, "--release")
                default:
                    agent.end(SIGKILL)
                    try release(lab, host.name, "--stop-post")
                }
                host.agent = nil
            }
            for (place, host) in hosts.enumerated() {
                let after = try state(lab, host.name)
                let left = Set(after).symmetricDifference(before[place])
                #expect(left.isEmpty, "history \(history), host \(host.name): \(left.sorted()) after \(story)")
            }
        }
    }

    /// One thing that happens to a host.
    private func step(_ lab: Lab, _ host: Host, _ draws: inout Draws) throws -> String {
        guard let agent = host.agent else {
            host.file = draws.below(Self.files.count)
            host.agent = try lab.agent(host.name, Self.files[host.file](host.priority))
            return "\(host.name) starts with \(host.file)"
        }
        switch draws.below(8) {
        case 0:
            // Told to stop before it listens to signals, it has done nothing yet.
            #expect([0, 128 + SIGTERM].contains(agent.stop()))
            host.agent = nil
            return "\(host.name) stops"
        case 1:
            agent.end(SIGKILL)
            host.agent = try lab.agent(host.name, Self.files[host.file](host.priority))
            return "\(host.name) is killed and starts"
        case 2:
            agent.end(SIGKILL)
            try release(lab, host.name, "--release")
            host.agent = nil
            return "\(host.name) is killed and released"
        case 3, 4:
            host.file = draws.below(Self.files.count)
            _ = try lab.write(Self.files[host.file](host.priority), as: "\(host.name).conf")
            _ = try lab.control(host.name, "reload")
            return "\(host.name) reloads \(host.file)"
        case 5:
            try lab.on(host.name, "link", "set", "eth0", "down")
            usleep(UInt32(draws.pick([1, 300]) * 1000))
            try lab.on(host.name, "link", "set", "eth0", "up")
            // It takes the host's own address away, too.
            _ = try? lab.on(
                host.name, "addr", "add", "2001:db8::\(host.name == "a" ? 11 : 12)/64", "dev", "eth0", "nodad")
            try lab.wait("its link-local address") {
                lab.addressesIPv6(host.name).contains {
                    $0.prefix.hasPrefix("fe80") && $0.prefix.hasSuffix("/64") && !$0.flags.contains("tentative")
                }
            }
            return "the interface of \(host.name) is set down and up"
        case 6:
            let name = draws.pick(["vrrp.10", "vrrp6.10", "vrrp1.10", "other0"])
            _ = try? lab.on(host.name, "link", "del", "dev", name)
            return "somebody deletes \(name) of \(host.name), if it is there"
        default:
            let address = draws.pick([
                "192.0.2.1/24", "192.0.2.1/32", "2001:db8::1/64", "2001:db8::1/128", "fe80::51/128",
            ])
            _ = try? lab.on(host.name, "addr", "del", address, "dev", "eth0")
            return "somebody removes \(address) from \(host.name)"
        }
    }
}
