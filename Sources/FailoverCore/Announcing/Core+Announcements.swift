import Addressing
import Configuration
import VRRP

/// Gratuitous ARP: the neighbours learn where the addresses are now.
extension Core {
    /// At a takeover: a burst now, another one after `garp_master_delay`, and the periodic ones.
    mutating func announceTakeover(_ id: RouterID, at now: Instant) {
        let settings = instances[id].configuration.gratuitousARP
        let rounds = instances[id].announcing.takeOver(settings, isPaced: isPaced(id), at: now)
        announceAll(id, rounds: rounds, at: now)
        probeSoon(id, at: now)
        beginLease(id, at: now)
        planRefits(id, at: now)
    }

    mutating func announceIfDue(_ kind: TimerKind, of id: RouterID, at now: Instant) {
        let settings = instances[id].configuration.gratuitousARP
        guard let rounds = instances[id].announcing.takeDue(kind, settings, at: now) else { return }
        announceAll(id, rounds: rounds, at: now)
    }

    /// The clients may have learnt the losing master's hardware address: announce again, but not for each of its
    /// advertisements.
    mutating func answerContest(_ id: RouterID, by heard: HeardAdvertisement, at now: Instant) {
        if instances[id].claims.hearOtherMaster(at: now) { probeSoon(id, at: now) }
        if !instances[id].announcing.isResting(at: now) { noteSplit(id, loser: heard, at: now) }
        announceContest(id, at: now)
    }

    /// Announces again: at once, a moment later, and after `garp_lower_prio_delay`; at most once a second.
    mutating func announceContest(_ id: RouterID, at now: Instant) {
        let settings = instances[id].configuration.gratuitousARP
        guard let rounds = instances[id].announcing.answerContest(settings, isPaced: isPaced(id), at: now) else {
            return
        }
        announceAll(id, rounds: rounds, at: now)
    }

    /// Whether the interface lets its announcements out one at a time.
    private func isPaced(_ id: RouterID) -> Bool {
        pacer.isPaced(instances[id].configuration.interface, instances[id].configuration.family)
    }

    /// Announces the addresses that are on their interfaces: one that is missing must not be claimed.
    private mutating func announceAll(_ id: RouterID, rounds: Int, at now: Instant) {
        var byInterface: [(interface: InterfaceIndex, addresses: [IPAddress])] = []
        for address in instances[id].addresses {
            guard let key = address.key, isHeld(address) else { continue }
            if let last = byInterface.indices.last, byInterface[last].interface == key.interface,
                byInterface[last].addresses.first?.family == key.family
            {
                byInterface[last].addresses.append(key.address)
            } else {
                byInterface.append((key.interface, [key.address]))
            }
        }
        for (interface, addresses) in byInterface {
            announce(addresses, of: id, on: interface, rounds: rounds, at: now)
        }
    }

    /// Announces addresses of one family at once, or, where `vrrp_garp_interval` or `vrrp_gna_interval` paces the interface, as soon as it
    /// is their turn.
    mutating func announce(
        _ addresses: [IPAddress], of id: RouterID, on interface: InterfaceIndex, rounds: Int, at now: Instant
    ) {
        guard rounds > 0, let name = table.link(table.parent(of: interface))?.name, let family = addresses.first?.family
        else { return }
        guard pacer.isPaced(name, family) else {
            announce(addresses, on: interface, rounds: rounds)
            return
        }
        pacer.add(addresses, of: id, on: interface, named: name, rounds: rounds, at: now)
        announcePaced(at: now)
    }

    private mutating func announce(_ addresses: [IPAddress], on interface: InterfaceIndex, rounds: Int) {
        guard let link = table.link(interface), !link.hasNoARP, let hardwareAddress = link.hardwareAddress else {
            return
        }
        effects.append(
            .announce(interface: interface, hardwareAddress: hardwareAddress, addresses: addresses, rounds: rounds))
    }

    // MARK: - Pacing

    mutating func announcePaced(at now: Instant) {
        while let due = pacer.popDue(at: now) {
            // What is no longer ours is not announced: a reload may have given it to another virtual router.
            let (id, address) = (due.entry.instance, due.entry.address)
            guard isMaster(id), table.isInUse(address),
                instances[id].addresses.contains(where: {
                    $0.key?.address == address && $0.key?.interface == due.entry.interface
                })
            else { continue }
            announce([due.entry.address], on: due.entry.interface, rounds: 1)
            pacer.noteSent(due, at: now)
        }
    }
}
