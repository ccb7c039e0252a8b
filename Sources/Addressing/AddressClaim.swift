/// Somebody on the network spoke as the owner of an address: for IPv4 the sender's half of an ARP packet (RFC 826; RFC 5227).
package struct AddressClaim: Hashable, Sendable {
    /// Where it was heard.
    package var interface: InterfaceIndex
    package var address: IPAddress
    package var hardwareAddress: MACAddress
    /// An answer to a question, not a question or an announcement.
    package var isReply: Bool

    package init(
        interface: InterfaceIndex, address: IPAddress, hardwareAddress: MACAddress, isReply: Bool = false
    ) {
        self.interface = interface
        self.address = address
        self.hardwareAddress = hardwareAddress
        self.isReply = isReply
    }
}
