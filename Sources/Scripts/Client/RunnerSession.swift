package import Configuration
package import VRRP

/// The agent's side of the runner: whether it is there, which plan both use, and what its reports come to. It opens no socket: it says what is
/// to be sent, and is told what has come.
package struct RunnerSession: Sendable {
    /// How long to wait before the next try to reach it.
    static let retryPause = Duration.seconds(1)
    /// How long it may say nothing before it is asked whether it is there.
    static let silence = Duration.seconds(10)
    /// How long a start waits for it, and how long it may be away before virtual routers begin without a word of it.
    package static let patience = Duration.seconds(10)
    /// How long it may take to answer.
    package static let answerTime = Duration.seconds(5)
    /// How long it may be away before that is told: an upgrade of it is nothing to be told.
    static let grace = Duration.seconds(3)

    /// So often it may go away within a minute before that is told.
    package static let lossesToTell = 3

    /// What the agent uses.
    package private(set) var plan: ScriptPlan
    /// What it used before: what goes is told by its places.
    private var previous: ScriptPlan?
    package private(set) var presence: Presence
    /// When it was there last, or not needed; the start, before that ever was.
    private var goodAt: Instant
    /// What was told of it last; `nil` while nothing was wrong.
    private var told: Presence?
    /// Until then nobody takes part: `startup_script` runs.
    package private(set) var startupUntil: Instant?
    package private(set) var book: NotificationBook
    /// What every tracker of the plan has reported last.
    package private(set) var reports: [TrackerName: TrackerReport] = [:]
    private var isConnected = false
    /// When it went away the last few times, while it was of use.
    private var losses: [Instant] = []
    /// No runner has been told yet that the agent begins.
    private var isStart: Bool
    /// What the agent goes back to unless somebody confirms its plan: the runner keeps it as well.
    private var base: ScriptPlan?
    private var proposal: (plan: ScriptPlan, agreement: PlanAgreement, until: Instant)?
    private var retryAt: Instant?
    private var heardAt: Instant
    /// It has been asked, and this is when the answer is late.
    private var answerUntil: Instant?
    /// Hooks that wait until the plan is active.
    private var hooks: [Hook] = []
    private var steps: [Step] = []

    /// - Parameter wasUsed: an earlier run has used the runner: it may still run what the configuration names no more.
    package init(_ plan: ScriptPlan, book: NotificationBook, wasUsed: Bool, at now: Instant) {
        self.plan = plan
        self.book = book
        // The files may be others than in the last run.
        self.book.forget(exceptFor: plan.subjectKeys)
        heardAt = now
        goodAt = now
        isStart = !wasUsed
        presence = .unneeded
        if !plan.configuration.isEmpty || wasUsed { beginConnecting(at: now) }
    }

    /// It has something to do with scripts at all.
    package var isNeeded: Bool { presence != .unneeded }

    /// Whether the plan names anything.
    package var hasWork: Bool { !plan.configuration.isEmpty }

    /// Somebody may want to know what happens: the plan names something, or the one before did, whose instances are told that they are gone.
    package var tells: Bool { hasWork || plans.contains { !$0.configuration.isEmpty } }

    private mutating func become(_ presence: Presence, at now: Instant) {
        if self.presence.isGood { goodAt = now }
        let wasActive = self.presence == .active
        self.presence = presence
        if presence == .active { isStart = false }
        guard presence == .active, !wasActive else { return }
        // It is there, perhaps again, perhaps another one.
        goodAt = now
        book.keepNewest()
        book.repeatOpen()
        if told != nil { steps.append(.back) }
        told = nil
    }

    // MARK: - What follows from its absence

    private func absence(at now: Instant) -> Duration {
        hasWork && !presence.isGood ? now - goodAt : .zero
    }

    package func outlook(at now: Instant) -> Outlook {
        guard hasWork, !presence.isGood else { return .present }
        return absence(at: now) >= Self.patience ? .missing : .awaited
    }

    /// It has been away, or of no use, for longer than an upgrade takes: what is wrong with it.
    package func missed(at now: Instant) -> Presence? { absence(at: now) >= Self.grace ? presence : nil }

    /// It comes and goes: each time its checks count anew, and none may ever come to a result.
    package func isUnsteady(at now: Instant) -> Bool {
        guard hasWork, losses.count == Self.lossesToTell, let first = losses.first else { return false }
        return now - first < .seconds(60)
    }

    private mutating func tellAbsence(at now: Instant) {
        guard let missed = missed(at: now), told?.isLike(missed) != true else { return }
        told = missed
        steps.append(.missed(missed))
    }

    // MARK: - The connection

    private mutating func beginConnecting(at now: Instant) {
        become(.away, at: now)
        retryAt = nil
        steps.append(.connect)
    }

    package mutating func connected(at now: Instant) {
        isConnected = true
        heardAt = now
        ask(at: now)
    }

    /// Nobody listens, or the connection has ended.
    package mutating func lost(at now: Instant) {
        isConnected = false
        answerUntil = nil
        if presence == .active { losses = losses.suffix(Self.lossesToTell - 1) + [now] }
        guard isNeeded else { return }
        retryAt = now + Self.retryPause
        if hasWork || proposal != nil { become(.away, at: now) } else { become(.unneeded, at: now) }
        // Nothing that is proposed waits for somebody who is not there.
        if proposal != nil { end(.unanswered) }
    }

    private mutating func ask(at now: Instant) {
        steps.append(
            .send(
                .activate(
                    proposal?.plan.digest ?? plan.digest, keeping: base?.digest, isReload: proposal != nil,
                    isStart: isStart)))
        answerUntil = now + Self.answerTime
        if presence == .away || presence == .unneeded { become(.asked, at: now) }
    }

    // MARK: - Time

    /// When `advance` has something to do.
    package func deadline(after now: Instant) -> Instant? {
        guard isNeeded || proposal != nil else { return startupUntil }
        let own = isConnected ? answerUntil ?? heardAt + Self.silence : retryAt
        let absence =
            hasWork && !presence.isGood ? [goodAt + Self.grace, goodAt + Self.patience].first { $0 > now } : nil
        return [own, proposal?.until, startupUntil, absence].compactMap { $0 }.min()
    }

    package mutating func advance(to now: Instant) {
        defer { tellAbsence(at: now) }
        if let until = startupUntil, until <= now { endStartup() }
        if let until = proposal?.until, until <= now { end(.unanswered) }
        guard isConnected else {
            if let retry = retryAt, retry <= now {
                retryAt = nil
                if isNeeded { steps.append(.connect) }
            }
            return
        }
        if let until = answerUntil {
            guard until <= now else { return }
            become(.silent, at: now)
            answerUntil = nil
            heardAt = now
        } else if heardAt + Self.silence <= now {
            heardAt = now
            ask(at: now)
        }
    }

    // MARK: - A reload

    /// The agent goes back to another plan unless somebody confirms its present one; `nil` for no more.
    package mutating func secure(_ base: ScriptPlan?, at now: Instant) {
        guard base?.digest != self.base?.digest else { return }
        self.base = base
        if isConnected, proposal == nil { ask(at: now) }
    }

    /// The agent wants to use another plan.
    package mutating func propose(_ plan: ScriptPlan, at now: Instant) {
        // By the plans that it still knows.
        if isConnected { sendWaiting() }
        if var open = proposal {
            open.plan = plan
            open.agreement.readAgain(plan.digest)
            open.until = now + Self.answerTime
            proposal = open
        } else {
            proposal = (plan, PlanAgreement(wanting: plan.digest), now + Self.answerTime)
        }
        if isConnected {
            ask(at: now)
        } else {
            // Whether it is there is known in a moment.
            retryAt = nil
            become(.away, at: now)
            steps.append(.connect)
        }
    }

    private mutating func end(_ step: Step) {
        proposal = nil
        steps.append(step)
    }

    /// Nothing comes of what was proposed.
    package mutating func withdraw(at now: Instant) {
        proposal = nil
        if isConnected { ask(at: now) }
    }

    /// Another plan is in use from now on.
    package mutating func use(_ plan: ScriptPlan, at now: Instant) {
        proposal = nil
        guard plan.digest != self.plan.digest else { return }
        book.forget(exceptFor: plan.subjectKeys)
        previous = self.plan
        self.plan = plan
        let names = Set(plan.trackerNames)
        reports = reports.filter { names.contains($0.key) }
        if isConnected {
            // Also where both have agreed: its reports may have come before this.
            ask(at: now)
        } else if hasWork {
            beginConnecting(at: now)
        }
    }

    // MARK: - Reports

    package mutating func take(_ report: RunnerReport, at now: Instant) {
        heardAt = now
        if presence == .silent { become(.asked, at: now) }
        if let open = proposal, report.isAboutPlans {
            takeAnswer(report, to: open.agreement, at: now)
            return
        }
        switch report {
        case .active(let digest):
            guard digest == plan.digest else { return }
            answerUntil = nil
            become(.active, at: now)
            for hook in hooks { steps.append(.send(.hook(plan: plan.digest, hook))) }
            hooks = []
        case .differs:
            answerUntil = nil
            become(.differs, at: now)
        case .noPlan(let why, _):
            answerUntil = nil
            become(hasWork ? .noPlan(why) : .asked, at: now)
        case .check(let digest, let object, let report):
            guard digest == plan.digest, case .check(let index)? = plan.object(at: object) else { return }
            note(.check(report), of: TrackerName(.script, plan.configuration.checks[index].name))
        case .file(let digest, let object, let report):
            guard digest == plan.digest, case .file(let index)? = plan.object(at: object) else { return }
            note(.file(report), of: TrackerName(.file, plan.configuration.files[index].name))
        case .process(let digest, let object, let report):
            guard digest == plan.digest, case .process(let index)? = plan.object(at: object) else { return }
            note(.process(report), of: TrackerName(.process, plan.configuration.processes[index].name))
        case .notification(let digest, let object, let report):
            guard let told = plans.first(where: { $0.digest == digest }), let subject = told.subject(at: object) else {
                return
            }
            let key = NotificationDesk.Key(subject: subject)
            book.take(report, of: key)
            steps.append(.notification(key, report))
        case .hook(_, let hook, let report):
            if hook == .startup, report.progress != .hanging, startupUntil != nil { endStartup() }
            steps.append(.hook(hook, report))
        }
    }

    private mutating func note(_ report: TrackerReport, of name: TrackerName) {
        reports[name] = report
        steps.append(.report(name, report))
    }

    private mutating func takeAnswer(_ report: RunnerReport, to agreement: PlanAgreement, at now: Instant) {
        var agreement = agreement
        switch agreement.take(report) {
        case .agreed:
            answerUntil = nil
            become(.active, at: now)
            // The plan stays proposed until it is in use.
            steps.append(.agreed)
        case .readAgain:
            answerUntil = nil
            proposal?.agreement = agreement
            steps.append(.readAgain)
        case .failed:
            answerUntil = nil
            if case .noPlan(let why, let problem) = report {
                end(.refused(why, problem))
            } else {
                end(.refused(nil, OutputExcerpt()))
            }
        case .wait: break
        }
    }

    // MARK: - Notifications

    /// Something has happened to an instance or a group.
    package mutating func note(_ state: NotifyState, of key: NotificationDesk.Key, priority: UInt8) {
        guard tells, let subject = plan(with: key)?.subject(key) else { return }
        let event = NotifyEvent(state, priority: priority, sequence: 0)
        book.note(state, of: key, priority: priority, calls: NotifyCall.all(for: event, about: subject).count)
    }

    /// A script of the whole agent is due. While `startup_script` runs nobody takes part, as with keepalived; but no longer than a start waits
    /// for the runner.
    package mutating func run(_ hook: Hook, at now: Instant) {
        let configuration = hook == .startup ? plan.configuration.startup : plan.configuration.shutdown
        guard let configuration else { return }
        if hook == .startup { startupUntil = now + min(configuration.timeout, Self.patience) + .seconds(1) }
        if presence == .active {
            sendWaiting()
            steps.append(.send(.hook(plan: plan.digest, hook)))
        } else {
            hooks.append(hook)
        }
    }

    private mutating func endStartup() {
        startupUntil = nil
        steps.append(.startupOver)
    }

    /// The present plan, or one of those that the runner keeps, for what a reload has taken out.
    package func plan(with key: NotificationDesk.Key) -> ScriptPlan? { plans.first { $0.place(of: key) != nil } }

    /// Those that the runner knows, the present one first.
    private var plans: [ScriptPlan] { [plan, previous, base].compactMap { $0 } }

    private mutating func sendWaiting() {
        guard presence == .active, book.hasWaiting else { return }
        for (key, event) in book.takeWaiting() {
            guard let plan = plan(with: key), let place = plan.place(of: key) else { continue }
            steps.append(.send(.notify(plan: plan.digest, object: place, event)))
        }
    }

    // MARK: - Out

    /// Something is still to be told, and there may be somebody to tell it to.
    package var hasWaiting: Bool { book.hasWaiting || !hooks.isEmpty || !steps.isEmpty }

    /// Whether what was told has changed since the last call, and is to be kept anew.
    package mutating func takeChange() -> Bool { book.takeChange() }

    /// What is to be done, in order.
    package mutating func takeSteps() -> [Step] {
        sendWaiting()
        defer { steps = [] }
        return steps
    }
}

extension RunnerReport {
    /// An answer to `activate`.
    fileprivate var isAboutPlans: Bool {
        switch self {
        case .active, .differs, .noPlan: true
        case .check, .file, .process, .notification, .hook: false
        }
    }
}
