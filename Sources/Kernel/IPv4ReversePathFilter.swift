package import Addressing
import CNetlink
import Glibc

/// The kernel's reverse path filter (rp_filter): in its strict form it drops what arrives on an interface by which no answer would leave.
package enum IPv4ReversePathFilter {
    /// rp_filter = 1.
    private static let strict: Int32 = 1

    /// Whether the filter drops what comes from `source` on `interface`, by its setting and by the routes as they are now.
    /// - Returns: `nil` where the kernel does not say.
    package static func drops(what source: IPv4Address, arrivesOn interface: InterfaceIndex) -> Bool? {
        guard let socket = try? NetlinkSocket(), let own = setting(of: interface.rawValue, socket),
            let all = setting(of: NETCONFA_IFINDEX_ALL, socket)
        else { return nil }
        // The stricter of the two counts, and 2, the loose form, is more than 1.
        guard max(own, all) == strict else { return false }
        return IPv4Route.outgoingInterface(to: source, socket).map { $0 != interface }
    }

    /// RTM_GETNETCONF.
    private static func setting(of index: Int32, _ socket: NetlinkSocket) -> Int32? {
        guard let request = try? RouteRequestMessage.settings(of: .ipv4, ofInterface: index) else { return nil }
        return socket.ask(request) { $0.reversePathFilter }
    }
}
