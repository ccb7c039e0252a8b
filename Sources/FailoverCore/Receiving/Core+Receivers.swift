import Addressing
import Configuration
import VRRP

/// On which interfaces to listen, and for what.
extension Core {
    mutating func openReceiver(_ interface: InterfaceIndex) {
        guard !receivers.contains(interface) else { return }
        listen(on: interface)
    }

    private mutating func listen(on interface: InterfaceIndex) {
        let setup = receiverSetup(interface)
        let isReopened = receivers.contains(interface)
        guard receivers.listen(on: interface, setup) else { return }
        if isReopened { effects.append(.closeReceiver(interface)) }
        effects.append(.openReceiver(interface, groups: setup.groups, shared: setup.shared))
        effects.append(.tap(interface, sources: receivers.sources(on: interface)))
    }

    /// The kernel does not deliver what comes from an address of this host: another host may use this one's own.
    mutating func tap(_ source: IPAddress, on interface: InterfaceIndex) {
        guard receivers.tap(source, on: interface) else { return }
        effects.append(.tap(interface, sources: receivers.sources(on: interface)))
    }

    /// The routers whose own interface it is.
    private func listeners(on interface: InterfaceIndex) -> [RouterID] {
        guard let name = table.link(interface)?.name else { return [] }
        return directory.routers(on: name).filter { instances[$0].configuration.interface == name }
    }

    private func receiverSetup(_ interface: InterfaceIndex) -> Receivers.Setup {
        let here = listeners(on: interface)
        var groups: Set<IPAddress> = []
        for id in here {
            if case .multicast(let group) = instances[id].check.reach { groups.insert(group) }
        }
        return Receivers.Setup(groups: groups.sorted(), shared: here.flatMap { instances[$0].check.addresses })
    }

    /// After a change of the configuration: receivers whose groups or addresses are others now are opened anew.
    mutating func refreshReceivers() {
        for interface in receivers.interfaces { refreshReceiver(interface) }
    }

    /// The virtual routers on an interface are others: it is opened anew, or closed, if it is open.
    mutating func refreshReceiver(_ interface: InterfaceIndex) {
        closeReceiverIfUnused(interface)
        if receivers.contains(interface) { listen(on: interface) }
    }

    mutating func closeUnusedReceivers() {
        for interface in receivers.interfaces { closeReceiverIfUnused(interface) }
    }

    mutating func closeReceiverIfUnused(_ interface: InterfaceIndex) {
        guard receivers.contains(interface), listeners(on: interface).isEmpty, receivers.close(interface) else {
            return
        }
        effects.append(.closeReceiver(interface))
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

    mutating func receiverFailed(_ interface: InterfaceIndex, reason: String, at now: Instant) {
        receivers.fail(interface)
        for id in listeners(on: interface) where instances[id].interface == interface && !instances[id].isStopped {
            instances[id].participation.wait(until: now + Self.retryPause)
            fail(
                id, .receiverFailed(instances[id].configuration.interface, reason: reason), of: .network, at: now)
        }
    }
}
