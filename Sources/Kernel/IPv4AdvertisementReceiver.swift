package import Addressing
import CLinux
import Glibc

/// Hears the advertisements on one interface.
///
/// Two sockets: a raw one, which the host's firewall guards as every other socket, and a packet socket for what the
/// kernel's IP layer never delivers: packets whose source is an address of this host. A host whose only address is the
/// shared one sends such advertisements while this host is master. One receiver an interface, because a socket joins at
/// most 20 groups (igmp_max_memberships).
package final class IPv4AdvertisementReceiver: AdvertisementReceiver {
    package let interface: InterfaceIndex
    private let raw: FileDescriptor
    private let tap: FileDescriptor
    package let losses: LossCount

    /// - Parameters:
    ///   - groups: the multicast groups to join, at most 20; without any, only what is sent to this host is heard.
    ///   - protocolNumber: VRRP's protocol number.
    ///   - shared: the addresses for which the packet socket listens.
    package init(
        interface: InterfaceIndex, groups: [IPv4Address], protocolNumber: UInt8, shared: [IPv4Address]
    ) throws(SystemError) {
        self.interface = interface
        raw = try Self.rawSocket(interface, groups, protocolNumber)
        tap = try Self.packetSocket(interface, protocolNumber, shared)
        losses = LossCount([raw.number, tap.number])
    }

    /// Goes on with the sockets of an earlier process, set up for the same interface, groups and addresses; it owns them from now.
    package init(interface: InterfaceIndex, inheritingRaw raw: Int32, tap: Int32) {
        self.interface = interface
        self.raw = FileDescriptor(owning: raw, closesSlowly: true)
        self.tap = FileDescriptor(owning: tap, closesSlowly: true)
        // They may have been given up, and then been asked for again.
        self.raw.enlargeReceiveBuffer()
        self.tap.enlargeReceiveBuffer()
        // What was lost before is not this process's loss.
        losses = LossCount([raw, tap])
        _ = losses.take()
    }

    package var place: InterfaceFamily { InterfaceFamily(interface, .ipv4) }
    /// The raw socket, then the packet socket.
    package var sockets: [Int32] { [raw.number, tap.number] }

    private static func rawSocket(
        _ interface: InterfaceIndex, _ groups: [IPv4Address], _ protocolNumber: UInt8
    ) throws(SystemError) -> FileDescriptor {
        let socket = try FileDescriptor.socket(
            AF_INET, Int32(SOCK_RAW.rawValue), Int32(protocolNumber), for: "a raw socket")
        socket.enlargeReceiveBuffer()
        try socket.set(SOL_SOCKET, Int32(CLinux_SO_TIMESTAMPNS), to: 1, for: "SO_TIMESTAMPNS")
        try socket.set(
            SOL_SOCKET, Int32(CLinux_SO_BINDTOIFINDEX), to: interface.rawValue, for: "the socket's interface")
        // Of the multicast groups only these, only on this interface, whatever other sockets have joined. The socket is
        // bound to no address, so that it hears unicast, too.
        try socket.set(Int32(IPPROTO_IP), IP_MULTICAST_ALL, to: 0, for: "IP_MULTICAST_ALL")
        for group in groups {
            var membership = ip_mreqn()
            membership.imr_multiaddr.s_addr = group.rawValue.bigEndian
            membership.imr_ifindex = interface.rawValue
            _ = try check("can't join \(group)") {
                unsafe setsockopt(
                    socket.number, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, &membership,
                    socklen_t(MemoryLayout<ip_mreqn>.size))
            }
        }
        return socket
    }

    private static func packetSocket(
        _ interface: InterfaceIndex, _ protocolNumber: UInt8, _ shared: [IPv4Address]
    ) throws(SystemError) -> FileDescriptor {
        // Protocol 0: nothing arrives before the filter is in place.
        let socket = try FileDescriptor.socket(AF_PACKET, Int32(SOCK_DGRAM.rawValue), 0, for: "a packet socket")
        socket.enlargeReceiveBuffer()
        try socket.set(SOL_SOCKET, Int32(CLinux_SO_TIMESTAMPNS), to: 1, for: "SO_TIMESTAMPNS")
        try socket.set(SOL_PACKET, Int32(CLinux_PACKET_IGNORE_OUTGOING), to: 1, for: "PACKET_IGNORE_OUTGOING")
        try IPv4SourceFilter(protocolNumber: protocolNumber, sources: shared).attach(to: socket.number)
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = UInt16(ETH_P_IP).bigEndian
        address.sll_ifindex = interface.rawValue
        try socket.bind(to: address, for: "a packet socket")
        return socket
    }

    /// Changes the addresses for which the packet socket listens; what it has already stays.
    package func listen(to sources: [IPv4Address], protocolNumber: UInt8) throws(SystemError) {
        try IPv4SourceFilter(protocolNumber: protocolNumber, sources: sources).attach(to: tap.number)
    }

    /// How much of `room` an advertisement takes at most, in bytes: measured were 832 for one of few addresses, and this for one of 240.
    package static let memoryOfPacket = 2304

    /// Takes what has arrived on the raw socket, or the packet socket, at most one batch.
    /// - Parameters:
    ///   - slots: where the packets are put.
    ///   - body: gets each packet, lent for the call, and how long ago it arrived.
    /// - Returns: whether more may be waiting.
    package func receive(
        tapped: Bool, into slots: inout ReceiveSlots, _ body: (borrowing Span<UInt8>, Duration) -> Void
    ) -> Bool {
        let count = slots.fill(from: tapped ? tap.number : raw.number)
        return slots.deliver(count, body)
    }
}
