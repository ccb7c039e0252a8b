package import Configuration
package import VRRP

/// The notify scripts of all objects: one call an object at a time, so many at once in all. Who has waited longest comes first.
package struct NotificationDesk: Hashable, Sendable {
    /// An object, whatever place it has in the plan.
    package struct Key: Hashable, Sendable {
        package var kind: ScriptSubject.Kind
        package var name: String

        package init(kind: ScriptSubject.Kind, name: String) {
            self.kind = kind
            self.name = name
        }

        package init(subject: ScriptSubject) { self.init(kind: subject.kind, name: subject.name) }
    }

    /// What is to be done, or told.
    package enum Order: Hashable, Sendable {
        case start(run: UInt64, Key, NotifyCall)
        /// SIGTERM to all processes of the run.
        case terminate(run: UInt64)
        /// SIGKILL to all processes of the run.
        case kill(run: UInt64)
        /// The run has been going on for `NotificationQueue.hangingAfter`.
        case tellHanging(run: UInt64, Key)
        /// The calls for an event are not made: a newer one came first.
        case tellReplaced(Key, NotifyEvent, by: NotifyEvent)
        /// The calls for an event wait until then: too many events of this object have begun within a minute.
        case tellDelayed(Key, NotifyEvent, until: Instant)
    }

    /// So many calls run at once.
    package static let mostAtOnce = 16

    private var queues: [Key: NotificationQueue] = [:]
    /// Whose the runs are.
    private var runs: [UInt64: Key] = [:]
    private var lastRun: UInt64 = 0
    private var lastTicket: UInt64 = 0

    package init() {}

    package func queue(_ key: Key) -> NotificationQueue? { queues[key] }

    /// How many calls run.
    package var runningCount: Int { runs.count }

    /// No call runs, and none waits.
    package var isQuiet: Bool { runs.isEmpty && queues.values.allSatisfy(\.isQuiet) }

    /// The agent tells something about an object.
    package mutating func accept(_ event: NotifyEvent, about subject: ScriptSubject, at now: Instant) -> [Order] {
        let calls = NotifyCall.all(for: event, about: subject)
        guard !calls.isEmpty else { return [] }
        let key = Key(subject: subject)
        var queue = queues[key] ?? NotificationQueue()
        queue.timeout = subject.timeout
        lastTicket &+= 1
        let old = queue.add(event, calls: calls, ticket: lastTicket)
        queues[key] = queue
        return (old.map { [.tellReplaced(key, $0, by: event)] } ?? []) + startNext(at: now)
            + tellDelay(of: key, at: now)
    }

    /// A run has ended, or could not be started.
    /// - Returns: whose it was and what came of it, and what may begin now.
    package mutating func ended(
        run: UInt64, _ end: RunEnd, output: OutputExcerpt, at now: Instant
    ) -> (key: Key, call: NotificationQueue.Running, orders: [Order])? {
        guard let key = runs.removeValue(forKey: run),
            let call = queues[key]?.ended(end, output: output, at: now)
        else { return nil }
        return (key, call, startNext(at: now) + tellDelay(of: key, at: now))
    }

    /// When `advance` has something to do. What waits for another run's end waits for no time.
    package func deadline(after now: Instant) -> Instant? {
        queues.values.compactMap { $0.deadline(after: now) }.min()
    }

    /// Does what is due.
    package mutating func advance(to now: Instant) -> [Order] {
        var orders: [Order] = []
        for (run, key) in runs.sorted(by: { $0.key < $1.key }) {
            while let due = queues[key]?.advance(to: now) {
                switch due {
                case .tellHanging: orders.append(.tellHanging(run: run, key))
                case .terminate: orders.append(.terminate(run: run))
                case .kill: orders.append(.kill(run: run))
                }
            }
        }
        return orders + startNext(at: now)
    }

    /// Forgets objects that are in no plan any more, once they have nothing to do.
    package mutating func forget(exceptFor keys: Set<Key>, at now: Instant) {
        queues = queues.filter { keys.contains($0.key) || !$0.value.isIdle(at: now) }
    }

    /// What has come, or come to its turn, may have to wait for a time.
    private mutating func tellDelay(of key: Key, at now: Instant) -> [Order] {
        guard let (event, until) = queues[key]?.takeDelay(at: now) else { return [] }
        return [.tellDelayed(key, event, until: until)]
    }

    private mutating func startNext(at now: Instant) -> [Order] {
        var orders: [Order] = []
        while runs.count < Self.mostAtOnce {
            let first = queues.compactMap { key, queue in queue.ticket(at: now).map { (ticket: $0, key: key) } }
                .min { $0.ticket < $1.ticket }
            guard let first else { break }
            lastRun &+= 1
            guard let call = queues[first.key]?.start(run: lastRun, at: now) else { break }
            runs[lastRun] = first.key
            orders.append(.start(run: lastRun, first.key, call))
        }
        return orders
    }
}
