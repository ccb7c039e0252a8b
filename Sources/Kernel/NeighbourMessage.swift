import Addressing

/// Messages of neighbour discovery (RFC 4861) as whole IPv6 packets, with the hardware address of one side.
enum NeighbourMessage {
    /// How long each is, in bytes: IPv6's header, 24 of ICMPv6, an option of 8.
    static let length = 72

    private static let icmp: UInt8 = 58
    private static let solicitation: UInt8 = 135
    private static let advertisement: UInt8 = 136
    /// RFC 4861, section 7.1: what shows that no router lies between.
    private static let hopLimit: UInt8 = 255
    private static let header = 40
    /// Where the target begins, in bytes.
    static let targetOffset = 48

    /// An unsolicited neighbour advertisement to all hosts of the link (RFC 9568, section 8.2.2): they take the hardware address for the
    /// one they knew (override).
    /// - Parameter isRouter: whether this host forwards: hosts stop using a sender as their router that says it is none
    ///   (RFC 4861, section 7.2.5).
    static func announcement(_ address: IPv6Address, _ hardwareAddress: MACAddress, isRouter: Bool) -> [UInt8] {
        packet(
            from: address, to: .allNodes, type: advertisement, flags: isRouter ? 0xA0 : 0x20, target: address,
            option: 2, hardwareAddress)
    }

    /// A neighbour solicitation (RFC 4861, section 4.3): who has the address answers to `source`. Duplicate address detection of others is
    /// not disturbed: a host that detects does not answer.
    static func probe(_ address: IPv6Address, from source: IPv6Address, _ hardwareAddress: MACAddress) -> [UInt8] {
        packet(
            from: source, to: address.solicitedNodeGroup, type: solicitation, flags: 0, target: address, option: 1,
            hardwareAddress)
    }

    private static func packet(
        from source: IPv6Address, to destination: IPv6Address, type: UInt8, flags: UInt8, target: IPv6Address,
        option: UInt8, _ hardwareAddress: MACAddress
    ) -> [UInt8] {
        var body: [UInt8] = [type, 0, 0, 0, flags, 0, 0, 0]
        body += target.octets
        body += [option, 1]
        body += hardwareAddress.octets
        var checksum = InternetChecksum()
        checksum.addPseudoHeader(from: source, to: destination, length: body.count, protocolNumber: icmp)
        checksum.add(body.span)
        body[2] = UInt8(truncatingIfNeeded: checksum.value >> 8)
        body[3] = UInt8(truncatingIfNeeded: checksum.value)
        var packet: [UInt8] = [0x60, 0, 0, 0, 0, UInt8(body.count), icmp, hopLimit]
        packet += source.octets
        packet += destination.octets
        packet += body
        return packet
    }

    /// Who speaks as the owner of an address: in a neighbour advertisement the sender of its target, or one that detects duplicates of it
    /// (RFC 4862, section 5.4.3), which wants to have it. `nil` for any other packet, and one whose checksum is wrong or that comes from
    /// afar (RFC 4861, sections 7.1.1 and 7.1.2).
    /// - Parameter sender: of the frame.
    static func claim(
        in bytes: ArraySlice<UInt8>, from sender: MACAddress?, on interface: InterfaceIndex
    ) -> AddressClaim? {
        let bytes = Array(bytes)
        guard bytes.count >= header + 24, bytes[0] >> 4 == 6, bytes[6] == icmp, bytes[7] == hopLimit,
            let source = IPv6Address(octets: bytes[8..<24]), let destination = IPv6Address(octets: bytes[24..<40]),
            let target = IPv6Address(octets: bytes[targetOffset..<(targetOffset + 16)])
        else { return nil }
        let end = header + Int(bytes[4]) << 8 + Int(bytes[5])
        guard end >= header + 24, end <= bytes.count, bytes[header + 1] == 0 else { return nil }
        var checksum = InternetChecksum()
        checksum.addPseudoHeader(from: source, to: destination, length: end - header, protocolNumber: icmp)
        checksum.add(bytes[header..<end].span)
        guard checksum.value == 0 else { return nil }
        let isAdvertisement = bytes[header] == advertisement
        // A question about an address says nothing of it, but for one that comes from nowhere.
        guard isAdvertisement || bytes[header] == solicitation && source == .unspecified,
            let hardwareAddress = option(isAdvertisement ? 2 : 1, in: bytes[(header + 24)..<end]) ?? sender
        else { return nil }
        return AddressClaim(
            interface: interface, address: IPAddress(target), hardwareAddress: hardwareAddress,
            isReply: isAdvertisement && bytes[header + 4] & 0x40 != 0)
    }

    /// The hardware address in an option (RFC 4861, section 4.6.1).
    private static func option(_ wanted: UInt8, in options: ArraySlice<UInt8>) -> MACAddress? {
        var rest = options
        while rest.count >= 8 {
            let (type, length) = (rest[rest.startIndex], Int(rest[rest.startIndex + 1]) * 8)
            guard length > 0, length <= rest.count else { return nil }
            if type == wanted { return MACAddress(octets: rest.dropFirst(2).prefix(6)) }
            rest = rest.dropFirst(length)
        }
        return nil
    }
}
