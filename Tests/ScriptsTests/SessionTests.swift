import Configuration
import Scripts
import Testing
import VRRP

@Suite("The agent's side of the runner")
struct SessionTests {
    private func plan(_ name: String = "a", checks: [String] = ["nginx"], notify: Bool = true) throws -> ScriptPlan {
        var configuration = ScriptingConfiguration()
        for check in checks {
            configuration.checks.append(
                CheckConfiguration(
                    name: check, location: place, command: try ScriptCommand(Array("/bin/\(check)".utf8))))
        }
        var subject = try instance(notify ? [.master: "/bin/m", .anyChange: "/bin/n"] : [:])
        subject.trackers = checks.map { TrackLine(location: place, tracker: TrackerName(.script, $0)) }
        configuration.subjects = [subject]
        var hash = SHA256()
        hash.add(name.utf8)
        return ScriptPlan(configuration, digest: hash.digest())
    }

    private let empty = ScriptPlan(ScriptingConfiguration(), digest: SHA256().digest())
    private let key = NotificationDesk.Key(kind: .instance, name: "VI_1")

    private func session(_ plan: ScriptPlan, wasUsed: Bool = false) -> RunnerSession {
        RunnerSession(plan, book: NotificationBook(sequence: 100), wasUsed: wasUsed, at: at(0))
    }

    /// One that the runner has answered.
    private func active(_ plan: ScriptPlan) -> RunnerSession {
        var session = session(plan)
        _ = session.takeSteps()
        session.connected(at: at(0))
        session.take(.active(plan.digest), at: at(0.1))
        _ = session.takeSteps()
        return session
    }

    private func check(_ verdict: ScriptCheck.Verdict) -> RunnerReport.CheckReport {
        RunnerReport.CheckReport(
            verdict: verdict, isDecided: verdict != .unknown, outcome: .exited, code: verdict == .up ? 0 : 1, run: 1,
            duration: 1, untilNext: 1,
            cutOffs: 0, output: OutputExcerpt())
    }

    private func ended(_ sequence: UInt64, _ progress: RunnerReport.Progress = .exited)
        -> RunnerReport.NotificationReport
    {
        RunnerReport.NotificationReport(
            sequence: sequence, progress: progress, code: 0, duration: 1, output: OutputExcerpt())
    }

    private func sequences(_ steps: [RunnerSession.Step]) -> [UInt64] {
        steps.compactMap { if case .send(.notify(_, _, let event)) = $0 { event.sequence } else { nil } }
    }

    @Test("Without scripts nobody is asked, unless an earlier run has used the runner")
    func unneeded() throws {
        var session = session(empty)
        #expect(session.takeSteps() == [])
        #expect(session.presence == .unneeded && session.deadline(after: at(0)) == nil)
        session = self.session(empty, wasUsed: true)
        #expect(session.takeSteps() == [.connect])
        session.connected(at: at(0))
        #expect(session.takeSteps() == [.send(.activate(empty.digest))])
        session.take(.active(empty.digest), at: at(0.1))
        // It ends by itself then.
        session.lost(at: at(5))
        #expect(session.presence == .unneeded && session.deadline(after: at(5)) == nil)
    }

    @Test("It connects, asks for its plan, and tries again each second where nobody is there")
    func connects() throws {
        let plan = try plan()
        var session = session(plan)
        #expect(session.takeSteps() == [.connect])
        session.lost(at: at(0))
        #expect(session.presence == .away && session.deadline(after: at(0)) == at(1))
        session.advance(to: at(0.9))
        #expect(session.takeSteps() == [])
        session.advance(to: at(1))
        #expect(session.takeSteps() == [.connect])
        session.connected(at: at(1))
        #expect(session.takeSteps() == [.send(.activate(plan.digest, isStart: true))])
        #expect(session.presence == .asked)
        session.take(.active(plan.digest), at: at(1.1))
        #expect(session.presence == .active)
    }

    @Test(
        "That the agent begins is said until a runner has heard it, and never to the next one; after a restart not at all"
    )
    func start() throws {
        let plan = try plan()
        var session = session(plan)
        session.connected(at: at(0))
        session.lost(at: at(1))
        _ = session.takeSteps()
        session.connected(at: at(2))
        #expect(session.takeSteps() == [.send(.activate(plan.digest, isStart: true))])
        session.take(.active(plan.digest), at: at(2))
        session.lost(at: at(3))
        _ = session.takeSteps()
        session.connected(at: at(4))
        #expect(session.takeSteps() == [.send(.activate(plan.digest))])
        session = self.session(plan, wasUsed: true)
        session.connected(at: at(0))
        #expect(session.takeSteps().last == .send(.activate(plan.digest)))
    }

    @Test("A runner that goes away three times within a minute is told, also where each absence is short")
    func unsteady() throws {
        let plan = try plan()
        var session = active(plan)
        for second in [10, 20, 30] as [Double] {
            #expect(!session.isUnsteady(at: at(second)))
            session.lost(at: at(second))
            session.connected(at: at(second + 1))
            session.take(.active(plan.digest), at: at(second + 1))
        }
        #expect(session.missed(at: at(32)) == nil && session.isUnsteady(at: at(32)) && session.isUnsteady(at: at(69)))
        #expect(!session.isUnsteady(at: at(70)))
    }

    @Test("A report is taken by its place in the plan in use, and of no other plan")
    func reports() throws {
        let plan = try plan(checks: ["nginx", "haproxy"])
        let other = try self.plan("b")
        var session = active(plan)
        session.take(.check(plan: plan.digest, object: 1, check(.down)), at: at(1))
        session.take(.check(plan: other.digest, object: 0, check(.down)), at: at(1))
        session.take(.check(plan: plan.digest, object: 9, check(.down)), at: at(1))
        // An instance stands there.
        session.take(.check(plan: plan.digest, object: 2, check(.down)), at: at(1))
        #expect(session.takeSteps() == [.report(TrackerName(.script, "haproxy"), .check(check(.down)))])
        #expect(session.reports.keys.map(\.name) == ["haproxy"])
    }

    @Test("A runner that says nothing is asked whether it is there, and counts as silent when it does not answer")
    func silence() throws {
        let plan = try plan()
        var session = active(plan)
        session.advance(to: at(10))
        #expect(session.takeSteps() == [])
        session.advance(to: at(10.1))
        #expect(session.takeSteps() == [.send(.activate(plan.digest))])
        #expect(session.presence == .active)
        session.advance(to: at(15.1))
        #expect(session.presence == .silent)
        session.take(.active(plan.digest), at: at(30))
        #expect(session.presence == .active)
    }

    @Test("A reload waits until both have read the same")
    func agreement() throws {
        let (old, new) = (try plan("a"), try plan("b"))
        var session = active(old)
        session.propose(new, at: at(1))
        #expect(session.takeSteps() == [.send(.activate(new.digest, isReload: true))])
        session.take(.differs(old.digest), at: at(1.1))
        #expect(session.takeSteps() == [.readAgain])
        let newer = try plan("c")
        session.propose(newer, at: at(1.2))
        #expect(session.takeSteps() == [.send(.activate(newer.digest, isReload: true))])
        session.take(.active(newer.digest), at: at(1.3))
        #expect(session.takeSteps() == [.agreed])
        // What it has said of the new plan meanwhile counts for nothing: it says it again.
        session.take(.check(plan: newer.digest, object: 0, check(.down)), at: at(1.3))
        session.use(newer, at: at(1.3))
        #expect(session.takeSteps() == [.send(.activate(newer.digest))])
        #expect(session.plan.digest == newer.digest && session.presence == .active)
    }

    @Test(
        "A reload that waits for a confirmation: the runner keeps the plan to which the agent returns, also over a second one"
    )
    func overBase() throws {
        let (base, second, third) = (try plan("a"), try plan("b"), try plan("c"))
        var session = active(base)
        session.propose(second, at: at(1))
        #expect(session.takeSteps() == [.send(.activate(second.digest, isReload: true))])
        session.take(.active(second.digest), at: at(1))
        session.use(second, at: at(1))
        session.secure(base, at: at(1))
        #expect(session.takeSteps().last == .send(.activate(second.digest, keeping: base.digest)))
        session.propose(third, at: at(2))
        #expect(session.takeSteps() == [.send(.activate(third.digest, keeping: base.digest, isReload: true))])
        // What happens meanwhile is told by the present plan, which it knows.
        session.note(.master, of: key, priority: 90)
        #expect(told(session.takeSteps()) == [second.digest])
        session.take(.active(third.digest), at: at(2))
        session.use(third, at: at(2))
        _ = session.takeSteps()
        // Another runner comes: it is asked to keep it, too.
        session.lost(at: at(3))
        session.connected(at: at(4))
        #expect(session.takeSteps().contains(.send(.activate(third.digest, keeping: base.digest))))
        session.take(.active(third.digest), at: at(4))
        session.use(base, at: at(5))
        session.secure(nil, at: at(5))
        #expect(session.takeSteps().contains(.send(.activate(base.digest))))
    }

    private func told(_ steps: [RunnerSession.Step]) -> [SHA256.Digest] {
        steps.compactMap { if case .send(.notify(let plan, _, _)) = $0 { plan } else { nil } }
    }

    @Test("A reload of the same files is over when the runner has answered")
    func sameFiles() throws {
        let plan = try plan()
        var session = active(plan)
        session.propose(plan, at: at(1))
        session.take(.active(plan.digest), at: at(1.1))
        #expect(session.takeSteps().last == .agreed)
        session.use(plan, at: at(1.1))
        session.advance(to: at(7))
        #expect(session.takeSteps() == [])
    }

    @Test("After the third time it fails, and both keep what they have")
    func disagreement() throws {
        let (old, new) = (try plan("a"), try plan("b"))
        var session = active(old)
        session.propose(new, at: at(1))
        for step in [RunnerSession.Step.readAgain, .readAgain, .refused(.exposed, OutputExcerpt("why".utf8))] {
            _ = session.takeSteps()
            session.take(.noPlan(.exposed, OutputExcerpt("why".utf8)), at: at(2))
            #expect(session.takeSteps() == [step])
            if step == .readAgain { session.propose(new, at: at(2)) }
        }
        #expect(session.plan.digest == old.digest && session.presence == .active)
    }

    @Test("Nobody waits for a runner that is not there, or does not answer")
    func unanswered() throws {
        let (old, new) = (try plan("a"), try plan("b"))
        var session = active(old)
        session.propose(new, at: at(1))
        _ = session.takeSteps()
        session.advance(to: at(6))
        #expect(session.takeSteps() == [.unanswered])
        // And where it is away.
        session = active(old)
        session.lost(at: at(1))
        session.propose(new, at: at(1.5))
        #expect(session.takeSteps() == [.connect])
        session.lost(at: at(1.5))
        #expect(session.takeSteps() == [.unanswered])
        session.use(new, at: at(1.5))
        #expect(session.takeSteps() == [.connect])
    }

    @Test("The configuration before comes back without an agreement: the runner has kept its plan")
    func rollback() throws {
        let (old, new) = (try plan("a"), try plan("b"))
        var session = active(old)
        session.propose(new, at: at(1))
        session.take(.active(new.digest), at: at(1))
        session.use(new, at: at(1))
        _ = session.takeSteps()
        session.use(old, at: at(2))
        #expect(session.takeSteps() == [.send(.activate(old.digest))])
    }

    @Test("A change is told once, in order, by its place")
    func notifies() throws {
        let plan = try plan()
        var session = active(plan)
        session.note(.backup, of: key, priority: 100)
        session.note(.master, of: key, priority: 100)
        session.note(.master, of: key, priority: 90)
        session.note(.masterPriority, of: key, priority: 90)
        #expect(
            session.takeSteps() == [
                .send(.notify(plan: plan.digest, object: 1, NotifyEvent(.backup, priority: 100, sequence: 101))),
                .send(.notify(plan: plan.digest, object: 1, NotifyEvent(.master, priority: 100, sequence: 102))),
                .send(.notify(plan: plan.digest, object: 1, NotifyEvent(.masterPriority, priority: 90, sequence: 103))),
            ])
    }

    @Test("While the runner is away the newest state waits for it; what it has not confirmed is sent again")
    func repeats() throws {
        let plan = try plan()
        var session = active(plan)
        session.note(.master, of: key, priority: 100)
        #expect(sequences(session.takeSteps()) == [101])
        session.lost(at: at(1))
        session.note(.backup, of: key, priority: 100)
        session.note(.fault, of: key, priority: 100)
        session.note(.backup, of: key, priority: 100)
        session.advance(to: at(2))
        session.connected(at: at(2))
        session.take(.active(plan.digest), at: at(2))
        #expect(sequences(session.takeSteps()) == [104])
        // `notify` alone is run for it.
        session.take(.notification(plan: plan.digest, object: 1, ended(104)), at: at(3))
        session.lost(at: at(4))
        session.connected(at: at(5))
        session.take(.active(plan.digest), at: at(5))
        #expect(sequences(session.takeSteps()) == [])
    }

    @Test("A state without calls, which a FIFO alone is told, is said again to a runner that is there again")
    func fifoAlone() throws {
        let plan = try plan(notify: false)
        var session = active(plan)
        session.note(.backup, of: key, priority: 100)
        session.note(.master, of: key, priority: 100)
        #expect(sequences(session.takeSteps()) == [101, 102])
        session.lost(at: at(1))
        session.connected(at: at(2))
        session.take(.active(plan.digest), at: at(2))
        #expect(sequences(session.takeSteps()) == [102])
    }

    @Test("An event counts as done when all of its calls have ended, or were replaced")
    func confirmed() throws {
        for (progress, isOpen) in [
            ([RunnerReport.Progress.exited], true), ([.exited, .signalled], false), ([.hanging, .hanging], true),
            ([.replaced], false), ([.notStarted, .cutOff], false),
        ] {
            let plan = try plan()
            var session = active(plan)
            session.note(.master, of: key, priority: 100)
            _ = session.takeSteps()
            for progress in progress {
                session.take(.notification(plan: plan.digest, object: 1, ended(101, progress)), at: at(1))
            }
            #expect((session.book.entries[key]?.open != nil) == isOpen, "\(progress)")
        }
    }

    @Test("What a reload takes out is told by its place in the plan before")
    func deleted() throws {
        let (old, new) = (try plan("a"), ScriptPlan(ScriptingConfiguration(), digest: SHA256().digest()))
        var session = active(old)
        session.note(.master, of: key, priority: 90)
        let told = try #require(sequences(session.takeSteps()).first)
        for _ in 0..<(session.book.entries[key]?.openCalls ?? 0) {
            let end = RunnerReport.NotificationReport(
                sequence: told, progress: .exited, code: 0, duration: 1, output: OutputExcerpt())
            session.take(.notification(plan: old.digest, object: try #require(old.place(of: key)), end), at: at(0.5))
        }
        session.propose(new, at: at(1))
        session.take(.active(new.digest), at: at(1))
        session.use(new, at: at(1))
        _ = session.takeSteps()
        #expect(session.book.entries[key]?.priority == 90, "it is told with the priority that it had")
        session.note(.deleted, of: key, priority: 90)
        #expect(sequences(session.takeSteps()) == [102])
        for name in ["c", "d"] {
            session.use(ScriptPlan(ScriptingConfiguration(), digest: try plan(name).digest), at: at(2))
        }
        #expect(session.book.entries[key] == nil, "what is long gone is forgotten")
    }

    // MARK: - Its absence

    /// What of the steps is about its absence.
    private func absence(_ steps: [RunnerSession.Step]) -> [RunnerSession.Step] {
        steps.filter {
            switch $0 {
            case .missed, .back: true
            default: false
            }
        }
    }

    @Test("An upgrade of the runner is nothing to be told; a longer absence is told once, and its end")
    func absence() throws {
        let plan = try plan()
        var session = active(plan)
        session.lost(at: at(1))
        session.advance(to: at(3.9))
        session.connected(at: at(3.9))
        session.take(.active(plan.digest), at: at(3.9))
        #expect(absence(session.takeSteps()) == [])
        session.lost(at: at(5))
        #expect(session.missed(at: at(7.9)) == nil)
        session.advance(to: at(8))
        #expect(session.missed(at: at(8)) == .away)
        session.lost(at: at(9))
        session.advance(to: at(9))
        session.connected(at: at(10))
        session.advance(to: at(10))
        #expect(absence(session.takeSteps()) == [.missed(.away)])
        // It is there, and of no use: something else to be done.
        session.take(.differs(plan.digest), at: at(10))
        session.advance(to: at(10))
        session.advance(to: at(12))
        #expect(absence(session.takeSteps()) == [.missed(.differs)])
        session.take(.active(plan.digest), at: at(13))
        session.advance(to: at(13))
        #expect(absence(session.takeSteps()) == [.back])
        #expect(session.missed(at: at(13)) == nil)
    }

    @Test("Virtual routers wait for its first word for 10 s, also where it goes away later; without scripts not at all")
    func outlook() throws {
        let plan = try plan()
        var session = session(plan)
        #expect(session.outlook(at: at(0)) == .awaited)
        session.lost(at: at(0))
        #expect(session.outlook(at: at(9.9)) == .awaited)
        #expect(session.outlook(at: at(10)) == .missing)
        session.connected(at: at(11))
        session.take(.active(plan.digest), at: at(11))
        #expect(session.outlook(at: at(11)) == .present)
        session.lost(at: at(20))
        #expect(session.outlook(at: at(29.9)) == .awaited)
        #expect(session.outlook(at: at(30)) == .missing)
        #expect(self.session(empty).outlook(at: at(100)) == .present)
    }

    @Test("It wants to be asked when an absence is to be told, and when nobody waits any longer")
    func absenceDeadlines() throws {
        var session = active(try plan())
        session.lost(at: at(1))
        var now = at(1)
        var times: Set<Instant> = []
        while let next = session.deadline(after: now), next <= at(11) {
            times.insert(next)
            session.advance(to: next)
            for step in session.takeSteps() where step == .connect { session.lost(at: next) }
            now = next
        }
        #expect(times.isSuperset(of: [at(4), at(11)]))
        #expect(times.count < 20, "and not all the time")
    }

    @Test("One that comes back while a reload is under way is told again what it has not confirmed")
    func repeatsAfterReload() throws {
        let (old, new) = (try plan("a"), try plan("b"))
        var session = active(old)
        session.note(.master, of: key, priority: 100)
        #expect(sequences(session.takeSteps()) == [101])
        session.lost(at: at(1))
        session.propose(new, at: at(1))
        session.connected(at: at(1))
        session.take(.active(new.digest), at: at(1.1))
        session.use(new, at: at(1.1))
        session.take(.active(new.digest), at: at(1.2))
        #expect(sequences(session.takeSteps()) == [101])
    }

    // MARK: - startup_script

    @Test("Nobody takes part while startup_script runs, nor for longer than a start waits for the runner")
    func startupHold() throws {
        var configuration = try plan().configuration
        for (timeout, until) in [(4, 5.0), (80, 11.0)] {
            var hook = HookConfiguration(
                script: NotifyScript(location: place, command: try ScriptCommand(Array("/bin/s".utf8))))
            hook.timeout = .seconds(timeout)
            configuration.startup = hook
            let plan = ScriptPlan(configuration, digest: SHA256().digest())
            for isRun in [true, false] {
                var session = session(plan)
                session.run(.startup, at: at(0))
                #expect(session.startupUntil == at(until))
                _ = session.takeSteps()
                session.connected(at: at(0))
                session.take(.active(plan.digest), at: at(0))
                #expect(session.takeSteps().contains(.send(.hook(plan: plan.digest, .startup))))
                let report = { (progress: RunnerReport.Progress) in
                    RunnerReport.hook(
                        plan: plan.digest, .startup,
                        RunnerReport.HookReport(progress: progress, code: 0, duration: 1, output: OutputExcerpt()))
                }
                session.take(report(.hanging), at: at(1))
                #expect(!session.takeSteps().contains(.startupOver))
                if isRun { session.take(report(.exited), at: at(2)) } else { session.advance(to: at(until)) }
                #expect(session.takeSteps().contains(.startupOver))
                #expect(session.startupUntil == nil)
            }
        }
        var session = session(try plan())
        session.run(.startup, at: at(0))
        #expect(session.startupUntil == nil, "there is none")
    }
}
