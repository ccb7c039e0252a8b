import Addressing
import Configuration
import DequeModule
import VRRP

/// Gratuitous ARP: the neighbours learn where the addresses are now.
extension Core {
    /// The least time between two bursts that losing masters cause.
    private static let burstPause = Duration.seconds(1)
    /// How long after a takeover the announcements are repeated: the old master has let go by then.
    private static let echoPause = Duration.milliseconds(100)

    /// At a takeover: a burst now, another one after `garp_master_delay`, and the periodic ones.
    mutating func announceTakeover(_ id: RouterID, at now: Instant) {
        let settings = instances[id].configuration.gratuitousARP
        announceAll(id, rounds: settings.rounds, at: now)
        announceAgain(id, after: settings.delay, isContest: false, at: now)
        // Where announcements are paced, they take longer than that anyway.
        let name = instances[id].configuration.interface
        instances[id].echoRounds = nil
        instances[id].echoAt = pacing.interfaces(with: name) == nil ? now + Self.echoPause : nil
        instances[id].refreshAt = settings.refresh > .zero ? now + settings.refresh : nil
        probeSoon(id, at: now)
        beginLease(id, at: now)
        planRefits(id, at: now)
    }

    /// Plans the second burst.
    mutating func announceAgain(_ id: RouterID, after delay: Duration, isContest: Bool, at now: Instant) {
        instances[id].announceAgainAt = delay > .zero ? now + delay : nil
        instances[id].announcesContest = isContest
    }

    mutating func announceIfDue(_ kind: TimerKind, of id: RouterID, at now: Instant) {
        guard let due = instances[id].deadline(kind), now >= due else { return }
        let settings = instances[id].configuration.gratuitousARP
        switch kind {
        case .secondBurst:
            instances[id].announceAgainAt = nil
            announceAll(
                id, rounds: instances[id].announcesContest ? settings.contestRounds : settings.rounds, at: now)
        case .echo:
            instances[id].echoAt = nil
            announceAll(id, rounds: instances[id].echoRounds ?? settings.rounds, at: now)
        case .settledEcho:
            instances[id].settledEchoAt = nil
            announceAll(id, rounds: 1, at: now)
        case .refresh:
            instances[id].refreshAt = now + settings.refresh
            announceAll(id, rounds: settings.refreshRounds, at: now)
        default: break
        }
    }

    /// The clients may have learnt the losing master's hardware address: announce again, but not for each of its
    /// advertisements.
    mutating func answerContest(_ id: RouterID, by heard: HeardAdvertisement, at now: Instant) {
        instances[id].otherMasterAt = now
        if let due = instances[id].probeAt, due > now + .seconds(5) { probeSoon(id, at: now) }
        if let next = instances[id].nextBurstAt, now < next {
            echo(id, at: next)
            return
        }
        noteSplit(id, loser: heard, at: now)
        announceContest(id, at: now)
    }

    /// Announces again: at once, a moment later, and after `garp_lower_prio_delay`; at most once a second.
    mutating func announceContest(_ id: RouterID, at now: Instant) {
        if let next = instances[id].nextBurstAt, now < next {
            echo(id, at: next)
            return
        }
        instances[id].nextBurstAt = now + Self.burstPause
        let settings = instances[id].configuration.gratuitousARP
        guard settings.contestRounds > 0 else { return }
        announceAll(id, rounds: settings.contestRounds, at: now)
        // The loser may have announced in the same moment, and its announcement may have reached the clients last.
        echo(id, at: now + Self.echoPause)
        // The second burst of a takeover is not put off by a contest.
        if instances[id].announceAgainAt == nil || instances[id].announcesContest {
            announceAgain(id, after: settings.contestDelay, isContest: true, at: now)
        }
    }

    /// Plans one announcement more, unless one is planned. What comes too soon for a burst is answered, too: it may be the loser's
    /// last word.
    private mutating func echo(_ id: RouterID, at due: Instant) {
        guard instances[id].echoAt == nil, instances[id].configuration.gratuitousARP.contestRounds > 0,
            pacing.interfaces(with: instances[id].configuration.interface) == nil
        else { return }
        instances[id].echoRounds = 1
        instances[id].echoAt = due
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
