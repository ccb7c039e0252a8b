import Configuration
import EventLoop
import FailoverCore
import Kernel
import Reporting
import Scripts
import VRRP

/// What the agent has to do with `failover-scripts`: it hands over what the runner's session wants sent, and what comes back to the core. What
/// follows from it `RunnerSession` decides.
final class RunnerDesk {
    /// How often another text of the same verdict is taken in.
    private static let textPause = Duration.seconds(5)

    unowned let agent: Agent
    private(set) var session: RunnerSession
    private var link: RunnerLink?
    private var timer: EventSource?
    private let memory: ScriptMemoryFile
    /// What the trackers of the plan stand for.
    private var identities: [TrackerName: String] = [:]
    /// What the core was told last, and when.
    private var fed: [TrackerName: (state: TrackerState, at: Instant)] = [:]
    private var isWorking = false
    private var hasNews = false
    /// The core was told something, and its turn is to come.
    private var hasToldCore = false
    /// What a tracker says is not kept as it is now.
    private var hasOtherVerdicts = false
    /// What is wrong with notify scripts.
    var troubles = CallTroubles()
    private var leaving: (until: Instant, done: () -> Void)?
    /// How long the end of the agent waits for what is to be told.
    private static let lastMoment = Duration.seconds(1)
    /// Why it could not be reached when that was last tried.
    private(set) var problem = ""

    /// - Parameters:
    ///   - path: where the runner listens.
    ///   - file: where the next run finds what this one knew.
    init(_ agent: Agent, plan: ScriptPlan, path: String, file: BlobFile?, loop: EventLoop) throws {
        self.agent = agent
        let now = Agent.now()
        memory = ScriptMemoryFile(file, at: now)
        memory.noteUse(at: now)
        let first = UInt64(clamping: Clocks.sinceEpoch().components.seconds) &* 1000
        let book = NotificationBook(sequence: max(memory.found.sequence, first), entries: memory.found.entries)
        session = RunnerSession(plan, book: book, wasUsed: memory.wasKept, at: now)
        link = RunnerLink(path: path, loop: loop) { [unowned self] in take($0) }
        timer = try EventSource.timer(in: loop, urgency: .control) { [unowned self] in serve() }
        identify()
        // What trackers said in the last run counts until they say something else.
        for (tracker, verdict) in memory.found.verdicts where identities[tracker.name] == tracker.identity {
            tellCore(tracker.name, TrackerState(verdict), at: now)
        }
        agent.core.handle(.reporter(TrackerReporter(session.outlook(at: now))), at: now)
        if !memory.wasKept { session.run(.startup, at: now) }
        agent.core.hold(until: session.startupUntil)
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
        if hasToldCore {
            hasToldCore = false
            agent.pass()
        }
    }

    /// Something has happened.
    func note(_ event: Event) {
        session.note(event, in: agent.core)
        if session.hasWaiting { hasNews = true }
    }

    /// What each virtual router and group is now.
    func tellStates() {
        session.noteStates(of: agent.core)
        if session.hasWaiting { hasNews = true }
    }

    // MARK: - Plans

    /// - Parameter base: what the agent returns to unless somebody confirms its present plan.
    func propose(_ plan: ScriptPlan, keeping base: ScriptPlan?) {
        session.propose(plan, keeping: base, with: agent.core, at: Agent.now())
        hasNews = true
    }

    /// The agent returns to a plan unless somebody confirms the present one; `nil` for no more.
    func secure(_ base: ScriptPlan?) {
        session.secure(base, at: Agent.now())
        hasNews = true
    }

    func withdraw() {
        session.withdraw(at: Agent.now())
        hasNews = true
    }

    func use(_ plan: ScriptPlan) {
        let old = session.plan
        session.use(plan, at: Agent.now())
        identify()
        troubles.use(plan, insteadOf: old)
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
        let reporter = TrackerReporter(session.outlook(at: now))
        if agent.core.reporter != reporter {
            agent.core.handle(.reporter(reporter), at: now)
            hasToldCore = true
        }
        if leaving != nil { leaveIfDone(at: now) } else { keep(at: now) }
        arm(at: now)
    }

    private func arm(at now: Instant) {
        guard !hasNews, !hasToldCore else { return timer?.fire(at: .zero) ?? () }
        let deadlines = [session.deadline(after: now), memory.dueAt, leaving?.until]
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
        case .send(let order): link?.send(order)
        case .report(let name, let report): feed(name, report, at: now)
        case .notification(let key, let report): tell(key, report, at: now)
        case .hook(let hook, let report): tell(hook, report)
        case .agreed: agent.planAgreed()
        case .readAgain: agent.planDiffers()
        case .refused(let why, let problem): agent.planRefused(why, problem)
        case .unanswered: agent.planUnanswered()
        case .missed(let presence):
            if let finding = finding(presence) { agent.log.write(.error, finding.text, .runnerGone) }
        case .back: agent.log.write(.notice, "failover-scripts is there again", .runnerGone)
        case .startupOver:
            agent.core.hold(until: nil)
            agent.core.reevaluate(at: now)
            hasToldCore = true
        }
    }

    private func feed(_ name: TrackerName, _ report: RunnerSession.TrackerReport, at now: Instant) {
        let state = TrackerState(report, after: fed[name]?.state)
        if let last = fed[name] {
            guard last.state != state else { return }
            // The same verdict in other words.
            if case .down = last.state, case .down = state, now - last.at < Self.textPause { return }
        }
        tellCore(name, state, at: now)
        hasToldCore = true
    }

    private func tellCore(_ name: TrackerName, _ state: TrackerState, at now: Instant) {
        fed[name] = (state, now)
        agent.core.handle(.tracker(name, state), at: now)
        hasOtherVerdicts = true
    }

    // MARK: - The next run

    private func keep(at now: Instant) {
        let hasOthers = session.takeChange() || hasOtherVerdicts
        hasOtherVerdicts = false
        guard let problem = memory.keep(session, isOther: hasOthers, at: now, verdicts: verdicts) else { return }
        switch problem {
        case .none: agent.endShortage(.scriptsNotKept)
        case .some(let reason): agent.note(.scriptsNotKept(reason: reason))
        }
    }

    /// Before another process goes on: all of it.
    func keepAll() {
        memory.noteUse(at: Agent.now())
        memory.keepAll(session, verdicts: verdicts)
    }

    /// This run lives: now and then, far more often than a minute.
    func noteUse(at now: Instant) { memory.noteUse(at: now) }

    private func verdicts() -> [ScriptMemory.Tracker: ScriptMemory.Verdict] {
        var verdicts: [ScriptMemory.Tracker: ScriptMemory.Verdict] = [:]
        for (name, (state, _)) in fed {
            guard let identity = identities[name] else { continue }
            verdicts[ScriptMemory.Tracker(name: name, identity: identity)] = state.verdict
        }
        return verdicts
    }

    // MARK: - The end

    /// The end of this run. What is to be told leaves first, for a moment at most; the next run begins anew.
    func leave(_ done: @escaping () -> Void) {
        guard leaving == nil else { return }
        leaving = (Agent.now() + Self.lastMoment, done)
        session.run(.shutdown, at: Agent.now())
        work()
    }

    private func leaveIfDone(at now: Instant) {
        guard let (until, done) = leaving else { return }
        let isTold = link?.isFlushed != false && !session.hasWaiting
        guard isTold || now >= until || session.presence == .away else { return }
        leaving = nil
        memory.forget()
        link?.close()
        done()
    }
}
