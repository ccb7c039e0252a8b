package import VRRP

/// A look at what must hold between two events, a few times a minute. What does not is put right and told: a program
/// that ends itself over a broken promise would break all others as well.
extension Core {
    /// How often to look.
    package static let auditInterval = Duration.seconds(20)

    package mutating func audit(at now: Instant) {
        guard hasSnapshot else { return }
        for id in instances.order {
            auditDeadlines(id)
            guard !instances[id].isStopped else { continue }
            auditParticipation(id, at: now)
        }
        settle()
    }

    private mutating func auditDeadlines(_ id: RouterID) {
        let instance = instances[id]
        for kind in TimerKind.allCases where timers.deadline(kind, of: id) != instance.deadline(kind) {
            timers.set(kind, of: id, to: instance.deadline(kind))
            record(.repaired(instance: instance.name, .unfiledDeadline))
        }
    }

    private mutating func auditParticipation(_ id: RouterID, at now: Instant) {
        let instance = instances[id]
        switch instance.election.state {
        case .initialize where instance.participation.fault == nil:
            record(.repaired(instance: instance.name, .idleWithoutReason))
            evaluate(id, at: now)
        case .claiming where instance.addresses.allSatisfy({ $0.pending == nil && $0.retryAt == nil }):
            record(.repaired(instance: instance.name, .claimWithoutRequest))
            reconcile(id, at: now)
        case .backup, .claiming, .master, .lapsed:
            guard let interface = instance.interface, !receivers.contains(interface) else { return }
            record(.repaired(instance: instance.name, .deafInterface))
            openReceiver(interface)
        default: break
        }
    }
}
