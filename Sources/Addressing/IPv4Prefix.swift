/// An IPv4 address with the length of its network's prefix, as interfaces carry it: `192.0.2.1/24`.
package struct IPv4Prefix: Hashable, Sendable {
    /// The address itself, host bits included.
    package let address: IPv4Address
    /// How many leading bits name the network: 0 to 32.
    package let length: UInt8

    /// - Parameter length: 0 to 32; `nil` is returned for more.
    package init?(address: IPv4Address, length: Int) {
        guard (0...32).contains(length) else { return nil }
        self.address = address
        self.length = UInt8(length)
    }

    /// A single host: `/32`.
    package init(host address: IPv4Address) {
        self.address = address
        length = 32
    }

    /// Reads `ADDRESS/LENGTH`.
    package init?(_ text: some StringProtocol) {
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")),
            let address = IPv4Address(text[..<slash]),
            let length = decimal(text.utf8[text.utf8.index(after: slash)...], atMost: 32)
        else { return nil }
        self.init(address: address, length: length)
    }

    /// Ones where the network's bits are.
    package var mask: UInt32 { length == 0 ? 0 : UInt32.max << (32 - UInt32(length)) }

    /// The first address of the network.
    package var network: IPv4Address { IPv4Address(rawValue: address.rawValue & mask) }

    /// The network itself: without the host bits.
    package var networkPrefix: IPv4Prefix { IPv4Prefix(network: network, length: length) }

    private init(network: IPv4Address, length: UInt8) {
        address = network
        self.length = length
    }

    /// The last address of the network.
    package var broadcast: IPv4Address { IPv4Address(rawValue: address.rawValue | ~mask) }

    package func contains(_ other: IPv4Address) -> Bool {
        other.rawValue & mask == network.rawValue
    }

    /// Same network, same length: the case in which the kernel makes the later address a secondary of the earlier one.
    package func sharesNetwork(with other: IPv4Prefix) -> Bool {
        length == other.length && network == other.network
    }
}

extension IPv4Prefix: CustomStringConvertible {
    package var description: String { "\(address)/\(length)" }
}
