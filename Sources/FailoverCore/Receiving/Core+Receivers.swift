import Addressing
import Configuration
import VRRP

/// On which interfaces to listen, and for what.
extension Core {
    mutating func openReceiver(_ place: InterfaceFamily) {
        guard !receivers.contains(place) else { return }
        listen(on: place)
    }

    private mutating func listen(on place: InterfaceFamily) {
        let setup = receiverSetup(place)
        let isReopened = receivers.contains(place)
        guard receivers.listen(on: place, setup) else { return }
        if isReopened { effects.append(.closeReceiver(place)) }
        effects.append(.openReceiver(place, groups: setup.groups, shared: setup.shared))
        guard place.family == .ipv4 else { return }
        effects.append(.tap(place.interface, sources: receivers.sources(on: place.interface)))
    }

    /// IPv4's kernel does not deliver what comes from an address of this host: another host may use this one's own.
    mutating func tap(_ source: IPAddress, on interface: InterfaceIndex) {
        guard source.isIPv4, receivers.tap(source, on: interface) else { return }
        effects.append(.tap(interface, sources: receivers.sources(on: interface)))
    }

    /// The routers of a family whose own interface it is.
    private func listeners(on place: InterfaceFamily) -> [RouterID] {
        guard let name = table.link(place.interface)?.name else { return [] }
        return directory.routers(on: name).filter {
            instances[$0].configuration.interface == name && instances[$0].configuration.family == place.family
        }
    }

    private func receiverSetup(_ place: InterfaceFamily) -> Receivers.Setup {
        let here = listeners(on: place)
        var groups: Set<IPAddress> = []
        for id in here {
            if case .multicast(let group) = instances[id].check.reach { groups.insert(group) }
        }
        return Receivers.Setup(groups: groups.sorted(), shared: here.flatMap { instances[$0].check.addresses })
    }

    /// After a change of the configuration: receivers whose groups or addresses are others now are opened anew.
    mutating func refreshReceivers() {
        for place in receivers.places { refreshReceiver(place) }
    }

    /// The virtual routers on an interface are others: it is opened anew, or closed, if it is open.
    mutating func refreshReceivers(on interface: InterfaceIndex) {
        for family in IPFamily.allCases { refreshReceiver(InterfaceFamily(interface, family)) }
    }

    private mutating func refreshReceiver(_ place: InterfaceFamily) {
        closeReceiverIfUnused(place)
        if receivers.contains(place) { listen(on: place) }
    }

    mutating func closeUnusedReceivers() {
        for place in receivers.places { closeReceiverIfUnused(place) }
    }

    mutating func closeUnusedReceivers(on interface: InterfaceIndex) {
        for family in IPFamily.allCases { closeReceiverIfUnused(InterfaceFamily(interface, family)) }
    }

    private mutating func closeReceiverIfUnused(_ place: InterfaceFamily) {
        guard receivers.contains(place), listeners(on: place).isEmpty, receivers.close(place) else { return }
        effects.append(.closeReceiver(place))
    }

    /// What a backup did not hear may have been said all the same.
    mutating func packetsLost(on interface: InterfaceIndex, count: UInt32, at now: Instant) {
        guard let name = table.link(interface)?.name else { return }
        for id in directory.routers(on: name) where instances[id].interface == interface {
            instances[id].election.noteLostPackets()
        }
        guard let total = receivers.lose(count, on: interface, at: now) else { return }
        record(.packetsLost(interface: name, count: total))
    }

    mutating func receiverFailed(_ place: InterfaceFamily, reason: String, at now: Instant) {
        receivers.fail(place)
        for id in listeners(on: place) where instances[id].interface == place.interface && !instances[id].isStopped {
            instances[id].participation.wait(until: now + Self.retryPause)
            fail(
                id, .receiverFailed(instances[id].configuration.interface, reason: reason), of: .network, at: now)
        }
    }
}
