package import VRRP

/// The calls of one object: in order, one after the other, never two at once. While one runs, only the newest state waits.
package struct NotificationQueue: Hashable, Sendable {
    /// An event that waits, with its calls.
    package struct Waiting: Hashable, Sendable {
        package var event: NotifyEvent
        package var calls: [NotifyCall]
        /// Its place in the line of all objects: since when the object has been waiting.
        package var ticket: UInt64
    }

    /// What is done about a call that does not come to its end.
    private enum Patience: Hashable, Sendable {
        /// May become `told` after `hangingAfter`, or `ending` at the object's timeout.
        case fresh
        /// It has been told that the call hangs. May become `ending`.
        case told
        /// SIGTERM was sent; SIGKILL follows at this time, or was sent, too (`nil`).
        case ending(killAt: Instant?)
    }

    /// The call that runs.
    package struct Running: Hashable, Sendable {
        package var event: NotifyEvent
        package var call: NotifyCall
        package var run: ScriptRun
    }

    /// What is due about the call that runs.
    package enum Due: Hashable, Sendable {
        /// It has been running for `hangingAfter`.
        case tellHanging
        case terminate
        case kill
    }

    /// A call that runs for so long is told.
    package static let hangingAfter = Duration.seconds(30)

    /// `notify_timeout`; `nil` for never.
    package var timeout: Duration?
    package private(set) var running: Running?
    /// The last call that has ended.
    package private(set) var last: Running?
    /// Events whose calls were never made, because a newer one came.
    package private(set) var replaced: UInt64 = 0
    /// Events whose calls have begun. The two calls for one event count once: what is bounded is how many states an object can have told.
    private(set) var starts = StartWindow()
    /// It has been told that the next event has to wait.
    private var isDelayTold = false
    /// The event whose calls have begun, and those that are still to be made.
    private var begun: Waiting?
    /// At most one state, and one event that is none.
    private var waiting: [Waiting] = []
    private var patience = Patience.fresh

    package init() {}

    // MARK: - In

    /// An event that has calls.
    /// - Returns: the event whose place it takes, if one of its kind still waited.
    package mutating func add(_ event: NotifyEvent, calls: [NotifyCall], ticket: UInt64) -> NotifyEvent? {
        let place = waiting.firstIndex { $0.event.state.isState == event.state.isState }
        let old = place.map { waiting.remove(at: $0) }
        if old != nil { replaced &+= 1 }
        // It keeps the place in the line of all objects, not the one among this object's events.
        waiting.append(Waiting(event: event, calls: calls, ticket: old?.ticket ?? ticket))
        return old?.event
    }

    // MARK: - Out

    /// Since when a call has been waiting that may begin now; `nil` where none may.
    package func ticket(at now: Instant) -> UInt64? {
        guard running == nil else { return nil }
        if let begun { return begun.ticket }
        return starts.opens(after: now) == nil ? waiting.first?.ticket : nil
    }

    /// Begins the next call.
    /// - Parameter number: of the run.
    package mutating func start(run number: UInt64, at now: Instant) -> NotifyCall? {
        guard ticket(at: now) != nil else { return nil }
        if begun == nil {
            begun = waiting.removeFirst()
            starts.noteStart(at: now)
            isDelayTold = false
        }
        guard var event = begun, !event.calls.isEmpty else { return nil }
        let call = event.calls.removeFirst()
        begun = event.calls.isEmpty ? nil : event
        running = Running(event: event.event, call: call, run: ScriptRun(number: number, startedAt: now))
        patience = .fresh
        return call
    }

    /// The call has ended, or could not be started.
    package mutating func ended(_ end: RunEnd, output: OutputExcerpt, at now: Instant) -> Running? {
        guard var call = running else { return nil }
        call.run.endedAt = max(now, call.run.startedAt)
        call.run.end = end
        call.run.output = output
        running = nil
        last = call
        return call
    }

    // MARK: - Time

    /// When something is due about the call that runs, or when the next one may begin; `nil` for neither.
    package func deadline(after now: Instant) -> Instant? {
        guard let running else {
            return begun == nil && !waiting.isEmpty ? starts.opens(after: now) : nil
        }
        let hanging = running.run.startedAt + Self.hangingAfter
        let end = timeout.map { running.run.startedAt + $0 }
        switch patience {
        case .fresh: return end.map { min($0, hanging) } ?? hanging
        case .told: return end
        case .ending(let killAt): return killAt
        }
    }

    /// Does what is due about the call that runs.
    package mutating func advance(to now: Instant) -> Due? {
        guard var call = running, let due = deadline(after: now), due <= now else { return nil }
        if case .ending = patience {
            patience = .ending(killAt: nil)
            return .kill
        }
        if let timeout, call.run.startedAt + timeout <= now {
            call.run.wasCutOff = true
            running = call
            patience = .ending(killAt: now + ScriptCheck.grace)
            return .terminate
        }
        patience = .told
        return .tellHanging
    }

    /// Whether the next event has to wait until a time, because so many have begun within a minute.
    /// - Returns: once for each time that there is room no more.
    package mutating func takeDelay(at now: Instant) -> (event: NotifyEvent, until: Instant)? {
        guard running == nil, begun == nil, !isDelayTold, let next = waiting.first,
            let opening = starts.opens(after: now)
        else { return nil }
        isDelayTold = true
        return (next.event, opening)
    }

    /// No call runs, and none waits.
    package var isQuiet: Bool { running == nil && begun == nil && waiting.isEmpty }

    /// Nothing runs, waits or counts against its runs any more.
    package func isIdle(at now: Instant) -> Bool {
        running == nil && begun == nil && waiting.isEmpty && starts.isEmpty(at: now)
    }
}
