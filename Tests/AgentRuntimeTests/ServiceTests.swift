import AgentRuntime
import EventLoop
import Testing

@Suite("After the end")
struct StopPostTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var result: String?
        var code: String?
        var status: String?
        var job: ServiceManager.Job?
        var wasToldToRestart = false
        var isRestartComing: Bool
        var testDescription: String { "\(result ?? "-") \(code ?? "-") \(status ?? "-") \(job?.rawValue ?? "?")" }
    }

    static let cases = [
        Case(result: "signal", code: "killed", status: "KILL", job: .some(.none), isRestartComing: true),
        Case(result: "core-dump", code: "dumped", status: "ILL", job: .some(.none), isRestartComing: true),
        Case(result: "watchdog", code: "dumped", status: "ABRT", job: nil, isRestartComing: true),
        // systemctl restart: the new process decides.
        Case(result: "success", code: "exited", status: "0", job: .restart, isRestartComing: true),
        // systemctl stop, in order or killed because it hung.
        Case(result: "success", code: "exited", status: "0", job: .stop, isRestartComing: false),
        Case(result: "timeout", code: "killed", status: "KILL", job: .stop, isRestartComing: false),
        Case(result: "timeout", code: "killed", status: "KILL", job: nil, isRestartComing: false),
        // The service manager does not answer now, but it did when the process ended.
        Case(
            result: "success", code: "exited", status: "0", job: nil, wasToldToRestart: true, isRestartComing: true),
        Case(
            result: "success", code: "exited", status: "0", job: .stop, wasToldToRestart: true, isRestartComing: false),
        Case(result: "success", code: "exited", status: "0", job: nil, isRestartComing: false),
        // Codes of RestartPreventExitStatus=.
        Case(result: "exit-code", code: "exited", status: "78", job: .some(.none), isRestartComing: false),
        Case(result: "exit-code", code: "exited", status: "77", job: nil, isRestartComing: false),
        Case(result: "exit-code", code: "exited", status: "71", job: nil, isRestartComing: true),
        Case(result: "start-limit-hit", code: nil, status: nil, job: .some(.none), isRestartComing: false),
        // By hand, without a service manager.
        Case(result: nil, code: nil, status: nil, job: nil, isRestartComing: false),
    ]

    @Test("Whether systemd starts the service again", arguments: cases)
    func restart(one: Case) {
        #expect(
            StopPost.isRestartComing(
                result: one.result, code: one.code, status: one.status, job: one.job,
                wasToldToRestart: one.wasToldToRestart) == one.isRestartComing)
    }
}

@Suite("Starts that fail")
struct StartRecordTests {
    @Test("The first three are tried again at once, then the pauses grow from 0.1 s to 10 s")
    func pauses() {
        let pauses = (0...12).map { StartRecord.pause(after: $0) }
        #expect(pauses[0...3].allSatisfy { $0 == .zero })
        #expect(pauses[4] == .milliseconds(100))
        #expect(zip(pauses[4...], pauses[5...]).allSatisfy { $0 < $1 || $1 == .seconds(10) })
        #expect(pauses[12] == .seconds(10))
        #expect(StartRecord.pause(after: .max) == .seconds(10))
    }

    @Test("A start counts as failed when the next one comes within 20 s")
    func failures() {
        #expect(StartRecord.failures(record: "", at: .seconds(50)) == 0)
        #expect(StartRecord.failures(record: "3 100\n", at: .seconds(119)) == 3)
        #expect(StartRecord.failures(record: "3 100\n", at: .seconds(121)) == 0)
        // Killed during its pause, of 10 s at most.
        #expect(StartRecord.failures(record: "9 100\n", at: .seconds(95)) == 9)
        // From another boot, or garbage.
        #expect(StartRecord.failures(record: "3 100\n", at: .seconds(20)) == 0)
        #expect(StartRecord.failures(record: "-3 100\n", at: .seconds(110)) == 0)
        #expect(StartRecord.failures(record: "99999999999999999999 9223372036854775807", at: .seconds(110)) == 0)
    }
}

@Suite("The journal's protocol")
struct JournalProtocolTests {
    @Test("A field of one line is NAME=value; one of more lines has its length before it")
    func serialize() {
        let bytes = JournalSocket.serialize([("MESSAGE", "é"), ("REASON", "a\nb")])
        #expect(bytes == Array("MESSAGE=é\nREASON\n".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("a\nb\n".utf8))
    }
}
