package import Addressing
import CLinux
import Glibc

/// Hears who else speaks by ARP as the owner of certain addresses on one interface.
package final class ARPClaimReceiver {
    private let interface: InterfaceIndex
    private let socket: FileDescriptor
    private let wanted: Set<IPv4Address>
    private var buffer: [UInt8] = Array(repeating: 0, count: 64)

    /// Packets in one go.
    private static let batch = 32

    /// - Parameter addresses: those about which somebody wants to know; the kernel's filter drops all others.
    package init(interface: InterfaceIndex, addresses: [IPv4Address]) throws(SystemError) {
        self.interface = interface
        wanted = Set(addresses)
        // Protocol 0: nothing arrives before the filter is in place.
        socket = try FileDescriptor.socket(AF_PACKET, Int32(SOCK_DGRAM.rawValue), 0, for: "a packet socket for ARP")
        // A host that takes over announces all its addresses, several times, in one moment; the default holds 256.
        socket.enlargeReceiveBuffer()
        try socket.set(SOL_PACKET, Int32(CLinux_PACKET_IGNORE_OUTGOING), to: 1, for: "PACKET_IGNORE_OUTGOING")
        try ARPSenderFilter(addresses: addresses).attach(to: socket.number)
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = UInt16(ETH_P_ARP).bigEndian
        address.sll_ifindex = interface.rawValue
        try socket.bind(to: address, for: "a packet socket for ARP")
    }

    package var number: Int32 { socket.number }

    /// Takes what has come.
    package func receive(_ body: (AddressClaim) -> Void) {
        for _ in 0..<Self.batch {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(socket.number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
            }
            guard count > 0 else { return }
            if let claim = Self.claim(in: buffer[..<min(count, buffer.count)], on: interface),
                claim.address.ipv4.map(wanted.contains) == true
            {
                body(claim)
            }
        }
    }

    /// The sender's half of an ARP packet for Ethernet and IPv4; `nil` for any other.
    static func claim(in bytes: ArraySlice<UInt8>, on interface: InterfaceIndex) -> AddressClaim? {
        // Ethernet, IPv4, their address lengths.
        guard bytes.count >= 28, Array(bytes.prefix(6)) == [0, 1, 8, 0, 6, 4], bytes[6] == 0,
            bytes[7] == 1 || bytes[7] == 2, let hardwareAddress = MACAddress(octets: bytes[8..<14])
        else { return nil }
        return AddressClaim(
            interface: interface, address: IPAddress(bytes[14], bytes[15], bytes[16], bytes[17]),
            hardwareAddress: hardwareAddress, isReply: bytes[7] == 2)
    }
}
