/// An IPv6 address, kept as the number that its sixteen octets form in network order.
package struct IPv6Address: Hashable, Comparable, Sendable {
    /// The first and the last eight octets as numbers: 2001:db8::1 is `0x2001_0DB8_0000_0000` and `1`.
    package let high: UInt64
    package let low: UInt64

    /// ::, which stands for "no address".
    package static let unspecified = IPv6Address(high: 0, low: 0)

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Comparison is numeric.
    package static func < (left: IPv6Address, right: IPv6Address) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// In ff00::/8.
    package var isMulticast: Bool { high >> 56 == 0xFF }
    /// ::1
    package var isLoopback: Bool { high == 0 && low == 1 }
    /// In fe80::/10: an address that counts on one link only.
    package var isLinkLocal: Bool { high >> 54 == 0x3FA }

    /// An address that one host can have and others can reach: not the unspecified one, loopback, multicast, or one that stands for an
    /// IPv4 address.
    package var isUnicast: Bool {
        !isMulticast && !isLoopback && self != .unspecified && mappedIPv4 == nil
    }

    /// The IPv4 address that an IPv4-mapped address stands for: ::ffff:0:0/96 (RFC 4291, section 2.5.5.2).
    package var mappedIPv4: IPv4Address? {
        high == 0 && low >> 32 == 0xFFFF ? IPv4Address(rawValue: UInt32(truncatingIfNeeded: low)) : nil
    }

    /// The sixteen octets in network order.
    package var octets: [UInt8] {
        [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) } }
    }

    /// - Parameter octets: exactly sixteen in network order, else `nil`.
    package init?(octets: some Collection<UInt8>) {
        guard octets.count == 16 else { return nil }
        high = octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = octets.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// ff02::1, all hosts of a link (RFC 4291, section 2.7.1).
    package static let allNodes = IPv6Address(high: 0xFF02 << 48, low: 1)

    /// Where neighbours ask for the address: ff02::1:ff00:0/104 and its last 24 bits (RFC 4291, section 2.7.1).
    package var solicitedNodeGroup: IPv6Address {
        IPv6Address(high: 0xFF02 << 48, low: 0x1_FF00_0000 | (low & 0xFF_FFFF))
    }

    /// The eight groups of 16 bits, first to last.
    private var groups: [UInt16] {
        [high, low].flatMap { half in [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> $0) } }
    }
}

// MARK: - Text

extension IPv6Address {
    /// Reads the forms of RFC 4291, section 2.2: groups of one to four hexadecimal digits, `::` once for one or more groups of zeros,
    /// an IPv4 address in the place of the last two groups. A zone (`%eth0`), a prefix length and blanks are no part of an address.
    package init?(_ text: some StringProtocol) {
        let parts = Array(text.utf8).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (3...9).contains(parts.count) else { return nil }
        var before: [UInt16] = []
        // What follows the `::`, once there was one.
        var after: [UInt16]?
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            if part.isEmpty {
                // Between two colons; at an end it is half of a `::` there, and the other half is its neighbour.
                if index == 0 {
                    guard parts[1].isEmpty else { return nil }
                } else if isLast {
                    guard parts[index - 1].isEmpty else { return nil }
                } else {
                    guard after == nil else { return nil }
                    after = []
                }
            } else {
                guard let groups = Self.groups(part, mayBeIPv4: isLast) else { return nil }
                if after == nil { before += groups } else { after? += groups }
            }
        }
        let rest = after ?? []
        let missing = 8 - before.count - rest.count
        guard after == nil ? missing == 0 : missing >= 1 else { return nil }
        let all = before + Array(repeating: 0, count: missing) + rest
        high = all[..<4].reduce(0) { $0 << 16 | UInt64($1) }
        low = all[4...].reduce(0) { $0 << 16 | UInt64($1) }
    }

    /// What stands between two colons: one group, or at the end an IPv4 address, which makes two.
    private static func groups(_ part: ArraySlice<UInt8>, mayBeIPv4: Bool) -> [UInt16]? {
        if mayBeIPv4, part.contains(UInt8(ascii: ".")) {
            guard let address = IPv4Address(String(decoding: part, as: UTF8.self)) else { return nil }
            return [
                UInt16(truncatingIfNeeded: address.rawValue >> 16), UInt16(truncatingIfNeeded: address.rawValue),
            ]
        }
        guard part.count <= 4 else { return nil }
        var value: UInt16 = 0
        for digit in part {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(digit - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(digit - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return [value]
    }
}

extension IPv6Address: CustomStringConvertible {
    /// The one form that RFC 5952 recommends: small letters, no leading zeros, the longest run of two or more groups of zeros (the first
    /// of several) as `::`, and an IPv4-mapped address with its IPv4 address.
    package var description: String {
        if let mappedIPv4 { return "::ffff:\(mappedIPv4)" }
        let groups = groups
        var longest = 0..<0
        var index = 0
        while index < groups.count {
            let end = groups[index...].firstIndex { $0 != 0 } ?? groups.count
            if end - index > max(longest.count, 1) { longest = index..<end }
            index = max(end, index + 1)
        }
        func text(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !longest.isEmpty else { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }
}
