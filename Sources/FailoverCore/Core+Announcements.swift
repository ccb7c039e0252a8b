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
    mutating func announceTakeover(_ index: Int, at now: Instant) {
        let settings = instances[index].configuration.gratuitousARP
        announceAll(index, rounds: settings.rounds, at: now)
        announceAgain(index, after: settings.delay, isContest: false, at: now)
        // Where announcements are paced, they take longer than that anyway.
        let name = instances[index].configuration.interface
        instances[index].echoRounds = nil
        instances[index].echoAt = pacing.interfaces(with: name) == nil ? now + Self.echoPause : nil
        instances[index].refreshAt = settings.refresh > .zero ? now + settings.refresh : nil
        probeSoon(index, at: now)
        beginLease(index, at: now)
        planRefits(index, at: now)
        touch(index)
    }

    /// Plans the second burst.
    mutating func announceAgain(_ index: Int, after delay: Duration, isContest: Bool, at now: Instant) {
        instances[index].announceAgainAt = delay > .zero ? now + delay : nil
        instances[index].announcesContest = isContest
    }

    mutating func announceIfDue(_ index: Int, at now: Instant) {
        probeIfDue(index, at: now)
        renewIfDue(index, at: now)
        refitIfDue(index, at: now)
        defendIfDue(index, at: now)
        let settings = instances[index].configuration.gratuitousARP
        if let due = instances[index].announceAgainAt, now >= due {
            instances[index].announceAgainAt = nil
            announceAll(
                index, rounds: instances[index].announcesContest ? settings.contestRounds : settings.rounds, at: now)
        }
        if let due = instances[index].echoAt, now >= due {
            instances[index].echoAt = nil
            announceAll(index, rounds: instances[index].echoRounds ?? settings.rounds, at: now)
        }
        if let due = instances[index].settledEchoAt, now >= due {
            instances[index].settledEchoAt = nil
            announceAll(index, rounds: 1, at: now)
        }
        if let due = instances[index].refreshAt, now >= due {
            instances[index].refreshAt = now + settings.refresh
            announceAll(index, rounds: settings.refreshRounds, at: now)
        }
    }

    /// The clients may have learnt the losing master's hardware address: announce again, but not for each of its
    /// advertisements.
    mutating func answerContest(_ index: Int, by heard: HeardAdvertisement, at now: Instant) {
        instances[index].otherMasterAt = now
        if let due = instances[index].probeAt, due > now + .seconds(5) { probeSoon(index, at: now) }
        if let next = instances[index].nextBurstAt, now < next {
            echo(index, at: next)
            return
        }
        noteSplit(index, loser: heard, at: now)
        announceContest(index, at: now)
    }

    /// Announces again: at once, a moment later, and after `garp_lower_prio_delay`; at most once a second.
    mutating func announceContest(_ index: Int, at now: Instant) {
        if let next = instances[index].nextBurstAt, now < next {
            echo(index, at: next)
            return
        }
        instances[index].nextBurstAt = now + Self.burstPause
        touch(index)
        let settings = instances[index].configuration.gratuitousARP
        guard settings.contestRounds > 0 else { return }
        announceAll(index, rounds: settings.contestRounds, at: now)
        // The loser may have announced in the same moment, and its announcement may have reached the clients last.
        echo(index, at: now + Self.echoPause)
        // The second burst of a takeover is not put off by a contest.
        if instances[index].announceAgainAt == nil || instances[index].announcesContest {
            announceAgain(index, after: settings.contestDelay, isContest: true, at: now)
        }
    }

    /// Plans one announcement more, unless one is planned. What comes too soon for a burst is answered, too: it may be the loser's
    /// last word.
    private mutating func echo(_ index: Int, at due: Instant) {
        guard instances[index].echoAt == nil, instances[index].configuration.gratuitousARP.contestRounds > 0,
            pacing.interfaces(with: instances[index].configuration.interface) == nil
        else { return }
        instances[index].echoRounds = 1
        instances[index].echoAt = due
        touch(index)
    }

    /// Announces the addresses that are on their interfaces: one that is missing must not be claimed.
    private mutating func announceAll(_ index: Int, rounds: Int, at now: Instant) {
        var byInterface: [(interface: InterfaceIndex, addresses: [IPv4Address])] = []
        for address in instances[index].addresses {
            guard let key = address.key, isHeld(address) else { continue }
            if let last = byInterface.indices.last, byInterface[last].interface == key.interface {
                byInterface[last].addresses.append(key.address)
            } else {
                byInterface.append((key.interface, [key.address]))
            }
        }
        for (interface, addresses) in byInterface {
            announce(addresses, of: index, on: interface, rounds: rounds, at: now)
        }
    }

    /// Announces addresses at once, or, where `vrrp_garp_interval` paces the interface, as soon as it is their turn.
    mutating func announce(
        _ addresses: [IPv4Address], of index: Int, on interface: InterfaceIndex, rounds: Int, at now: Instant
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
        pacedAnnouncements[place].add(addresses, of: index, on: interface, rounds: rounds)
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
                guard instances[next.instance].isMaster, table.isLocal(next.address) else { continue }
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
        var instance: Int
        var interface: InterfaceIndex
        var address: IPv4Address
    }

    let interfaces: PacedInterfaces
    var waiting: Deque<Entry> = []
    /// When the next one may leave.
    var nextAt: Instant

    /// The instances stand in other places now; what was to be told for those that are gone is not.
    mutating func move(_ moved: [Int: Int]) {
        waiting = Deque(
            waiting.compactMap { entry in
                moved[entry.instance].map { Entry(instance: $0, interface: entry.interface, address: entry.address) }
            })
    }

    /// A new burst of an instance takes the place of what is left of its older one: the queue can't grow without end.
    mutating func add(_ addresses: [IPv4Address], of instance: Int, on interface: InterfaceIndex, rounds: Int) {
        let fresh = Set(addresses)
        waiting.removeAll { $0.instance == instance && $0.interface == interface && fresh.contains($0.address) }
        for _ in 0..<rounds {
            for address in addresses {
                waiting.append(Entry(instance: instance, interface: interface, address: address))
            }
        }
    }
}
