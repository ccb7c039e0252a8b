/// An IPv4 address, kept as the number that its four octets form in network order.
///
/// Comparison is numeric, as VRRP's tie-break between equal priorities wants it (RFC 3768, section 6.4.3).
package struct IPv4Address: Hashable, Comparable, Sendable {
    /// The address as a number: 192.0.2.1 is `0xC000_0201`.
    package let rawValue: UInt32

    /// 0.0.0.0, which stands for "no address".
    package static let unspecified = IPv4Address(rawValue: 0)

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        rawValue = UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth)
    }

    /// Reads four decimal octets. Leading zeros, signs and short forms are refused: other programs read them differently.
    package init?(_ text: some StringProtocol) {
        var value: UInt32 = 0
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        for part in parts {
            guard let octet = decimal(part, atMost: 255) else { return nil }
            value = value << 8 | UInt32(octet)
        }
        rawValue = value
    }

    package static func < (left: IPv4Address, right: IPv4Address) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The four octets in network order.
    package var octets: (UInt8, UInt8, UInt8, UInt8) {
        (
            UInt8(truncatingIfNeeded: rawValue >> 24), UInt8(truncatingIfNeeded: rawValue >> 16),
            UInt8(truncatingIfNeeded: rawValue >> 8), UInt8(truncatingIfNeeded: rawValue)
        )
    }

    /// In 224.0.0.0/4.
    package var isMulticast: Bool { rawValue >> 28 == 0xE }
    /// In 127.0.0.0/8.
    package var isLoopback: Bool { rawValue >> 24 == 127 }

    /// An address that one host can have and others can reach: not 0/8, loopback, multicast, reserved or broadcast.
    package var isUnicast: Bool {
        rawValue >> 24 != 0 && !isLoopback && rawValue >> 28 < 0xE
    }
}

extension IPv4Address: CustomStringConvertible {
    package var description: String {
        let (first, second, third, fourth) = octets
        return "\(first).\(second).\(third).\(fourth)"
    }
}

/// A decimal number without sign, blank or leading zero, `nil` if it is none or exceeds `limit`.
func decimal(_ digits: some Collection<UInt8>, atMost limit: Int) -> Int? {
    guard !digits.isEmpty, digits.count <= 9, digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
    var value = 0
    for digit in digits {
        guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
        value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value <= limit ? value : nil
}
