import Addressing
import Configuration
import DequeModule
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
        pacing.interfaces(with: instances[id].configuration.interface) != nil
    }

    /// Announces the addresses that are on their interfaces: one that is missing must not be claimed.
    private mutating func announceAll(_ id: RouterID, rounds: Int, at now: Instant) {
        var byInterface: [(interface: InterfaceIndex, addresses: [IPv4Address])] = []
        for address in instances[id].addresses {
            guard let key = address.key, isHeld(address) else { continue }
            if let last = byInterface.indices.last, byInterface[last].interface == key.interface {
                byInterface[last].addresses.append(key.address)
            } else {
                byInterface.append((key.interface, [key.address]))
            }
        }
        for (interface, addresses) in byInterface {
            announce(addresses, of: id, on: interface, rounds: rounds, at: now)
        }
    }

    /// Announces addresses at once, or, where `vrrp_garp_interval` paces the interface, as soon as it is their turn.
    mutating func announce(
        _ addresses: [IPv4Address], of id: RouterID, on interface: InterfaceIndex, rounds: Int, at now: Instant
    ) {
        guard rounds > 0, let name = table.link(interface)?.name else { return }
        guard let interfaces = pacing.interfaces(with: name) else {
            announce(addresses, on: interface, rounds: rounds)
            return
        }
        let place: Int
        if let known = pacedAnnouncements.firstIndex(where: { $0.interfaces == interfaces }) {
            place = known
        } else {
            place = pacedAnnouncements.count
            pacedAnnouncements.append(PacedAnnouncements(interfaces: interfaces, nextAt: now))
        }
        pacedAnnouncements[place].add(addresses, of: id, on: interface, rounds: rounds)
        announcePaced(at: now)
    }

    private mutating func announce(_ addresses: [IPv4Address], on interface: InterfaceIndex, rounds: Int) {
        guard let link = table.link(interface), !link.hasNoARP, let hardwareAddress = link.hardwareAddress else {
            return
        }
        effects.append(
            .announce(interface: interface, hardwareAddress: hardwareAddress, addresses: addresses, rounds: rounds))
    }

    // MARK: - Pacing

    var nextPacedAnnouncement: Instant? {
        pacedAnnouncements.lazy.filter { !$0.waiting.isEmpty }.map(\.nextAt).min()
    }

    mutating func announcePaced(at now: Instant) {
        for place in pacedAnnouncements.indices {
            while pacedAnnouncements[place].nextAt <= now, let next = pacedAnnouncements[place].waiting.popFirst() {
                // What is no longer ours is not announced.
                guard isMaster(next.instance), table.isLocal(next.address) else { continue }
                announce([next.address], on: next.interface, rounds: 1)
                pacedAnnouncements[place].nextAt = now + pacedAnnouncements[place].interfaces.interval
            }
        }
    }
}

/// Interfaces that share one pace.
enum PacedInterfaces: Hashable, Sendable {
    case one(String, Duration)
    case group(Int, Duration)

    var interval: Duration {
        switch self {
        case .one(_, let interval), .group(_, let interval): interval
        }
    }
}

extension AnnouncementPacing {
    /// The interfaces with which this one shares its pace; `nil` where there is no pace to keep.
    func interfaces(with name: String) -> PacedInterfaces? {
        if let index = groups.firstIndex(where: { $0.interfaces.contains(name) }) {
            return groups[index].interval > .zero ? .group(index, groups[index].interval) : nil
        }
        return interval > .zero ? .one(name, interval) : nil
    }
}

/// Gratuitous ARPs that leave one at a time.
struct PacedAnnouncements: Sendable {
    struct Entry: Hashable, Sendable {
        var instance: RouterID
        var interface: InterfaceIndex
        var address: IPv4Address
    }

    let interfaces: PacedInterfaces
    var waiting: Deque<Entry> = []
    /// When the next one may leave.
    var nextAt: Instant

    /// A new burst of an instance takes the place of what is left of its older one: the queue can't grow without end.
    mutating func add(_ addresses: [IPv4Address], of instance: RouterID, on interface: InterfaceIndex, rounds: Int) {
        let fresh = Set(addresses)
        waiting.removeAll { $0.instance == instance && $0.interface == interface && fresh.contains($0.address) }
        for _ in 0..<rounds {
            for address in addresses {
                waiting.append(Entry(instance: instance, interface: interface, address: address))
            }
        }
    }
}
