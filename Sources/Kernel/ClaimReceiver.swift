package import Addressing
import CLinux
import Glibc

/// Hears who else speaks as the owner of certain addresses of one family on one interface: by ARP, or by neighbour discovery.
package final class ClaimReceiver {
    private let interface: InterfaceIndex
    private let family: IPFamily
    private let socket: FileDescriptor
    private let wanted: Set<IPAddress>
    private var buffer: [UInt8] = Array(repeating: 0, count: 256)

    /// Packets in one go.
    private static let batch = 32

    /// - Parameter addresses: those of the family about which somebody wants to know; the kernel's filter drops all others.
    package init(
        interface: InterfaceIndex, family: IPFamily, addresses: [IPAddress]
    ) throws(SystemError) {
        self.interface = interface
        self.family = family
        wanted = Set(addresses.lazy.filter { $0.family == family })
        let purpose = family == .ipv4 ? "a packet socket for ARP" : "a packet socket for neighbour discovery"
        // Protocol 0: nothing arrives before the filter is in place.
        socket = try FileDescriptor.socket(AF_PACKET, Int32(SOCK_DGRAM.rawValue), 0, for: purpose)
        // A host that takes over announces all its addresses, several times, in one moment; the default holds 256.
        socket.enlargeReceiveBuffer()
        try socket.set(SOL_PACKET, Int32(CLinux_PACKET_IGNORE_OUTGOING), to: 1, for: "PACKET_IGNORE_OUTGOING")
        switch family {
        case .ipv4: try ARPSenderFilter(addresses: addresses.ipv4).attach(to: socket.number)
        case .ipv6: try NeighbourTargetFilter(addresses: addresses.ipv6).attach(to: socket.number)
        }
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = UInt16(family == .ipv4 ? ETH_P_ARP : ETH_P_IPV6).bigEndian
        address.sll_ifindex = interface.rawValue
        try socket.bind(to: address, for: purpose)
    }

    package var number: Int32 { socket.number }

    /// Takes what has come.
    package func receive(_ body: (AddressClaim) -> Void) {
        for _ in 0..<Self.batch {
            var address = sockaddr_ll()
            var length = socklen_t(MemoryLayout<sockaddr_ll>.size)
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe withUnsafeMutablePointer(to: &address) { pointer in
                    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        unsafe recvfrom(
                            socket.number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), $0, &length)
                    }
                }
            }
            guard count > 0 else { return }
            let bytes = buffer[..<min(count, buffer.count)]
            let claim =
                family == .ipv4
                ? ARPMessage.claim(in: bytes, on: interface)
                : NeighbourMessage.claim(in: bytes, from: MACAddress(sender: address), on: interface)
            if let claim, wanted.contains(claim.address) { body(claim) }
        }
    }
}

extension MACAddress {
    /// Of the frame that a packet socket has received; `nil` where it is no Ethernet one.
    init?(sender address: sockaddr_ll) {
        guard address.sll_halen == 6 else { return nil }
        let octets = address.sll_addr
        self.init(octets: [octets.0, octets.1, octets.2, octets.3, octets.4, octets.5])
    }
}
