/// What the agent tells about an instance or a group. The numbers go over the wire.
package enum NotifyState: UInt8, Hashable, Sendable, CaseIterable {
    case master = 1
    case backup = 2
    case fault = 3
    /// The agent stops.
    case stop = 4
    /// A reload took it out.
    case deleted = 5
    /// As master it has heard a master of lower priority.
    case masterHearsLowerPriority = 6
    /// Its priority is another one while it is master.
    case masterPriority = 7
    /// Its priority is another one while it is not master.
    case backupPriority = 8

    /// A state in which it is: a newer one takes the place of one that still waits.
    package var isState: Bool {
        switch self {
        case .master, .backup, .fault, .stop, .deleted: true
        case .masterHearsLowerPriority, .masterPriority, .backupPriority: false
        }
    }

    /// The word that keepalived uses.
    var word: String {
        switch self {
        case .master: "MASTER"
        case .backup: "BACKUP"
        case .fault: "FAULT"
        case .stop: "STOP"
        case .deleted: "DELETED"
        case .masterHearsLowerPriority: "MASTER_RX_LOWER_PRI"
        case .masterPriority: "MASTER_PRIORITY"
        case .backupPriority: "BACKUP_PRIORITY"
        }
    }
}

/// Something that the agent tells about one object of the plan.
package struct NotifyEvent: Hashable, Sendable {
    package var state: NotifyState
    /// The effective priority; groups are told with 0 whatever it is.
    package var priority: UInt8
    /// The agent's own count, by which its answers are told apart.
    package var sequence: UInt64

    package init(_ state: NotifyState, priority: UInt8, sequence: UInt64) {
        self.state = state
        self.priority = priority
        self.sequence = sequence
    }
}
