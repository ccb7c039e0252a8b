import Foundation
import Testing

@Suite("Unicast without 'interface'")
struct FoundInterfaceLabTests {
    private func file(_ own: Int, _ priority: Int, hasSource: Bool = true) -> String {
        Guide.file(
            priority: priority,
            extra: (hasSource ? "unicast_src_ip 192.0.2.\(own)\n" : "") + "unicast_peer {\n192.0.2.\(23 - own)\n}"
        ).replacing("interface eth0\n", with: "")
    }

    @Test("The source address, or the route to the peer, tells the interface; it is followed when the address moves")
    func follows() throws {
        let lab = try Lab("ab", interfaces: ["eth0", "eth1"])
        defer { lab.tearDown() }
        // One network on both interfaces.
        try lab.on("sw", "link", "set", lab.port("a", "eth1"), "master", "br0")
        try lab.on("a", "addr", "flush", "dev", "eth1")
        let first = try lab.agent("a", file(11, 100))
        try lab.agent("b", file(12, 90, hasSource: false))
        try lab.waitForHolder("a")
        try lab.wait("b is backup") { lab.state("b") == "backup" }
        for host in ["a", "b"] { #expect(try lab.status(host).first?["interface"] as? String == "eth0") }

        try lab.on("a", "addr", "del", "192.0.2.11/24", "dev", "eth0")
        try lab.waitForHolder("b", within: 30)
        #expect(try lab.status("a").first?["interface"] as? String == "eth0")
        try lab.on("a", "addr", "add", "192.0.2.11/24", "dev", "eth1")
        try lab.waitForHolder("a", "192.0.2.1", "eth1")
        try lab.wait("b has given it up") { lab.holders().isEmpty }
        #expect(try lab.status("a").first?["interface"] as? String == "eth1")
        #expect(first.output.contains("the interface is eth1, which has the source address 192.0.2.11; it was eth0"))
    }

    @Test("Without an interface yet it is in fault, says why, and takes part once the address is there")
    func waits() throws {
        let lab = try Lab("ab", addressed: false)
        defer { lab.tearDown() }
        try lab.agent("a", file(11, 100))
        try lab.wait("fault") { lab.state("a") == "fault" }
        let why = "no interface has the source address 192.0.2.11"
        #expect(try lab.status("a").first?["reason"] as? String == why)
        #expect(try lab.control("a", "show", "Instance1").output.contains("VRID 10, VRRPv2"))
        #expect(try lab.control("a", "interfaces").output.isEmpty)
        #expect(try lab.control("a", "reload").output.contains("nothing has changed"))
        #expect(try lab.control("a", "explain", "Instance1").output.contains(why))
        try lab.on("a", "addr", "add", "192.0.2.11/24", "dev", "eth0")
        try lab.waitForHolder("a")
    }
}
