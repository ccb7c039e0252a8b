import Foundation
import Testing

/// How two hosts may speak VRRP with each other.
struct Speech: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var password: String? = nil
    var interval = "1"
    var isVersion3 = false
    var isUnicast = false

    static let all = [
        Speech(testDescription: "version 2 with a password", password: "s3cret"),
        Speech(testDescription: "version 2 without authentication"),
        Speech(testDescription: "version 3, 1 s", isVersion3: true),
        Speech(testDescription: "version 3, 0.1 s", interval: "0.1", isVersion3: true),
        Speech(testDescription: "version 2 by unicast", password: "s3cret", isUnicast: true),
        Speech(testDescription: "version 3 by unicast", isVersion3: true, isUnicast: true),
    ]

    /// - Parameter host: 0 for a, 1 for b.
    func file(_ host: Int, state: String = "BACKUP", extra: String = "") -> String {
        var lines = [extra]
        if isVersion3 { lines.append("version 3") }
        if isUnicast {
            lines.append("unicast_src_ip 192.0.2.\(11 + host)\nunicast_peer {\n192.0.2.\(12 - host)\n}")
        }
        return Guide.file(state: state, priority: 100 - host, password: password, extra: lines.joined(separator: "\n"))
            .replacing("advert_int 1", with: "advert_int \(interval)")
    }
}

@Suite("Beside keepalived 2.2.7 in either role, in every form of the protocol")
struct VersionMatrixTests {
    private static let roles = ["agent", "keepalived"]

    private static func start(_ lab: Lab, _ host: String, _ kind: String, _ file: String) throws -> Program {
        kind == "agent" ? try lab.agent(host, file) : try lab.keepalived(host, file)
    }

    private static func other(_ kind: String) -> String { kind == "agent" ? "keepalived" : "agent" }

    @Test("Start, cable pulled and put back, stop, return", arguments: Speech.all, roles)
    func life(speech: Speech, master: String) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let first = try Self.start(lab, "a", master, speech.file(0, state: "MASTER"))
        _ = try Self.start(lab, "b", Self.other(master), speech.file(1))
        try lab.waitForHolder("a")
        Thread.sleep(forTimeInterval: 1.2)
        #expect(lab.holders() == "a", "the backup hears the master")
        try lab.cut("a")
        try lab.waitForHolder("b", within: 10)
        try lab.mend("a")
        try lab.waitForHolder("a", within: 10)
        Thread.sleep(forTimeInterval: 1.2)
        _ = first.stop()
        try lab.waitForHolder("b", within: 5)
        _ = try Self.start(lab, "a", master, speech.file(0, state: "MASTER"))
        try lab.waitForHolder("a", within: 10)
        let host = master == "agent" ? "a" : "b"
        let dropped = (try lab.status(host).first?["counters"] as? [String: Any])?["dropped"] as? [String: Any]
        #expect(dropped?.isEmpty == true, "\(dropped ?? [:])")
    }

    @Test("nopreempt and preempt_delay: who comes back waits", arguments: Speech.all, roles)
    func patience(speech: Speech, returning: String) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        _ = try Self.start(lab, "b", Self.other(returning), speech.file(1))
        try lab.waitForHolder("b")
        let waiting = try Self.start(lab, "a", returning, speech.file(0, extra: "nopreempt"))
        Thread.sleep(forTimeInterval: speech.interval == "1" ? 5 : 2)
        #expect(lab.holders() == "b")
        _ = waiting.stop()
        let begin = Date()
        _ = try Self.start(lab, "a", returning, speech.file(0, extra: "preempt_delay 6"))
        try lab.waitForHolder("a", within: 20)
        #expect(Date().timeIntervalSince(begin) > 5.9)
    }

    @Test("v3: the backup judges a slower master by the master's interval", arguments: roles)
    func adoption(master: String) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let slow = Speech(testDescription: "", interval: "1", isVersion3: true)
        let fast = Speech(testDescription: "", interval: "0.1", isVersion3: true)
        _ = try Self.start(lab, "a", master, slow.file(0))
        try lab.waitForHolder("a")
        _ = try Self.start(lab, "b", Self.other(master), fast.file(1))
        // Its first timer, by its own interval, may end before it has heard the master.
        Thread.sleep(forTimeInterval: 1.5)
        let end = Date().addingTimeInterval(4)
        while Date() < end {
            #expect(lab.holders() == "a")
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    @Test("v3_checksum_as_v2: both forms are heard and counted")
    func checksums() throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        let speech = Speech(testDescription: "", isVersion3: true)
        try lab.agent("a", speech.file(0, extra: "v3_checksum_as_v2"))
        try lab.agent("b", speech.file(1))
        try lab.waitForHolder("a")
        try lab.wait("the plain form is counted") { Self.counter(lab, "b", "plainChecksums") > 1 }
        #expect(Self.counter(lab, "b", "pseudoHeaderChecksums") == 0)
        try lab.cut("a")
        try lab.keepalived("c", Speech(testDescription: "", isVersion3: true).file(0, state: "MASTER"))
        try lab.wait("keepalived's form is counted") { Self.counter(lab, "b", "pseudoHeaderChecksums") > 1 }
    }

    static func counter(_ lab: Lab, _ host: String, _ name: String) -> Int {
        ((try? lab.status(host).first?["counters"] as? [String: Any])?[name] as? Int) ?? 0
    }

    @Test("By unicast a TTL outside the peer's bounds, and a stranger, are counted and ignored")
    func unicastChecks() throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        let speech = Speech(testDescription: "", password: "s3cret", isUnicast: true)
        try lab.agent("a", speech.file(0).replacing("192.0.2.12", with: "192.0.2.12 min_ttl 250"))
        try lab.waitForHolder("a")
        try lab.keepalived("b", speech.file(1, extra: "unicast_ttl 9").replacing("priority 99", with: "priority 200"))
        try lab.agent(
            "c",
            speech.file(0).replacing("192.0.2.11", with: "192.0.2.13").replacing("192.0.2.12", with: "192.0.2.11")
                .replacing("priority 100", with: "priority 201"))
        try lab.wait("both are counted") {
            let counters = (try? lab.status("a").first?["counters"] as? [String: Any]) ?? [:]
            let dropped = counters["dropped"] as? [String: Int] ?? [:]
            return (dropped["ttl"] ?? 0) > 1 && (dropped["peer"] ?? 0) > 1
        }
        #expect(lab.state("a") == "master")
    }
}
