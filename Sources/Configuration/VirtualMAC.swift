package import Addressing

/// `use_vmac`: the virtual router has a hardware address of its own (RFC 9568, section 7.3), on a macvlan that this program makes.
package struct VirtualMAC: Hashable, Sendable {
    /// The macvlan's name.
    package var interface: String
    package var hardwareAddress: MACAddress
    /// `vmac_xmit_base`: advertisements leave from the parent, with its hardware address. By unicast they always do.
    package var sendsFromParent = false

    package init(interface: String, hardwareAddress: MACAddress) {
        self.interface = interface
        self.hardwareAddress = hardwareAddress
    }
}

extension InstanceConfiguration {
    /// Where an address is put that names no `dev`: the macvlan has those of the virtual router's family.
    package func home(of family: IPFamily) -> String {
        family == self.family ? virtualMAC?.interface ?? interface : interface
    }

    /// The interface whose network an interface of this instance is on: for its macvlan the parent.
    package func wire(of name: String) -> String { name == virtualMAC?.interface ? interface : name }
}

extension InstanceConfiguration {
    /// Whether the kernel has to take IPv6 addresses on its macvlan.
    package var needsIPv6OnMacvlan: Bool { virtualMAC != nil && family == .ipv6 }
}
