import Addressing

/// How long advertisements are. No router splits them: what the interface does not carry is not sent.
extension InstanceConfiguration {
    /// The IP header, VRRP's fixed part and, in version 2, the authentication: in bytes.
    private var fixedLength: Int { (family == .ipv4 ? 20 : 40) + 8 + (version == 2 ? 8 : 0) }

    /// The length of an advertisement with its IP header, in bytes.
    package var advertisementLength: Int { fixedLength + family.addressSize * min(advertisedAddresses.count, 255) }

    /// - Parameter mtu: the interface's, in bytes.
    /// - Returns: how many addresses an advertisement can name there, at least 0.
    package func mostAddresses(mtu: Int) -> Int { min(max((mtu - fixedLength) / family.addressSize, 0), 255) }
}
