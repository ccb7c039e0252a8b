package import Addressing

/// An advertisement to be sent, and its form on the wire (RFC 3768, section 5; RFC 9568, section 5).
package struct Advertisement: Hashable, Sendable {
    /// IANA's protocol number of VRRP.
    package static let protocolNumber: UInt8 = 112
    /// Where advertisements go by IPv4 (RFC 3768, section 5.2.2).
    package static let ipv4Group = IPv4Address(224, 0, 0, 18)
    /// Where they go by IPv6: ff02::12 (RFC 9568, section 5.1.2.2).
    package static let ipv6Group = IPv6Address(high: 0xFF02 << 48, low: 0x12)
    /// What shows that no router lies between: the TTL, and IPv6's hop limit (RFC 9568, sections 5.1.1.3 and 5.1.2.3).
    package static let timeToLive: UInt8 = 255
    /// Network control, the traffic class that other implementations use.
    package static let typeOfService: UInt8 = 0xC0
    /// The identification in the IP header of what this program sends, and IPv6's flow label. VRRP's packets are never fragments, and
    /// need no label, so it is free to say which packets leaving the host are this program's own.
    package static let identification: UInt16 = 0xFA57
    /// The type field's only value (RFC 3768, section 5.3.2).
    package static let type: UInt8 = 1
    /// As many as the count field can name.
    package static let mostAddresses = 255

    package var version: ProtocolVersion
    package var virtualRouterID: UInt8
    package var priority: UInt8
    package var interval: Duration
    /// The virtual router's addresses in the order of the configuration; up to 255, and none only with version 2.
    package var addresses: [IPAddress]
    /// Sent by version 2 only.
    package var authentication: Authentication
    /// What version 3's checksum covers; version 2's is always plain.
    package var checksumForm: ChecksumForm

    package init(
        version: ProtocolVersion, virtualRouterID: UInt8, priority: UInt8, interval: Duration,
        addresses: [IPAddress], authentication: Authentication = .none, checksumForm: ChecksumForm = .pseudoHeader
    ) {
        self.version = version
        self.virtualRouterID = virtualRouterID
        self.priority = priority
        self.interval = interval
        self.addresses = addresses
        self.authentication = authentication
        self.checksumForm = checksumForm
    }

    /// The whole packet of the family to which source and destination belong.
    /// - Parameter timeToLive: 255 but between hosts that speak by unicast and are told otherwise.
    /// - Returns: `nil` where the two belong to different families, or for version 2 by IPv6, which no RFC defines.
    package func packet(
        from source: IPAddress, to destination: IPAddress, timeToLive: UInt8 = Self.timeToLive
    ) -> [UInt8]? {
        if let source = source.ipv4, let destination = destination.ipv4 {
            return ipv4Packet(from: source, to: destination, timeToLive: timeToLive)
        }
        guard version == .v3, let source = source.ipv6, let destination = destination.ipv6 else { return nil }
        return ipv6Packet(from: source, to: destination, hopLimit: timeToLive)
    }

    /// The whole IPv6 packet, of version 3 (RFC 9568, section 5.1.2). It names IPv6 addresses, no others.
    package func ipv6Packet(
        from source: IPv6Address, to destination: IPv6Address = ipv6Group, hopLimit: UInt8 = Self.timeToLive
    ) -> [UInt8] {
        let addresses = addresses.ipv6.prefix(Self.mostAddresses)
        var body: [UInt8] = [
            ProtocolVersion.v3.rawValue << 4 | Self.type, virtualRouterID, priority, UInt8(clamping: addresses.count),
        ]
        body.append(bigEndian: intervalInCentiseconds)
        body += [0, 0]
        for address in addresses { body += address.octets }
        var checksum = InternetChecksum()
        checksum.addPseudoHeader(
            from: source, to: destination, length: body.count, protocolNumber: Self.protocolNumber)
        checksum.add(body.span)
        body[6] = UInt8(truncatingIfNeeded: checksum.value >> 8)
        body[7] = UInt8(truncatingIfNeeded: checksum.value)
        var packet: [UInt8] = []
        packet.reserveCapacity(ReceivedPacket.ipv6Header + body.count)
        // Version, traffic class, flow label.
        packet.append(bigEndian: UInt32(6) << 28 | UInt32(Self.typeOfService) << 20 | UInt32(Self.identification))
        packet.append(bigEndian: UInt16(clamping: body.count))
        packet += [Self.protocolNumber, hopLimit]
        packet += source.octets
        packet += destination.octets
        packet += body
        return packet
    }

    /// The whole IPv4 packet. Its header checksum is 0: the kernel fills it in.
    /// - Parameter timeToLive: 255 but between hosts that speak by unicast and are told otherwise.
    package func ipv4Packet(
        from source: IPv4Address, to destination: IPv4Address = ipv4Group, timeToLive: UInt8 = Self.timeToLive
    ) -> [UInt8] {
        let body = ipv4Message(from: source, to: destination)
        let length = UInt16(truncatingIfNeeded: 20 + body.count)
        var packet: [UInt8] = [0x45, Self.typeOfService]
        packet.reserveCapacity(20 + body.count)
        packet.append(bigEndian: length)
        packet.append(bigEndian: Self.identification)
        packet += [0, 0, timeToLive, Self.protocolNumber, 0, 0]
        packet.append(bigEndian: source.rawValue)
        packet.append(bigEndian: destination.rawValue)
        packet += body
        return packet
    }

    /// The VRRP message for IPv4 alone, with its checksum. It names IPv4 addresses, no others.
    package func ipv4Message(from source: IPv4Address, to destination: IPv4Address) -> [UInt8] {
        let addresses = addresses.ipv4
        let count = UInt8(clamping: addresses.count)
        var bytes: [UInt8] = [version.rawValue << 4 | Self.type, virtualRouterID, priority, count]
        switch version {
        case .v2: bytes += [authentication.type, intervalInSeconds]
        case .v3: bytes.append(bigEndian: intervalInCentiseconds)
        }
        bytes += [0, 0]
        for address in addresses.prefix(Int(count)) {
            bytes.append(bigEndian: address.rawValue)
        }
        if version == .v2 {
            // RFC 3768, section 5.3.10: the field is there without authentication, too.
            bytes.append(bigEndian: authentication.data)
        }
        var checksum = InternetChecksum()
        if version == .v3, checksumForm == .pseudoHeader {
            checksum.addPseudoHeader(from: source, to: destination, length: bytes.count)
        }
        checksum.add(bytes.span)
        bytes[6] = UInt8(truncatingIfNeeded: checksum.value >> 8)
        bytes[7] = UInt8(truncatingIfNeeded: checksum.value)
        return bytes
    }

    /// Version 2's field: whole seconds, 1 to 255.
    private var intervalInSeconds: UInt8 {
        UInt8(clamping: interval.components.seconds)
    }

    /// Version 3's field: 12 bits of centiseconds, 1 to 4095.
    private var intervalInCentiseconds: UInt16 {
        let (seconds, attoseconds) = interval.components
        let centiseconds = min(max(seconds, 0), 41) * 100 + attoseconds / 10_000_000_000_000_000
        return UInt16(clamping: min(max(centiseconds, 1), 4095))
    }
}

extension InternetChecksum {
    /// The pseudo-header that keepalived, FRR and the common decoders put under version 3's checksum for IPv4, too.
    mutating func addPseudoHeader(from source: IPv4Address, to destination: IPv4Address, length: Int) {
        add(source)
        add(destination)
        add(word: UInt16(Advertisement.protocolNumber))
        add(word: UInt16(clamping: length))
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
