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
    static let grace = Duration.seconds(3)
    /// How often another text of the same verdict is taken in.
    private static let textPause = Duration.seconds(5)

    unowned let agent: Agent
    var session: RunnerSession
    private var link: RunnerLink?
    private var timer: EventSource?
    let file: BlobFile?
    /// What the trackers of the plan stand for.
    var identities: [TrackerName: String] = [:]
    /// What the core was told last, and when.
    var fed: [TrackerName: (state: TrackerState, at: Instant)] = [:]
    /// When the runner was last there; the start, before it ever was.
    var lastGoodAt: Instant
    private var reporter = TrackerReporter.present
    private var isWorking = false
    private var hasNews = false
    private var hasVerdictNews = false
    var isDone = false
    /// Calls that run for too long, by their object.
    var hanging: [NotificationDesk.Key: Instant] = [:]
    /// Until then nobody takes part: `startup_script` runs.
    var startupUntil: Instant?
    private var leaving: (until: Instant, done: () -> Void)?
    /// How long the end of the agent waits for what is to be told.
    private static let lastMoment = Duration.seconds(1)
    /// Why it could not be reached when that was last tried.
    var problem = ""
    var toldPresence: RunnerSession.Presence?

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
        if session.hasWork {
            reporter = .awaited
            agent.core.handle(.reporter(reporter), at: now)
        }
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

    /// - Parameter base: what the agent returns to unless somebody confirms the plan.
    func propose(_ plan: ScriptPlan, over base: ScriptPlan? = nil) {
        session.propose(plan, over: base, at: Agent.now())
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
        let isGood = !session.hasWork || session.presence.isGood
        let reporter: TrackerReporter =
            isGood ? .present : now - lastGoodAt >= Self.patience ? .missing : .awaited
        if reporter != self.reporter {
            self.reporter = reporter
            agent.core.handle(.reporter(reporter), at: now)
            hasVerdictNews = true
        }
        if let until = startupUntil, now >= until { endStartup(at: now) }
        tellPresence(at: now)
    }

    func endStartup(at now: Instant) {
        startupUntil = nil
        agent.core.hold(until: nil)
        agent.core.reevaluate(at: now)
        hasVerdictNews = true
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
}
