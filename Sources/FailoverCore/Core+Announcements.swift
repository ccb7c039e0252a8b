import Addressing
import Configuration
import VRRP

/// Gratuitous ARP: the neighbours learn where the addresses are now.
extension Core {
    /// The least time between two bursts that losing masters cause.
    private static let burstPause = Duration.seconds(1)

    /// At a takeover: a burst now, another one after `garp_master_delay`, and the periodic ones.
    mutating func announceTakeover(_ index: Int, at now: Instant) {
        let settings = instances[index].configuration.gratuitousARP
        announceAll(index, rounds: settings.rounds)
        scheduleSecondAnnouncement(index, at: now)
        instances[index].refreshAt = settings.refresh > .zero ? now + settings.refresh : nil
        touch(index)
    }

    mutating func scheduleSecondAnnouncement(_ index: Int, at now: Instant) {
        let delay = instances[index].configuration.gratuitousARP.delay
        instances[index].announceAgainAt = delay > .zero ? now + delay : nil
    }

    mutating func announceIfDue(_ index: Int, at now: Instant) {
        let settings = instances[index].configuration.gratuitousARP
        if let due = instances[index].announceAgainAt, now >= due {
            instances[index].announceAgainAt = nil
            announceAll(index, rounds: settings.rounds)
        }
        if let due = instances[index].refreshAt, now >= due {
            instances[index].refreshAt = now + settings.refresh
            announceAll(index, rounds: settings.refreshRounds)
        }
    }

    /// The clients may have learnt the losing master's hardware address: announce again, but not for each of its
    /// advertisements.
    mutating func answerContest(_ index: Int, by heard: HeardAdvertisement, at now: Instant) {
        if let next = instances[index].nextBurstAt, now < next { return }
        instances[index].nextBurstAt = now + Self.burstPause
        record(.contested(instance: instances[index].name, by: heard.source, priority: heard.priority))
        announceAll(index, rounds: instances[index].configuration.gratuitousARP.rounds)
        scheduleSecondAnnouncement(index, at: now)
    }

    /// Announces the addresses that are on their interfaces: one that is missing must not be claimed.
    private mutating func announceAll(_ index: Int, rounds: Int) {
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
            announce(addresses, of: index, on: interface, rounds: rounds)
        }
    }

    mutating func announce(
        _ addresses: [IPv4Address], of index: Int, on interface: InterfaceIndex, rounds: Int? = nil
    ) {
        guard let link = table.link(interface), !link.hasNoARP, let hardwareAddress = link.hardwareAddress else {
            return
        }
        let rounds = rounds ?? instances[index].configuration.gratuitousARP.rounds
        guard rounds > 0 else { return }
        effects.append(
            .announce(interface: interface, hardwareAddress: hardwareAddress, addresses: addresses, rounds: rounds))
    }
}
