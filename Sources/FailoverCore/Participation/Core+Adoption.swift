package import Addressing
import Configuration
package import VRRP

/// Going on as master where an earlier run of this program was killed or restarted.
extension Core {
    /// The fastest backup takes over after three intervals and a skew time; by then another may be master.
    private static let fastestBackup = 3
    /// Before the first word: what waits in the receive socket is read by then.
    private static let listening = Duration.milliseconds(2)

    /// One of a group is adopted also where another one can't be: its addresses answer, and the group is whole when that one's timer
    /// ends; or, if somebody else is heard there, all of it leaves in order.
    /// - Returns: whether the instance is master now.
    mutating func adopt(_ id: RouterID, source: IPAddress, at now: Instant) -> Bool {
        guard let advertisedAt = adoptable.removeValue(forKey: id), advertisedAt <= now,
            now - advertisedAt < instances[id].configuration.advertisementInterval * Self.fastestBackup,
            holdsSomething(id)
        else { return false }
        instances[id].election.adopt(source: source, at: now + Self.listening)
        if wasReconfigured {
            enter(id, from: .fault, .inherited, at: now)
        } else {
            enter(id, from: .fault, .adopted(after: now - advertisedAt), at: now)
            effects.append(.adopted(instance: id))
        }
        // The neighbours know this host already; but not before it is sure that nobody better is there.
        instances[id].announcing.goOn(instances[id].configuration.gratuitousARP, at: now)
        probeSoon(id, at: now)
        // What the last run has renewed last is not known, and its end has made the addresses lapse.
        instances[id].placement.planRenewal(at: now)
        return true
    }

    /// The kernel still has at least one of its addresses.
    private func holdsSomething(_ id: RouterID) -> Bool {
        instances[id].addresses.contains { isHeld($0) }
    }

    /// What this program has put on the interfaces and what does not lapse by itself.
    package var ownAddresses: [AddressKey] {
        ledger.own.filter { table.address($0)?.hasFiniteLifetime == false }
    }

    /// Each master advertises now, ahead of time: a new process has so much longer to begin.
    package mutating func advertiseAhead(at now: Instant) {
        for id in instances.order where instances[id].isMaster { advertise(id, at: now) }
    }
}
