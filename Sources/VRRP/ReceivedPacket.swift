package import Addressing

/// A received packet in which the fields up to VRRP's fixed header have been found, and nothing more judged. Its layout is IPv4's.
package struct ReceivedPacket: Hashable, Sendable {
    package let source: IPAddress
    package let destination: IPAddress
    package let timeToLive: UInt8
    /// The identification in the IP header.
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

    /// Finds the fields in a packet as a raw socket delivers it, IP header first.
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
    /// The addresses that the packet names, as far as they are there; nothing about it has been checked.
    package func addresses(in bytes: borrowing Span<UInt8>) -> [IPAddress] {
        var result: [IPAddress] = []
        var place = start + Self.fixedPart
        while result.count < addressCount, place + 4 <= min(end, bytes.count) {
            result.append(IPAddress(bytes.ipv4Address(at: place)))
            place += 4
        }
        return result
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
}
