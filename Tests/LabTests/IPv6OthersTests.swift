import Foundation
import Testing

@Suite("IPv6 as others see it: the packets, and FRR")
struct IPv6OthersLabTests {
    @Test("Every packet of a pair's life is decoded without complaint, and announcements are as RFC 9568 has them")
    func decoded() throws {
        let lab = try IPv6Lab.hosts("ab")
        defer { lab.tearDown() }
        try lab.on("a", "link", "set", "eth0", "address", "02:00:00:00:00:0a")
        try lab.startCapture(only: "ip6")
        let first = try lab.agent("a", IPv6Lab.file(priority: 100))
        try lab.agent("b", IPv6Lab.file(priority: 99))
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
        let lab = try IPv6Lab.hosts("ab")
        defer { lab.tearDown() }
        let addresses = ["fe80::51", "2001:db8::1"]
        let agent = try lab.agent("a", IPv6Lab.file(priority: 100, addresses: addresses))
        try lab.waitForHolderIPv6("a")
        try frr(lab, "b", priority: 50, detects: detects)
        Thread.sleep(forTimeInterval: 5)
        #expect(lab.state("a") == "master")
        _ = agent.stop()
        Thread.sleep(forTimeInterval: 6)
        try lab.agent("a", IPv6Lab.file(priority: 100, extra: "nopreempt", addresses: addresses))
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
