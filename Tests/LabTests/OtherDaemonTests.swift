import Foundation
import Testing

@Suite("Beside other daemons of protocol 112")
struct OtherDaemonTests {
    /// FRR's zebra and vrrpd on a host: a virtual router lives on a macvlan with the virtual MAC address.
    private func frr(_ lab: Lab, _ host: String, priority: Int) throws {
        let interface = "vrrp4-10"
        try lab.on(host, "link", "add", interface, "link", "eth0", "type", "macvlan", "mode", "bridge")
        try lab.on(host, "link", "set", "dev", interface, "address", "00:00:5e:00:01:0a")
        try lab.on(host, "addr", "add", "192.0.2.1/32", "dev", interface)
        try lab.on(host, "link", "set", "dev", interface, "up")
        let folder = lab.directory.appending(path: "frr-\(host)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path())
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: lab.directory.path())
        let path = folder.path()
        let configuration = try lab.write(
            "interface eth0\n vrrp 10 version 3\n vrrp 10 priority \(priority)\n vrrp 10 advertisement-interval 1000\n"
                + " vrrp 10 ip 192.0.2.1\n", as: "vrrpd.conf")
        for (daemon, arguments) in [("zebra", []), ("vrrpd", ["-f", configuration])] {
            _ = try lab.start(
                host,
                [
                    "/usr/lib/frr/\(daemon)", "-z", "\(path)/zserv.api", "-i", "\(path)/\(daemon).pid", "--vty_socket",
                    path,
                    "-A", "127.0.0.1", "--log", "stdout",
                ] + arguments)
            Thread.sleep(forTimeInterval: 1.5)
        }
    }

    @Test("FRR's vrrpd is heard and hears, as master and as backup")
    func freeRangeRouting() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let file = Guide.file(priority: 100, password: nil, extra: "version 3")
        let agent = try lab.agent("a", file)
        try lab.waitForHolder("a")
        try lab.startCapture()
        try frr(lab, "b", priority: 50)
        Thread.sleep(forTimeInterval: 5)
        #expect(lab.state("a") == "master")
        _ = agent.stop()
        Thread.sleep(forTimeInterval: 6)
        // FRR is master now: an agent that does not preempt follows it.
        try lab.agent("a", Guide.file(priority: 100, password: nil, extra: "version 3\nnopreempt"))
        Thread.sleep(forTimeInterval: 5)
        #expect(lab.state("a") == "backup")
        let master = try lab.status("a").first?["master"] as? [String: Any]
        #expect(master?["address"] as? String == "192.0.2.12")
        #expect(master?["priority"] as? Int == 50)
        #expect(VersionMatrixTests.counter(lab, "a", "pseudoHeaderChecksums") > 1)
        let packets = try lab.captured("vrrp", "ip.src", "vrrp.prio", "vrrp.checksum.status")
        let theirs = packets.enumerated().filter { $0.element[0] == "192.0.2.12" }
        let ours = packets.enumerated().filter { $0.element[0] == "192.0.2.11" }
        #expect(theirs.count > 4)
        // It kept quiet while it heard this agent, and spoke after the resignation.
        let resignation = try #require(ours.first { $0.element[1] == "0" }).offset
        #expect(theirs.allSatisfy { $0.offset > resignation })
        #expect(ours.allSatisfy { $0.element[2] == "1" })
    }

    @Test("UCarp's packets, which share the protocol number, are counted and ignored")
    func ucarp() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let script = try lab.write("#!/bin/sh\nexit 0\n", as: "updown")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        _ = try lab.start(
            "b",
            [
                "ucarp", "-i", "eth0", "-s", "192.0.2.12", "-v", "10", "-p", "s3cret", "-a", "192.0.2.77", "-u", script,
                "-d", script, "-P",
            ])
        try lab.wait("they are counted") {
            let counters = (try? lab.status("a").first?["counters"] as? [String: Any]) ?? [:]
            return ((counters["dropped"] as? [String: Int]) ?? [:]).values.reduce(0, +) > 2
        }
        #expect(lab.state("a") == "master")
        #expect(lab.holders() == "a")
    }
}
