import Configuration
package import FailoverCore
package import Scripts

extension NotifyState {
    /// The state in which a virtual router is, where it is one to be told.
    package init?(lasting state: InstanceState) {
        switch state {
        case .master: self = .master
        case .backup: self = .backup
        case .fault: self = .fault
        case .leaving, .stopped: return nil
        }
    }

    /// What an event is to notify scripts.
    /// - Returns: whom it is about, what to tell, and the priority where the event says it; a priority that has changed comes as that of a
    ///   backup. `nil` where nobody is told.
    package static func news(of event: Event) -> (key: NotificationDesk.Key, state: NotifyState, priority: UInt8?)? {
        switch event {
        case .stateChanged(let instance, _, let new, let reason):
            return state(new, reason).map { (Self.instance(instance), $0, nil) }
        case .priorityChanged(let instance, _, let priority):
            return (Self.instance(instance), .backupPriority, priority.effective)
        case .contested(let instance, _, _):
            return (Self.instance(instance), .masterHearsLowerPriority, nil)
        case .groupChanged(let group, _, let new):
            // keepalived says 0 for every group.
            let state = new == .stopped ? .stop : NotifyState(lasting: new)
            return state.map { (NotificationDesk.Key(kind: .group, name: group), $0, 0) }
        default:
            return nil
        }
    }

    private static func instance(_ name: String) -> NotificationDesk.Key {
        NotificationDesk.Key(kind: .instance, name: name)
    }

    private static func state(_ state: InstanceState, _ reason: Reason) -> NotifyState? {
        switch state {
        case .stopped: reason == .removed ? .deleted : .stop
        case .fault: reason.isWaiting ? nil : .fault
        // Until its successor is there it still has the addresses.
        case .leaving: nil
        case .master: .master
        case .backup: .backup
        }
    }
}

extension Reason {
    /// It takes no part yet, and nothing is wrong: as keepalived, nothing is told before there is a result.
    fileprivate var isWaiting: Bool {
        switch self {
        case .fault(let fault): fault.isWaiting
        default: false
        }
    }
}
