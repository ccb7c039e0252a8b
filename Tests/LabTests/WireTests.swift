import Foundation
import Testing

@Suite("On the wire")
struct WireTests {
    /// Odd passwords, as they stand behind `auth_pass`.
    static let passwords = [
        "plain", "12345678", "123456789abc", "$password", "pa$$word", "pass!word", "pass#word", "\"quoted\"",
        "\"with sp\"", "'single'",
        "'si gl'", "\"pa\"\"ss\"", "pa\\ss", "\"pa\\\\ss\"", "\"a!b#c\"", "\"a}b\"", "foo bar", "pä55wörd", "p@ss%w0",
        "*?[x]", "a=b",
        "$x=y", "abc\\", "\\x41bc", "\"\"", "@pass", "+-x", "a\"b c\"d", "a!", "\"q\"x", "a\\!b", "a\\#b", "$DEF",
        "x$DEF", "${DEF}x", "$DEFx",
    ]

    @Test("Odd passwords become the bytes that keepalived sends")
    func oddPasswords() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.startCapture()
        func file(_ host: Int) -> String {
            "$DEF=abc\n"
                + Self.passwords.enumerated().map { index, password in
                    Guide.file(
                        state: "MASTER", priority: 255, password: password, addresses: ["192.0.2.\(100 + index)"],
                        name: "I\(index)", id: index + 1)
                }.joined()
        }
        let keepalived = try lab.keepalived("b", file(1))
        Thread.sleep(forTimeInterval: 2.5)
        _ = keepalived.stop()
        let agent = try lab.agent("a", file(0))
        try lab.wait("the agent speaks") {
            (try? lab.status("a").count) == Self.passwords.count && lab.state("a") == "master"
        }
        Thread.sleep(forTimeInterval: 1.5)
        #expect(agent.stop() == 0)
        let packets = try lab.captured(
            "vrrp", "ip.src", "vrrp.virt_rtr_id", "vrrp.auth_type", "vrrp.prio", "ip.len", "data", "vrrp.auth_string",
            "vrrp.checksum")
        func bytes(_ source: String, _ id: Int) -> [String]? {
            packets.first { $0[0] == source && $0[1] == String(id) && $0[3] == "255" }.map { Array($0.dropFirst(2)) }
        }
        for (index, password) in Self.passwords.enumerated() {
            let theirs = try #require(bytes("192.0.2.12", index + 1), "keepalived sent nothing for \(password)")
            let ours = try #require(bytes("192.0.2.11", index + 1), "the agent sent nothing for \(password)")
            // The checksum covers every byte of the password.
            #expect(ours == theirs, "\(password)")
        }
        #expect(!agent.output.contains("12345678"))
    }

    @Test("Every packet of a pair's life is decoded without complaint")
    func decoded() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.startCapture()
        let first = try lab.agent("a", Guide.primary)
        try lab.agent("b", Guide.file(priority: 99, password: "s3cret"))
        try lab.waitForHolder("a")
        Thread.sleep(forTimeInterval: 1.5)
        _ = first.stop()
        try lab.waitForHolder("b", within: 5)
        Thread.sleep(forTimeInterval: 1.5)
        let all = try lab.captured(
            "vrrp or arp.opcode", "frame.number", "_ws.expert.message", "_ws.malformed", "ip.ttl", "vrrp.prio",
            "vrrp.ip_addr", "arp.src.proto_ipv4",
            "arp.dst.proto_ipv4", "ip.dsfield", "eth.dst")
        #expect(all.count > 10)
        for frame in all {
            #expect(frame[1].isEmpty || frame[1].contains("Duplicate IP address"), "\(frame)")
            #expect(frame[2].isEmpty, "\(frame)")
        }
        let adverts = all.filter { !$0[4].isEmpty }
        #expect(adverts.allSatisfy { $0[3] == "255" && $0[5] == "192.0.2.1" && $0[9] == "01:00:5e:00:00:12" })
        #expect(adverts.contains { $0[4] == "0" }, "the resignation")
        #expect(all.contains { $0[6] == "192.0.2.1" && $0[7] == "192.0.2.1" }, "gratuitous ARP")
    }

    @Test("Without a password, beside keepalived")
    func noPassword() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.keepalived("a", Guide.file(state: "MASTER", priority: 100, password: nil))
        try lab.agent("b", Guide.file(priority: 99, password: nil))
        try lab.waitForHolder("a")
        Thread.sleep(forTimeInterval: 2)
        let master = try #require(try lab.status("b").first?["master"] as? [String: Any])
        #expect(master["address"] as? String == "192.0.2.11")
        #expect(master["priority"] as? Int == 100)
    }

    @Test("Fifteen advertisements of priority 1 with a wrong password: the master's own stay a second apart")
    func wrongPassword() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        try lab.startCapture()
        // An owner that yields to nobody sends for us: keepalived's own would do, but a raw packet is plainer.
        let script = """
            import socket, struct, time
            s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
            s.setsockopt(0, 33, 255)
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("192.0.2.12"))
            body = struct.pack("!BBBBBBH", 0x21, 10, 1, 1, 1, 1, 0) + socket.inet_aton("192.0.2.1") + b"wrong\\0\\0\\0"
            t = sum(struct.unpack("!10H", body)); t = (t & 0xffff) + (t >> 16); t = ~(t + (t >> 16)) & 0xffff
            body = body[:6] + struct.pack("!H", t) + body[8:]
            for i in range(15):
                s.sendto(body, ("224.0.0.18", 0)); time.sleep(0.4)
            """
        let sender = try lab.start("b", ["python3", try lab.write(script, as: "send.py")])
        #expect(sender.waitForExit() == 0, "\(sender.output)")
        let counters = try #require(try lab.status("a").first?["counters"] as? [String: Any])
        let dropped = try #require(counters["dropped"] as? [String: Any])
        #expect(dropped["password"] as? Int == 15)
        let times = try lab.captured("vrrp && ip.src == 192.0.2.11", "frame.time_epoch").compactMap { Double($0[0]) }
        #expect(times.count >= 6)
        for (earlier, later) in zip(times, times.dropFirst()) {
            // keepalived is silent for 6.7 s here. The bound is the tenth of an interval.
            #expect(abs(later - earlier - 1) < 0.1, "\(later - earlier)")
        }
    }
}
