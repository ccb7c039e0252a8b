package import Addressing
import CLinux
import Glibc

/// Hears the advertisements by IPv6 on one interface.
///
/// One raw socket, which the host's firewall guards as every other socket. A packet socket beside it, as for IPv4, is not needed: every
/// host speaks from a link-local address of its own, and the kernel delivers what comes from one of this host's addresses, too.
package final class IPv6AdvertisementReceiver: AdvertisementReceiver {
    package let interface: InterfaceIndex
    private let raw: FileDescriptor
    private let protocolNumber: UInt8
    package let losses: LossCount

    /// - Parameters:
    ///   - groups: the multicast groups to join; without any, only what is sent to this host is heard.
    ///   - protocolNumber: VRRP's protocol number.
    package init(
        interface: InterfaceIndex, groups: [IPv6Address], protocolNumber: UInt8
    ) throws(SystemError) {
        self.interface = interface
        self.protocolNumber = protocolNumber
        let socket = try FileDescriptor.socket(
            AF_INET6, Int32(SOCK_RAW.rawValue), Int32(protocolNumber), for: "a raw socket for IPv6")
        socket.enlargeReceiveBuffer()
        try socket.set(SOL_SOCKET, Int32(CLinux_SO_TIMESTAMPNS), to: 1, for: "SO_TIMESTAMPNS")
        try socket.set(
            SOL_SOCKET, Int32(CLinux_SO_BINDTOIFINDEX), to: interface.rawValue, for: "the socket's interface")
        let level = Int32(IPPROTO_IPV6)
        // The kernel takes the header off, and says beside the packet what was in it.
        try socket.set(level, IPV6_RECVPKTINFO, to: 1, for: "IPV6_RECVPKTINFO")
        try socket.set(level, IPV6_RECVHOPLIMIT, to: 1, for: "IPV6_RECVHOPLIMIT")
        try socket.set(level, Int32(CLinux_IPV6_FLOWINFO), to: 1, for: "IPV6_FLOWINFO")
        // Of the multicast groups only these, whatever other sockets have joined; kernels before 4.20 can't, and the core looks for itself.
        _ = CLinux_set_option(socket.number, level, Int32(CLinux_IPV6_MULTICAST_ALL), 0)
        for group in groups {
            var membership = ipv6_mreq()
            unsafe withUnsafeMutableBytes(of: &membership.ipv6mr_multiaddr) { unsafe $0.copyBytes(from: group.octets) }
            membership.ipv6mr_interface = UInt32(bitPattern: interface.rawValue)
            _ = try check("can't join \(group)") {
                unsafe setsockopt(
                    socket.number, level, IPV6_ADD_MEMBERSHIP, &membership, socklen_t(MemoryLayout<ipv6_mreq>.size))
            }
        }
        losses = LossCount([socket.number])
        raw = socket
    }

    /// Goes on with the socket of an earlier process, set up for the same interface and groups; it owns it from now.
    package init(interface: InterfaceIndex, inheriting raw: Int32, protocolNumber: UInt8) {
        self.interface = interface
        self.protocolNumber = protocolNumber
        self.raw = FileDescriptor(owning: raw, closesSlowly: true)
        // It may have been given up, and then been asked for again.
        self.raw.enlargeReceiveBuffer()
        losses = LossCount([raw])
        // What was lost before is not this process's loss.
        _ = losses.take()
    }

    package var place: InterfaceFamily { InterfaceFamily(interface, .ipv6) }
    package var sockets: [Int32] { [raw.number] }

    /// Takes what has arrived, at most one batch.
    /// - Parameters:
    ///   - slots: where the packets are put.
    ///   - body: gets each packet with its header, lent for the call, and how long ago it arrived.
    /// - Returns: whether more may be waiting.
    package func receive(
        into slots: inout ReceiveSlots, _ body: (borrowing Span<UInt8>, Duration) -> Void
    ) -> Bool {
        let count = slots.fill(fromIPv6: raw.number, protocolNumber: protocolNumber)
        return slots.deliver(count, body)
    }
}
