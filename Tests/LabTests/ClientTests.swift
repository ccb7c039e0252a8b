import Foundation
import Testing

/// Clients that others wrote, and clients as they should not be.
@Suite("The control socket")
struct ClientTests {
    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Clients")
        .standardized.path()

    /// PyPI's varlink 31.0.0; contrib/test puts it there, where PyPI can be reached.
    private static let varlink: String? = {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.build-tools")
            .standardized.path()
        return FileManager.default.fileExists(atPath: "\(path)/varlink/__init__.py") ? path : nil
    }()

    private func python(_ lab: Lab, _ host: String, _ arguments: String...) throws -> Program {
        try lab.start(host, ["env", "PYTHONPATH=\(Self.varlink ?? "")", "/usr/bin/python3"] + arguments)
    }

    private func masterAlone() throws -> Lab {
        let lab = try Lab("abc")
        do {
            try lab.agent("a", Guide.primary)
            try lab.waitForHolder("a")
            return lab
        } catch {
            lab.tearDown()
            throw error
        }
    }

    @Test("PyPI's varlink lists, introspects, calls, streams and gets the typed errors", .enabled(if: varlink != nil))
    func introspection() throws {
        let lab = try masterAlone()
        defer { lab.tearDown() }
        let client = try python(lab, "a", "\(Self.scripts)/varlink_client.py", lab.socket("a"))
        #expect(client.waitForExit() == 0, "\(client.output)")
    }

    @Test("Varlink's certification passes in both directions", .enabled(if: varlink != nil))
    func certification() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let certify = "\(Lab.debugBinaries)/certify"
        let suite = "\(Self.varlink ?? "")/varlink/tests/test_certification.py"
        let ours = lab.directory.appending(path: "ours").path()
        let theirs = lab.directory.appending(path: "theirs").path()
        let server = try lab.start("a", [certify, "server", ours])
        try lab.wait("it listens") { FileManager.default.fileExists(atPath: ours) }
        let client = try python(lab, "a", suite, "--client", "--varlink=unix:\(ours)")
        #expect(client.waitForExit() == 0)
        #expect(client.output.contains("Certification passed"))
        try lab.wait("the server agrees") { server.output.contains("certification passed") }
        _ = try python(lab, "a", suite, "--varlink=unix:\(theirs)")
        try lab.wait("theirs listens") { FileManager.default.fileExists(atPath: theirs) }
        let other = try lab.start("a", [certify, "client", theirs])
        #expect(other.waitForExit() == 0, "\(other.output)")
    }

    @Test("The metrics are OpenMetrics, says prometheus-client's parser; over HTTP, too")
    func metrics() throws {
        let lab = try masterAlone()
        defer { lab.tearDown() }
        let failoverctl = "\(Lab.binaries)/failoverctl metrics --socket \(lab.socket("a"))"
        let parse = "/usr/bin/python3 \(Self.scripts)/openmetrics.py"
        let plain = try lab.start("a", ["sh", "-c", "\(failoverctl) | \(parse)"])
        #expect(plain.waitForExit() == 0, "\(plain.output)")
        let request = "printf 'GET /metrics HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' | \(failoverctl) --http"
        let http = try lab.start("a", ["sh", "-c", "\(request) | sed '1,/^\\r$/d' | \(parse)"])
        #expect(http.waitForExit() == 0, "\(http.output)")
        let other = try lab.start("a", ["sh", "-c", "printf 'GET / HTTP/1.1\\r\\n\\r\\n' | \(failoverctl) --http"])
        #expect(other.waitForExit() == 0)
        #expect(other.output.hasPrefix("HTTP/1.1 404 "))
    }

    @Test("What status says is what the kernel says: 10,000 samples while addresses and the interface come and go")
    func truth() throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let script = try python(
            lab, "a", "\(Self.scripts)/status_truth.py", lab.socket("a"), "10000", "192.0.2.1", "\(agent.id)")
        #expect(script.waitForExit() == 0, "\(script.output)")
    }

    @Test("Clients that stall, never read, send garbage, or come by the thousand: failover takes as long as ever")
    func hostile() throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        let first = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let second = try lab.agent("b", Guide.secondary)
        try lab.wait("the other one follows") { lab.state("b") == "backup" }
        try lab.startCapture(only: "proto 112")
        let hostile = try ["a", "b"].map { host in
            try python(lab, host, "\(Self.scripts)/hostile_clients.py", lab.socket(host), "12")
        }
        Thread.sleep(forTimeInterval: 6)
        // Whoever may change something is let in all the same.
        #expect(try lab.control("b", "health").code <= 1)
        let killed = Date()
        first.end(SIGKILL)
        try lab.on("a", "link", "set", "eth0", "down")
        // The address of the killed one stays on an interface that is down.
        try lab.wait("the second one takes over", within: 8) { lab.addresses("b").contains("192.0.2.1/32") }
        #expect(Date().timeIntervalSince(killed) < 4.2)
        for program in hostile { #expect(program.waitForExit() == 0) }
        #expect(second.isRunning)
        let times = try lab.captured("vrrp && ip.src == 192.0.2.11", "frame.time_epoch").compactMap { Double($0[0]) }
        #expect(times.count >= 5)
        // The clients alone would keep two cores busy; a backup's patience is three times as long.
        for (one, next) in zip(times, times.dropFirst()) { #expect(next - one < 1.5) }
        let asked = try #require(hostile[1].output.firstMatch(of: /([0-9]+) answers/))
        #expect(try #require(Int(asked.1)) > 100, "\(hostile[1].output)")
        #expect(try #require(second.status("VmRSS")) < 40_000)
    }

    @Test(
        "A reader who takes all that it can get has a share; half a call is dropped, whoever else connects; others get in"
    )
    func greedy() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.agent("a", "global_defs {\n    socket_group nogroup\n}\n" + Guide.primary)
        try lab.wait("it answers") { !lab.state("a").isEmpty }
        _ = unsafe chmod(lab.directory.path(), 0o755)
        func reader(_ user: String, _ command: String...) throws -> Program {
            try lab.start("a", ["setpriv", "--reuid", user, "--regid", "nogroup", "--clear-groups"] + command)
        }
        let script = "\(Self.scripts)/greedy_reader.py"
        let greedy = try reader("65534", "/usr/bin/python3", script, lab.socket("a"), "watch")
        try lab.wait("it has what it gets") { greedy.output.contains("held") }
        let held = try #require(greedy.output.firstMatch(of: /([0-9]+) held/))
        #expect(try #require(Int(held.1)) == 24)
        let other = try reader("65533", "\(Lab.binaries)/failoverctl", "status", "--socket", lab.socket("a"))
        #expect(other.waitForExit() == 0, "\(other.output)")
        #expect(try lab.control("a", "status").code == 0)
        let half = try reader("65532", "/usr/bin/python3", script, lab.socket("a"), "half")
        #expect(half.waitForExit() == 0)
        let dropped = try #require(half.output.firstMatch(of: /dropped after ([0-9]+) s/), "\(half.output)")
        #expect((9...20).contains(try #require(Int(dropped.1))))
    }

    @Test("Who watches sees the end: every change up to 'stopped'")
    func end() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let watcher = try lab.start("a", ["\(Lab.binaries)/failoverctl", "watch", "--socket", lab.socket("a")])
        try lab.wait("the present state is told") { watcher.output.contains("Instance1: master") }
        #expect(agent.stop() == 0)
        #expect(watcher.waitForExit() == 3)
        #expect(watcher.output.contains("removed 192.0.2.1/32 from eth0"))
        #expect(watcher.output.contains("leaving → stopped"))
        #expect(watcher.output.contains("the agent has closed the connection: it was stopped"))
    }
}
