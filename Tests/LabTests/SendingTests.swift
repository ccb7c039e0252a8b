import Foundation
import Testing

/// Packets that do not get through, and what this host can know of it.
@Suite("Nothing arrives, or nothing leaves")
struct SendingTests {
    private func filter(_ lab: Lab, _ host: String, _ hook: String) throws {
        let rules = """
            table inet filter {
                chain \(hook) { type filter hook \(hook) priority 0; ip protocol 112 drop; }
            }
            """
        try Lab.run("ip", "netns", "exec", lab.namespace(host), "nft", "-f", lab.write(rules, as: "rules"))
    }

    private func sendErrors(_ lab: Lab) throws -> Int {
        let counters = try lab.status("a").first?["counters"] as? [String: Any]
        return counters?["sendErrors"] as? Int ?? 0
    }

    @Test("A firewall that drops what arrives is told, with the rule to add")
    func inbound() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let backup = try lab.agent("b", Guide.secondary)
        try filter(lab, "b", "input")
        try lab.wait("b knows", within: 45) { (try? lab.status("b").first?["inboundFiltered"] as? Bool) == true }
        #expect(backup.output.contains("nft insert rule inet filter input meta l4proto vrrp accept"))
    }

    @Test("A firewall that drops what leaves is told, with the rule to add, counted, and critical")
    func outbound() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        try filter(lab, "a", "output")
        try lab.wait("it is told", within: 5) {
            agent.output.contains("nft insert rule inet filter output meta l4proto vrrp accept")
        }
        #expect(try sendErrors(lab) > 0)
        #expect(try lab.control("a", "health").code == 2)
    }

    @Test("A queue that is full (ENOBUFS) is told, counted, and critical, until it has room again")
    func fullQueue() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let queue = ["ip", "netns", "exec", lab.namespace("a"), "tc", "qdisc"]
        // Room for a byte: for no packet at all.
        try Lab.run(queue + ["replace", "dev", "eth0", "root", "bfifo", "limit", "1"])
        try lab.wait("it is told", within: 5) { agent.output.contains("No buffer space available") }
        try lab.wait("it is counted", within: 5) { (try? sendErrors(lab)) ?? 0 > 1 }
        let health = try lab.control("a", "health")
        #expect(health.code == 2)
        #expect(health.output.contains("No buffer space available"))
        #expect(lab.holders() == "a")
        try Lab.run(queue + ["del", "dev", "eth0", "root"])
        try lab.wait("it is well", within: 10) { (try? lab.control("a", "health").code) == 0 }
    }
}
