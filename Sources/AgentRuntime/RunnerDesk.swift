import Configuration
import EventLoop
import FailoverCore
import Kernel
import Reporting
import Scripts
import VRRP

/// What the agent has to do with `failover-scripts`: it hands over what the runner's session wants sent, and what comes back to the core. It
/// decides nothing.
final class RunnerDesk {
    /// How long a start waits for the first word of the runner, and how long it may be away before routers go on without it.
    static let patience = Duration.seconds(10)
    /// How long it may be away before that is a finding: an upgrade of it is none.
    private static let grace = Duration.seconds(3)
    /// How often another text of the same verdict is taken in.
    private static let textPause = Duration.seconds(5)

    unowned let agent: Agent
    private(set) var session: RunnerSession
    private var link: RunnerLink?
    private var timer: EventSource?
    private let file: BlobFile?
    /// What the trackers of the plan stand for.
    private var identities: [TrackerName: String] = [:]
    /// What the core was told last, and when.
    private var fed: [TrackerName: (state: TrackerState, at: Instant)] = [:]
    /// When the runner was last there; the start, before it ever was.
    private var lastGoodAt: Instant
    private var isLate = false
    private var isWorking = false
    private var hasNews = false
    private var hasVerdictNews = false
    private var isDone = false
    /// Calls that run for too long, by their object.
    private(set) var hanging: [NotificationDesk.Key: Instant] = [:]
    /// Until then nobody takes part: `startup_script` runs.
    private var startupUntil: Instant?
    private var leaving: (until: Instant, done: () -> Void)?
    /// How long the end of the agent waits for what is to be told.
    private static let lastMoment = Duration.seconds(1)
    /// Why it could not be reached when that was last tried.
    private(set) var problem = ""
    private var toldPresence: RunnerSession.Presence?

    /// - Parameters:
    ///   - path: where the runner listens.
    ///   - file: where the next run finds what this one knew.
    init(_ agent: Agent, plan: ScriptPlan, path: String, file: BlobFile?, loop: EventLoop) throws {
        self.agent = agent
        self.file = file
        let now = Agent.now()
        lastGoodAt = now
        let content = file?.content ?? []
        let memory = ScriptMemory(encoded: content)
        let wall = Clocks.sinceEpoch().components.seconds
        let first = UInt64(clamping: wall) &* 1000
        let book = NotificationBook(sequence: max(memory.sequence, first), entries: memory.entries)
        session = RunnerSession(plan, book: book, wasUsed: !content.isEmpty, at: now)
        link = RunnerLink(path: path, loop: loop) { [unowned self] in take($0) }
        timer = try EventSource.timer(in: loop, urgency: .control) { [unowned self] in serve() }
        identify()
        restore(memory, at: now)
        if content.isEmpty, let startup = plan.configuration.startup {
            session.run(.startup)
            startupUntil = now + min(startup.timeout, Self.patience) + .seconds(1)
            agent.core.hold(until: startupUntil)
        }
    }

    /// What trackers said in the last run counts until they say something else.
    private func restore(_ memory: ScriptMemory, at now: Instant) {
        for (tracker, verdict) in memory.verdicts where identities[tracker.name] == tracker.identity {
            let state: TrackerState =
                switch verdict {
                case .up: .up
                case .down(let why): .down(.failed(why))
                case .number(let number): .number(number)
                }
            fed[tracker.name] = (state, now)
            agent.core.handle(.tracker(tracker.name, state), at: now)
        }
    }

    private func identify() {
        identities = [:]
        for name in session.plan.trackerNames { identities[name] = session.plan.identity(of: name) }
        fed = fed.filter { identities[$0.key] != nil }
    }

    // MARK: - In

    private func take(_ news: RunnerLink.News) {
        switch news {
        case .report(let report): session.take(report, at: Agent.now())
        case .lost(let why):
            problem = why
            session.lost(at: Agent.now())
        }
        hasNews = true
        // A whole batch is taken in before anything follows from it.
        timer?.fire(at: .zero)
    }

    private func serve() {
        work()
        if hasVerdictNews {
            hasVerdictNews = false
            agent.pass()
        }
    }

    /// Something has happened to an instance or a group.
    func note(_ state: NotifyState, of key: NotificationDesk.Key, priority: UInt8) {
        session.note(state, of: key, priority: priority)
        hasNews = true
    }

    // MARK: - Plans

    func propose(_ plan: ScriptPlan) {
        session.propose(plan, at: Agent.now())
        hasNews = true
    }

    func withdraw() {
        session.withdraw(at: Agent.now())
        hasNews = true
    }

    func use(_ plan: ScriptPlan) {
        session.use(plan, at: Agent.now())
        identify()
        hasNews = true
    }

    // MARK: - Out

    /// At the end of each turn of the loop: whatever has come up is sent.
    func workIfNeeded() {
        if hasNews { work() }
    }

    func work() {
        guard !isWorking else { return }
        isWorking = true
        defer { isWorking = false }
        hasNews = false
        let now = Agent.now()
        session.advance(to: now)
        // What a step brings about is looked at in the same turn, but not without end.
        for _ in 0..<8 {
            let steps = session.takeSteps()
            guard !steps.isEmpty else { break }
            for step in steps { carryOut(step, at: now) }
        }
        judge(at: now)
        if leaving != nil {
            leaveIfDone(at: now)
        } else {
            keep()
        }
        arm(at: now)
    }

    private func arm(at now: Instant) {
        guard !hasNews, !hasVerdictNews else { return timer?.fire(at: .zero) ?? () }
        var deadlines = [session.deadline, startupUntil, leaving?.until]
        if session.hasWork, !session.presence.isGood {
            deadlines += [lastGoodAt + Self.grace, lastGoodAt + Self.patience].filter { $0 > now }
        }
        timer?.fire(at: deadlines.compactMap { $0 }.min()?.sinceBoot)
    }

    private func carryOut(_ step: RunnerSession.Step, at now: Instant) {
        switch step {
        case .connect:
            do {
                try link?.connect()
                session.connected(at: now)
            } catch {
                problem = "\(error)"
                session.lost(at: now)
            }
        case .disconnect: link?.close()
        case .send(let order): link?.send(order)
        case .report(let name, let report): feed(name, report, at: now)
        case .notification(let key, let report): tell(key, report, at: now)
        case .hook(let hook, let report): tell(hook, report, at: now)
        case .agreed: agent.planAgreed()
        case .readAgain: agent.planDiffers()
        case .refused(let why): agent.planRefused(why)
        case .unanswered: agent.planUnanswered()
        }
    }

    private func feed(_ name: TrackerName, _ report: RunnerSession.TrackerReport, at now: Instant) {
        let state = TrackerState(report)
        if let last = fed[name] {
            guard last.state != state else { return }
            // The same verdict in other words.
            if case .down = last.state, case .down = state, now - last.at < Self.textPause { return }
        }
        fed[name] = (state, now)
        agent.core.handle(.tracker(name, state), at: now)
        hasVerdictNews = true
        isDone = false
    }

    /// Whether the runner is there, and what follows where it is not.
    private func judge(at now: Instant) {
        if session.presence.isGood { lastGoodAt = now }
        let isLate = session.hasWork && now - lastGoodAt >= Self.patience
        if isLate != self.isLate {
            self.isLate = isLate
            agent.core.handle(.trackersLate(isLate), at: now)
            hasVerdictNews = true
        }
        if let until = startupUntil, now >= until { endStartup(at: now) }
        tellPresence(at: now)
    }

    private func endStartup(at now: Instant) {
        startupUntil = nil
        agent.core.hold(until: nil)
        agent.core.reevaluate(at: now)
        hasVerdictNews = true
    }

    // MARK: - The next run

    private func keep() {
        guard let file else { return }
        let changed = session.book.takeChange()
        guard changed || !isDone else { return }
        isDone = true
        guard session.isNeeded else {
            if file.content?.isEmpty == false { _ = file.store([]) }
            return
        }
        var memory = ScriptMemory()
        memory.sequence = session.book.sequence
        memory.entries = session.book.entries
        for (name, (state, _)) in fed {
            guard let identity = identities[name] else { continue }
            let verdict: ScriptMemory.Verdict? =
                switch state {
                case .unknown: nil
                case .up: .up
                case .down(.failed(let why)): .down(why)
                case .down: nil
                case .number(let number): .number(number)
                }
            if let verdict { memory.verdicts[ScriptMemory.Tracker(name: name, identity: identity)] = verdict }
        }
        let bytes = memory.encoded
        do throws(SystemError) {
            try file.makeRoom(for: bytes.count)
            _ = file.store(bytes)
            agent.endShortage(.scriptsNotKept)
        } catch {
            _ = file.store([])
            agent.note(.scriptsNotKept(reason: "\(error)"))
        }
    }

    // MARK: - The end

    /// The end of this run. What is to be told leaves first, for a moment at most; the next run begins anew.
    func leave(_ done: @escaping () -> Void) {
        guard leaving == nil else { return }
        leaving = (Agent.now() + Self.lastMoment, done)
        session.run(.shutdown)
        work()
    }

    private func leaveIfDone(at now: Instant) {
        guard let (until, done) = leaving else { return }
        let isTold = link?.isFlushed != false && !session.hasWaiting
        guard isTold || now >= until || session.presence == .away else { return }
        leaving = nil
        if let file { _ = file.store([]) }
        link?.close()
        done()
    }

    // MARK: - Telling

    private func tellPresence(at now: Instant) {
        guard session.hasWork else { return }
        let isAway = !session.presence.isGood && now - lastGoodAt >= Self.grace
        let presence: RunnerSession.Presence? =
            isAway ? session.presence : session.presence.isGood ? .active : toldPresence
        guard presence != toldPresence, let presence else { return }
        let isFirst = toldPresence == nil
        if isAway, let told = toldPresence, !told.isGood, told.isLike(presence) { return }
        toldPresence = presence
        if presence.isGood {
            if !isFirst { agent.log.write(.notice, "failover-scripts is there again", .runnerGone) }
        } else if let finding {
            agent.log.write(.error, finding.text, .runnerGone)
        }
    }

    /// What is not as it should be; `nil` where nothing is.
    var finding: AgentFinding? {
        guard session.hasWork, !session.presence.isGood, Agent.now() - lastGoodAt >= Self.grace else { return nil }
        return switch session.presence {
        case .active, .unneeded: nil
        case .away: .runnerGone(reason: problem)
        case .asked, .silent: .runnerSilent
        case .differs: .runnerReadsOtherFiles
        case .noPlan(let why): .runnerHasNoPlan(why)
        }
    }

    /// The last run of a script; `nil` for anything else.
    func lastRun(of tracker: TrackerName) -> RunnerReport.CheckReport? {
        guard case .check(let check)? = session.reports[tracker]?.report else { return nil }
        return check
    }

    /// All that is not as it should be about scripts.
    var findings: [AgentFinding] {
        guard session.hasWork else { return [] }
        var findings = finding.map { [$0] } ?? []
        for (name, (report, _)) in session.reports.sorted(by: { $0.key < $1.key }) {
            switch report {
            case .check(let check) where check.cutOffs >= UInt16(ScriptCheck.cutOffsToTell):
                findings.append(.checkAlwaysCutOff(name.name, milliseconds: Int(check.duration)))
            case .file(let file):
                if let words = file.faultWords { findings.append(.trackFile(name.name, problem: words)) }
            default: break
            }
        }
        let now = Agent.now()
        for (key, since) in hanging.sorted(by: { $0.key.name < $1.key.name }) {
            findings.append(.notifyHangs(key.name, seconds: Int((now - since) / .seconds(1)) + 30))
        }
        return Array(findings.prefix(StatusSurvey.mostFindings))
    }

    private func tell(_ key: NotificationDesk.Key, _ report: RunnerReport.NotificationReport, at now: Instant) {
        let told = CallReport(key: key, report: report)
        switch report.progress {
        case .hanging: hanging[key] = now
        case .replaced: break
        case .exited, .signalled, .notStarted, .cutOff: hanging[key] = nil
        }
        guard let severity = told.severity else { return }
        agent.log.write(severity, told.text, .notifyCall)
    }

    private func tell(_ hook: Hook, _ report: RunnerReport.HookReport, at now: Instant) {
        if hook == .startup, startupUntil != nil, report.progress != .hanging { endStartup(at: now) }
        let told = CallReport(hook: hook, report: report)
        guard let severity = told.severity else { return }
        agent.log.write(severity, told.text, .notifyCall)
    }
}

extension RunnerSession.Presence {
    /// Whether the operator is told the same of both.
    fileprivate func isLike(_ other: Self) -> Bool {
        func kind(_ presence: Self) -> Int {
            switch presence {
            case .unneeded, .active: 0
            case .away, .asked, .silent: 1
            case .differs: 2
            case .noPlan: 3
            }
        }
        return kind(self) == kind(other)
    }
}
