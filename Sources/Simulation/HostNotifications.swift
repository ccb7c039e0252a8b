import Configuration
import FailoverCore
import Reporting
import Scripts
import VRRP

/// The notifications of one host: the agent's session while it runs, the runner, and what is kept between two runs of the agent.
struct HostNotifications {
    typealias Key = NotificationDesk.Key

    private let scenario: Scenario
    private(set) var runner: VirtualRunner
    private var session: RunnerSession?
    private var book = NotificationBook(sequence: 0)
    private var wasUsed = false
    private var plans: [SHA256.Digest: ScriptPlan] = [:]
    /// Whom the present plan names, and whom the one before: nobody else can be told of.
    private var named: [Set<Key>] = []
    /// What the runner has said while the agent did not read.
    private var unread: [RunnerReport] = []
    /// What must be told of each object, in order: judged here by itself, from what the core has recorded.
    private var owed: [Key: [NotifyState]] = [:]
    /// What was owed last of each.
    private var lastOwed: [Key: NotifyState] = [:]
    /// Those that were told of since the runner, or the agent, began anew: of the others something may be left out.
    private var toldSince: Set<Key> = []
    private var lastNumbers: [Key: UInt64] = [:]
    private(set) var complaint: String?

    init(_ host: Int, _ scenario: Scenario) {
        self.scenario = scenario
        runner = VirtualRunner(host, scenario)
    }

    /// When something is next due on either side.
    private(set) var deadline: Instant?

    // MARK: - The agent

    mutating func start(_ routers: [Scenario.Router], at now: Instant) {
        let plan = remember(scenario.plan(of: routers))
        let first = UInt64(clamping: Int(now.sinceBoot / .milliseconds(1)))
        session = RunnerSession(
            plan, book: NotificationBook(sequence: max(book.sequence, first), entries: book.entries),
            wasUsed: wasUsed, at: now)
        wasUsed = true
        named = [plan.subjectKeys]
        lastOwed = lastOwed.filter { plan.place(of: $0.key) != nil }
        toldSince = []
    }

    /// It is gone, and has kept what it knew.
    mutating func crash() {
        session = nil
        unread = []
    }

    /// It has ended in order: the next one begins anew.
    mutating func finish(at now: Instant) {
        pump(at: now)
        crash()
        book = NotificationBook(sequence: book.sequence)
        (owed, lastOwed) = ([:], [:])
        wasUsed = false
    }

    mutating func use(_ routers: [Scenario.Router], with core: borrowing Core, at now: Instant) {
        let plan = remember(scenario.plan(of: routers))
        if plan.digest != session?.plan.digest {
            // Who was taken out by the reload before, and is still on its way out.
            for key in named.last ?? [] where core.router(named: key.name).map({ core.position(of: $0) == nil }) == true
            {
                let isNamed = named.first?.contains(key) == true || plan.place(of: key) != nil
                if !isNamed { owe(.deleted, of: key) }
            }
        }
        // The runner answers at once, where it is there.
        session?.propose(plan, keeping: nil, with: core, at: now)
        pump(at: now)
        if plan.digest != session?.plan.digest { named = [plan.subjectKeys] + named.prefix(1) }
        session?.use(plan, at: now)
        // One that is gone is still to be told so; one of its name that comes back is another one.
        lastOwed = lastOwed.filter { plan.place(of: $0.key) != nil }
    }

    private mutating func remember(_ plan: ScriptPlan) -> ScriptPlan {
        plans[plan.digest] = plan
        return plan
    }

    mutating func note(_ event: Event, in core: borrowing Core) {
        switch event {
        case .stateChanged(let name, _, let state, let reason):
            let told: NotifyState? =
                switch state {
                case .master: .master
                case .backup: .backup
                case .fault: if case .fault(let fault) = reason, fault.isWaiting { nil } else { .fault }
                case .stopped: reason == .removed ? .deleted : .stop
                case .leaving: nil
                }
            if let told { owe(told, of: Key(kind: .instance, name: name)) }
        case .groupChanged(let name, _, let state):
            let told: NotifyState? =
                switch state {
                case .master: .master
                case .backup: .backup
                case .fault: .fault
                case .stopped: .stop
                case .leaving: nil
                }
            if let told { owe(told, of: Key(kind: .group, name: name)) }
        default: break
        }
        session?.note(event, in: core)
    }

    mutating func noteStates(of core: borrowing Core) {
        for (key, state) in Self.states(of: core) { owe(state, of: key) }
        session?.noteStates(of: core)
    }

    private mutating func owe(_ state: NotifyState, of key: Key) {
        guard named.contains(where: { $0.contains(key) }), lastOwed[key] != state else { return }
        lastOwed[key] = state
        owed[key, default: []].append(state)
    }

    /// What each virtual router of the configuration, and each group, is now, so far as it is anything that is told.
    static func states(of core: borrowing Core) -> [(key: Key, state: NotifyState)] {
        func word(_ state: InstanceState) -> NotifyState? {
            switch state {
            case .master: .master
            case .backup: .backup
            case .fault: .fault
            case .leaving, .stopped: nil
            }
        }
        var states: [(key: Key, state: NotifyState)] = []
        for id in core.routers where core.position(of: id) != nil && !core.isAwaited(id) {
            if let state = word(core.state(of: id)) {
                states.append((Key(kind: .instance, name: core.name(of: id)), state))
            }
        }
        for group in core.groups {
            if let state = group.state.flatMap(word) { states.append((Key(kind: .group, name: group.name), state)) }
        }
        return states
    }

    // MARK: - The runner

    mutating func endRunner(at now: Instant) {
        runner.die()
        unread = []
        session?.lost(at: now)
        toldSince = []
    }

    mutating func startRunner() { runner.start() }

    /// Everything that is due on both sides.
    /// - Parameter isStalled: the agent reads nothing.
    mutating func pump(isStalled: Bool = false, at now: Instant) {
        if runner.isUp { unread += runner.advance(to: now) }
        if session == nil { unread = [] }
        if !isStalled, session != nil {
            var rounds = 0
            session?.advance(to: now)
            repeat {
                for report in unread { session?.take(report, at: now) }
                unread = []
                let steps = session?.takeSteps() ?? []
                for step in steps { carryOut(step, at: now) }
                judge()
                rounds += 1
            } while rounds < 100 && (session?.hasWaiting == true && runner.isUp && isInUse || !unread.isEmpty)
            if let session { book = session.book }
        }
        deadline = [runner.deadline(after: now), isStalled ? nil : session?.deadline(after: now)].compactMap { $0 }
            .min()
    }

    /// Both use the same plan.
    var isInUse: Bool { session?.presence == .active }

    private mutating func carryOut(_ step: RunnerSession.Step, at now: Instant) {
        switch step {
        case .connect: if runner.isUp { session?.connected(at: now) } else { session?.lost(at: now) }
        case .send(let order): if runner.isUp { unread += runner.take(order, plans: plans, at: now) }
        default: break
        }
    }

    // MARK: - What is promised

    /// Each state is told once, in the order in which the core recorded them, and none is left out.
    private mutating func judge() {
        let accepted = runner.takeAccepted().filter(\.event.state.isState)
        for (place, (key, event)) in accepted.enumerated() {
            let isFirst = toldSince.insert(key).inserted
            if key.kind == .instance, event.priority == 0 {
                complaint = complaint ?? "\(key.name) is told to be \(event.state) with priority 0"
            }
            // Nobody had confirmed it: it is told at least once.
            if isFirst, lastNumbers[key] == event.sequence { continue }
            lastNumbers[key] = event.sequence
            var rest = owed[key, default: []][...]
            if isFirst {
                // What is left out comes first: the rest is all that has come together. A state may be among it twice.
                let told = accepted[place...].filter { $0.key == key }.map(\.event.state)
                if let begin = rest.indices.last(where: { rest[$0...].starts(with: told) }) { rest = rest[begin...] }
            }
            guard rest.first == event.state else {
                complaint = complaint ?? "\(key.name) is told to be \(event.state) where \(Array(rest)) is owed"
                return
            }
            owed[key] = Array(rest.dropFirst())
        }
    }

    /// Nothing waits any more: what was told last is true.
    func flaw(_ core: borrowing Core) -> String? {
        guard let session, isInUse, !session.hasWaiting, unread.isEmpty else { return nil }
        for (key, rest) in owed where toldSince.contains(key) {
            if let missing = rest.first { return "\(key.name) was never told to be \(missing)" }
        }
        for (key, state) in Self.states(of: core) {
            guard runner.isQuiet, runner.called[key] != state else { continue }
            return "\(key.name) is \(state), and the last call said \(runner.called[key].map { "\($0)" } ?? "nothing")"
        }
        return nil
    }
}
