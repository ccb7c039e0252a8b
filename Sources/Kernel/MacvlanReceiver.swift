package import Addressing
import CLinux
import Glibc

/// Hears the advertisements of one family on a macvlan.
///
/// The kernel gives frames whose source is a macvlan's own hardware address to that macvlan alone: what another router with the same virtual
/// address sends comes to none of the parent's sockets while the macvlan is on. A packet socket: to join a group here, as a raw socket has
/// to, would send IGMP or MLD messages from the virtual address. It hears what the host's firewall would drop, too.
package final class MacvlanReceiver {
    private let socket: FileDescriptor

    /// - Parameters:
    ///   - interface: the macvlan, which may be off.
    ///   - protocolNumber: VRRP's protocol number.
    package init(interface: InterfaceIndex, family: IPFamily, protocolNumber: UInt8) throws(SystemError) {
        // Protocol 0: nothing arrives before the filter is in place.
        socket = try FileDescriptor.socket(AF_PACKET, Int32(SOCK_DGRAM.rawValue), 0, for: "a packet socket")
        socket.enlargeReceiveBuffer()
        try socket.set(SOL_SOCKET, Int32(CLinux_SO_TIMESTAMPNS), to: 1, for: "SO_TIMESTAMPNS")
        try socket.set(SOL_PACKET, Int32(CLinux_PACKET_IGNORE_OUTGOING), to: 1, for: "PACKET_IGNORE_OUTGOING")
        try ProtocolFilter(family: family, protocolNumber: protocolNumber).attach(to: socket.number)
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = UInt16(family == .ipv4 ? ETH_P_IP : ETH_P_IPV6).bigEndian
        address.sll_ifindex = interface.rawValue
        try socket.bind(to: address, for: "a packet socket")
    }

    package var number: Int32 { socket.number }

    /// Takes what has arrived, at most one batch. While the macvlan is off nothing comes; that it has gone off the kernel says once, as an
    /// error (ENETDOWN), which is passed over.
    /// - Parameters:
    ///   - slots: where the packets are put.
    ///   - body: gets each packet with its header, lent for the call, and how long ago it arrived.
    /// - Returns: whether more may be waiting.
    package func receive(
        into slots: inout ReceiveSlots, _ body: (borrowing Span<UInt8>, Duration) -> Void
    ) -> Bool {
        let count = slots.fill(from: socket.number)
        return slots.deliver(count, body)
    }
}
