import Configuration
import VRRP

/// What all that a virtual router tracks makes of it: another priority, and reasons not to take part. It follows from what is there
/// now, never from a count of what has come and gone.
package struct TrackingVerdict: Hashable, Sendable {
    /// A part for each line, in the configuration's order.
    package let parts: [TrackedStatus]

    package init(_ parts: [TrackedStatus] = []) {
        self.parts = parts
    }

    /// What is added to the configured priority. Not clamped: what one takes off another may put back.
    package var sum: Int {
        parts.reduce(0) { sum, part in
            guard case .priority(let delta) = part.effect else { return sum }
            return sum + delta
        }
    }

    /// The priority by which the virtual router takes part: 1 to 254. An owner stays one, and nobody else becomes one.
    /// - Parameter configured: 1 to 255.
    package func priority(of configured: UInt8) -> UInt8 {
        guard configured != Priority.owner else { return configured }
        return UInt8(min(max(Int(configured) + sum, Int(Priority.lowest)), Int(Priority.owner) - 1))
    }

    /// Those that have said nothing yet, and are to be waited for.
    /// - Parameter awaitsAll: of scripts, files and processes also those that have a weight.
    func silent(awaitsAll: Bool) -> [TrackedStatus] {
        parts.compactMap { part in
            guard part.state == .unknown else { return nil }
            guard part.effect != .awaited else { return part }
            guard awaitsAll, part.tracker.kind != .interface else { return nil }
            var waiting = part
            waiting.effect = .awaited
            return waiting
        }
    }

    /// Those that keep it from taking part.
    /// - Parameters:
    ///   - isRunning: it takes part already: what has said nothing yet does not take it out.
    ///   - awaitsAll: of scripts, files and processes also those that have a weight.
    func reasons(isRunning: Bool, awaitsAll: Bool = false) -> [TrackedStatus] {
        let failing = parts.filter { $0.effect == .fault }
        return isRunning ? failing : failing + silent(awaitsAll: awaitsAll)
    }
}

/// A priority as the trackers make it, for people.
package struct TrackedPriority: Hashable, Sendable {
    /// As in the configuration: 1 to 255.
    package var configured: UInt8
    /// 1 to 255.
    package var effective: UInt8
    /// Those that add something to it, or take something off.
    package var parts: [TrackedStatus]

    package init(_ verdict: TrackingVerdict, of configured: UInt8) {
        self.configured = configured
        effective = verdict.priority(of: configured)
        parts = verdict.parts.filter { if case .priority = $0.effect { true } else { false } }
    }
}
