import Foundation
import Testing

extension Lab {
    /// The IPv6 addresses of an interface, with what `ip` says behind each.
    func addressesIPv6(_ host: String, _ interface: String = "eth0") -> [(prefix: String, flags: String)] {
        let output = (try? on(host, "-o", "-6", "addr", "show", "dev", interface)) ?? ""
        return output.matches(of: /inet6 ([0-9a-f:\/]+) (.*?)(\\|\n)/).map { (String($0.1), String($0.2)) }
    }

    /// The hosts on which an IPv6 address is in use, in order.
    func holdersIPv6(_ address: String = "2001:db8::1", _ interface: String = "eth0") -> String {
        hosts.filter { host in
            addressesIPv6(host, interface).contains {
                $0.prefix.split(separator: "/")[0] == address && !$0.flags.contains("tentative")
            }
        }.joined()
    }

    func waitForHolderIPv6(_ hosts: String, _ address: String = "2001:db8::1", within seconds: Double = 20) throws {
        try wait("\(hosts) holds \(address)", within: seconds) { holdersIPv6(address) == hosts }
    }

    /// Gives each host a global IPv6 address on eth0, 2001:db8::11 and so on, and waits until its link-local one is in use.
    func addressIPv6() throws {
        for (index, host) in hosts.enumerated() {
            try on(host, "addr", "add", "2001:db8::\(11 + index)/64", "dev", "eth0", "nodad")
        }
        try wait("link-local addresses") {
            hosts.allSatisfy { host in
                addressesIPv6(host).contains { $0.prefix.hasPrefix("fe80") && !$0.flags.contains("tentative") }
            }
        }
    }
}

/// Virtual routers of IPv6 between real hosts, keepalived 2.2.7 and FRR among them.
@Suite("IPv6 between real hosts")
struct IPv6LabTests {
    static func file(
        priority: Int, extra: String = "", addresses: [String] = ["fe80::51", "2001:db8::1/64"], interval: String = "1"
    ) -> String {
        """
        vrrp_instance Six {
            state BACKUP
            interface eth0
            virtual_router_id 10
            priority \(priority)
            advert_int \(interval)
            \(extra)
            virtual_ipaddress {
                \(addresses.joined(separator: "\n        "))
            }
        }

        """
    }

    private func lab(_ hosts: String) throws -> Lab {
        let lab = try Lab(hosts)
        do {
            try lab.addressIPv6()
            return lab
        } catch {
            lab.tearDown()
            throw error
        }
    }

    @discardableResult
    private func start(_ kind: String, _ lab: Lab, _ host: String, _ file: String) throws -> Program {
        kind == "agent" ? try lab.agent(host, file) : try lab.keepalived(host, file)
    }

    @Test(
        "Start, stop, return, cable: in either role beside keepalived, and between two agents",
        arguments: [("agent", "agent"), ("agent", "keepalived"), ("keepalived", "agent")])
    func roles(first: String, second: String) throws {
        let lab = try lab("ab")
        defer { lab.tearDown() }
        let master = try start(first, lab, "a", Self.file(priority: 100))
        try start(second, lab, "b", Self.file(priority: 99))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 1.5)
        #expect(lab.holdersIPv6("fe80::51") == "a")
        let begin = Date()
        _ = master.stop()
        try lab.waitForHolderIPv6("b", within: 5)
        // The skew time of priority 99 is 0.613 s; without the resignation it would be 3.6 s.
        #expect(Date().timeIntervalSince(begin) < 3.4)
        #expect(!lab.addressesIPv6("a").contains { $0.prefix.contains("::51") })
        try start(first, lab, "a", Self.file(priority: 100))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 1.5)
        try lab.cut("a")
        try lab.waitForHolderIPv6("b", within: 10)
        try lab.mend("a")
        try lab.waitForHolderIPv6("a", within: 15)
    }

    @Test("The addresses look as keepalived's do: no detection, a single one deprecated")
    func form() throws {
        let lab = try lab("ab")
        defer { lab.tearDown() }
        let addresses = [
            "fe80::51", "2001:db8::1/64", "2001:db8::2", "2001:db8::3 preferred_lft forever",
            "2001:db8::4/64 preferred_lft 0", "2001:db8::5/64 noprefixroute",
        ]
        let file = Self.file(priority: 255, addresses: addresses)
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
        let lab = try lab("abc")
        defer { lab.tearDown() }
        let first = try lab.agent("a", Self.file(priority: 100))
        try lab.agent("b", Self.file(priority: 99))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 2)
        var prober = try lab.probe("c", "2001:db8::1")
        Thread.sleep(forTimeInterval: 0.5)
        #expect(first.stop() == 0)
        try lab.waitForHolderIPv6("b", within: 5)
        Thread.sleep(forTimeInterval: 1)
        var result = prober.finish()
        #expect(result.answers > 100 && result.outage < 0.02, "stop: \(result)")
        prober = try lab.probe("c", "2001:db8::1")
        let back = try lab.agent("a", Self.file(priority: 100))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 1)
        result = prober.finish()
        #expect(result.outage < 0.02, "return: \(result)")
        prober = try lab.probe("c", "2001:db8::1")
        Thread.sleep(forTimeInterval: 0.3)
        try lab.on("a", "addr", "del", "2001:db8::1/64", "dev", "eth0")
        Thread.sleep(forTimeInterval: 1)
        #expect(lab.holdersIPv6() == "a")
        result = prober.finish()
        #expect(result.outage < 0.02, "deleted: \(result)")
        prober = try lab.probe("c", "2001:db8::1")
        #expect(try lab.control("a", "handover", "Six").code == 0)
        try lab.waitForHolderIPv6("b", within: 5)
        Thread.sleep(forTimeInterval: 1)
        result = prober.finish()
        #expect(result.outage < 0.02, "handover: \(result)")
        _ = back
    }

    @Test("A killed agent that is started again goes on as master; the release takes everything away")
    func killed() throws {
        let lab = try lab("abc")
        defer { lab.tearDown() }
        let first = try lab.agent("a", Self.file(priority: 100))
        try lab.agent("b", Self.file(priority: 99))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 2)
        let prober = try lab.probe("c", "2001:db8::1")
        Thread.sleep(forTimeInterval: 0.3)
        first.end(SIGKILL)
        #expect(lab.holdersIPv6() == "a")
        let again = try lab.agent("a", Self.file(priority: 100))
        Thread.sleep(forTimeInterval: 4)
        #expect(lab.holdersIPv6() == "a" && lab.state("a") == "master")
        let result = prober.finish()
        #expect(result.outage < 0.02, "\(result)")
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
        let lab = try lab("a")
        defer { lab.tearDown() }
        try lab.agent("a", Self.file(priority: 100))
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

    @Test("An address that fails detection, because somebody adds it while another host has it, is told and added anew")
    func failedDetection() throws {
        let lab = try lab("abc")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Self.file(priority: 100))
        try lab.waitForHolderIPv6("a")
        try lab.on("b", "addr", "add", "2001:db8::1/64", "dev", "eth0", "nodad")
        try lab.on("a", "addr", "del", "2001:db8::1/64", "dev", "eth0")
        try lab.waitForHolderIPv6("ab")
        // Somebody else is faster than the agent, and adds it with detection.
        try lab.on("a", "addr", "del", "2001:db8::1/64", "dev", "eth0")
        _ = try? lab.on("a", "addr", "add", "2001:db8::1/64", "dev", "eth0")
        try lab.waitForHolderIPv6("ab", within: 15)
        Thread.sleep(forTimeInterval: 3)
        #expect(lab.holdersIPv6() == "ab" && lab.state("a") == "master")
        #expect(!lab.addressesIPv6("a").contains { $0.flags.contains("dadfailed") })
        try lab.wait("the other host is seen", within: 40) {
            (try? lab.control("a", "health").output.contains("on two hosts")) ?? false
        }
        _ = agent
    }

    @Test("With -nodad the host is master once nobody else was found to have it, and says so when somebody has")
    func detection() throws {
        let lab = try lab("ab")
        defer { lab.tearDown() }
        let file = Self.file(priority: 100, addresses: ["fe80::51", "2001:db8::1/64 -nodad"])
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

    @Test("A successor that detects, a keepalived with -nodad, has the address for good after a planned stop")
    func detectingSuccessor() throws {
        let lab = try lab("abc")
        defer { lab.tearDown() }
        let addresses = ["fe80::51 -nodad", "2001:db8::1/64 -nodad"]
        let agent = try lab.agent("a", Self.file(priority: 100, addresses: addresses))
        try lab.wait("master") { lab.state("a") == "master" }
        // Later: two that detect at once both fail, and keepalived then has its address never.
        try lab.keepalived("b", Self.file(priority: 99, addresses: addresses))
        Thread.sleep(forTimeInterval: 3)
        _ = agent.stop()
        try lab.waitForHolderIPv6("b", within: 10)
        Thread.sleep(forTimeInterval: 2)
        #expect(!lab.addressesIPv6("b").contains { $0.flags.contains("dadfailed") })
    }

    @Test("Two agents that detect at once both fail, and do not meet again each time")
    func bothDetect() throws {
        let lab = try lab("ab")
        defer { lab.tearDown() }
        let addresses = ["2001:db8::1/64 -nodad"]
        try lab.agent("a", Self.file(priority: 100, addresses: addresses))
        try lab.agent("b", Self.file(priority: 99, addresses: addresses))
        try lab.wait("one is master", within: 60) {
            [lab.state("a"), lab.state("b")].sorted() == ["backup", "master"]
        }
    }

    @Test("An address with a peer goes with its peer, at a reload to another one, at a stop and after a kill")
    func peers() throws {
        let lab = try lab("a")
        defer { lab.tearDown() }
        func file(_ peer: Int) -> String {
            Self.file(priority: 255, addresses: ["fe80::51", "2001:db8:1::1 peer 2001:db8:1::\(peer)"])
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
        let lab = try lab("ab")
        defer { lab.tearDown() }
        func extra(_ own: Int, _ peer: Int) -> String {
            "unicast_src_ip 2001:db8::\(own)\n    unicast_peer {\n        2001:db8::\(peer)\n    }"
        }
        let first = try lab.agent("a", Self.file(priority: 100, extra: extra(11, 12)))
        try start(second, lab, "b", Self.file(priority: 99, extra: extra(12, 11)))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 3)
        #expect(lab.holdersIPv6() == "a")
        _ = first.stop()
        try lab.waitForHolderIPv6("b", within: 5)
    }

    @Test("One virtual router of each family under one number, and addresses of the other family as excluded ones")
    func bothFamilies() throws {
        let lab = try lab("abc")
        defer { lab.tearDown() }
        let extra = "virtual_ipaddress_excluded {\n        192.0.2.101/24\n    }"
        let pair = { (priority: Int) in
            Self.file(priority: priority, extra: extra) + Guide.file(priority: priority, password: nil)
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

    @Test("Every packet of a pair's life is decoded without complaint, and announcements are as RFC 9568 has them")
    func decoded() throws {
        let lab = try lab("ab")
        defer { lab.tearDown() }
        try lab.on("a", "link", "set", "eth0", "address", "02:00:00:00:00:0a")
        try lab.startCapture(only: "ip6")
        let first = try lab.agent("a", Self.file(priority: 100))
        try lab.agent("b", Self.file(priority: 99))
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 1.5)
        _ = first.stop()
        try lab.waitForHolderIPv6("b", within: 5)
        Thread.sleep(forTimeInterval: 1.5)
        let packets = try lab.captured(
            "vrrp or icmpv6.type == 136", "_ws.expert.message", "_ws.malformed", "ipv6.hlim", "ipv6.dst", "eth.dst",
            "vrrp.prio", "vrrp.checksum.status", "ipv6.src", "icmpv6.nd.na.target_address", "icmpv6.nd.na.flag.o",
            "icmpv6.nd.na.flag.r", "icmpv6.nd.na.flag.s", "icmpv6.checksum.status", "ipv6.tclass.dscp")
        // A backup's answer to the resignation goes to the leaving master alone.
        let adverts = packets.filter { !$0[5].isEmpty && $0[3].hasPrefix("ff") }
        #expect(adverts.count > 3)
        for advert in adverts {
            #expect(advert[0].isEmpty && advert[1].isEmpty, "\(advert)")
            #expect(advert[2] == "255" && advert[6] == "1")
            #expect(advert[3] == "ff02::12" && advert[4] == "33:33:00:00:00:12")
            #expect(advert[7].hasPrefix("fe80") && advert[7] != "fe80::51" && advert[13] == "48")
        }
        let announcements = packets.filter { $0[8] == "2001:db8::1" && $0[4] == "33:33:00:00:00:01" }
        #expect(announcements.count >= 10)
        for announcement in announcements {
            #expect(announcement[0].isEmpty && announcement[1].isEmpty && announcement[12] == "1", "\(announcement)")
            #expect(announcement[2] == "255" && announcement[3] == "ff02::1" && announcement[7] == "2001:db8::1")
            #expect(announcement[9] == "1" && announcement[10] == "0" && announcement[11] == "0")
        }
    }

    @Test(
        "FRR's vrrpd is heard and hears, as master and as backup; with detection, its addresses are its own after a stop",
        arguments: [false, true])
    func freeRangeRouting(detects: Bool) throws {
        let lab = try lab("ab")
        defer { lab.tearDown() }
        let addresses = ["fe80::51", "2001:db8::1"]
        let agent = try lab.agent("a", Self.file(priority: 100, addresses: addresses))
        try lab.waitForHolderIPv6("a")
        try frr(lab, "b", priority: 50, detects: detects)
        Thread.sleep(forTimeInterval: 5)
        #expect(lab.state("a") == "master")
        _ = agent.stop()
        Thread.sleep(forTimeInterval: 6)
        try lab.agent("a", Self.file(priority: 100, extra: "nopreempt", addresses: addresses))
        Thread.sleep(forTimeInterval: 5)
        #expect(lab.state("a") == "backup")
        let master = try lab.status("a").first?["master"] as? [String: Any]
        #expect(master?["priority"] as? Int == 50)
        #expect(
            lab.addressesIPv6("b", "vrrp6-10").allSatisfy { !$0.flags.contains("dadfailed") },
            "\(lab.addressesIPv6("b", "vrrp6-10"))")
    }

    /// FRR's zebra and vrrpd: a virtual router lives on a macvlan with the virtual MAC address.
    private func frr(_ lab: Lab, _ host: String, priority: Int, detects: Bool) throws {
        let interface = "vrrp6-10"
        try lab.on(host, "link", "add", interface, "link", "eth0", "type", "macvlan", "mode", "bridge")
        try lab.on(host, "link", "set", "dev", interface, "address", "00:00:5e:00:02:0a")
        try lab.on(host, "link", "set", "dev", interface, "addrgenmode", "random")
        for address in ["fe80::51/64", "2001:db8::1/128"] {
            _ = try Lab.run(
                ["ip", "-n", lab.namespace(host), "addr", "add", address, "dev", interface] + (detects ? [] : ["nodad"])
            )
        }
        // As FRR has it while it is no master.
        try lab.on(host, "link", "set", "dev", interface, "protodown", "on")
        try lab.on(host, "link", "set", "dev", interface, "up")
        let folder = lab.directory.appending(path: "frr-\(host)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path())
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: lab.directory.path())
        let path = folder.path()
        let configuration = try lab.write(
            "interface eth0\n vrrp 10 version 3\n vrrp 10 priority \(priority)\n vrrp 10 advertisement-interval 1000\n"
                + " vrrp 10 ipv6 fe80::51\n vrrp 10 ipv6 2001:db8::1\n", as: "vrrpd6.conf")
        for (daemon, arguments) in [("zebra", []), ("vrrpd", ["-f", configuration])] {
            _ = try lab.start(
                host,
                [
                    "/usr/lib/frr/\(daemon)", "-z", "\(path)/zserv.api", "-i", "\(path)/\(daemon).pid", "--vty_socket",
                    path, "-A", "127.0.0.1", "--log", "stdout",
                ] + arguments)
            Thread.sleep(forTimeInterval: 1.5)
        }
    }
}
