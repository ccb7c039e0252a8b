import Addressing
import CNetlink
import Glibc

/// Whether an interface forwards IPv6 packets: net.ipv6.conf.[interface].forwarding.
@safe final class IPv6Forwarding {
    private var socket: NetlinkSocket?

    /// The kernel answers at once.
    /// - Returns: `nil` where it does not say.
    func isOn(_ interface: InterfaceIndex) -> Bool? {
        if socket == nil { socket = try? NetlinkSocket() }
        guard let socket, let request = try? RouteRequestMessage.settings(of: .ipv6, ofInterface: interface.rawValue)
        else { return nil }
        return socket.ask(request) { $0.forwarding }.map { $0 != 0 }
    }
}
