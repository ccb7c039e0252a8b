/// A `vrrp_instance` or `vrrp_sync_group`, as far as scripts concern it: who is told when it changes, and what it depends on.
package struct ScriptSubject: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case instance
        case group
    }

    /// What a notify script is run at.
    package enum Occasion: Hashable, Sendable, CaseIterable {
        case master
        case backup
        case fault
        case stop
        case deleted
        /// `notify_master_rx_lower_pri`
        case masterHearsLowerPriority
        /// `notify`: at each change.
        case anyChange
    }

    package var kind: Kind
    package var name: String
    package var location: SourceLocation
    package var notifications: [Occasion: NotifyScript] = [:]
    /// `notify_deleted`, with or without a script: its end is told as DELETED, not as FAULT.
    package var saysDeleted = false
    /// `notify_priority_changes`: the FIFO tells of other priorities, too.
    package var tellsPriorities = false
    /// `notify_timeout`: a notify script is ended after so long; `nil` for never.
    package var timeout: Duration?
    /// The lines of `track_script`, `track_file` and `track_process`.
    package var trackers: [TrackLine] = []

    package init(kind: Kind, name: String, location: SourceLocation) {
        self.kind = kind
        self.name = name
        self.location = location
    }
}
