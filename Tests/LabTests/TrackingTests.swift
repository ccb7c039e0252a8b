import Foundation
import Testing

@Suite("Tracked interfaces, beside keepalived with the same file")
struct TrackingLabTests {
    private func lab(_ tracking: String, master: String) throws -> Lab {
        let lab = try Lab("ab", interfaces: ["eth0", "eth1"])
        do {
            let first = Guide.file(priority: 100, extra: "track_interface {\n\(tracking)\n}")
            let second = Guide.file(priority: 90)
            if master == "agent" {
                try lab.agent("a", first)
                try lab.keepalived("b", second)
            } else {
                try lab.keepalived("a", first)
                try lab.agent("b", second)
            }
            try lab.waitForHolder("a")
            Thread.sleep(forTimeInterval: 1.2)
            return lab
        } catch {
            lab.tearDown()
            throw error
        }
    }

    private func set(_ lab: Lab, _ state: String) throws {
        try lab.on("sw", "link", "set", lab.port("a", "eth1"), state)
    }

    /// What a host has advertised, without repetitions.
    private func priorities(_ frames: [[String]], _ source: String) -> [String] {
        frames.filter { $0[0] == source }.map { $0[1] }.reduce(into: []) { list, priority in
            if list.last != priority { list.append(priority) }
        }
    }

    @Test(
        "A weight: the next advertisement has it, the other host takes over, and gives the address back",
        arguments: ["agent", "keepalived"])
    func weight(master: String) throws {
        let lab = try lab("eth1 weight -20", master: master)
        defer { lab.tearDown() }
        try lab.startCapture(only: "proto 112")
        Thread.sleep(forTimeInterval: 1.2)
        try set(lab, "down")
        try lab.waitForHolder("b", within: 10)
        if master == "agent" {
            let instance = try #require(try lab.status("a").first)
            #expect(instance["priority"] as? Int == 80)
            #expect(instance["configuredPriority"] as? Int == 100)
            #expect(
                try lab.control("a", "explain", "Instance1").output.contains("priority 80 = 100 − 20: interface eth1"))
        }
        Thread.sleep(forTimeInterval: 1.2)
        try set(lab, "up")
        try lab.waitForHolder("a", within: 10)
        Thread.sleep(forTimeInterval: 1.2)
        let frames = try lab.captured("vrrp", "ip.src", "vrrp.prio")
        #expect(priorities(frames, "192.0.2.11").filter { $0 != "0" } == ["100", "80", "100"], "\(frames)")
        #expect(Set(priorities(frames, "192.0.2.12")).contains("90"))
    }

    @Test(
        "Weight 0: it resigns at once, takes no part, and preempts when the interface is back",
        arguments: ["agent", "keepalived"])
    func fault(master: String) throws {
        let lab = try lab("eth1", master: master)
        defer { lab.tearDown() }
        try lab.startCapture(only: "proto 112")
        Thread.sleep(forTimeInterval: 1.2)
        try set(lab, "down")
        try lab.waitForHolder("b", within: 5)
        if master == "agent" {
            try lab.wait("fault") { lab.state("a") == "fault" }
            #expect(try lab.status("a").first?["reason"] as? String == "interface eth1 has no carrier")
        }
        Thread.sleep(forTimeInterval: 1.2)
        try set(lab, "up")
        try lab.waitForHolder("a", within: 10)
        Thread.sleep(forTimeInterval: 1.2)
        let frames = try lab.captured("vrrp", "ip.src", "vrrp.prio")
        let own = priorities(frames, "192.0.2.11")
        #expect(own.prefix(2) == ["100", "0"], "\(frames)")
        #expect(own.last == "100")
    }
}
