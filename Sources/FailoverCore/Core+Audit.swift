import Addressing
import Configuration
package import VRRP

/// A look at what must hold between two events, a few times a minute. What does not is put right and told: a program
/// that ends itself over a broken promise would break all others as well.
extension Core {
    /// How many are looked at in one go; the next look goes on behind them.
    package static let auditChunk = 256

    /// How long until the next look: each virtual router is looked at three times a minute, or as often as one look a second allows.
    package var auditPause: Duration {
        max(.seconds(20) * Self.auditChunk / max(instances.count, Self.auditChunk), .seconds(1))
    }

    package mutating func audit(at now: Instant) {
        guard hasSnapshot else { return }
        let order = instances.order
        let begin = audited < order.count ? audited : 0
        let end = min(begin + Self.auditChunk, order.count)
        audited = end
        for id in order[begin..<end] where instances.contains(id) {
            auditDeadlines(id)
            guard !instances[id].isStopped else { continue }
            auditParticipation(id, at: now)
        }
        renewSettings(at: now)
        settle()
    }

    private mutating func auditDeadlines(_ id: RouterID) {
        let instance = instances[id]
        for kind in TimerKind.allCases where timers.deadline(kind, of: id) != instance.deadline(kind) {
            timers.set(kind, of: id, to: instance.deadline(kind))
            record(.repaired(instance: instance.name, .unfiledDeadline), about: id)
        }
    }

    /// The kernel looks whether another host has it: the claim waits for the end of that.
    private func isInDetection(_ address: PlacedAddress) -> Bool {
        address.key.flatMap { table.address($0) }?.detection == .tentative
    }

    private mutating func auditParticipation(_ id: RouterID, at now: Instant) {
        let instance = instances[id]
        switch instance.election.state {
        case .initialize where instance.participation.fault == nil:
            record(.repaired(instance: instance.name, .idleWithoutReason), about: id)
            evaluate(id, at: now)
        case .claiming
        where instance.addresses.allSatisfy({ $0.pending == nil && $0.retryAt == nil && !isInDetection($0) })
            && !awaitsGroup(id):
            record(.repaired(instance: instance.name, .claimWithoutRequest), about: id)
            reconcile(id, at: now)
        case .backup, .claiming, .master, .lapsed:
            // What was refused, or somebody has changed without an event.
            if instance.macvlan != nil { reconcileMacvlan(id, at: now) }
            guard let interface = instance.interface else { return }
            let place = InterfaceFamily(interface, instance.configuration.family)
            guard !receivers.contains(place) else { return }
            record(.repaired(instance: instance.name, .deafInterface), about: id)
            openReceiver(place)
        default: break
        }
    }
}
