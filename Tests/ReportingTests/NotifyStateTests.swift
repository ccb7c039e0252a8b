import Addressing
import Configuration
import FailoverCore
import Reporting
import Scripts
import Testing
import VRRP

@Suite("What happens to a virtual router, as scripts are told")
struct NotifyStateTests {
    private func news(_ state: InstanceState, _ reason: Reason, from old: InstanceState = .backup) -> NotifyState? {
        NotifyState.news(of: .stateChanged(instance: "VI", from: old, to: state, reason: reason))?.state
    }

    private func awaited(_ effect: TrackingEffect) -> TrackedStatus {
        TrackedStatus(tracker: TrackerName(.script, "c"), state: .unknown, effect: effect)
    }

    @Test("The states are keepalived's")
    func states() {
        #expect(news(.master, .claimed(.addressOwner)) == .master)
        #expect(news(.backup, .started, from: .fault) == .backup)
        #expect(news(.fault, .fault(.noInterface("eth0"))) == .fault)
        #expect(news(.stopped, .stopping) == .stop)
        #expect(news(.stopped, .removed) == .deleted)
    }

    @Test("One that leaves still has the addresses: it is told when it has left")
    func leaving() {
        #expect(news(.leaving, .leaving, from: .master) == nil)
    }

    @Test("Before the first result of what it tracks, and during a delay, nothing is told")
    func waiting() {
        #expect(news(.fault, .fault(.startDelayed)) == nil)
        #expect(news(.fault, .fault(.tracked([awaited(.awaited)]))) == nil)
        #expect(news(.fault, .fault(.tracked([awaited(.awaited), awaited(.fault)]))) == .fault)
    }

    @Test("A priority that has changed, and a losing master")
    func others() {
        let priority = TrackedPriority(TrackingVerdict(), of: 90)
        let changed = NotifyState.news(of: .priorityChanged(instance: "VI", from: 100, priority))
        #expect(changed?.state == .backupPriority && changed?.priority == 90 && changed?.key.name == "VI")
        let contested = NotifyState.news(of: .contested(instance: "VI", by: IPAddress(192, 0, 2, 3), priority: 50))
        #expect(contested?.state == .masterHearsLowerPriority)
        #expect(NotifyState.news(of: .reloaded(changes: 1)) == nil)
    }

    @Test("A group is told with the priority 0, and one that waits for its members' first results is not")
    func groups() {
        let told = NotifyState.news(of: .groupChanged(group: "G", from: .backup, to: .master))
        #expect(told?.key == NotificationDesk.Key(kind: .group, name: "G") && told?.state == .master)
        #expect(told?.priority == 0)
        #expect(NotifyState.news(of: .groupChanged(group: "G", from: .master, to: .stopped))?.state == .stop)
        #expect(news(.fault, .fault(.memberOfGroup("G", member: "W", .startDelayed))) == nil)
        #expect(news(.fault, .fault(.memberOfGroup("G", member: "W", .noCarrier("eth1")))) == .fault)
    }
}

@Suite("What scripts report, in words")
struct ScriptTextTests {
    private func check(
        _ verdict: ScriptCheck.Verdict, _ outcome: RunnerReport.Outcome, code: UInt8 = 0, run: UInt64 = 3,
        output: String = "", isDecided: Bool = true
    ) -> RunnerReport.CheckReport {
        RunnerReport.CheckReport(
            verdict: verdict, isDecided: isDecided && verdict != .unknown, outcome: outcome, code: code, run: run,
            duration: 12, untilNext: 988, cutOffs: 0,
            output: OutputExcerpt(output.utf8))
    }

    @Test("How a run ended")
    func ends() {
        #expect(
            check(.down, .exited, code: 1, output: "connection refused").endWords == "exit code 1, 'connection refused'"
        )
        #expect(check(.down, .signalled, code: 9).endWords == "ended by signal 9")
        #expect(check(.down, .notStarted, code: 2).endWords == "it can't be started (no such file or directory)")
        #expect(check(.down, .cutOff).endWords == "it did not end within its timeout")
        #expect(check(.up, .exited).runWords == "run 3: exit code 0, after 12 ms; next in 988 ms")
        #expect(check(.unknown, .running, run: 0).runWords == "has not run yet")
    }

    @Test("What it comes to for those that track it")
    func states() {
        #expect(TrackerState(.check(check(.up, .exited))) == .up)
        #expect(TrackerState(.check(check(.unknown, .running))) == .unknown)
        #expect(TrackerState(.check(check(.down, .exited, code: 1))) == .down(.failed("exit code 1")))
        #expect(
            TrackerState(.check(check(.down, .exited)))
                == .down(.failed("it has not succeeded often enough yet (rise)")))
        #expect(TrackerState(.file(RunnerReport.FileReport(value: -7, fault: nil))) == .number(-7))
        #expect(
            TrackerState(.process(RunnerReport.ProcessReport(isMet: false, count: 0)))
                == .down(.failed("no such process runs")))
    }

    @Test("What has decided nothing yet leaves a verdict as it is: the runner, or the check, has begun anew")
    func undecided() {
        let atFirst = RunnerSession.TrackerReport.check(check(.down, .exited, isDecided: false))
        for last in [TrackerState.up, .down(.failed("exit code 1"))] {
            #expect(TrackerState(.check(check(.unknown, .running, run: 0)), after: last) == last)
            #expect(TrackerState(atFirst, after: last) == last, "init_fail is for the start")
            #expect(TrackerState(.check(check(.up, .exited)), after: last) == .up)
            #expect(TrackerState(.check(check(.down, .exited, code: 2)), after: last) == .down(.failed("exit code 2")))
        }
        for last in [nil, TrackerState.unknown] {
            #expect(TrackerState(.check(check(.unknown, .running, run: 0)), after: last) == .unknown)
            guard case .down = TrackerState(atFirst, after: last) else {
                Issue.record("init_fail counts at the start")
                continue
            }
        }
        let file = RunnerSession.TrackerReport.file(RunnerReport.FileReport(value: 3, fault: nil))
        #expect(TrackerState(file, after: .number(4)) == .number(3))
    }

    @Test("A call that went well is told to nobody; others with what to do")
    func calls() {
        func report(_ progress: RunnerReport.Progress, _ code: UInt8 = 0) -> CallReport {
            CallReport(
                key: NotificationDesk.Key(kind: .instance, name: "VI"),
                report: RunnerReport.NotificationReport(
                    sequence: 1, progress: progress, code: code, duration: 31_000, output: OutputExcerpt("no".utf8)))
        }
        #expect(report(.exited).severity == nil && report(.replaced).severity == nil)
        #expect(report(.exited, 4).text == "VI: a notify script failed: exit code 4, 'no'")
        #expect(report(.hanging).text.hasPrefix("VI: a notify script has been running for 31 s"))
        #expect(report(.notStarted, 13).severity == .error)
        #expect(report(.delayed).severity == .warning)
        #expect(report(.delayed).text.hasPrefix("VI: a notify script waits for 32 s: 20 events within a minute"))
    }
}
