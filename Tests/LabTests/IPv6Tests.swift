import Foundation
import Testing

/// Virtual routers of IPv6 between real hosts, keepalived 2.2.7 among them.
@Suite("IPv6 between real hosts")
struct IPv6LabTests {
    @discardableResult
    private func start(_ kind: String, _ lab: Lab, _ host: String, _ file: String) throws -> Program {
        kind == "agent" ? try lab.agent(host, file) : try lab.keepalived(host, file)
    }

    @Test(
        "Start, stop, return, cable: in either role beside keepalived, and between two agents",
        arguments: [("agent", "agent"), ("agent", "keepalived"), ("keepalived", "agent")])
    func roles(first: String, second: String) throws {
        let lab = try IPv6Lab.hosts("ab")
        defer { lab.tearDown() }
        let master = try start(first, lab, "a", IPv6Lab.file(priority: 100))
        try start(second, lab, "b", IPv6Lab.file(priority: 99))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 1.5)
        #expect(lab.holdersIPv6("fe80::51") == "a")
        let begin = Date()
        _ = master.stop()
        try lab.waitForHolderIPv6("b", within: 5)
        // The skew time of priority 99 is 0.613 s; without the resignation it would be 3.6 s.
        #expect(Date().timeIntervalSince(begin) < 3.4)
        #expect(!lab.addressesIPv6("a").contains { $0.prefix.contains("::51") })
        try start(first, lab, "a", IPv6Lab.file(priority: 100))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 1.5)
        try lab.cut("a")
        try lab.waitForHolderIPv6("b", within: 10)
        try lab.mend("a")
        try lab.waitForHolderIPv6("a", within: 15)
    }

    @Test("The addresses look as keepalived's do: no detection, a single one deprecated")
    func form() throws {
        let lab = try IPv6Lab.hosts("ab")
        defer { lab.tearDown() }
        let addresses = [
            "fe80::51", "2001:db8::1/64", "2001:db8::2", "2001:db8::3 preferred_lft forever",
            "2001:db8::4/64 preferred_lft 0", "2001:db8::5/64 noprefixroute",
        ]
        let file = IPv6Lab.file(priority: 255, addresses: addresses)
        let agent = try lab.agent("a", file)
        try lab.waitForHolderIPv6("a", "2001:db8::5")
        func shown(_ host: String) -> [String] {
            lab.addressesIPv6(host).filter { !$0.flags.contains("link \\") && $0.prefix.contains(/::(51|[1-5])\//) }
                .map { shown in
                    let flags = shown.flags.replacing(/proto [^ ]+ ?/, with: "")
                    return "\(shown.prefix) \(flags.trimmingCharacters(in: .whitespaces))"
                }
                .sorted()
        }
        let ours = shown("a")
        _ = agent.stop()
        try lab.keepalived("a", file)
        try lab.waitForHolderIPv6("a", "2001:db8::5")
        #expect(ours == shown("a"))
        #expect(ours.count == 6 && ours.allSatisfy { $0.contains("nodad") })
    }

    @Test("A client loses nothing at a planned stop, a restart, a handover and when somebody deletes the address")
    func planned() throws {
        let lab = try IPv6Lab.hosts("abc")
        defer { lab.tearDown() }
        let first = try lab.agent("a", IPv6Lab.file(priority: 100))
        try lab.agent("b", IPv6Lab.file(priority: 99))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 2)
        var prober = try lab.probe("c", "2001:db8::1")
        Thread.sleep(forTimeInterval: 0.5)
        #expect(first.stop() == 0)
        try lab.waitForHolderIPv6("b", within: 5)
        Thread.sleep(forTimeInterval: 1)
        var result = prober.finish()
        #expect(result.answers > 100 && result.outage < Prober.unnoticed, "stop: \(result)")
        prober = try lab.probe("c", "2001:db8::1")
        let back = try lab.agent("a", IPv6Lab.file(priority: 100))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 1)
        result = prober.finish()
        #expect(result.outage < Prober.unnoticed, "return: \(result)")
        prober = try lab.probe("c", "2001:db8::1")
        Thread.sleep(forTimeInterval: 0.3)
        try lab.on("a", "addr", "del", "2001:db8::1/64", "dev", "eth0")
        Thread.sleep(forTimeInterval: 1)
        #expect(lab.holdersIPv6() == "a")
        result = prober.finish()
        #expect(result.outage < Prober.unnoticed, "deleted: \(result)")
        prober = try lab.probe("c", "2001:db8::1")
        #expect(try lab.control("a", "handover", "Six").code == 0)
        try lab.waitForHolderIPv6("b", within: 5)
        Thread.sleep(forTimeInterval: 1)
        result = prober.finish()
        #expect(result.outage < Prober.unnoticed, "handover: \(result)")
        _ = back
    }

    @Test("A killed agent that is started again goes on as master; the release takes everything away")
    func killed() throws {
        let lab = try IPv6Lab.hosts("abc")
        defer { lab.tearDown() }
        let first = try lab.agent("a", IPv6Lab.file(priority: 100))
        try lab.agent("b", IPv6Lab.file(priority: 99))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 2)
        let prober = try lab.probe("c", "2001:db8::1")
        Thread.sleep(forTimeInterval: 0.3)
        first.end(SIGKILL)
        #expect(lab.holdersIPv6() == "a")
        let again = try lab.agent("a", IPv6Lab.file(priority: 100))
        Thread.sleep(forTimeInterval: 4)
        #expect(lab.holdersIPv6() == "a" && lab.state("a") == "master")
        let result = prober.finish()
        #expect(result.outage < Prober.unnoticed, "\(result)")
        again.end(SIGKILL)
        let release = try lab.start(
            "a",
            [
                "\(Lab.binaries)/failover-agent", "--release", "--socket", lab.socket("a"), "--state-dir",
                lab.directory.appending(path: "a.state").path(),
            ])
        #expect(release.waitForExit() == 0)
        #expect(lab.addressesIPv6("a").map(\.prefix).filter { $0.contains(/::(51|1)\//) } == [])
    }

    @Test("The interface is set down and up: what was shared comes back, the host's own global address does not")
    func adminDown() throws {
        let lab = try IPv6Lab.hosts("a")
        defer { lab.tearDown() }
        try lab.agent("a", IPv6Lab.file(priority: 100))
        try lab.waitForHolderIPv6("a")
        try lab.on("a", "link", "set", "eth0", "down")
        try lab.wait("fault") { lab.state("a") == "fault" }
        #expect(lab.addressesIPv6("a").isEmpty)
        try lab.on("a", "link", "set", "eth0", "up")
        try lab.wait("it says why it waits") {
            let reason = (try? lab.status("a").first?["reason"] as? String) ?? ""
            return reason.contains("duplicate address detection is under way")
        }
        try lab.waitForHolderIPv6("a")
        #expect(lab.holdersIPv6("fe80::51") == "a")
        #expect(lab.holdersIPv6("2001:db8::11").isEmpty)
    }

    @Test("An address with a peer goes with its peer, at a reload to another one, at a stop and after a kill")
    func peers() throws {
        let lab = try IPv6Lab.hosts("a")
        defer { lab.tearDown() }
        func file(_ peer: Int) -> String {
            IPv6Lab.file(priority: 255, addresses: ["fe80::51", "2001:db8:1::1 peer 2001:db8:1::\(peer)"])
                + Guide.file(priority: 255, password: nil, addresses: ["198.51.100.1 peer 198.51.100.\(peer)"])
        }
        func shown() throws -> [String] {
            try lab.on("a", "-o", "addr", "show", "dev", "eth0")
                .matches(of: /inet6? ([0-9a-f.:]+ peer [0-9a-f.:\/]+)/).map { String($0.1) }.sorted()
        }
        let agent = try lab.agent("a", file(9))
        try lab.wait("both are there") {
            (try? shown()) == ["198.51.100.1 peer 198.51.100.9/32", "2001:db8:1::1 peer 2001:db8:1::9/128"]
        }
        _ = try lab.write(file(8), as: "a.conf")
        #expect(try lab.control("a", "reload").code == 0)
        try lab.wait("the others are there") {
            (try? shown()) == ["198.51.100.1 peer 198.51.100.8/32", "2001:db8:1::1 peer 2001:db8:1::8/128"]
        }
        #expect(agent.stop() == 0)
        #expect(try shown() == [])
        let killed = try lab.agent("a", file(9))
        try lab.wait("both are there") { (try? shown().count) == 2 }
        killed.end(SIGKILL)
        let release = try lab.start(
            "a",
            [
                "\(Lab.binaries)/failover-agent", "--release", "--socket", lab.socket("a"), "--state-dir",
                lab.directory.appending(path: "a.state").path(),
            ])
        #expect(release.waitForExit() == 0)
        #expect(try shown() == [])
    }

    @Test("By unicast between global addresses, in either role beside keepalived", arguments: ["agent", "keepalived"])
    func unicast(second: String) throws {
        let lab = try IPv6Lab.hosts("ab")
        defer { lab.tearDown() }
        func extra(_ own: Int, _ peer: Int) -> String {
            "unicast_src_ip 2001:db8::\(own)\n    unicast_peer {\n        2001:db8::\(peer)\n    }"
        }
        let first = try lab.agent("a", IPv6Lab.file(priority: 100, extra: extra(11, 12)))
        try start(second, lab, "b", IPv6Lab.file(priority: 99, extra: extra(12, 11)))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 3)
        #expect(lab.holdersIPv6() == "a")
        _ = first.stop()
        try lab.waitForHolderIPv6("b", within: 5)
    }

    @Test("One virtual router of each family under one number, and addresses of the other family as excluded ones")
    func bothFamilies() throws {
        let lab = try IPv6Lab.hosts("abc")
        defer { lab.tearDown() }
        let extra = "virtual_ipaddress_excluded {\n        192.0.2.101/24\n    }"
        let pair = { (priority: Int) in
            IPv6Lab.file(priority: priority, extra: extra) + Guide.file(priority: priority, password: nil)
        }
        let first = try lab.agent("a", pair(100))
        try lab.keepalived("b", pair(99))
        try lab.waitForHolder("a")
        try lab.waitForHolderIPv6("a")
        try lab.waitForHolder("a", "192.0.2.101")
        Thread.sleep(forTimeInterval: 2)
        let probers = try ["2001:db8::1", "192.0.2.1", "192.0.2.101"].map { try lab.probe("c", $0) }
        Thread.sleep(forTimeInterval: 0.3)
        _ = first.stop()
        try lab.waitForHolder("b", within: 5)
        try lab.waitForHolderIPv6("b", within: 5)
        try lab.waitForHolder("b", "192.0.2.101", within: 5)
        Thread.sleep(forTimeInterval: 1)
        for prober in probers { #expect(prober.finish().answers > 50) }
    }
}
