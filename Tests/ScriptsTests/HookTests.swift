import Configuration
import Scripts
import Testing
import VRRP

@Suite("startup_script and shutdown_script")
struct HookTests {
    @Test("What does not wait starts at once, whatever runs")
    func startup() {
        var hook = HookRun(timeout: .seconds(10), waits: false, at: at(0))
        #expect(hook.deadline == at(0))
        #expect(hook.advance(to: at(0), isQuiet: false) == .start)
        #expect(hook.advance(to: at(5), isQuiet: true) == nil && hook.deadline == at(10))
        hook.ended(.exited(3), output: OutputExcerpt(Array("said".utf8)), at: at(6))
        #expect(hook.isOver && hook.deadline == nil && hook.run.end == .exited(3) && hook.run.duration == .seconds(6))
        #expect(hook.run.output.description == "said" && !hook.run.wasCutOff)
    }

    @Test("What waits starts when no notify script runs or waits, or after its own timeout at the latest")
    func shutdown() {
        var hook = HookRun(timeout: .seconds(10), waits: true, at: at(0))
        var late = hook
        #expect(hook.advance(to: at(1), isQuiet: false) == nil)
        #expect(hook.advance(to: at(2), isQuiet: true) == .start && hook.deadline == at(12))
        #expect(late.deadline == at(10))
        #expect(late.advance(to: at(10), isQuiet: false) == .start && late.deadline == at(20))
    }

    @Test("At its timeout it gets SIGTERM, two seconds later SIGKILL, and its end counts as cut off")
    func cutOff() {
        var hook = HookRun(timeout: .seconds(10), waits: false, at: at(0))
        #expect(hook.advance(to: at(0), isQuiet: true) == .start)
        #expect(hook.advance(to: at(10), isQuiet: true) == .terminate)
        #expect(hook.advance(to: at(11), isQuiet: true) == nil && hook.deadline == at(12))
        #expect(hook.advance(to: at(12), isQuiet: true) == .kill)
        #expect(hook.advance(to: at(13), isQuiet: true) == nil && hook.deadline == nil)
        hook.ended(.exited(0), output: OutputExcerpt(), at: at(13))
        #expect(hook.isOver)
        let report = RunnerReport.HookReport(hook.run)
        #expect(report.progress == .cutOff && report.duration == 13_000)
        hook.ended(.exited(1), output: OutputExcerpt(), at: at(14))
        #expect(hook.run.end == .exited(0), "it ends once")
    }

    @Test("The desk is quiet when no call runs, and none waits")
    func quiet() throws {
        var desk = NotificationDesk()
        #expect(desk.isQuiet)
        let subject = try instance([.anyChange: "/notify"])
        _ = desk.accept(NotifyEvent(.master, priority: 1, sequence: 1), about: subject, at: at(0))
        #expect(!desk.isQuiet)
        _ = desk.accept(NotifyEvent(.fault, priority: 1, sequence: 2), about: subject, at: at(0))
        _ = desk.ended(run: 1, .exited(0), output: OutputExcerpt(), at: at(1))
        #expect(!desk.isQuiet)
        _ = desk.ended(run: 2, .exited(0), output: OutputExcerpt(), at: at(2))
        #expect(desk.isQuiet)
        // The one after the twentieth in a minute waits, and nothing runs.
        for number in 3...21 as ClosedRange<UInt64> {
            _ = desk.accept(NotifyEvent(.master, priority: 1, sequence: number), about: subject, at: at(3))
            _ = desk.ended(run: number, .exited(0), output: OutputExcerpt(), at: at(3))
        }
        #expect(desk.runningCount == 0 && !desk.isQuiet)
    }
}
