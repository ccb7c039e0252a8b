import Foundation
import Testing

@Suite("Another virtual router with the same number")
struct AnotherClusterTests {
    enum Kind: String, CaseIterable { case agent, keepalived }

    private func start(_ lab: Lab, _ host: String, _ kind: Kind, _ file: String) throws -> Program {
        kind == .agent ? try lab.agent(host, file) : try lab.keepalived(host, file)
    }

    @Test(
        "Another cluster with our number and password takes nothing away from us, and is critical",
        arguments: zip([Kind.agent, .keepalived], [Kind.keepalived, .agent]))
    func stranger(stranger: Kind, peer: Kind) throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        // It was there first, has the higher priority, and stays master whatever this cluster does.
        _ = try start(lab, "c", stranger, Guide.file(priority: 150, addresses: ["192.0.2.9"]))
        try lab.waitForHolder("c", "192.0.2.9")
        let agent = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        _ = try start(lab, "b", peer, Guide.secondary)
        try lab.expectCritical(
            "a", "192.0.2.13 uses virtual_router_id 10, too, for other addresses: 192.0.2.9",
            advice: "if it belongs to another cluster, give one of the two another 'virtual_router_id'")
        #expect(lab.findings("a").first?.advice.contains("a list was mistyped") == true)
        if stranger == .agent {
            try lab.expectCritical(
                "c", "192.0.2.11 uses virtual_router_id 10, too, for other addresses: 192.0.2.1",
                advice: "another 'virtual_router_id'")
        }
        #expect(lab.dropped("a", "another-cluster") > 0)
        #expect(lab.events("a", "anotherCluster").count == 1, "one event, however many packets")
        Thread.sleep(forTimeInterval: 1.2)
        #expect(lab.state("a") == "master")
        #expect(lab.holders() == "a")
        #expect(lab.holders("192.0.2.9") == "c")
        // A backup takes over although the stranger is heard all the while.
        guard peer == .agent else { return }
        agent.end(SIGKILL)
        try lab.on("a", "addr", "flush", "dev", "eth0")
        try lab.waitForHolder("b")
        #expect(lab.state("b") == "master")
    }

    /// - Parameter peers: names of instances, the last numbers of their peers and of their addresses.
    private func file(
        _ own: Int, priority: Int, _ peers: [(name: String, peer: Int, address: Int)]
    ) -> String {
        peers.map { name, peer, address in
            Guide.fast(
                priority, extra: "unicast_src_ip 192.0.2.\(own)\nunicast_peer {\n192.0.2.\(peer)\n}",
                addresses: ["192.0.2.\(address)"], name: name, id: 51)
        }.joined()
    }

    @Test("One number twice on an interface, for different unicast peers: each hears its own", arguments: Kind.allCases)
    func twice(peer: Kind) throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        let both = file(11, priority: 100, [("A", 12, 1), ("B", 13, 2)])
        let check = try lab.start(
            "a", ["\(Lab.binaries)/failover-agent", "--check", "--config", try lab.write(both, as: "both.conf")])
        #expect(check.waitForExit() == 0, "\(check.output)")
        _ = try start(lab, "b", peer, file(12, priority: 150, [("A", 11, 1)]))
        _ = try start(lab, "c", peer, file(13, priority: 50, [("B", 11, 2)]))
        try lab.waitForHolder("b", "192.0.2.1")
        try lab.waitForHolder("c", "192.0.2.2")
        try lab.agent("a", both)
        try lab.waitForHolder("a", "192.0.2.2")
        Thread.sleep(forTimeInterval: 1)
        #expect(lab.holders("192.0.2.1") == "b")
        #expect(lab.state("a", of: "A") == "backup")
        #expect(lab.state("a", of: "B") == "master")
        #expect(lab.findings("a", "A").isEmpty && lab.findings("a", "B").isEmpty)
        try lab.cut("b")
        try lab.waitForHolder("a", "192.0.2.1")
        #expect(lab.holders("192.0.2.2") == "a")
        try lab.mend("b")
        try lab.waitForHolder("b", "192.0.2.1")
        try lab.cut("c")
        Thread.sleep(forTimeInterval: 1)
        #expect(lab.state("a", of: "B") == "master")
        #expect(lab.state("a", of: "A") == "backup")
    }
}
