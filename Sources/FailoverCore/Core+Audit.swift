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
        for kind in TimerKind.allCases where timers.deadline(kind, of: id) != instances.deadline(kind, of: id) {
            timers.set(kind, of: id, to: instances.deadline(kind, of: id))
            record(.repaired(instance: instances[id].name, .unfiledDeadline), about: id)
        }
    }

    /// The kernel looks whether another host has it: the claim waits for the end of that.
    private func isInDetection(_ address: PlacedAddress) -> Bool {
        address.key.flatMap { table.address($0) }?.detection == .tentative
    }

    private mutating func auditParticipation(_ id: RouterID, at now: Instant) {
        switch instances[id].election.state {
        case .initialize where instances[id].participation.fault == nil:
            record(.repaired(instance: instances[id].name, .idleWithoutReason), about: id)
            evaluate(id, at: now)
        case .claiming
        where instances[id].addresses.allSatisfy({ $0.pending == nil && $0.retryAt == nil && !isInDetection($0) })
            && !awaitsGroup(id):
            record(.repaired(instance: instances[id].name, .claimWithoutRequest), about: id)
            reconcile(id, at: now)
        case .backup, .claiming, .master, .lapsed:
            // What was refused, or somebody has changed without an event.
            if instances[id].macvlan != nil { reconcileMacvlan(id, at: now) }
            guard let interface = instances[id].interface else { return }
            let place = InterfaceFamily(interface, instances[id].configuration.family)
            guard !receivers.contains(place) else { return }
            record(.repaired(instance: instances[id].name, .deafInterface), about: id)
            openReceiver(place)
        default: break
        }
    }
}
