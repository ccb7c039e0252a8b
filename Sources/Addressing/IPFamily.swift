/// The two families of IP addresses. A virtual router belongs to one of them (RFC 9568, section 1).
package enum IPFamily: UInt8, Hashable, Comparable, Sendable, CaseIterable, CustomStringConvertible {
    case ipv4 = 4
    case ipv6 = 6

    /// IPv4 comes first.
    package static func < (left: IPFamily, right: IPFamily) -> Bool { left.rawValue < right.rawValue }

    /// How many octets an address has on the wire: 4 or 16.
    package var addressSize: Int { self == .ipv4 ? 4 : 16 }

    package var description: String { self == .ipv4 ? "IPv4" : "IPv6" }
}
