import Foundation
import Testing

@Suite("Duplicate address detection between real hosts")
struct IPv6DetectionLabTests {
    @Test("An address that fails detection, because somebody adds it while another host has it, is told and added anew")
    func failedDetection() throws {
        let lab = try IPv6Lab.hosts("abc")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", IPv6Lab.file(priority: 100))
        try lab.waitForHolderIPv6("a")
        try lab.on("b", "addr", "add", "2001:db8::1/64", "dev", "eth0", "nodad")
        // Somebody else is faster than the agent, which stands still for that long, and adds it with detection.
        agent.signal(SIGSTOP)
        try lab.on("a", "addr", "del", "2001:db8::1/64", "dev", "eth0")
        try lab.on("a", "addr", "add", "2001:db8::1/64", "dev", "eth0")
        try lab.wait("it fails") {
            lab.addressesIPv6("a").contains { $0.prefix == "2001:db8::1/64" && $0.flags.contains("dadfailed") }
        }
        agent.signal(SIGCONT)
        try lab.waitForHolderIPv6("ab", within: 15)
        #expect(agent.output.contains("another host had 2001:db8::1/64 when the kernel asked for it on eth0"))
        Thread.sleep(forTimeInterval: 3)
        #expect(lab.holdersIPv6() == "ab" && lab.state("a") == "master")
        #expect(!lab.addressesIPv6("a").contains { $0.flags.contains("dadfailed") })
        try lab.wait("the other host is seen", within: 40) {
            (try? lab.control("a", "health").output.contains("on two hosts")) ?? false
        }
    }

    @Test("With -nodad the host is master once nobody else was found to have it, and says so when somebody has")
    func detection() throws {
        let lab = try IPv6Lab.hosts("ab")
        defer { lab.tearDown() }
        let file = IPv6Lab.file(priority: 100, addresses: ["fe80::51", "2001:db8::1/64 -nodad"])
        try lab.on("b", "addr", "add", "2001:db8::1/64", "dev", "eth0", "nodad")
        try lab.agent("a", file)
        try lab.wait("it stands back") {
            let reason = (try? lab.status("a").first?["reason"] as? String) ?? ""
            return reason.contains("another host has 2001:db8::1/64")
        }
        #expect(lab.holdersIPv6() == "b")
        try lab.on("b", "addr", "del", "2001:db8::1/64", "dev", "eth0")
        try lab.waitForHolderIPv6("a", within: 30)
        try lab.wait("master") { lab.state("a") == "master" }
    }

    @Test("A handover waits until the successor's kernel has asked whether the address is free")
    func handover() throws {
        let lab = try IPv6Lab.hosts("ab")
        defer { lab.tearDown() }
        let addresses = ["fe80::51 -nodad", "2001:db8::1/64 -nodad"]
        try lab.agent("a", IPv6Lab.file(priority: 100, addresses: addresses))
        try lab.wait("master") { lab.state("a") == "master" }
        try lab.agent("b", IPv6Lab.file(priority: 99, addresses: addresses))
        try lab.wait("backup") { lab.state("b") == "backup" }
        Thread.sleep(forTimeInterval: 2)
        let order = try lab.control("a", "handover", "--all")
        #expect(order.code == 0, "\(order.output)")
        #expect(lab.state("b") == "master")
        try lab.waitForHolderIPv6("b")
    }

    @Test("With a lease, too, with which the kernel takes off an address that fails detection")
    func detectionWithLease() throws {
        let lab = try IPv6Lab.hosts("ab")
        defer { lab.tearDown() }
        let file =
            "global_defs {\n    address_lease 30\n}\n"
            + IPv6Lab.file(priority: 100, addresses: ["fe80::51", "2001:db8::1/64 -nodad"])
        try lab.on("b", "addr", "add", "2001:db8::1/64", "dev", "eth0", "nodad")
        let agent = try lab.agent("a", file)
        try lab.wait("it stands back") {
            let reason = (try? lab.status("a").first?["reason"] as? String) ?? ""
            return reason.contains("another host has 2001:db8::1/64")
        }
        #expect(agent.output.contains("another host had 2001:db8::1/64 when the kernel asked for it on eth0"))
        try lab.on("b", "addr", "del", "2001:db8::1/64", "dev", "eth0")
        try lab.waitForHolderIPv6("a", within: 30)
        try lab.wait("master") { lab.state("a") == "master" }
    }

    @Test("A successor that detects, a keepalived with -nodad, has the address for good after a planned stop")
    func detectingSuccessor() throws {
        let lab = try IPv6Lab.hosts("abc")
        defer { lab.tearDown() }
        let addresses = ["fe80::51 -nodad", "2001:db8::1/64 -nodad"]
        let agent = try lab.agent("a", IPv6Lab.file(priority: 100, addresses: addresses))
        try lab.wait("master") { lab.state("a") == "master" }
        // Later: two that detect at once both fail, and keepalived then has its address never.
        try lab.keepalived("b", IPv6Lab.file(priority: 99, addresses: addresses))
        Thread.sleep(forTimeInterval: 3)
        _ = agent.stop()
        try lab.waitForHolderIPv6("b", within: 10)
        Thread.sleep(forTimeInterval: 2)
        #expect(!lab.addressesIPv6("b").contains { $0.flags.contains("dadfailed") })
    }

    @Test("Two agents that detect at once both fail, and do not meet again each time")
    func bothDetect() throws {
        let lab = try IPv6Lab.hosts("ab")
        defer { lab.tearDown() }
        let addresses = ["2001:db8::1/64 -nodad"]
        try lab.agent("a", IPv6Lab.file(priority: 100, addresses: addresses))
        try lab.agent("b", IPv6Lab.file(priority: 99, addresses: addresses))
        try lab.wait("one is master", within: 60) {
            [lab.state("a"), lab.state("b")].sorted() == ["backup", "master"]
        }
    }
}
