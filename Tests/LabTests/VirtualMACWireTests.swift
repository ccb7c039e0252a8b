import Foundation
import Testing

/// What leaves a host, captured at its port of the switch.
extension VirtualMACTests {
    @Test("From its start on a backup sends nothing from a virtual MAC address, and it hears the master")
    func silence() throws {
        let lab = try VirtualMACLab.hosts("ab")
        defer { lab.tearDown() }
        try lab.agent("a", VirtualMACLab.both(100))
        try lab.waitForMaster("a")
        let capture = try lab.listen(to: "b")
        let others = try lab.listen(to: "a")
        try lab.agent("b", VirtualMACLab.both(99))
        try lab.wait("b follows") { lab.states("b") == ["backup", "backup"] }
        Thread.sleep(forTimeInterval: VirtualMACLab.silence)
        #expect(lab.states("b") == ["backup", "backup"])
        #expect(!(try lab.control("b", "events").output.contains("→ master")))
        #expect(lab.macvlans("b").map(\.isOn) == [false, false])
        #expect(try capture.frames("frame", "eth.src", "_ws.col.Info") == [])
        #expect(try others.frames("vrrp", "eth.src").count >= 4 * Int(VirtualMACLab.silence) - 4, "a is heard")
    }

    @Test(
        "After the successor's first advertisement nothing leaves the old master from the virtual MAC address",
        arguments: ["agent", "keepalived"])
    func succession(second: String) throws {
        let lab = try VirtualMACLab.hosts("abc")
        defer { lab.tearDown() }
        let (first, _) = try pair(lab, "agent", second)
        let old = try lab.listen(to: "a")
        let new = try lab.listen(to: "b")
        // Clients that ask all the while, also for the hardware address.
        let probers = try [VirtualMACLab.addressIPv4, VirtualMACLab.addressIPv6].map { try lab.probe("c", $0) }
        let asking = try lab.start("c", ["sh", "-c", "while :; do ip neigh flush to 192.0.2.1; sleep 0.02; done"])
        Thread.sleep(forTimeInterval: 0.3)
        _ = first.stop()
        try lab.waitForMaster("b", within: 5)
        Thread.sleep(forTimeInterval: 1)
        for prober in probers { _ = prober.finish() }
        asking.end(SIGTERM)
        for (family, hardware) in [("ip", VirtualMACLab.hardwareIPv4), ("ipv6", VirtualMACLab.hardwareIPv6)] {
            let adverts = try new.frames("vrrp and \(family)", "frame.time_epoch")
            let begin = try #require(adverts.first.flatMap { Double($0[0]) })
            let frames = try old.frames("eth.src == \(hardware)", "frame.time_epoch", "_ws.col.Info")
            #expect(frames.count > 2)
            // What was on its way, and the time in which the agent is woken and the kernel switches the link off.
            let late = frames.filter { (Double($0[0]) ?? 0) > begin + 0.1 }
            #expect(late == [], "\(family)")
            if ProcessInfo.processInfo.environment["FAILOVER_FIGURES"] != nil {
                let last = frames.compactMap { Double($0[0]) }.max() ?? 0
                let after = frames.filter { (Double($0[0]) ?? 0) > begin }
                print(
                    "figure: last frame before \(second), \(family): \(last - begin) s; \(after.count) after: \(after)")
            }
        }
    }

    @Test("tshark decodes all that a master's macvlans send without complaint, with the parent's address as its source")
    func decoded() throws {
        let lab = try VirtualMACLab.hosts("a")
        defer { lab.tearDown() }
        let own = try #require(lab.addressesIPv6("a").first { $0.prefix.hasPrefix("fe80") }).prefix.split(
            separator: "/")[0]
        let capture = try lab.listen(to: "a")
        try lab.agent("a", VirtualMACLab.both(100))
        try lab.waitForMaster("a")
        Thread.sleep(forTimeInterval: 2)
        let frames = try capture.frames(
            "vrrp", "_ws.expert.message", "_ws.malformed", "ip.src", "ipv6.src", "ip.ttl", "ipv6.hlim", "eth.dst",
            "vrrp.checksum.status", "vrrp.virt_rtr_id")
        #expect(frames.count >= 4)
        for frame in frames {
            let isFour = frame[8] == "51"
            #expect(frame[0].isEmpty && frame[1].isEmpty && frame[7] == "1", "\(frame)")
            #expect(isFour ? frame[2] == "192.0.2.11" && frame[4] == "255" : frame[3] == own && frame[5] == "255")
            #expect(frame[6] == (isFour ? "01:00:5e:00:00:12" : "33:33:00:00:00:12"))
        }
        let others = try capture.frames("!vrrp", "_ws.expert.message", "arp.src.hw_mac", "icmpv6.type", "_ws.col.Info")
        #expect(others.allSatisfy { $0[0].isEmpty || $0[0].contains("Gratuitous") }, "\(others)")
        #expect(others.allSatisfy { $0[2] != "133" && $0[2] != "134" }, "no router is asked: \(others)")
    }

    // MARK: - FRR

    @Test("FRR's vrrpd with macvlans of its own: each follows the other as backup, and takes over from it")
    func freeRangeRouting() throws {
        let lab = try VirtualMACLab.hosts("abc")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", VirtualMACLab.both(100))
        try lab.waitForMaster("a")
        // Else FRR's host answers for the address from its parent and its other macvlan, too.
        try lab.set("b", "ipv4.conf.all.arp_ignore", 1)
        try lab.set("b", "ipv4.conf.all.arp_announce", 2)
        try lab.vrrpd("b", priority: 50)
        Thread.sleep(forTimeInterval: 3)
        #expect(lab.states("a") == ["master", "master"])
        #expect(lab.runningMacvlans("b") == [])
        #expect(agent.stop() == 0)
        try lab.wait("FRR is master", within: 10) { lab.runningMacvlans("b") == ["frr4", "frr6"] }
        let seen = try watch(lab, "FRR is master") { Thread.sleep(forTimeInterval: 1) }
        #expect(seen.isSteady, "\(seen)")
        let quiet = VirtualMACLab.both(100, "use_vmac\nnopreempt")
        let again = try lab.agent("a", quiet)
        Thread.sleep(forTimeInterval: 3)
        #expect(lab.states("a") == ["backup", "backup"] && lab.macvlans("a").map(\.isOn) == [false, false])
        let masters = try lab.status("a").compactMap { ($0["master"] as? [String: Any])?["priority"] as? Int }
        #expect(masters == [50, 50])
        #expect(again.stop() == 0)
        let taken = try watch(lab, "from FRR") {
            try lab.agent("a", VirtualMACLab.both(100))
            try lab.waitForMaster("a")
            try lab.wait("FRR is backup", within: 10) { lab.runningMacvlans("b") == [] }
        }
        #expect(taken.isSteady, "\(taken)")
    }
}

extension Lab {
    /// The macvlans of FRR that are not held down.
    fileprivate func runningMacvlans(_ host: String) -> [String] {
        macvlans(host).map(\.name).sorted().filter { name in
            (try? on(host, "-o", "link", "show", "dev", name))?.contains("LOWER_UP") ?? false
        }
    }

    /// FRR's zebra and vrrpd, for virtual routers 51 of IPv4 and 52 of IPv6, on macvlans that are made by hand.
    fileprivate func vrrpd(_ host: String, priority: Int) throws {
        for (interface, hardware, addresses) in [
            ("frr4", VirtualMACLab.hardwareIPv4, ["192.0.2.1/24"]),
            ("frr6", VirtualMACLab.hardwareIPv6, ["fe80::51/64", "2001:db8::1/64"]),
        ] {
            try on(host, "link", "add", interface, "link", "eth0", "type", "macvlan", "mode", "bridge")
            try on(host, "link", "set", "dev", interface, "address", hardware)
            try on(host, "link", "set", "dev", interface, "addrgenmode", "random")
            for address in addresses {
                _ = try Self.run(
                    ["ip", "-n", namespace(host), "addr", "add", address, "dev", interface]
                        + (address.contains(":") ? ["nodad"] : []))
            }
            // As FRR has it while it is no master.
            try on(host, "link", "set", "dev", interface, "protodown", "on")
            try on(host, "link", "set", "dev", interface, "up")
        }
        let folder = directory.appending(path: "frr-\(host)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path())
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path())
        let path = folder.path()
        var lines = ["interface eth0"]
        for (id, version, addresses) in [(51, 3, ["ip 192.0.2.1"]), (52, 3, ["ipv6 fe80::51", "ipv6 2001:db8::1"])] {
            lines += ["vrrp \(id) version \(version)", "vrrp \(id) priority \(priority)"]
            lines += ["vrrp \(id) advertisement-interval 500"] + addresses.map { "vrrp \(id) \($0)" }
        }
        let configuration = try write(lines.joined(separator: "\n ") + "\n", as: "vrrpd.conf")
        for (daemon, arguments) in [("zebra", []), ("vrrpd", ["-f", configuration])] {
            _ = try start(
                host,
                [
                    "/usr/lib/frr/\(daemon)", "-z", "\(path)/zserv.api", "-i", "\(path)/\(daemon).pid", "--vty_socket",
                    path, "-A", "127.0.0.1", "--log", "stdout",
                ] + arguments)
            Thread.sleep(forTimeInterval: 1.5)
        }
    }
}
