import Configuration

/// The agent's side of notifications: what each instance and group was told to be last, and which calls nobody has confirmed yet. It is kept
/// over a restart of the agent, so that one change is told once; where the runner was gone, the newest state is told again when it is back.
package struct NotificationBook: Sendable {
    package typealias Key = NotificationDesk.Key

    /// What is known of one instance or group.
    package struct Entry: Hashable, Sendable {
        /// The state that was told last, or is going to be; `nil` before the first.
        package var state: NotifyState?
        /// The effective priority that was told with it.
        package var priority: UInt8 = 0
        /// That state, while its calls have not all come to their end; one without calls, which nobody confirms, for as long as it lasts.
        package var open: NotifyEvent?
        /// So many of its calls are to be confirmed; 0 where it has none.
        package var openCalls = 0

        package init() {}
    }

    package private(set) var entries: [Key: Entry] = [:]
    /// The number of the last event.
    package private(set) var sequence: UInt64
    /// Events that wait to be sent, in order.
    private var waiting: [(key: Key, event: NotifyEvent)] = []
    /// It is to be kept anew.
    private var hasChanged = false

    /// More events at once are no reason to keep all of them: of each object the newest state stays.
    private static let mostWaiting = 16_384

    /// - Parameters:
    ///   - sequence: beyond every number that an earlier run may have used, where nothing was kept: milliseconds since 1970.
    ///   - entries: what an earlier run has kept.
    package init(sequence: UInt64, entries: [Key: Entry] = [:]) {
        self.sequence = sequence
        self.entries = entries
    }

    // MARK: - In

    /// Something has happened to an object.
    /// - Parameter calls: how many notify scripts are run for it; without any, nobody confirms it.
    /// - Returns: whether it is news: a state that was told last is not told again.
    @discardableResult
    package mutating func note(_ state: NotifyState, of key: Key, priority: UInt8, calls: Int) -> Bool {
        var entry = entries[key] ?? Entry()
        guard !state.isState || entry.state != state else { return false }
        sequence &+= 1
        let event = NotifyEvent(state, priority: priority, sequence: sequence)
        if state.isState {
            (entry.state, entry.priority) = (state, priority)
            (entry.open, entry.openCalls) = (event, calls)
            entries[key] = entry
        }
        waiting.append((key, event))
        hasChanged = true
        if waiting.count > Self.mostWaiting { keepNewest() }
        return true
    }

    /// The runner says what has become of a call.
    package mutating func take(_ report: RunnerReport.NotificationReport, of key: Key) {
        guard var entry = entries[key], let open = entry.open, open.sequence == report.sequence, entry.openCalls > 0
        else { return }
        switch report.progress {
        case .hanging, .delayed: return
        case .replaced: entry.openCalls = 0
        case .exited, .signalled, .notStarted, .cutOff: entry.openCalls -= 1
        }
        if entry.openCalls <= 0 { (entry.open, entry.openCalls) = (nil, 0) }
        entries[key] = entry
        hasChanged = true
    }

    /// Another runner, or the same one again: what nobody has confirmed is sent once more, and by its number the runner knows what
    /// it has done already.
    package mutating func repeatOpen() {
        let sent = Set(waiting.map(\.event.sequence))
        let open = entries.compactMap { key, entry in entry.open.map { (key: key, event: $0) } }
            .filter { !sent.contains($0.event.sequence) }
        waiting = open.sorted { $0.event.sequence < $1.event.sequence } + waiting
    }

    /// While there is no runner only the newest state of each object waits: what came before it is nothing that anybody could act on.
    package mutating func keepNewest() {
        var newest: [Key: UInt64] = [:]
        for (key, event) in waiting where event.state.isState { newest[key] = event.sequence }
        waiting.removeAll { newest[$0.key] != $0.event.sequence }
    }

    /// Forgets what was told of objects that the plan does not name any more: one of that name that comes back is another one. Their end is
    /// still to be told, with the priority that they had: that is kept until the plan after.
    package mutating func forget(exceptFor keys: Set<Key>) {
        for (key, entry) in entries where !keys.contains(key) {
            hasChanged = true
            entries[key]?.state = nil
            if entry.openCalls == 0 { entries[key]?.open = nil }
            if entry.state == nil { entries[key] = nil }
        }
    }

    // MARK: - Out

    package var hasWaiting: Bool { !waiting.isEmpty }

    /// The events that wait, in order; they count as sent.
    package mutating func takeWaiting() -> [(key: Key, event: NotifyEvent)] {
        defer { waiting.removeAll(keepingCapacity: waiting.count < 64) }
        return waiting
    }

    /// Whether it has changed since the last call.
    package mutating func takeChange() -> Bool {
        defer { hasChanged = false }
        return hasChanged
    }
}
