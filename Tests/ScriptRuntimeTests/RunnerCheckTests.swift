import Foundation
import Kernel
import ScriptRuntime
import Scripts
import Testing

@Suite("The runner's checks", .serialized, .enabled(if: geteuid() == 0, "only root can become others"))
struct RunnerCheckTests {
    private func host(_ checks: [(name: String, text: String)], _ global: String = "script_user root") throws
        -> RunnerHost
    {
        let blocks = checks.map { "vrrp_script \($0.name) {\n\($0.text)\nweight 1\n}\n" }.joined()
        let lines = checks.map { "\($0.name)\n" }.joined()
        return try RunnerHost(
            """
            global_defs {
              \(global)
            }
            \(blocks)
            vrrp_instance VI {
              track_script {
                \(lines)
              }
            }
            """)
    }

    @Test("A check that succeeds is up, one that fails is down with its exit code, and what each says is told")
    func results() throws {
        let host = try host([
            ("good", "script \"/bin/sh -c 'echo fine'\"\ninterval 1"),
            ("bad", "script \"/bin/sh -c 'echo oh; exit 3'\"\ninterval 1"),
            ("killed", "script \"/bin/sh -c 'kill -9 $$'\"\ninterval 1"),
        ])
        try host.start()
        _ = try host.activate()
        let good = try host.check(0) { $0.run == 1 }
        #expect(good.verdict == .up && good.outcome == .exited && good.code == 0 && good.output.description == "fine")
        let bad = try host.check(1) { $0.verdict == .down }
        #expect(bad.outcome == .exited && bad.code == 3 && bad.output.description == "oh")
        let killed = try host.check(2) { $0.verdict == .down }
        #expect(killed.outcome == .signalled && killed.code == 9)
        _ = try host.check(0) { $0.run == 2 }
        #expect(host.stop() == 0)
    }

    @Test("Behind the answer comes a report for each object, also where nothing is known yet")
    func snapshot() throws {
        let host = try host([("slow", "script \"/bin/sleep 20\"\ninterval 30")])
        try host.start()
        let plan = try host.activate()
        guard case .check(plan, 0, let report) = try host.next() else {
            Issue.record("no report of the check")
            return
        }
        #expect(report.verdict == .unknown && report.run == 0)
    }

    @Test("A check that can't be run has failed, with the reason: no program, no user, no right to run it")
    func notStarted() throws {
        let host = try host([
            ("gone", "script \"/no/such/program\"\ninterval 1"),
            ("stranger", "script \"/bin/true\"\nuser no_such_user\ninterval 1"),
            ("text", "script \"/etc/passwd\"\ninterval 1"), ("noInterpreter", "script \"FOLDER/empty\"\ninterval 1"),
        ])
        try host.write("empty", "", mode: 0o755)
        try host.start()
        _ = try host.activate()
        let gone = try host.check(0) { $0.verdict == .down }
        #expect(gone.outcome == .notStarted && Int32(gone.code) == ENOENT)
        let stranger = try host.check(1) { $0.verdict == .down }
        #expect(stranger.outcome == .notStarted && stranger.output.description.contains("no user 'no_such_user'"))
        let text = try host.check(2) { $0.verdict == .down }
        #expect(text.outcome == .notStarted && Int32(text.code) == EACCES)
        let empty = try host.check(3) { $0.verdict == .down }
        #expect(empty.outcome == .notStarted && Int32(empty.code) == ENOEXEC)
    }

    @Test("A check that hangs has failed at its timeout, and everything that it has started ends")
    func hanging() throws {
        let host = try host([
            ("hangs", "script \"/bin/sh -c 'trap : TERM; sleep 1234567 & while true; do sleep 1; done'\"\ninterval 1")
        ])
        try host.start()
        _ = try host.activate()
        let report = try host.check(0) { $0.verdict == .down }
        #expect(report.outcome == .cutOff)
        _ = try host.check(0) { $0.cutOffs >= 2 }
        #expect(host.stop() == 0)
        #expect(host.wait { !Self.isRunning("sleep\u{0}1234567") }, "it was left behind")
    }

    @Test("A check that says a gigabyte succeeds, its first line is told, and the runner does not grow")
    func flood() throws {
        let host = try host([
            ("flood", "script \"/bin/sh -c 'echo begun; head -c 1000000000 /dev/zero'\"\ninterval 30\ntimeout 60"),
            ("good", "script \"/bin/true\"\ninterval 1"),
        ])
        try host.start()
        _ = try host.activate()
        let report = try host.check(0) { $0.run == 1 }
        #expect(report.verdict == .up && report.output.description == "begun")
        let status = try String(contentsOfFile: "/proc/\(host.identifier)/status", encoding: .utf8)
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }?.split(whereSeparator: \.isWhitespace)
        #expect(Int(try #require(peak?[1])) ?? .max < 100_000, "kilobytes")
    }

    @Test("A check runs as its user, with the environment of a script")
    func user() throws {
        let host = try host(
            [
                ("default", "script \"/bin/sh -c 'echo $(id -u) $(umask)'\"\ninterval 30"),
                ("own", "script \"/bin/sh -c 'echo $(id -u)'\"\nuser root\ninterval 30"),
                ("group", "script \"/bin/sh -c 'echo $(id -u):$(id -G)'\"\nuser nobody daemon\ninterval 30"),
            ], "script_user nobody")
        try host.start()
        _ = try host.activate()
        #expect(try host.check(0) { $0.run == 1 }.output.description == "65534 0022")
        #expect(try host.check(1) { $0.run == 1 }.output.description == "0")
        let group = try #require(PeerCredentials.group(named: "daemon"))
        #expect(try host.check(2) { $0.run == 1 }.output.description == "65534:\(group)")
    }

    @Test("With enable_script_security root runs nothing that others can change; others may")
    func security() throws {
        let host = try host(
            [
                ("open", "script FOLDER/open\ninterval 30"), ("closed", "script FOLDER/closed\ninterval 30"),
                ("other", "script FOLDER/open\nuser nobody\ninterval 30"),
            ], "script_user root\nenable_script_security")
        try host.write("open", "#!/bin/sh\nexit 0\n", mode: 0o777)
        try host.write("closed", "#!/bin/sh\nexit 0\n", mode: 0o755)
        try host.start()
        _ = try host.activate()
        let open = try host.check(0) { $0.verdict == .down }
        #expect(open.outcome == .notStarted && Int32(open.code) == EPERM)
        #expect(open.output.description.contains("others can change"))
        #expect(try host.check(1) { $0.run == 1 }.verdict == .up)
        #expect(try host.check(2) { $0.run == 1 }.verdict == .up)
    }

    @Test("What a check leaves running ends with it")
    func leftovers() throws {
        let host = try host([
            ("leaves", "script \"/bin/sh -c 'sleep 7654321 >/dev/null 2>&1 & exit 0'\"\ninterval 30")
        ])
        try host.start()
        _ = try host.activate()
        #expect(try host.check(0) { $0.run == 1 }.verdict == .up)
        #expect(host.wait { !Self.isRunning("sleep\u{0}7654321") })
    }

    private static let hasControlGroups = ControlGroup.ownFolder().map { unsafe access($0, W_OK) == 0 } ?? false

    @Test(
        "What has left the process group of a check ends with it, too, however many there are",
        .enabled(if: Self.hasControlGroups, "there are no control groups here"))
    func escapes() throws {
        let host = try host([
            ("forks", "script \"/bin/sh -c 'for i in $(seq 50); do setsid sleep 2345678 & done; wait'\"\ninterval 2")
        ])
        try host.start()
        _ = try host.activate()
        #expect(try host.check(0) { $0.verdict == .down }.outcome == .cutOff)
        #expect(host.stop() == 0)
        #expect(host.wait { !Self.isRunning("sleep\u{0}2345678") })
    }

    @Test(
        "A runner that was killed leaves nothing running when the next one begins",
        .enabled(if: Self.hasControlGroups, "there are no control groups here"))
    func killed() throws {
        // The script itself ends with the runner, also where there are no control groups.
        let host = try host([("hangs", "script \"/bin/sh -c 'echo; /bin/sleep 3456789 & wait; :'\"\ninterval 100")])
        try host.start()
        _ = try host.activate()
        let script = "/bin/sh\u{0}-c\u{0}echo; /bin/sleep 3456789"
        #expect(host.wait { Self.isRunning("/bin/sleep\u{0}3456789") } && Self.isRunning(script))
        #expect(host.stop(SIGKILL) != 0)
        #expect(host.wait { !Self.isRunning(script) })
        #expect(Self.isRunning("/bin/sleep\u{0}3456789"))
        let next = try RunnerHost("", arguments: ["--state", host.folder + "/state"])
        try next.start()
        #expect(host.wait { !Self.isRunning("/bin/sleep\u{0}3456789") })
        #expect(next.stop() == 0)
    }

    static func isRunning(_ commandLine: String) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.contains {
            guard Int($0) != nil, let bytes = FileManager.default.contents(atPath: "/proc/\($0)/cmdline") else {
                return false
            }
            return String(decoding: bytes, as: UTF8.self).hasPrefix(commandLine)
        }
    }
}
