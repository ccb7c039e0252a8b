import Foundation
import Testing

@Suite("Failover between real hosts")
struct FailoverTests {
    @Test("Two agents: the first holds the address, the second takes it at a stop and gives it back")
    func stopAndReturn() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let first = try lab.agent("a", Guide.primary)
        try lab.agent("b", Guide.secondary)
        try lab.waitForHolder("a")
        Thread.sleep(forTimeInterval: 1.2)
        let begin = Date()
        #expect(first.stop() == 0)
        #expect(lab.addresses("a") == ["192.0.2.11/24"])
        try lab.waitForHolder("b", within: 5)
        // The skew time of priority 99 is 0.613 s; without the resignation it would be 3.6 s.
        #expect(Date().timeIntervalSince(begin) < 2.5)
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        #expect(lab.state("b") == "backup")
    }

    @Test("The timeline has what each host was, with the causes, as text and as a picture")
    func timeline() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let second = try lab.agent("b", Guide.secondary)
        Thread.sleep(forTimeInterval: 2)
        #expect(try lab.control("a", "handover", "Instance1").code == 0)
        try lab.wait("b has it") { lab.state("b") == "master" }
        let (code, text) = try lab.control("a", "timeline", "--since", "10min")
        #expect(code == 0)
        let changes = [
            "fault → backup: started", "backup → master: no master was heard", "master → leaving", "leaving → backup",
        ]
        for change in changes { #expect(text.contains(change), "\(text)") }
        #expect(try lab.control("b", "timeline", "--instance", "Instance1").output.contains("backup → master"))
        #expect(try lab.control("b", "timeline", "--instance", "Nobody").code == 2)
        let picture = lab.directory.appending(path: "timeline.svg").path()
        #expect(try lab.control("b", "timeline", "--svg", picture).code == 0)
        #expect(try String(contentsOfFile: picture, encoding: .utf8).contains("<title>master for "))
        #expect(try lab.control("b", "timeline", "--svg", picture).code == 1)
        #expect(try lab.control("b", "timeline", "--svg", picture, "--force").code == 0)
        _ = second
    }

    @Test("A pulled cable, and the cable back in")
    func cable() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.agent("b", Guide.secondary)
        try lab.waitForHolder("a")
        Thread.sleep(forTimeInterval: 1.2)
        try lab.cut("a")
        try lab.waitForHolder("b", within: 10)
        #expect(lab.state("a") == "fault")
        let reason = try lab.status("a").first?["reason"] as? String
        #expect(reason == "interface eth0 has no carrier")
        try lab.mend("a")
        try lab.waitForHolder("a", within: 10)
    }

    @Test(
        "Three hosts: cut the first, the second holds; cut it, the third; they return in either order",
        arguments: ["ab", "ba"])
    func three(order: String) throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.agent("b", Guide.secondary)
        try lab.agent("c", Guide.third)
        try lab.waitForHolder("a")
        Thread.sleep(forTimeInterval: 1.2)
        try lab.cut("a")
        try lab.waitForHolder("b", within: 10)
        Thread.sleep(forTimeInterval: 1.2)
        try lab.cut("b")
        try lab.waitForHolder("c", within: 10)
        let first = String(order.prefix(1))
        try lab.mend(first)
        try lab.waitForHolder(first, within: 10)
        try lab.mend(String(order.suffix(1)))
        try lab.waitForHolder("a", within: 10)
    }

    @Test("Beside keepalived, in either role: start, stop, cable, return", arguments: ["agent", "keepalived"])
    func keepalived(master: String) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        func start(_ host: String, _ kind: String, _ file: String) throws -> Program {
            kind == "agent" ? try lab.agent(host, file) : try lab.keepalived(host, file)
        }
        let backup = master == "agent" ? "keepalived" : "agent"
        let first = try start("a", master, Guide.primary)
        _ = try start("b", backup, Guide.secondary)
        try lab.waitForHolder("a")
        Thread.sleep(forTimeInterval: 1.2)
        let begin = Date()
        _ = first.stop()
        try lab.waitForHolder("b", within: 5)
        #expect(Date().timeIntervalSince(begin) < 3.4)
        _ = try start("a", master, Guide.primary)
        try lab.waitForHolder("a")
        Thread.sleep(forTimeInterval: 1.2)
        try lab.cut("a")
        try lab.waitForHolder("b", within: 10)
        try lab.mend("a")
        try lab.waitForHolder("a", within: 10)
    }

    @Test("nopreempt beside keepalived: who came back with the higher priority waits")
    func nopreempt() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let file = Guide.file(priority: 100, extra: "nopreempt")
        let first = try lab.agent("a", file)
        try lab.waitForHolder("a")
        try lab.keepalived("b", Guide.secondary)
        Thread.sleep(forTimeInterval: 1.5)
        _ = first.stop()
        try lab.waitForHolder("b", within: 6)
        try lab.agent("a", file)
        Thread.sleep(forTimeInterval: 6)
        #expect(lab.holders() == "b")
        #expect(lab.state("a") == "backup")
    }

    @Test("A private address on eth1, beside the public one on eth0")
    func secondInterface() throws {
        let lab = try Lab("ab", interfaces: ["eth0", "eth1"])
        defer { lab.tearDown() }
        func file(_ priority: Int) -> String {
            Guide.file(priority: priority)
                + Guide.file(
                    priority: priority, interface: "eth1", addresses: ["198.51.100.1"], name: "Instance2", id: 20)
        }
        try lab.agent("a", file(100))
        try lab.agent("b", file(99))
        try lab.waitForHolder("a")
        try lab.waitForHolder("a", "198.51.100.1", "eth1")
        Thread.sleep(forTimeInterval: 1.2)
        try lab.on("sw", "link", "set", lab.port("a", "eth1"), "down")
        try lab.waitForHolder("b", "198.51.100.1", "eth1", within: 10)
        #expect(lab.holders() == "a", "the other instance is untouched")
    }

    @Test("A macvlan whose parent loses its carrier")
    func macvlan() throws {
        let lab = try Lab("ab", addressed: false)
        defer { lab.tearDown() }
        for (host, number) in [("a", 11), ("b", 12)] {
            try lab.on(host, "link", "add", "mv0", "link", "eth0", "type", "macvlan", "mode", "bridge")
            try lab.on(host, "link", "set", "mv0", "up")
            try lab.on(host, "addr", "add", "192.0.2.\(number)/24", "dev", "mv0")
        }
        try lab.agent("a", Guide.file(priority: 100, interface: "mv0"))
        try lab.agent("b", Guide.file(priority: 99, interface: "mv0"))
        try lab.waitForHolder("a", "192.0.2.1", "mv0")
        Thread.sleep(forTimeInterval: 1.2)
        try lab.cut("a")
        try lab.waitForHolder("b", "192.0.2.1", "mv0", within: 10)
        try lab.wait("a is in fault") { lab.state("a") == "fault" }
        try lab.mend("a")
        try lab.waitForHolder("a", "192.0.2.1", "mv0", within: 10)
    }

    @Test("An interface that does not exist yet is waited for, and one that is made anew is used again")
    func lateInterface() throws {
        let lab = try Lab("ab", addressed: false)
        defer { lab.tearDown() }
        let program = try lab.agent("a", Guide.file(priority: 100, interface: "late0"))
        try lab.wait("a waits") { lab.state("a") == "fault" }
        for _ in 0..<2 {
            try lab.on("a", "link", "add", "late0", "link", "eth0", "type", "macvlan", "mode", "bridge")
            try lab.on("a", "link", "set", "late0", "up")
            try lab.on("a", "addr", "add", "192.0.2.11/24", "dev", "late0")
            try lab.waitForHolder("a", "192.0.2.1", "late0", within: 10)
            try lab.on("a", "link", "del", "late0")
            try lab.wait("a is in fault") { lab.state("a") == "fault" }
        }
        #expect(program.isRunning)
    }
}
