import Scripts
import VRRP

/// What `failover-scripts` is to an agent: the real desk of notifications, and calls that take the time that the dice say.
struct VirtualRunner {
    typealias Key = NotificationDesk.Key

    private let host: Int
    private let scenario: Scenario
    private(set) var isUp = true
    private var desk = NotificationDesk()
    private var lastEvents: [Key: LastEvents] = [:]
    private var shelf = PlanShelf()
    /// When the calls that run come to their ends.
    private var ends: [(at: Instant, run: UInt64)] = []
    /// Numbers that no other run of it has used.
    private var callsBefore: UInt64 = 0
    private var calls: UInt64 = 0
    /// The state of the last call that has begun, of each object.
    private(set) var called: [Key: NotifyState] = [:]
    /// What it has been told, in order, since that was asked for.
    private var accepted: [(key: Key, event: NotifyEvent)] = []

    init(_ host: Int, _ scenario: Scenario) {
        self.host = host
        self.scenario = scenario
    }

    /// No call runs, and none waits.
    var isQuiet: Bool { desk.isQuiet }

    var deadline: Instant? { ends.map(\.at).min() }

    func deadline(after now: Instant) -> Instant? { [deadline, desk.deadline(after: now)].compactMap { $0 }.min() }

    mutating func takeAccepted() -> [(key: Key, event: NotifyEvent)] {
        defer { accepted = [] }
        return accepted
    }

    /// Killed; its calls with it.
    mutating func die() {
        isUp = false
        (desk, lastEvents, shelf, ends) = (NotificationDesk(), [:], PlanShelf(), [])
        callsBefore = calls
    }

    mutating func start() { isUp = true }

    // MARK: - Orders

    /// - Parameter plans: what the files said, by digest: what stands there now is always what the agent has read.
    mutating func take(_ order: RunnerOrder, plans: [SHA256.Digest: ScriptPlan], at now: Instant) -> [RunnerReport] {
        switch order {
        case .activate(let digest, let base, _, _):
            guard let plan = plans[digest] else { return [.noPlan(.errors)] }
            _ = shelf.offer(plan, for: digest, keeping: base)
            return [.active(digest)]
        case .notify(let digest, let place, let event):
            guard let subject = shelf.plan(digest)?.subject(at: place) else { return [] }
            let key = Key(subject: subject)
            guard lastEvents[key, default: LastEvents()].take(event) else { return [] }
            accepted.append((key, event))
            return perform(desk.accept(event, about: subject, at: now), at: now)
        case .hook: return []
        }
    }

    mutating func advance(to now: Instant) -> [RunnerReport] {
        var reports: [RunnerReport] = []
        while let next = ends.min(by: { $0 < $1 }), next.at <= now {
            ends.removeAll { $0.run == next.run }
            guard
                let (key, call, orders) = desk.ended(run: next.run, .exited(0), output: OutputExcerpt(), at: now)
            else { continue }
            reports += report(call.event, of: key, .exited) + perform(orders, at: now)
        }
        return reports + perform(desk.advance(to: now), at: now)
    }

    private mutating func perform(_ orders: [NotificationDesk.Order], at now: Instant) -> [RunnerReport] {
        var reports: [RunnerReport] = []
        for order in orders {
            switch order {
            case .start(let run, let key, _):
                calls += 1
                called[key] = desk.queue(key)?.running.map {
                    $0.event.state.isState ? $0.event.state : called[key] ?? $0.event.state
                }
                ends.append((now + scenario.lengthOfCall(on: host, run: callsBefore + run), run))
            case .tellReplaced(let key, let old, _): reports += report(old, of: key, .replaced)
            case .tellDelayed(let key, let event, _): reports += report(event, of: key, .delayed)
            case .tellHanging, .terminate, .kill: break
            }
        }
        return reports
    }

    private func report(_ event: NotifyEvent, of key: Key, _ progress: RunnerReport.Progress) -> [RunnerReport] {
        shelf.all.compactMap { plan in
            plan.place(of: key).map { place in
                .notification(
                    plan: plan.digest, object: place,
                    RunnerReport.NotificationReport(
                        sequence: event.sequence, progress: progress, code: 0, duration: 0, output: OutputExcerpt()))
            }
        }.prefix(1).map { $0 }
    }
}
