/// An IP address of either family.
///
/// Sixteen octets without a tag: an IPv4 address is kept as its IPv4-mapped form (::ffff:0:0/96; RFC 4291, section 2.5.5.2), which no
/// packet carries. So one that comes as an IPv6 address is the IPv4 address that it stands for. Four numbers of 32 bits rather than two
/// of 64 leave no gap beside what is kept with an address.
package struct IPAddress: Hashable, Sendable {
    /// The address as four numbers in network order.
    private let words: (UInt32, UInt32, UInt32, UInt32)

    /// 0.0.0.0, which stands for "no address", of either family.
    package static let unspecified = IPAddress(IPv4Address.unspecified)

    /// 0.0.0.0, or ::.
    package static func unspecified(_ family: IPFamily) -> IPAddress {
        family == .ipv4 ? unspecified : IPAddress(IPv6Address.unspecified)
    }

    package init(_ address: IPv4Address) {
        words = (0, 0, 0xFFFF, address.rawValue)
    }

    package init(_ address: IPv6Address) {
        words = (
            UInt32(truncatingIfNeeded: address.high >> 32), UInt32(truncatingIfNeeded: address.high),
            UInt32(truncatingIfNeeded: address.low >> 32), UInt32(truncatingIfNeeded: address.low)
        )
    }

    /// An IPv4 address by its octets.
    package init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        self.init(IPv4Address(first, second, third, fourth))
    }

    // MARK: - Families

    package var isIPv4: Bool { (words.0 | words.1 | (words.2 ^ 0xFFFF)) == 0 }

    /// The address, where it is an IPv4 one.
    package var ipv4: IPv4Address? { isIPv4 ? IPv4Address(rawValue: words.3) : nil }

    /// The address, where it is an IPv6 one.
    package var ipv6: IPv6Address? { isIPv4 ? nil : mapped }

    /// Of either family, an IPv4 one in its mapped form.
    private var mapped: IPv6Address {
        IPv6Address(high: UInt64(words.0) << 32 | UInt64(words.1), low: UInt64(words.2) << 32 | UInt64(words.3))
    }

    package var family: IPFamily { isIPv4 ? .ipv4 : .ipv6 }

    /// Of IPv6 in fe80::/10: it counts on one link only. Never of IPv4.
    package var isLinkLocal: Bool { !isIPv4 && mapped.isLinkLocal }

    /// The four or sixteen octets in network order.
    package var octets: [UInt8] {
        guard let (first, second, third, fourth) = ipv4?.octets else { return mapped.octets }
        return [first, second, third, fourth]
    }

    /// How many bits an address of its family has: 32 or 128.
    package var bitWidth: Int { isIPv4 ? 32 : 128 }

    /// Of IPv4 in 224.0.0.0/4, of IPv6 in ff00::/8.
    package var isMulticast: Bool { ipv4?.isMulticast ?? mapped.isMulticast }
    /// Of IPv4 in 127.0.0.0/8, of IPv6 ::1.
    package var isLoopback: Bool { ipv4?.isLoopback ?? mapped.isLoopback }
    /// An address that one host can have and others can reach.
    package var isUnicast: Bool { ipv4?.isUnicast ?? mapped.isUnicast }

    /// The first address of the network that the first `length` bits name.
    func network(length: Int) -> IPAddress {
        let bits = isIPv4 ? 96 + length : length
        func masked(_ word: UInt32, _ place: Int) -> UInt32 {
            let ones = min(max(bits - 32 * place, 0), 32)
            return ones == 0 ? 0 : word & UInt32.max << (32 - UInt32(ones))
        }
        return IPAddress(words: (masked(words.0, 0), masked(words.1, 1), masked(words.2, 2), masked(words.3, 3)))
    }

    private init(words: (UInt32, UInt32, UInt32, UInt32)) {
        self.words = words
    }
}

// MARK: - Comparison

extension IPAddress: Comparable {
    package static func == (left: IPAddress, right: IPAddress) -> Bool {
        (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1) | (left.words.2 ^ right.words.2)
            | (left.words.3 ^ right.words.3) == 0
    }

    /// IPv4 comes before IPv6; within a family the comparison is numeric, as VRRP's tie-break between equal priorities wants it
    /// (RFC 9568, section 6.4.3).
    package static func < (left: IPAddress, right: IPAddress) -> Bool {
        switch (left.isIPv4, right.isIPv4) {
        case (true, true): left.words.3 < right.words.3
        case (false, false): left.mapped < right.mapped
        case (let isFirst, _): isFirst
        }
    }

    /// An IPv4 address costs what its 32 bits cost.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.3)
        guard !isIPv4 else { return }
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
    }
}

// MARK: - Text

extension IPAddress: CustomStringConvertible {
    /// Reads what `IPv4Address` and `IPv6Address` read, but for IPv4-mapped addresses: those are written as IPv4 addresses.
    package init?(_ text: some StringProtocol) {
        if let address = IPv4Address(text) {
            self.init(address)
        } else if let address = IPv6Address(text), address.mappedIPv4 == nil {
            self.init(address)
        } else {
            return nil
        }
    }

    /// Reads an IPv4 address, and nothing else.
    package init?(ipv4 text: some StringProtocol) {
        guard let address = IPv4Address(text) else { return nil }
        self.init(address)
    }

    package var description: String { ipv4?.description ?? mapped.description }
}

extension Sequence<IPAddress> {
    /// Those of IPv4, in order.
    package var ipv4: [IPv4Address] { compactMap(\.ipv4) }
    /// Those of IPv6, in order.
    package var ipv6: [IPv6Address] { compactMap(\.ipv6) }
}

// MARK: - Numbers that outlive a process

extension StableHash {
    /// An IPv4 address as the one number that it is, an IPv6 address as two.
    package mutating func add(_ address: IPAddress) {
        if let ipv4 = address.ipv4 {
            add(UInt64(ipv4.rawValue))
        } else if let ipv6 = address.ipv6 {
            add(ipv6.high)
            add(ipv6.low)
        }
    }

    /// An IPv4 prefix as one number, an IPv6 prefix as three.
    package mutating func add(_ prefix: IPPrefix) {
        if let ipv4 = prefix.ipv4 {
            add(UInt64(ipv4.address.rawValue) << 8 | UInt64(ipv4.length))
        } else {
            add(prefix.address)
            add(UInt64(prefix.length))
        }
    }
}
