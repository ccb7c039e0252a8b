/// An address of either family with the length of its network's prefix, as interfaces carry it: `192.0.2.1/24`, `2001:db8::1/64`.
package struct IPPrefix: Hashable, Sendable {
    /// The address itself, host bits included.
    package let address: IPAddress
    /// How many leading bits name the network: 0 to 32, or to 128.
    package let length: UInt8

    /// - Parameter length: at most as many bits as the address has; `nil` is returned for more.
    package init?(address: IPAddress, length: Int) {
        guard (0...address.bitWidth).contains(length) else { return nil }
        self.address = address
        self.length = UInt8(length)
    }

    /// A single host: `/32` or `/128`.
    package init(host address: IPAddress) {
        self.address = address
        length = UInt8(address.bitWidth)
    }

    package init(_ prefix: IPv4Prefix) {
        address = IPAddress(prefix.address)
        length = prefix.length
    }

    /// The prefix, where its address is an IPv4 one.
    package var ipv4: IPv4Prefix? { address.ipv4.flatMap { IPv4Prefix(address: $0, length: Int(length)) } }

    /// Reads `ADDRESS/LENGTH`.
    package init?(_ text: some StringProtocol) {
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")), let address = IPAddress(text[..<slash]),
            let length = decimal(text.utf8[text.utf8.index(after: slash)...], atMost: address.bitWidth)
        else { return nil }
        self.init(address: address, length: length)
    }

    /// Reads an IPv4 address and its length, and nothing else.
    package init?(ipv4 text: some StringProtocol) {
        guard let prefix = IPv4Prefix(text) else { return nil }
        self.init(prefix)
    }

    /// The first address of the network.
    package var network: IPAddress { address.network(length: Int(length)) }

    /// The network itself: without the host bits.
    package var networkPrefix: IPPrefix { IPPrefix(network: network, length: length) }

    private init(network: IPAddress, length: UInt8) {
        address = network
        self.length = length
    }

    /// Whether another address is one of this network, of the same family.
    package func contains(_ other: IPAddress) -> Bool {
        other.isIPv4 == address.isIPv4 && other.network(length: Int(length)) == network
    }

    /// Same network, same length: the case in which the kernel makes the later address a secondary of the earlier one.
    package func sharesNetwork(with other: IPPrefix) -> Bool {
        length == other.length && other.address.isIPv4 == address.isIPv4 && network == other.network
    }
}

extension IPPrefix: CustomStringConvertible {
    package var description: String { "\(address)/\(length)" }
}
