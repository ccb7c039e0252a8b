import Configuration
import Reporting
import Scripts
import Testing
import VRRP

@Suite("What is wrong with notify scripts")
struct CallTroublesTests {
    private let key = CallTroubles.Key(kind: .instance, name: "VI")
    private var troubles = CallTroubles()

    private func at(_ seconds: Int) -> Instant { Instant(sinceBoot: .seconds(seconds)) }

    private mutating func take(
        _ progress: RunnerReport.Progress, code: UInt8 = 0, of sequence: UInt64 = 1, for seconds: UInt32 = 0,
        isKnown: Bool = true, at now: Int = 0
    ) {
        let report = RunnerReport.NotificationReport(
            sequence: sequence, progress: progress, code: code, duration: seconds * 1000, output: OutputExcerpt())
        _ = troubles.take(report, of: key, isKnown: isKnown, at: at(now))
    }

    private func findings(at now: Int) -> [AgentFinding] { troubles.findings(at: at(now)) }

    @Test("A call that hangs, from its beginning on, until it ends")
    mutating func hanging() {
        take(.hanging, for: 30, at: 100)
        #expect(findings(at: 105) == [.notifyHangs("VI", seconds: 35)])
        take(.exited, at: 110)
        #expect(findings(at: 110).isEmpty)
    }

    @Test("States that wait for room, until there is some; or until a call for one of them has ended")
    mutating func waiting() {
        take(.delayed, for: 40, at: 100)
        #expect(findings(at: 110) == [.notifyWaits("VI", seconds: 31)])
        take(.replaced, at: 111)
        #expect(findings(at: 111).count == 1, "the newest one still waits")
        #expect(findings(at: 140).isEmpty)
        take(.delayed, for: 40, at: 150)
        take(.exited, of: 2, at: 160)
        #expect(findings(at: 160).isEmpty)
    }

    @Test(
        "A failure, until the scripts for another state go well: the second script of the same state says nothing of the first"
    )
    mutating func failed() {
        take(.exited, code: 4)
        take(.exited)
        #expect(findings(at: 0) == [.notifyFailed("VI: a notify script failed: exit code 4")])
        take(.exited, of: 2)
        #expect(findings(at: 0).isEmpty)
        take(.signalled, code: 9, of: 3, isKnown: false)
        #expect(findings(at: 0).isEmpty, "nothing could ever end it")
    }

    @Test("A reload that takes the object out, or gives it other scripts, ends what there was to tell")
    mutating func reload() throws {
        func plan(_ instance: String, _ script: String) throws -> ScriptPlan {
            let place = SourceLocation(file: "/f", line: 1, column: 1)
            var subject = ScriptSubject(kind: .instance, name: instance, location: place)
            let command = try ScriptCommand(Array(script.utf8))
            subject.notifications = [.master: NotifyScript(location: place, command: command)]
            var configuration = ScriptingConfiguration()
            configuration.subjects = [subject]
            var hash = SHA256()
            hash.add(Array(script.utf8))
            return ScriptPlan(configuration, digest: hash.digest())
        }
        let old = try plan("VI", "/m")
        for (progress, next, stays) in [
            (.hanging, try plan("VI", "/other"), true), (.hanging, try plan("OTHER", "/m"), false),
            (.delayed, try plan("VI", "/other"), true), (.delayed, try plan("OTHER", "/m"), false),
            (.notStarted, old, true), (.notStarted, try plan("VI", "/other"), false),
        ] as [(RunnerReport.Progress, ScriptPlan, Bool)] {
            troubles = CallTroubles()
            take(progress, for: 50)
            troubles.use(next, insteadOf: old)
            #expect(findings(at: 1).isEmpty == !stays, "\(progress)")
        }
    }
}
