package import Configuration
package import VRRP

/// The agent's side of the runner: whether it is there, which plan both use, and what its reports come to. It opens no socket: it says what is
/// to be sent, and is told what has come.
package struct RunnerSession: Sendable {
    /// Whether the runner is there, and what it says of the plan.
    package enum Presence: Hashable, Sendable {
        /// There is nothing that it is needed for.
        case unneeded
        /// Nobody answers.
        case away
        /// It has been asked to use the plan.
        case asked
        /// Both use the same plan.
        case active
        /// It has read other files than the agent.
        case differs
        case noPlan(RunnerReport.NoPlan)
        /// It is there, and says nothing.
        case silent

        /// What it reports can be relied on, or it is not needed.
        package var isGood: Bool { self == .active || self == .unneeded }
    }

    /// What is to be done.
    package enum Step: Hashable, Sendable {
        case connect
        case disconnect
        case send(RunnerOrder)
        /// Something that virtual routers track has reported.
        case report(TrackerName, TrackerReport)
        /// A call of a notify script.
        case notification(NotificationDesk.Key, RunnerReport.NotificationReport)
        case hook(Hook, RunnerReport.HookReport)
        /// What was proposed may come into use.
        case agreed
        /// The files are to be read again, and proposed again.
        case readAgain
        /// The runner uses another plan, or none; both keep what they have.
        case refused(RunnerReport.NoPlan?)
        /// Nobody has answered in time.
        case unanswered
    }

    /// What a tracker has reported last.
    package enum TrackerReport: Hashable, Sendable {
        case check(RunnerReport.CheckReport)
        case file(RunnerReport.FileReport)
        case process(RunnerReport.ProcessReport)
    }

    /// How long to wait before the next try to reach it.
    static let retryPause = Duration.seconds(1)
    /// How long it may say nothing before it is asked whether it is there.
    static let patience = Duration.seconds(10)
    /// How long it may take to answer.
    package static let answerTime = Duration.seconds(5)

    /// What the agent uses.
    package private(set) var plan: ScriptPlan
    /// What it used before: what goes is told by its places.
    private var previous: ScriptPlan?
    package private(set) var presence: Presence
    /// Since when.
    package private(set) var since: Instant
    package var book: NotificationBook
    /// What every tracker of the plan has reported last, and when.
    package private(set) var reports: [TrackerName: (report: TrackerReport, at: Instant)] = [:]
    private var isConnected = false
    /// While something is proposed the runner uses the base.
    private var isOnBase = false
    private var proposal: (plan: ScriptPlan, agreement: PlanAgreement, until: Instant)?
    private var retryAt: Instant?
    private var heardAt: Instant
    /// It has been asked, and this is when the answer is late.
    private var answerUntil: Instant?
    /// Hooks that wait until the plan is active.
    private var hooks: [Hook] = []
    private var steps: [Step] = []
    private var places: [NotificationDesk.Key: UInt32] = [:]

    /// - Parameter wasUsed: an earlier run has used the runner: it may still run what the configuration names no more.
    package init(_ plan: ScriptPlan, book: NotificationBook, wasUsed: Bool, at now: Instant) {
        self.plan = plan
        self.book = book
        heardAt = now
        since = now
        presence = .unneeded
        places = Self.places(in: plan)
        if !plan.configuration.isEmpty || wasUsed { beginConnecting(at: now) }
    }

    /// It has something to do with scripts at all.
    package var isNeeded: Bool { presence != .unneeded }

    /// Whether the plan names anything.
    package var hasWork: Bool { !plan.configuration.isEmpty }

    private mutating func become(_ presence: Presence, at now: Instant) {
        guard presence != self.presence else { return }
        self.presence = presence
        since = now
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
        guard isNeeded else { return }
        retryAt = now + Self.retryPause
        if hasWork || proposal != nil { become(.away, at: now) } else { become(.unneeded, at: now) }
        // Nothing that is proposed waits for somebody who is not there.
        if proposal != nil { end(.unanswered) }
    }

    private mutating func ask(at now: Instant) {
        steps.append(.send(.activate(proposal?.plan.digest ?? plan.digest)))
        answerUntil = now + Self.answerTime
        if presence == .away || presence == .unneeded { become(.asked, at: now) }
    }

    // MARK: - Time

    package var deadline: Instant? {
        guard isNeeded || proposal != nil else { return nil }
        guard isConnected else { return [retryAt, proposal?.until].compactMap { $0 }.min() }
        return [answerUntil ?? heardAt + Self.patience, proposal?.until].compactMap { $0 }.min()
    }

    package mutating func advance(to now: Instant) {
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
        } else if heardAt + Self.patience <= now {
            heardAt = now
            ask(at: now)
        }
    }

    // MARK: - A reload

    /// The agent wants to use another plan.
    /// - Parameter base: the plan to which the agent will return unless somebody confirms the new one. The runner keeps the present plan and
    ///   the one before: where another one is present, it goes back to the base first.
    package mutating func propose(_ plan: ScriptPlan, over base: ScriptPlan? = nil, at now: Instant) {
        if isConnected, proposal == nil, let base, base.digest != self.plan.digest {
            steps.append(.send(.activate(base.digest)))
            isOnBase = true
        }
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
        // The present plan comes back.
        if isOnBase, isConnected { steps.append(.send(.activate(plan.digest))) }
        isOnBase = false
        steps.append(step)
    }

    /// Nothing comes of what was proposed.
    package mutating func withdraw(at now: Instant) {
        proposal = nil
        isOnBase = false
        if isConnected { ask(at: now) }
    }

    /// Another plan is in use from now on.
    package mutating func use(_ plan: ScriptPlan, at now: Instant) {
        proposal = nil
        isOnBase = false
        guard plan.digest != self.plan.digest else { return }
        previous = self.plan
        self.plan = plan
        places = Self.places(in: plan)
        // What this plan takes out is still to be told.
        book.forget(exceptFor: Set(places.keys).union(Self.places(in: previous ?? plan).keys))
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
            let wasActive = presence == .active
            become(.active, at: now)
            if !wasActive {
                book.keepNewest()
                book.repeatOpen()
            }
            for hook in hooks { steps.append(.send(.hook(plan: plan.digest, hook))) }
            hooks = []
        case .differs:
            answerUntil = nil
            become(.differs, at: now)
        case .noPlan(let why):
            answerUntil = nil
            become(hasWork ? .noPlan(why) : .asked, at: now)
        case .check(let digest, let object, let report):
            guard digest == plan.digest, case .check(let index)? = plan.object(at: object) else { return }
            note(.check(report), of: TrackerName(.script, plan.configuration.checks[index].name), at: now)
        case .file(let digest, let object, let report):
            guard digest == plan.digest, case .file(let index)? = plan.object(at: object) else { return }
            note(.file(report), of: TrackerName(.file, plan.configuration.files[index].name), at: now)
        case .process(let digest, let object, let report):
            guard digest == plan.digest, case .process(let index)? = plan.object(at: object) else { return }
            note(.process(report), of: TrackerName(.process, plan.configuration.processes[index].name), at: now)
        case .notification(let digest, let object, let report):
            let told = digest == plan.digest ? plan : previous
            guard let told, told.digest == digest, let subject = told.subject(at: object) else { return }
            let key = NotificationDesk.Key(kind: subject.kind, name: subject.name)
            book.take(report, of: key)
            steps.append(.notification(key, report))
        case .hook(_, let hook, let report):
            steps.append(.hook(hook, report))
        }
    }

    private mutating func note(_ report: TrackerReport, of name: TrackerName, at now: Instant) {
        reports[name] = (report, now)
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
            if case .noPlan(let why) = report { end(.refused(why)) } else { end(.refused(nil)) }
        case .wait: break
        }
    }

    // MARK: - Notifications

    /// Something has happened to an instance or a group.
    package mutating func note(_ state: NotifyState, of key: NotificationDesk.Key, priority: UInt8) {
        guard hasWork || previous?.configuration.isEmpty == false, let subject = subject(key) else { return }
        let event = NotifyEvent(state, priority: priority, sequence: 0)
        book.note(state, of: key, priority: priority, calls: NotifyCall.all(for: event, about: subject).count)
    }

    /// A script of the whole agent is due.
    package mutating func run(_ hook: Hook) {
        guard (hook == .startup ? plan.configuration.startup : plan.configuration.shutdown) != nil else { return }
        if presence == .active {
            sendWaiting()
            steps.append(.send(.hook(plan: plan.digest, hook)))
        } else {
            hooks.append(hook)
        }
    }

    private func subject(_ key: NotificationDesk.Key) -> ScriptSubject? {
        places[key].flatMap { plan.subject(at: $0) }
            ?? previous?.configuration.subjects.first { $0.kind == key.kind && $0.name == key.name }
    }

    private static func places(in plan: ScriptPlan) -> [NotificationDesk.Key: UInt32] {
        var places: [NotificationDesk.Key: UInt32] = [:]
        for (index, subject) in plan.configuration.subjects.enumerated() {
            places[NotificationDesk.Key(kind: subject.kind, name: subject.name)] = plan.place(of: .subject(index))
        }
        return places
    }

    private mutating func sendWaiting() {
        guard presence == .active, book.hasWaiting else { return }
        for (key, event) in book.takeWaiting() {
            if let place = places[key] {
                steps.append(.send(.notify(plan: plan.digest, object: place, event)))
            } else if let previous,
                let index = previous.configuration.subjects.firstIndex(where: {
                    $0.kind == key.kind && $0.name == key.name
                }),
                let place = previous.place(of: .subject(index))
            {
                steps.append(.send(.notify(plan: previous.digest, object: place, event)))
            }
        }
    }

    // MARK: - Out

    /// Something is still to be told, and there may be somebody to tell it to.
    package var hasWaiting: Bool { book.hasWaiting || !hooks.isEmpty || !steps.isEmpty }

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

extension ScriptPlan {
    /// Every check, file and process of the plan that something tracks, by its name.
    package var trackerNames: [TrackerName] {
        objects.filter { isTracked($0) }.compactMap { object in
            switch object {
            case .check(let index): TrackerName(.script, configuration.checks[index].name)
            case .file(let index): TrackerName(.file, configuration.files[index].name)
            case .process(let index): TrackerName(.process, configuration.processes[index].name)
            case .subject: nil
            }
        }
    }
}
