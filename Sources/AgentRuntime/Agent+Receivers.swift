import Addressing
import FailoverCore
import Kernel
import VRRP

/// The receive sockets of the interfaces.
extension Agent {
    func openReceiver(_ interface: InterfaceIndex, groups: [IPAddress], shared: [IPAddress]) {
        if receivers[interface] != nil { closeReceiver(interface) }
        var watched: [Int32] = []
        func watch(_ socket: Int32, _ kind: SocketKind) throws {
            try poll.add(socket, token: Self.token(interface, kind))
            watched.append(socket)
        }
        do {
            let receiver =
                try inheritance?.receiver(interface, groups: groups, shared: shared)
                ?? IPv4AdvertisementReceiver(
                    interface: interface, groups: groups.ipv4, protocolNumber: Advertisement.protocolNumber,
                    shared: shared.ipv4)
            try watch(receiver.rawNumber, .raw)
            try watch(receiver.tapNumber, .tap)
            let claims = try ARPClaimReceiver(interface: interface, addresses: shared.ipv4)
            try watch(claims.number, .claims)
            inheritance?.keep(receiver, groups: groups, shared: shared)
            receivers[interface] = receiver
            receiversAreOthers = true
            claimReceivers[interface] = claims
        } catch {
            for socket in watched { poll.remove(socket) }
            inheritance?.forget(interface)
            core.handle(.receiverFailed(interface, reason: "\(error)"), at: Self.now())
        }
    }

    func closeReceiver(_ interface: InterfaceIndex) {
        inheritance?.forget(interface)
        dropReceiver(interface)
    }

    /// The kernel takes a descriptor out of the poll set by itself once nobody has the socket open any more: but systemd may.
    private func dropReceiver(_ interface: InterfaceIndex) {
        if let receiver = receivers.removeValue(forKey: interface) {
            poll.remove(receiver.rawNumber)
            poll.remove(receiver.tapNumber)
            receiver.silence()
        }
        if let claims = claimReceivers.removeValue(forKey: interface) { poll.remove(claims.number) }
    }
}
