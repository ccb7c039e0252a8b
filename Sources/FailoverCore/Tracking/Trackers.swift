import Configuration
import VRRP

/// Everything that some virtual router tracks, and what it said last. Each is there once, however many routers refer to it; what it is to
/// one of them is in that router's lines. Which routers those are `Directory` knows.
struct Trackers: Sendable {
    private struct Tracker: Sendable {
        var state: TrackerState
        var since: Instant
    }

    private var trackers: [TrackerName: Tracker?] = [:]

    var isEmpty: Bool { trackers.isEmpty }

    /// The interfaces that are tracked, by name.
    var interfaceNames: some Sequence<String> { trackers.keys.lazy.filter { $0.kind == .interface }.map(\.name) }

    /// Those that have said nothing yet.
    var unknownNames: [TrackerName] { trackers.filter { $0.value == nil }.keys.sorted() }

    func contains(_ name: TrackerName) -> Bool { trackers[name] != nil }

    /// What it said last; unknown while it has said nothing, or is not tracked.
    func state(of name: TrackerName) -> TrackerState { trackers[name]??.state ?? .unknown }

    /// - Returns: whether its routers have to be looked at: it says something else than before, or why in other words.
    mutating func note(_ state: TrackerState, of name: TrackerName, at now: Instant) -> Bool {
        guard let known = trackers[name] else { return false }
        guard known?.state ?? .unknown != state else { return false }
        guard state != .unknown else {
            trackers[name] = .some(nil)
            return true
        }
        let since = known.flatMap { $0.state.isLike(state) ? $0.since : nil }
        trackers[name] = Tracker(state: state, since: since ?? now)
        return true
    }

    /// Those that are tracked from now on. What is known of one that was tracked before stays.
    mutating func track(_ wanted: Set<TrackerName>) {
        trackers = trackers.filter { wanted.contains($0.key) }
        for name in wanted where trackers[name] == nil { trackers[name] = .some(nil) }
    }

    /// What they make of a virtual router.
    /// - Parameter lines: its own.
    func verdict(_ lines: [TrackLine]) -> TrackingVerdict {
        guard !lines.isEmpty else { return TrackingVerdict() }
        return TrackingVerdict(
            lines.map { line in
                let state = state(of: line.tracker)
                return TrackedStatus(
                    tracker: line.tracker, weight: line.weight, isReversed: line.isReversed, state: state,
                    since: trackers[line.tracker]??.since, effect: line.effect(of: state))
            })
    }
}
