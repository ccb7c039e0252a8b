import Foundation
import Testing

@Suite("Programs that stop running for a while")
struct StallTests {
    @Test("A backup that was stopped for 8 s does not claim a living master's address")
    func backup() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.keepalived("a", Guide.primary)
        let backup = try lab.agent("b", Guide.secondary)
        try lab.waitForHolder("a")
        Thread.sleep(forTimeInterval: 1.5)
        backup.signal(SIGSTOP)
        Thread.sleep(forTimeInterval: 8)
        backup.signal(SIGCONT)
        let end = Date().addingTimeInterval(3)
        while Date() < end {
            #expect(lab.holders() == "a")
            Thread.sleep(forTimeInterval: 0.002)
        }
        #expect(lab.state("b") == "backup")
        #expect(try lab.status("b").first?["secondsInState"] as? Double ?? 0 > 10)
    }

    @Test("A backup whose receive socket heard nothing while it was stopped waits once more")
    func deafBackup() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.keepalived("a", Guide.primary)
        let backup = try lab.agent("b", Guide.secondary)
        try lab.waitForHolder("a")
        Thread.sleep(forTimeInterval: 1.5)
        // As in a paused virtual machine: the switch does not keep packets for later.
        let rules =
            "table netdev deaf { chain in { type filter hook ingress device eth0 priority 0; ip protocol 112 drop; }; }"
        let file = try lab.write(rules, as: "deaf.nft")
        backup.signal(SIGSTOP)
        try Lab.run("ip", "netns", "exec", lab.namespace("b"), "nft", "-f", file)
        Thread.sleep(forTimeInterval: 8)
        try Lab.run("ip", "netns", "exec", lab.namespace("b"), "nft", "flush", "ruleset")
        backup.signal(SIGCONT)
        let end = Date().addingTimeInterval(3)
        while Date() < end {
            #expect(lab.holders() == "a")
            Thread.sleep(forTimeInterval: 0.002)
        }
        #expect(VersionMatrixTests.counter(lab, "b", "takeoversPostponed") == 1)
    }

    @Test("A nopreempt master that was stopped for 8 s yields without a packet")
    func master() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let master = try lab.agent("a", Guide.file(priority: 100, extra: "nopreempt"))
        try lab.waitForHolder("a")
        try lab.keepalived("b", Guide.secondary)
        Thread.sleep(forTimeInterval: 1.5)
        try lab.startCapture()
        master.signal(SIGSTOP)
        try lab.waitForHolder("ab", within: 10)
        Thread.sleep(forTimeInterval: 3)
        master.signal(SIGCONT)
        try lab.waitForHolder("b", within: 5)
        Thread.sleep(forTimeInterval: 3)
        #expect(lab.holders() == "b")
        let packets = try lab.captured("vrrp", "ip.src", "frame.time_epoch")
        let firstOfPeer = try #require(packets.firstIndex { $0[0] == "192.0.2.12" })
        #expect(packets[firstOfPeer...].allSatisfy { $0[0] == "192.0.2.12" })
    }
}

@Suite("Many virtual routers")
struct ManyRoutersTests {
    @Test("200 on 200 interfaces, and 255 on one: all elect and fail over", arguments: [200, 1])
    func many(interfaces: Int) throws {
        let count = interfaces == 1 ? 255 : 200
        let names = interfaces == 1 ? ["eth0"] : (0..<200).map { "v\($0)" }
        let lab = try Lab("ab", interfaces: ["eth0"])
        defer { lab.tearDown() }
        if interfaces > 1 {
            for (host, number) in [("a", 11), ("b", 12)] {
                let batch = names.enumerated().map { index, name in
                    "link add \(name) link eth0 type macvlan mode bridge\nlink set \(name) up\n"
                        + "addr add 10.7.\(index).\(number)/24 dev \(name)\n"
                }.joined()
                try Lab.run("ip", "-n", lab.namespace(host), "-batch", try lab.write(batch, as: "\(host).batch"))
            }
        }
        func file(_ priority: Int) -> String {
            (0..<count).map { index in
                Guide.file(
                    priority: priority, interface: names[index % names.count], addresses: ["10.200.0.\(index)"],
                    name: "I\(index)", id: index % 255 + 1)
            }.joined()
        }
        let first = try lab.agent("a", file(200))
        try lab.agent("b", file(100))
        func held(_ host: String) -> Int {
            let output = (try? lab.on(host, "-o", "-4", "addr", "show")) ?? ""
            return output.components(separatedBy: " 10.200.0.").count - 1
        }
        try lab.wait("all are up on a", within: 40) { held("a") == count && held("b") == 0 }
        Thread.sleep(forTimeInterval: 1.5)
        try lab.cut("a")
        first.end(SIGKILL)
        try lab.wait("all are on b", within: 40) { held("b") == count }
    }
}
