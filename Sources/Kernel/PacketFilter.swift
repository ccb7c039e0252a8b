import Addressing
import CLinux
import Glibc

/// A classic BPF program: the kernel does not wake this program for what it does not let through.
struct PacketFilter {
    private(set) var program: [sock_filter] = []

    /// The whole packet passes.
    static let everything = UInt32(UInt16.max)

    mutating func emit(_ code: Int32, _ value: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0) {
        program.append(sock_filter(code: UInt16(code), jt: ifTrue, jf: ifFalse, k: value))
    }

    /// What was loaded last has to be `value`, or the packet is dropped.
    mutating func demand(_ value: UInt32) {
        emit(BPF_JMP | BPF_JEQ | BPF_K, value, ifTrue: 1)
        emit(BPF_RET | BPF_K, 0)
    }

    func attach(to socket: Int32) throws(SystemError) {
        var program = program
        let result = unsafe program.withUnsafeMutableBufferPointer { buffer in
            var filter = unsafe sock_fprog(len: UInt16(buffer.count), filter: buffer.baseAddress)
            return unsafe setsockopt(
                socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
        }
        guard result == 0 else { throw SystemError("can't attach a packet filter") }
    }
}

extension PacketFilter {
    /// Attaches it, or a wider one where the kernel has no memory for so long a filter: before 6.7 it has 20 KiB for what a socket brings
    /// with it (net.core.optmem_max), which is about 900 addresses.
    fileprivate func attach(to socket: Int32, orElse wider: PacketFilter) throws(SystemError) {
        do throws(SystemError) {
            try attach(to: socket)
        } catch {
            guard error.code == ENOMEM else { throw error }
            try wider.attach(to: socket)
        }
    }

    /// Lets the packet pass, unless it leaves this host and has the identification: six instructions.
    fileprivate mutating func dropOutgoing(with identification: UInt16, at offset: UInt32) {
        emit(BPF_LD | BPF_W | BPF_ABS, UInt32(truncatingIfNeeded: CLinux_SKF_PKTTYPE))
        emit(BPF_JMP | BPF_JEQ | BPF_K, UInt32(PACKET_OUTGOING), ifFalse: 3)
        emit(BPF_LD | BPF_H | BPF_ABS, offset)
        emit(BPF_JMP | BPF_JEQ | BPF_K, UInt32(identification), ifFalse: 1)
        emit(BPF_RET | BPF_K, 0)
        emit(BPF_RET | BPF_K, Self.everything)
    }

    fileprivate mutating func passEverything() { emit(BPF_RET | BPF_K, Self.everything) }

    /// The kernel takes at most 4096 instructions. Beyond, every address passes, and the receiver looks for itself.
    private static let mostAddresses = 2000

    /// Lets the packet pass if the four octets at `offset` are one of the addresses.
    fileprivate mutating func passOnly(_ addresses: [IPv4Address], at offset: UInt32) {
        let unique = Set(addresses)
        guard unique.count <= Self.mostAddresses else { return passEverything() }
        emit(BPF_LD | BPF_W | BPF_ABS, offset)
        for address in unique.sorted() {
            emit(BPF_JMP | BPF_JEQ | BPF_K, address.rawValue, ifFalse: 1)
            emit(BPF_RET | BPF_K, Self.everything)
        }
        emit(BPF_RET | BPF_K, 0)
    }
}

/// Lets through IPv4 packets of one protocol from certain sources.
struct IPv4SourceFilter {
    private(set) var filter = PacketFilter()
    /// Without the sources: the receiver looks for itself.
    private var wider: PacketFilter

    init(protocolNumber: UInt8, sources: [IPv4Address]) {
        // The protocol is octet 9 of the IP header, the source begins at octet 12.
        filter.emit(BPF_LD | BPF_B | BPF_ABS, 9)
        filter.demand(UInt32(protocolNumber))
        wider = filter
        wider.passEverything()
        filter.passOnly(sources, at: 12)
    }

    func attach(to socket: Int32) throws(SystemError) { try filter.attach(to: socket, orElse: wider) }
}

/// Lets through packets of one family and protocol.
struct ProtocolFilter {
    private(set) var filter = PacketFilter()

    init(family: IPFamily, protocolNumber: UInt8) {
        // The protocol is octet 9 of the IPv4 header, the next header octet 6 of the IPv6 header.
        filter.emit(BPF_LD | BPF_B | BPF_ABS, family == .ipv4 ? 9 : 6)
        filter.demand(UInt32(protocolNumber))
        filter.passEverything()
    }

    func attach(to socket: Int32) throws(SystemError) { try filter.attach(to: socket) }
}

/// Lets through ICMP echo replies to one program.
struct EchoReplyFilter {
    private(set) var filter = PacketFilter()

    init(family: IPFamily, identifier: UInt16) {
        let isIPv4 = family == .ipv4
        let header = UInt32(isIPv4 ? EchoMessage.headerLength.ipv4 : EchoMessage.headerLength.ipv6)
        if isIPv4 {
            // Without options.
            filter.emit(BPF_LD | BPF_B | BPF_ABS, 0)
            filter.demand(0x45)
        }
        filter.emit(BPF_LD | BPF_B | BPF_ABS, isIPv4 ? 9 : 6)
        filter.demand(UInt32(isIPv4 ? EchoMessage.protocols.ipv4 : EchoMessage.protocols.ipv6))
        filter.emit(BPF_LD | BPF_B | BPF_ABS, header)
        filter.demand(UInt32(isIPv4 ? EchoMessage.types.ipv4.reply : EchoMessage.types.ipv6.reply))
        filter.emit(BPF_LD | BPF_H | BPF_ABS, header + 4)
        filter.demand(UInt32(identifier))
        filter.passEverything()
    }

    func attach(to socket: Int32) throws(SystemError) { try filter.attach(to: socket) }
}

/// Lets through ARP packets whose sender is one of certain addresses.
struct ARPSenderFilter {
    private(set) var filter = PacketFilter()
    /// Without the addresses: the receiver looks for itself.
    private var wider = PacketFilter()

    init(addresses: [IPv4Address]) {
        // The sender's protocol address, for hardware addresses of six octets.
        filter.passOnly(addresses, at: 14)
        wider.passEverything()
    }

    func attach(to socket: Int32) throws(SystemError) { try filter.attach(to: socket, orElse: wider) }
}

/// Lets through neighbour advertisements about certain addresses, and the questions of hosts that detect duplicates of them.
struct NeighbourTargetFilter {
    private(set) var filter = PacketFilter()
    /// Without the addresses: the receiver looks for itself.
    private var wider: PacketFilter

    init(addresses: [IPv6Address]) {
        // The next header is octet 6 of the IPv6 header, ICMPv6's type the first one behind it.
        filter.emit(BPF_LD | BPF_B | BPF_ABS, 6)
        filter.demand(UInt32(IPPROTO_ICMPV6))
        filter.emit(BPF_LD | BPF_B | BPF_ABS, 40)
        // Neighbour advertisement, neighbour solicitation.
        filter.emit(BPF_JMP | BPF_JEQ | BPF_K, 136, ifTrue: 2)
        filter.demand(135)
        wider = filter
        wider.passEverything()
        // The last four octets of the target; the receiver looks at all of them.
        filter.passOnly(
            addresses.map { IPv4Address(rawValue: UInt32(truncatingIfNeeded: $0.low)) },
            at: UInt32(NeighbourMessage.targetOffset + 12))
    }

    func attach(to socket: Int32) throws(SystemError) { try filter.attach(to: socket, orElse: wider) }
}

/// Lets through packets of one protocol of either family, but for those with a certain identification (by IPv6, flow label) that leave
/// this host.
struct VRRPWatchFilter {
    private(set) var filter = PacketFilter()

    init(protocolNumber: UInt8, identification: UInt16) {
        filter.emit(BPF_LD | BPF_W | BPF_ABS, UInt32(truncatingIfNeeded: CLinux_SKF_PROTOCOL))
        filter.emit(BPF_JMP | BPF_JEQ | BPF_K, UInt32(ETH_P_IP), ifFalse: 9)
        filter.emit(BPF_LD | BPF_B | BPF_ABS, 9)
        filter.demand(UInt32(protocolNumber))
        // The identification is octets 4 and 5 of the IP header.
        filter.dropOutgoing(with: identification, at: 4)
        filter.demand(UInt32(ETH_P_IPV6))
        filter.emit(BPF_LD | BPF_B | BPF_ABS, 6)
        filter.demand(UInt32(protocolNumber))
        // The last 16 bits of the flow label are octets 2 and 3.
        filter.dropOutgoing(with: identification, at: 2)
    }

    func attach(to socket: Int32) throws(SystemError) { try filter.attach(to: socket) }
}
