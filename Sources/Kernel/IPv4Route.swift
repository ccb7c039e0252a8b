package import Addressing

/// The kernel's routes, as they are now.
package enum IPv4Route {
    /// Where a packet to the address would leave: RTM_GETROUTE.
    /// - Returns: `nil` where no route leads there, or the kernel does not answer; the loopback for an address of this host. For IPv6
    ///   always `nil`: such an instance tells its source address.
    package static func outgoingInterface(to address: IPAddress) -> InterfaceIndex? {
        guard let address = address.ipv4, let socket = try? NetlinkSocket() else { return nil }
        return outgoingInterface(to: address, socket)
    }

    static func outgoingInterface(to address: IPv4Address, _ socket: NetlinkSocket) -> InterfaceIndex? {
        guard let request = try? RouteRequestMessage.route(to: address) else { return nil }
        return socket.ask(request) { $0.outgoingInterface }.map { InterfaceIndex(rawValue: $0) }
    }
}
