package import Configuration
package import VRRP

/// What a tracker says.
package enum TrackerState: Hashable, Sendable {
    /// It has said nothing yet.
    case unknown
    case up
    case down(Cause)
    /// A number, which each router multiplies with its weight.
    case number(Int)

    /// Why it is down.
    package enum Cause: Hashable, Sendable {
        case link(LinkTrouble)
        /// A check has failed: what it said.
        case failed(String)
    }

    /// Whether both mean the same to a router, whatever the details.
    func isLike(_ other: TrackerState) -> Bool {
        switch (self, other) {
        case (.down, .down): true
        default: self == other
        }
    }
}

/// Whether somebody is there who says what scripts, files and processes are.
package enum TrackerReporter: Hashable, Sendable {
    /// What has said nothing yet will.
    case present
    /// Nobody is there yet: routers begin only when what they track has said something, whatever its weight.
    case awaited
    /// Nobody has come: routers begin without a word, but only where they hear no master.
    case missing
}

/// Why an interface does not count as up.
package enum LinkTrouble: Hashable, Sendable {
    /// There is none of that name.
    case missing
    /// Switched off by the administrator.
    case switchedOff
    case noCarrier
    /// It is up, but has not been for long enough (`interface_up_down_delays`).
    case settling
}

/// What a tracker does to a virtual router.
package enum TrackingEffect: Hashable, Sendable {
    case none
    /// −254 to 254 and not 0: added to the priority.
    case priority(Int)
    /// No part in the election.
    case fault
    /// No part until it has said something for the first time; whoever takes part already goes on.
    case awaited
}

/// One tracker as one virtual router sees it.
package struct TrackedStatus: Hashable, Sendable {
    package var tracker: TrackerName
    package var weight: Int
    package var isReversed: Bool
    package var state: TrackerState
    /// Since when it has been up, down, or that number; `nil` while it has said nothing.
    package var since: Instant?
    package var effect: TrackingEffect

    package init(
        tracker: TrackerName, weight: Int = 0, isReversed: Bool = false, state: TrackerState, since: Instant? = nil,
        effect: TrackingEffect
    ) {
        self.tracker = tracker
        self.weight = weight
        self.isReversed = isReversed
        self.state = state
        self.since = since
        self.effect = effect
    }
}

extension TrackLine {
    /// A file's number, times its weight, never counts for more.
    private static let largestProduct = 253
    private static let faultProduct = -254

    /// What the tracker's state does to the virtual router.
    func effect(of state: TrackerState) -> TrackingEffect {
        switch state {
        case .unknown: weight == 0 ? .awaited : .none
        case .up: effect(isUp: true)
        case .down: effect(isUp: false)
        case .number(let number): effect(ofNumber: number)
        }
    }

    private func effect(isUp: Bool) -> TrackingEffect {
        // `reverse` turns the sign, not the side.
        guard weight != 0 else { return isUp == isReversed ? .fault : .none }
        return isUp == (weight > 0) ? .priority(isReversed ? -weight : weight) : .none
    }

    private func effect(ofNumber number: Int) -> TrackingEffect {
        guard weight != 0 else { return (number != 0) != isReversed ? .fault : .none }
        let (exact, overflows) = number.multipliedReportingOverflow(by: isReversed ? -weight : weight)
        let product = overflows ? ((number < 0) == (isReversed ? weight > 0 : weight < 0) ? Int.max : .min) : exact
        if product <= Self.faultProduct { return .fault }
        return product == 0 ? .none : .priority(min(product, Self.largestProduct))
    }
}
