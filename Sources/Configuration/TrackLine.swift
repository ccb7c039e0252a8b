/// What a virtual router can depend on beside its own interface: a tracker, by its kind and name.
package struct TrackerName: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
        /// A network interface, by its name.
        case interface
        /// A `vrrp_script`, by its name.
        case script
        /// A `track_file` or `vrrp_track_file`, by its name.
        case file
        /// A `vrrp_track_process`, by its name.
        case process
    }

    package var kind: Kind
    package var name: String

    package init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }
}

extension TrackerName: Comparable {
    package static func < (left: TrackerName, right: TrackerName) -> Bool {
        (left.kind.rawValue, left.name) < (right.kind.rawValue, right.name)
    }
}

/// A line of `track_interface`, `track_script`, `track_file` or `track_process`: what one tracker is to one virtual router.
package struct TrackLine: Hashable, Sendable {
    package var location: SourceLocation
    package var tracker: TrackerName
    /// In `weights(of:)`. Above 0: added while it is up. Below 0: taken off while it is down. 0: no part in the election while it is down.
    package var weight = 0
    /// `reverse`: what a weight adds it takes off, and the other way round; with weight 0 no part while it is up.
    package var isReversed = false

    package init(location: SourceLocation, tracker: TrackerName, weight: Int = 0, isReversed: Bool = false) {
        self.location = location
        self.tracker = tracker
        self.weight = weight
        self.isReversed = isReversed
    }

    /// The same line in another place.
    func at(_ location: SourceLocation) -> TrackLine {
        var line = self
        line.location = location
        return line
    }

    /// The weights that there are, as in keepalived.
    package static func weights(of kind: TrackerName.Kind) -> ClosedRange<Int> {
        switch kind {
        case .interface, .script: -253...253
        case .file, .process: -254...254
        }
    }
}

/// A line of `interface_up_down_delays`: how long an interface has to be so before it counts as down, or as up again.
package struct LinkDelay: Hashable, Sendable {
    /// At least 0.
    package var down: Duration
    /// At least 0.
    package var up: Duration

    package init(down: Duration, up: Duration = .zero) {
        self.down = down
        self.up = up
    }
}
