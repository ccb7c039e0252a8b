import Addressing

/// ARP messages for Ethernet and IPv4 (RFC 826): what follows the Ethernet header.
enum ARPMessage {
    /// How long each is, in bytes.
    static let length = 28

    /// An ARP probe (RFC 5227, section 2.1.1): nobody's table learns from it, since its sender has no address.
    static func probe(_ address: IPv4Address, _ hardwareAddress: MACAddress) -> [UInt8] {
        let (first, second, third, fourth) = address.octets
        return [0, 1, 8, 0, 6, 4, 0, 1]
            + hardwareAddress.octets + [0, 0, 0, 0]
            + [0, 0, 0, 0, 0, 0] + [first, second, third, fourth]
    }

    /// An ARP announcement (RFC 5227, section 2.3): a request whose sender and target are the announced address. The
    /// target's hardware address is all ones, as other VRRP implementations send it.
    static func announcement(_ address: IPv4Address, _ hardwareAddress: MACAddress) -> [UInt8] {
        let (first, second, third, fourth) = address.octets
        let protocolAddress = [first, second, third, fourth]
        // Ethernet, IPv4, their address lengths, request.
        return [0, 1, 8, 0, 6, 4, 0, 1]
            + hardwareAddress.octets + protocolAddress
            + MACAddress.broadcast.octets + protocolAddress
    }

    /// The sender's half of an ARP packet for Ethernet and IPv4; `nil` for any other.
    static func claim(in bytes: ArraySlice<UInt8>, on interface: InterfaceIndex) -> AddressClaim? {
        // Ethernet, IPv4, their address lengths.
        guard bytes.count >= length, Array(bytes.prefix(6)) == [0, 1, 8, 0, 6, 4], bytes[6] == 0,
            bytes[7] == 1 || bytes[7] == 2, let hardwareAddress = MACAddress(octets: bytes[8..<14])
        else { return nil }
        return AddressClaim(
            interface: interface, address: IPAddress(bytes[14], bytes[15], bytes[16], bytes[17]),
            hardwareAddress: hardwareAddress, isReply: bytes[7] == 2)
    }
}
