/// An Ethernet hardware address.
package struct MACAddress: Hashable, Sendable {
    /// The six octets in the low 48 bits, the first one highest.
    package let rawValue: UInt64

    /// ff:ff:ff:ff:ff:ff
    package static let broadcast = MACAddress(rawValue: 0xFFFF_FFFF_FFFF)

    package init(rawValue: UInt64) {
        self.rawValue = rawValue & 0xFFFF_FFFF_FFFF
    }

    /// - Parameter octets: exactly six, else `nil`.
    package init?(octets: some Collection<UInt8>) {
        guard octets.count == 6 else { return nil }
        rawValue = octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Where frames for a group of IPv6 go: 33:33 and the group's last 32 bits (RFC 2464, section 7).
    package init(group: IPv6Address) {
        self.init(rawValue: 0x3333 << 32 | group.low & 0xFFFF_FFFF)
    }

    /// 00:00:5e:00:01:xx and 00:00:5e:00:02:xx, the addresses of virtual routers for IPv4 and IPv6 (RFC 9568, section 7.3).
    package var isVirtualRouter: Bool { rawValue >> 8 == 0x00_005E_0001 || rawValue >> 8 == 0x00_005E_0002 }

    package var octets: [UInt8] {
        (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> (8 * (5 - $0))) }
    }
}

extension MACAddress: CustomStringConvertible {
    package var description: String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}
