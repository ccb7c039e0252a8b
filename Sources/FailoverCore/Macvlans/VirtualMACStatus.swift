package import Addressing
import Configuration

/// The hardware address that a virtual router has for itself, as the kernel's table has it now.
package struct VirtualMACStatus: Hashable, Sendable {
    /// The macvlan's name.
    package var interface: String
    package var hardwareAddress: MACAddress
    /// The macvlan is there, and on.
    package var isOn: Bool
}

extension Core {
    func virtualMACStatus(of id: RouterID) -> VirtualMACStatus? {
        instances[id].macvlan.map {
            VirtualMACStatus(
                interface: $0.wanted.interface, hardwareAddress: $0.wanted.hardwareAddress, isOn: isMacvlanReady(id))
        }
    }
}
