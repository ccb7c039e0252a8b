import Foundation
import Scripts
import Testing

@Suite("The runner's reload", .serialized, .enabled(if: geteuid() == 0, "only root can become others"))
struct RunnerReloadTests {
    private static func configuration(_ checks: [(name: String, script: String, more: String)], _ global: String = "")
        -> String
    {
        let blocks = checks.map { "vrrp_script \($0.name) {\nscript \"\($0.script)\"\n\($0.more)\nweight 1\n}\n" }
        return """
            global_defs {
              script_user root
              \(global)
            }
            \(blocks.joined())
            vrrp_instance VI {
              track_script {
                \(checks.map(\.name).joined(separator: "\n    "))
              }
            }
            """
    }

    @Test("A check that is still in the file keeps what is known of it, at another place, too; a new one begins")
    func kept() throws {
        let host = try RunnerHost(Self.configuration([("old", "/bin/true", "interval 1")]))
        try host.start()
        _ = try host.activate()
        let before = try host.check(0) { $0.run >= 2 }
        try host.write(
            "conf",
            Self.configuration([("new", "/bin/false", "interval 1"), ("old", "/bin/true", "interval 1\nfall 2")]))
        let plan = try host.activate()
        let after = try host.wait { report in
            if case .check(plan, 1, let check) = report { check } else { nil }
        }
        #expect(after.verdict == .up && after.run >= before.run)
        let new = try host.wait { report in
            if case .check(plan, 0, let check) = report, check.run == 1 { check } else { nil }
        }
        #expect(new.verdict == .down)
    }

    @Test("A check that is gone from the file ends, with all that it has started")
    func gone() throws {
        let host = try RunnerHost(
            Self.configuration([("old", "/bin/sh -c 'sleep 4567890 & wait'", "interval 100")]))
        try host.start()
        _ = try host.activate()
        #expect(host.wait { RunnerCheckTests.isRunning("sleep\u{0}4567890") })
        try host.write("conf", Self.configuration([("new", "/bin/true", "interval 1")]))
        _ = try host.activate()
        #expect(host.wait { !RunnerCheckTests.isRunning("sleep\u{0}4567890") })
    }

    @Test("While the agent is away the plan stays in use, and who comes back hears what has happened")
    func away() throws {
        let host = try RunnerHost(Self.configuration([("c", "/bin/sh -c 'test -e FOLDER/up'", "interval 1")]))
        try host.start()
        let plan = try host.activate()
        _ = try host.check(0) { $0.verdict == .down }
        host.disconnect()
        try host.write("up", "")
        sleep(3)
        try host.connect()
        #expect(try host.activate(plan) == .active(plan))
        let report = try host.check(0) { _ in true }
        #expect(report.verdict == .up && report.run > 1, "at once, not after the next run")
    }

    @Test("With fifo_write_vrrp_states_on_reload the FIFO is told once more in which states all are")
    func states() throws {
        let checks = [("c", "/bin/true", "interval 100")]
        let global = "notify_fifo FOLDER/fifo\nfifo_write_vrrp_states_on_reload"
        let host = try RunnerHost(Self.configuration(checks, global))
        try host.start()
        let first = try host.activate()
        let fifo = unsafe open(host.folder + "/fifo", O_RDONLY | O_NONBLOCK)
        defer { close(fifo) }
        host.send(.notify(plan: first, object: 1, .init(.master, priority: 9, sequence: 1)))
        host.send(.notify(plan: first, object: 1, .init(.masterHearsLowerPriority, priority: 9, sequence: 2)))
        try host.write("conf", Self.configuration(checks, global + "\nrouter_id x"))
        _ = try host.activate()
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = unsafe read(fifo, &bytes, bytes.count)
        #expect(
            String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
                == "INSTANCE \"VI\" MASTER 9\nINSTANCE \"VI\" MASTER_RX_LOWER_PRI 9\nINSTANCE \"VI\" MASTER 9\n")
    }
}
