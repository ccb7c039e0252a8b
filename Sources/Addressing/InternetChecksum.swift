/// The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16 bit words.
package struct InternetChecksum: Sendable {
    private var sum: UInt64 = 0
    private var oddByte: UInt8?

    package init() {}

    /// Adds bytes; several calls count as one run of bytes, whatever their lengths.
    package mutating func add(_ bytes: borrowing Span<UInt8>) {
        var index = 0
        if let first = oddByte, !bytes.isEmpty {
            sum += UInt64(first) << 8 | UInt64(bytes[0])
            oddByte = nil
            index = 1
        }
        while index + 1 < bytes.count {
            sum += UInt64(bytes[index]) << 8 | UInt64(bytes[index + 1])
            index += 2
        }
        if index < bytes.count {
            oddByte = bytes[index]
        }
    }

    /// Adds a 16 bit word. Call it only between runs of an even number of bytes.
    package mutating func add(word: UInt16) {
        sum += UInt64(word)
    }

    /// Adds an IPv4 address as two words, as the pseudo-header of VRRPv3 has it.
    package mutating func add(_ address: IPv4Address) {
        sum += UInt64(address.rawValue >> 16) + UInt64(address.rawValue & 0xFFFF)
    }

    /// Adds an IPv6 address as eight words, as every pseudo-header of IPv6 has it (RFC 8200, section 8.1).
    package mutating func add(_ address: IPv6Address) {
        for half in [address.high, address.low] {
            sum += (half >> 48) + (half >> 32 & 0xFFFF) + (half >> 16 & 0xFFFF) + (half & 0xFFFF)
        }
    }

    /// Adds IPv6's pseudo-header (RFC 8200, section 8.1).
    /// - Parameters:
    ///   - length: of what follows, in bytes.
    ///   - protocolNumber: of what follows.
    package mutating func addPseudoHeader(
        from source: IPv6Address, to destination: IPv6Address, length: Int, protocolNumber: UInt8
    ) {
        add(source)
        add(destination)
        sum += UInt64(UInt32(clamping: length) >> 16) + UInt64(UInt32(clamping: length) & 0xFFFF)
        sum += UInt64(protocolNumber)
    }

    /// The checksum to send. Over bytes that already hold a right checksum it is 0.
    package var value: UInt16 {
        var folded = sum
        if let last = oddByte {
            folded += UInt64(last) << 8
        }
        while folded > 0xFFFF {
            folded = (folded & 0xFFFF) + (folded >> 16)
        }
        return ~UInt16(truncatingIfNeeded: folded)
    }
}
