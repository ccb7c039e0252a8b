import Addressing
import FailoverCore
import Kernel
import Reporting
import VRRP

/// The receive sockets of the interfaces.
extension Agent {
    func openReceiver(_ place: InterfaceFamily, groups: [IPAddress], shared: [IPAddress]) {
        if receivers[place] != nil { closeReceiver(place) }
        var watched: [Int32] = []
        func watch(_ socket: Int32, _ kind: SocketKind) throws {
            try poll.add(socket, token: Self.token(place.interface, kind))
            watched.append(socket)
        }
        do {
            let receiver =
                try inheritance?.receiver(place, groups: groups, shared: shared)
                ?? Self.receiver(place, groups: groups, shared: shared)
            for (socket, kind) in zip(receiver.sockets, SocketKind.receiving(place.family)) {
                try watch(socket, kind)
            }
            let claims = try ClaimReceiver(interface: place.interface, family: place.family, addresses: shared)
            try watch(claims.number, .claims(place.family))
            inheritance?.keep(receiver, groups: groups, shared: shared)
            receivers[place] = receiver
            receiversAreOthers = true
            claimReceivers[place] = claims
        } catch {
            for socket in watched { poll.remove(socket) }
            inheritance?.forget(place)
            core.handle(.receiverFailed(place, reason: "\(error)"), at: Self.now())
        }
    }

    private static func receiver(
        _ place: InterfaceFamily, groups: [IPAddress], shared: [IPAddress]
    ) throws(SystemError) -> any AdvertisementReceiver {
        switch place.family {
        case .ipv4:
            try IPv4AdvertisementReceiver(
                interface: place.interface, groups: groups.ipv4, protocolNumber: Advertisement.protocolNumber,
                shared: shared.ipv4)
        case .ipv6:
            try IPv6AdvertisementReceiver(
                interface: place.interface, groups: groups.ipv6, protocolNumber: Advertisement.protocolNumber)
        }
    }

    func tap(_ interface: InterfaceIndex, sources: [IPAddress]) {
        do throws(SystemError) {
            let receiver = receivers[InterfaceFamily(interface, .ipv4)] as? IPv4AdvertisementReceiver
            try receiver?.listen(to: sources.ipv4, protocolNumber: Advertisement.protocolNumber)
        } catch {
            log.write(.warning, "interface \(interface): \(error)")
        }
    }

    // MARK: - Macvlans

    /// systemd does not keep it: it hears something only while this host is master, and a master that goes on soon hears it again.
    func openMacvlanReceiver(_ interface: InterfaceIndex, for place: InterfaceFamily) {
        closeMacvlanReceiver(interface)
        do throws(SystemError) {
            let receiver = try MacvlanReceiver(
                interface: interface, family: place.family, protocolNumber: Advertisement.protocolNumber)
            try poll.add(receiver.number, token: Self.token(interface, .macvlan(place.family)))
            macvlanReceivers[interface] = (receiver, place)
        } catch {
            core.handle(.macvlanReceiverFailed(interface, reason: "\(error)"), at: Self.now())
        }
    }

    func closeMacvlanReceiver(_ interface: InterfaceIndex) {
        if let (receiver, _) = macvlanReceivers.removeValue(forKey: interface) { poll.remove(receiver.number) }
    }

    // MARK: - Closing

    func closeReceiver(_ place: InterfaceFamily) {
        inheritance?.forget(place)
        dropReceiver(place)
    }

    /// The kernel takes a descriptor out of the poll set by itself once nobody has the socket open any more: but systemd may.
    private func dropReceiver(_ place: InterfaceFamily) {
        if let receiver = receivers.removeValue(forKey: place) {
            for socket in receiver.sockets { poll.remove(socket) }
            receiver.silence()
        }
        if let claims = claimReceivers.removeValue(forKey: place) { poll.remove(claims.number) }
    }
}
