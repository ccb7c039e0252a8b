import Foundation
import Testing

/// What is made, and what is left of it.
extension VirtualMACTests {
    @Test("After a kill the release takes the macvlans away, and the parent's settings are what they were")
    func released() throws {
        let lab = try VirtualMACLab.hosts("a")
        defer { lab.tearDown() }
        // Not what the kernel begins with: that, too, comes back.
        try lab.set("a", "ipv4.conf.eth0.arp_announce", 1)
        let untouched = try lab.everything("a")
        let agent = try lab.agent("a", VirtualMACLab.both(100))
        try lab.waitForMaster("a")
        #expect(try lab.settings("a") == ["1", "2"])
        agent.end(SIGKILL)
        #expect(lab.macvlans("a").count == 2)
        try lab.release("a")
        #expect(try lab.everything("a") == untouched)
    }

    @Test("A stop of a hundred virtual routers, each with a macvlan for either family, leaves nothing")
    func many() throws {
        let lab = try VirtualMACLab.hosts("a")
        defer { lab.tearDown() }
        let untouched = try lab.everything("a")
        let file = (1...100).map { number in
            let lines = "    interface eth0\n    virtual_router_id \(number)\n    priority 255\n    use_vmac\n"
            return """
                vrrp_instance A\(number) {
                \(lines)    virtual_ipaddress {
                        192.0.2.\(100 + number)/24
                    }
                }
                vrrp_instance B\(number) {
                \(lines)    virtual_ipaddress {
                        fe80::64:\(number)
                        2001:db8::64:\(number)
                    }
                }
                """
        }
        let agent = try lab.agent("a", file.joined(separator: "\n"))
        try lab.wait("all are on", within: 60) { lab.macvlans("a").count { $0.isOn } == 200 }
        #expect(agent.stop() == 0)
        #expect(lab.macvlans("a").isEmpty)
        #expect(try lab.everything("a") == untouched)
    }

    @Test("Settings that the host has anyway stay")
    func ownSettings() throws {
        let lab = try VirtualMACLab.hosts("a")
        defer { lab.tearDown() }
        try lab.set("a", "ipv4.conf.eth0.arp_ignore", 2)
        try lab.set("a", "ipv4.conf.eth0.arp_announce", 2)
        let agent = try lab.agent("a", VirtualMACLab.both(100))
        try lab.waitForMaster("a")
        #expect(try lab.settings("a") == ["2", "2"])
        #expect(agent.stop() == 0)
        #expect(try lab.settings("a") == ["2", "2"])
    }

    @Test("A link of somebody else with the macvlan's name is never touched, and the reason says so")
    func foreign() throws {
        let lab = try VirtualMACLab.hosts("a")
        defer { lab.tearDown() }
        try lab.on("a", "link", "add", "vrrp.51", "type", "bridge")
        let untouched = try lab.everything("a")
        let agent = try lab.agent("a", VirtualMACLab.four(100))
        try lab.wait("it says why") {
            let reason = (try? lab.status("a").first?["reason"] as? String) ?? ""
            return reason.contains("vrrp.51")
        }
        #expect(lab.state("a") == "fault")
        #expect(try lab.everything("a") == untouched)
        agent.end(SIGKILL)
        try lab.release("a")
        #expect(try lab.everything("a") == untouched)
        // When it goes, the agent goes on.
        let again = try lab.agent("a", VirtualMACLab.four(100))
        try lab.wait("fault") { lab.state("a") == "fault" }
        try lab.on("a", "link", "del", "vrrp.51")
        try lab.waitForHolder("a", VirtualMACLab.addressIPv4, "vrrp.51")
        #expect(again.stop() == 0)
    }

    @Test(
        "A bridge and a macvlan as parents: a client reaches the addresses, and a stop leaves nothing",
        arguments: ["bridge", "macvlan"])
    func parents(kind: String) throws {
        let lab = try VirtualMACLab.hosts("ac")
        defer { lab.tearDown() }
        let parent = "lower"
        if kind == "bridge" {
            try lab.on("a", "link", "add", parent, "type", "bridge", "mcast_snooping", "0")
            try lab.on("a", "link", "set", "eth0", "master", parent)
        } else {
            try lab.on("a", "link", "add", parent, "link", "eth0", "type", "macvlan", "mode", "bridge")
        }
        try lab.on("a", "addr", "flush", "dev", "eth0")
        try lab.on("a", "link", "set", parent, "up")
        try lab.on("a", "addr", "add", "192.0.2.11/24", "dev", parent)
        try lab.on("a", "addr", "add", "2001:db8::11/64", "dev", parent, "nodad")
        try lab.wait("link-local address") {
            lab.addressesIPv6("a", parent).contains { $0.prefix.hasPrefix("fe80") && !$0.flags.contains("tentative") }
        }
        let untouched = try lab.everything("a")
        let file = VirtualMACLab.four(100, interface: parent) + VirtualMACLab.six(100, interface: parent)
        let agent = try lab.agent("a", file)
        try lab.waitForMaster("a")
        let seen = try watch(lab, "parent \(kind)") { Thread.sleep(forTimeInterval: 1) }
        #expect(seen.isSteady && seen.outageIPv4 < Prober.unnoticed && seen.outageIPv6 < Prober.unnoticed, "\(seen)")
        #expect(agent.stop() == 0)
        let left = Set(try lab.everything("a")).symmetricDifference(untouched)
        #expect(left.isEmpty, "\(left)")
    }

    @Test("With a strict reverse path filter for all interfaces a client is served")
    func reversePathFilter() throws {
        let lab = try VirtualMACLab.hosts("abc")
        defer { lab.tearDown() }
        for host in ["a", "b"] { try lab.set(host, "ipv4.conf.all.rp_filter", 1) }
        let file = { VirtualMACLab.four($0, addresses: ["192.0.2.1/32"]) + VirtualMACLab.six($0) }
        let agent = try lab.agent("a", file(100))
        try lab.waitForMaster("a")
        try lab.agent("b", file(99))
        try lab.wait("b follows") { lab.states("b") == ["backup", "backup"] }
        Thread.sleep(forTimeInterval: 2)
        let seen = try watch(lab, "strict filter") {
            Thread.sleep(forTimeInterval: 0.5)
            #expect(agent.stop() == 0)
        }
        #expect(seen.isSteady && seen.outageIPv4 < Prober.unnoticed && seen.outageIPv6 < Self.takeoverIPv6, "\(seen)")
    }

    @Test("No other program is started for macvlans, and no ioctl is made for a link")
    func systemCalls() throws {
        let lab = try VirtualMACLab.hosts("a")
        defer { lab.tearDown() }
        let trace = lab.directory.appending(path: "trace").path()
        let program = try lab.agent(
            "a", VirtualMACLab.both(100),
            wrapper: [
                "strace", "-f", "-qq", "-e", "trace=execve,execveat,ioctl,openat,open,fork,vfork,clone,clone3", "-o",
                trace,
            ])
        try lab.waitForMaster("a")
        let child = try #require(
            Int32(try Lab.run("pgrep", "-P", String(program.id)).split(separator: "\n").first ?? ""))
        kill(child, SIGTERM)
        _ = program.waitForExit()
        let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        #expect(lines.filter { $0.contains("execve") }.count == 1)
        #expect(!lines.contains { $0.contains(/\b(clone3?|v?fork)\(/) })
        #expect(!lines.contains { $0.contains("SIOC") })
        #expect(
            !lines.contains {
                $0.contains("/proc/sys/net") && $0.contains("O_WRONLY")
                    || $0.contains("O_RDWR") && $0.contains("/proc/sys")
            })
        #expect(lab.macvlans("a") == [])
    }
}
