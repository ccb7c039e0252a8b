package import Addressing

/// A received packet in which the fields up to VRRP's fixed header have been found, and nothing more judged.
package struct ReceivedPacket: Hashable, Sendable {
    package let source: IPAddress
    package let destination: IPAddress
    /// By IPv6 the hop limit.
    package let timeToLive: UInt8
    /// The identification in the IP header; by IPv6 the low 16 bits of the flow label.
    package let identification: UInt16
    /// The high four bits of the first octet: no promise that the version is known.
    package let version: UInt8
    package let type: UInt8
    package let virtualRouterID: UInt8
    package let priority: UInt8
    /// The Count IP Addrs field.
    package let addressCount: Int
    /// Where the VRRP message begins, in bytes.
    let start: Int
    /// Where it ends, by the IP header's word; padding of a short Ethernet frame may follow.
    let end: Int

    /// The fixed part of a VRRP message, in bytes.
    static let fixedPart = 8

    /// IPv6's header, in bytes.
    package static let ipv6Header = 40

    /// Finds the fields in a packet of either family, IP header first.
    package init(_ bytes: borrowing Span<UInt8>) throws(DropReason) {
        guard !bytes.isEmpty else { throw .truncated }
        if bytes[0] >> 4 == 6 { try self.init(ipv6: bytes) } else { try self.init(ipv4: bytes) }
    }

    /// Finds the fields in an IPv6 packet. Extension headers are none of VRRP's: the kernel takes them off before a raw socket sees
    /// the packet.
    package init(ipv6 bytes: borrowing Span<UInt8>) throws(DropReason) {
        guard bytes.count >= Self.ipv6Header else { throw .truncated }
        guard bytes[0] >> 4 == 6, bytes[6] == Advertisement.protocolNumber else { throw .notVRRP }
        let length = Int(bytes.word(at: 4))
        guard length >= Self.fixedPart, length <= bytes.count - Self.ipv6Header else { throw .truncated }
        source = IPAddress(bytes.ipv6Address(at: 8))
        destination = IPAddress(bytes.ipv6Address(at: 24))
        // A mapped address is on no wire (RFC 4291, section 2.5.5.2).
        guard !source.isIPv4, !destination.isIPv4 else { throw .source }
        timeToLive = bytes[7]
        identification = bytes.word(at: 2)
        start = Self.ipv6Header
        end = Self.ipv6Header + length
        version = bytes[start] >> 4
        type = bytes[start] & 0xF
        virtualRouterID = bytes[start + 1]
        priority = bytes[start + 2]
        addressCount = Int(bytes[start + 3])
    }

    /// Finds the fields in an IPv4 packet as a raw socket delivers it, IP header first.
    package init(ipv4 bytes: borrowing Span<UInt8>) throws(DropReason) {
        guard bytes.count >= 20 else { throw .truncated }
        guard bytes[0] >> 4 == 4, bytes[9] == Advertisement.protocolNumber else { throw .notVRRP }
        let headerLength = Int(bytes[0] & 0xF) * 4
        let totalLength = Int(bytes.word(at: 2))
        guard headerLength >= 20, totalLength >= headerLength + Self.fixedPart, totalLength <= bytes.count else {
            throw .truncated
        }
        // More fragments, or a fragment offset: the kernel puts packets together before a raw socket sees them.
        guard bytes.word(at: 6) & 0x3FFF == 0 else { throw .notVRRP }
        source = IPAddress(bytes.ipv4Address(at: 12))
        destination = IPAddress(bytes.ipv4Address(at: 16))
        timeToLive = bytes[8]
        identification = bytes.word(at: 4)
        start = headerLength
        end = totalLength
        version = bytes[start] >> 4
        type = bytes[start] & 0xF
        virtualRouterID = bytes[start + 1]
        priority = bytes[start + 2]
        addressCount = Int(bytes[start + 3])
    }
}

extension ReceivedPacket {
    /// By which it came. The addresses that it names are of the same family (RFC 9568, section 5.2.9).
    package var family: IPFamily { source.family }

    /// The addresses that the packet names, as far as they are there; nothing about it has been checked.
    package func addresses(in bytes: borrowing Span<UInt8>) -> [IPAddress] {
        var result: [IPAddress] = []
        let size = family.addressSize
        while result.count < addressCount, place(of: result.count) + size <= min(end, bytes.count) {
            result.append(address(result.count, in: bytes))
        }
        return result
    }

    /// Where an address begins, in bytes.
    private func place(of index: Int) -> Int { start + Self.fixedPart + family.addressSize * index }

    /// One of the addresses. The caller has checked that it is there.
    func address(_ index: Int, in bytes: borrowing Span<UInt8>) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(bytes.ipv4Address(at: place(of: index)))
        case .ipv6: IPAddress(bytes.ipv6Address(at: place(of: index)))
        }
    }
}

extension ReceivedPacket {
    /// A number by which an advertisement is recognised: its source and its VRRP message but for the checksum, which in version 3
    /// depends on the destination.
    package func identity(in bytes: borrowing Span<UInt8>) -> UInt64 {
        var hash = StableHash()
        hash.add(source)
        for place in start..<min(end, bytes.count) where place != start + 6 && place != start + 7 {
            hash.add(octet: bytes[place])
        }
        return hash.value
    }
}

extension Span<UInt8> {
    /// Two octets in network order. The caller has checked the bounds; the subscript checks them again.
    func word(at index: Int) -> UInt16 {
        UInt16(self[index]) << 8 | UInt16(self[index + 1])
    }

    func ipv4Address(at index: Int) -> IPv4Address {
        IPv4Address(self[index], self[index + 1], self[index + 2], self[index + 3])
    }

    func ipv6Address(at index: Int) -> IPv6Address {
        IPv6Address(high: number(at: index), low: number(at: index + 8))
    }

    /// Eight octets in network order.
    private func number(at index: Int) -> UInt64 {
        var value: UInt64 = 0
        for offset in 0..<8 { value = value << 8 | UInt64(self[index + offset]) }
        return value
    }
}
