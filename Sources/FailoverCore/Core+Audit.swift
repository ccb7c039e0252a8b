package import VRRP

/// A look at what must hold between two events, a few times a minute. What does not is put right and told: a program
/// that ends itself over a broken promise would break all others as well.
extension Core {
    /// How often to look.
    package static let auditInterval = Duration.seconds(20)

    package mutating func audit(at now: Instant) {
        guard hasSnapshot else { return }
        for index in instances.indices {
            auditDeadlines(index)
            guard !instances[index].isStopped else { continue }
            auditParticipation(index, at: now)
        }
        settle()
    }

    private mutating func auditDeadlines(_ index: Int) {
        let instance = instances[index]
        let advertisement = instance.isMaster ? instance.router.deadline : nil
        guard advertisements.deadline(of: index) != advertisement || timers.deadline(of: index) != instance.nextTimer
        else { return }
        touch(index)
        record(.repaired(instance: instance.name, .unfiledDeadline))
    }

    private mutating func auditParticipation(_ index: Int, at now: Instant) {
        let instance = instances[index]
        switch instance.router.state {
        case .initialize where instance.fault == nil:
            record(.repaired(instance: instance.name, .idleWithoutReason))
            evaluate(index, at: now)
        case .claiming where instance.addresses.allSatisfy({ $0.pending == nil && $0.retryAt == nil }):
            record(.repaired(instance: instance.name, .claimWithoutRequest))
            reconcile(index, at: now)
        case .backup, .claiming, .master, .lapsed:
            guard let interface = instance.interface, !receivers.contains(interface) else { return }
            record(.repaired(instance: instance.name, .deafInterface))
            openReceiver(interface)
        default: break
        }
    }
}
