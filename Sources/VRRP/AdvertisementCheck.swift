package import Addressing

/// What one virtual router demands of an advertisement before it listens to it: RFC 3768, section 7.1, with the
/// authentication of RFC 2338, and RFC 9568, section 7.1.
package struct AdvertisementCheck: Hashable, Sendable {
    package var version: ProtocolVersion
    package var virtualRouterID: UInt8
    package var interval: Duration
    package var authentication: Authentication
    /// The configured addresses, in the configuration's order.
    package var addresses: [IPAddress]
    /// How the routers reach each other.
    package var reach: Reach
    /// Whether another list of addresses than the configured one is noted.
    package var comparesAddresses: Bool

    package init(
        version: ProtocolVersion, virtualRouterID: UInt8, interval: Duration, authentication: Authentication,
        addresses: [IPAddress], reach: Reach = .multicast(group: IPAddress(Advertisement.ipv4Group)),
        comparesAddresses: Bool = true
    ) {
        self.version = version
        self.virtualRouterID = virtualRouterID
        self.interval = interval
        self.authentication = authentication
        self.addresses = addresses
        self.reach = reach
        self.comparesAddresses = comparesAddresses
    }

    /// Judges a packet whose fields were found.
    /// - Parameter bytes: the same bytes from which `packet` was made.
    /// - Throws: the first check that failed.
    package func judge(
        _ packet: ReceivedPacket, in bytes: borrowing Span<UInt8>
    ) throws(DropReason) -> HeardAdvertisement {
        guard packet.source.isUnicast else { throw .source }
        try reach.judge(packet)
        // Version 2 knows IPv4 alone, though keepalived puts it over IPv6 when it is told to.
        guard packet.version == version.rawValue, version == .v3 || packet.family == .ipv4 else { throw .version }
        guard packet.type == Advertisement.type else { throw .type }
        let length = packet.end - packet.start
        let trailer = version == .v2 ? Password.size : 0
        guard length == ReceivedPacket.fixedPart + packet.family.addressSize * packet.addressCount + trailer else {
            throw .length
        }
        // RFC 9568, 5.2.5, wants one; but for a virtual router that has none, such as keepalived's with a notify script alone.
        guard packet.addressCount > 0 || addresses.isEmpty else { throw .noAddress }
        guard packet.virtualRouterID == virtualRouterID else { throw .unknownVirtualRouter }

        let heardInterval: Duration
        var checksumForm = ChecksumForm.plain
        switch version {
        case .v2:
            guard Self.checksum(of: packet, in: bytes, pseudoHeader: false) == 0 else { throw .checksum }
            guard bytes[packet.start + 4] == authentication.type else { throw .authenticationType }
            if case .password(let password) = authentication {
                guard Self.word64(at: packet.end - Password.size, in: bytes) == password.octets else { throw .password }
            }
            heardInterval = .seconds(Int(bytes[packet.start + 5]))
            // A different interval makes the down timers disagree: RFC 3768 wants the packet dropped.
            guard heardInterval == interval else { throw .interval }
        case .v3:
            if Self.checksum(of: packet, in: bytes, pseudoHeader: true) == 0 {
                checksumForm = .pseudoHeader
            } else {
                // RFC 9568's letter takes the pseudo-header away from IPv4 alone (section 5.2.8).
                guard packet.family == .ipv4, Self.checksum(of: packet, in: bytes, pseudoHeader: false) == 0 else {
                    throw .checksum
                }
            }
            let centiseconds = Int(bytes.word(at: packet.start + 4) & 0xFFF)
            guard centiseconds > 0 else { throw .interval }
            heardInterval = .milliseconds(centiseconds * 10)
        }
        let list = compare(with: packet, in: bytes)
        return HeardAdvertisement(
            source: packet.source,
            priority: packet.priority,
            interval: heardInterval,
            addressesDiffer: comparesAddresses && list != .same,
            sharesNoAddress: list == .disjoint,
            hasOurList: list == .same,
            checksumForm: checksumForm,
            isFromAgent: packet.identification == Advertisement.identification
        )
    }

    /// Whether a packet is sent to where this virtual router listens.
    package func isReached(by packet: ReceivedPacket) -> Bool {
        switch reach {
        case .multicast(let group): packet.destination == group
        case .unicast(let unicast): packet.destination == unicast.own
        }
    }

    /// How an advertised list relates to the configured one.
    private enum Comparison {
        case same
        case overlapping
        /// Neither is empty, and they have nothing in common.
        case disjoint
    }

    /// The lists are compared as sets: routers are free to send them in any order (RFC 9568, section 5.2.9).
    private func compare(with packet: ReceivedPacket, in bytes: borrowing Span<UInt8>) -> Comparison {
        if packet.addressCount == addresses.count {
            var inOrder = true
            for (index, address) in addresses.enumerated() where address != packet.address(index, in: bytes) {
                inOrder = false
                break
            }
            if inOrder { return .same }
        }
        let wanted = Set(addresses)
        var heard = Set<IPAddress>()
        for index in 0..<packet.addressCount {
            heard.insert(packet.address(index, in: bytes))
        }
        if packet.addressCount == addresses.count, heard == wanted { return .same }
        return wanted.isEmpty || !heard.isDisjoint(with: wanted) ? .overlapping : .disjoint
    }

    private static func checksum(
        of packet: ReceivedPacket, in bytes: borrowing Span<UInt8>, pseudoHeader: Bool
    ) -> UInt16 {
        var checksum = InternetChecksum()
        if pseudoHeader, let source = packet.source.ipv4, let destination = packet.destination.ipv4 {
            checksum.addPseudoHeader(from: source, to: destination, length: packet.end - packet.start)
        } else if pseudoHeader, let source = packet.source.ipv6, let destination = packet.destination.ipv6 {
            checksum.addPseudoHeader(
                from: source, to: destination, length: packet.end - packet.start,
                protocolNumber: Advertisement.protocolNumber)
        }
        checksum.add(bytes.extracting(packet.start..<packet.end))
        return checksum.value
    }

    private static func word64(at index: Int, in bytes: borrowing Span<UInt8>) -> UInt64 {
        var value: UInt64 = 0
        for offset in 0..<8 {
            value = value << 8 | UInt64(bytes[index + offset])
        }
        return value
    }
}

/// What went into the checksum of an advertisement.
package enum ChecksumForm: Hashable, Sendable {
    /// The VRRP message alone: version 2, and version 3 for IPv4 by RFC 9568's letter.
    case plain
    /// The message and IPv4's pseudo-header: version 3 as the field sends it.
    case pseudoHeader
}

/// An advertisement that passed every check.
package struct HeardAdvertisement: Hashable, Sendable {
    package var source: IPAddress
    package var priority: UInt8
    package var interval: Duration
    /// The sender's addresses are not those configured here. It is listened to all the same: not to would make two
    /// masters, and the difference is often that a change reaches one host after the other.
    package var addressesDiffer: Bool
    /// None of the sender's addresses is configured here, although addresses are.
    package var sharesNoAddress: Bool
    /// The sender's addresses are just those configured here, in whatever order.
    package var hasOurList: Bool
    package var checksumForm: ChecksumForm
    /// The sender is a program like this one: some of what it does need not be asked of it.
    package var isFromAgent: Bool

    package init(
        source: IPAddress, priority: UInt8, interval: Duration, addressesDiffer: Bool = false,
        sharesNoAddress: Bool = false, hasOurList: Bool = true, checksumForm: ChecksumForm = .plain,
        isFromAgent: Bool = false
    ) {
        self.source = source
        self.priority = priority
        self.interval = interval
        self.addressesDiffer = addressesDiffer
        self.sharesNoAddress = sharesNoAddress
        self.hasOurList = hasOurList
        self.checksumForm = checksumForm
        self.isFromAgent = isFromAgent
    }
}
