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
    /// - Returns: the instance, what to tell, and the priority where the event says it; a priority that has changed comes as that of a
    ///   backup. `nil` where nobody is told.
    package static func news(of event: Event) -> (instance: String, state: NotifyState, priority: UInt8?)? {
        switch event {
        case .stateChanged(let instance, _, let new, let reason):
            return state(new, reason).map { (instance, $0, nil) }
        case .priorityChanged(let instance, _, let priority):
            return (instance, .backupPriority, priority.effective)
        case .contested(let instance, _, _):
            return (instance, .masterHearsLowerPriority, nil)
        default:
            return nil
        }
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
        case .fault(.startDelayed): true
        case .fault(.tracked(let parts)): parts.allSatisfy { $0.effect == .awaited }
        default: false
        }
    }
}
