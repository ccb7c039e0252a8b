import Addressing

extension InstanceConfiguration {
    /// A number that stays the same from run to run as long as nothing changes by which hosts elect each other. (The standard
    /// library's hash values differ in every process.)
    package var fingerprint: UInt64 {
        var hash = StableHash()
        hash.add(name)
        hash.add(interface)
        hash.add(UInt64(virtualRouterID) << 16 | UInt64(version) << 8 | UInt64(priority))
        let (seconds, attoseconds) = advertisementInterval.components
        hash.add(UInt64(bitPattern: seconds))
        hash.add(UInt64(bitPattern: attoseconds))
        hash.add(password ?? [])
        hash.add(password == nil ? 0 : 1)
        if let group = group.ipv4, source?.isIPv4 ?? true {
            hash.add(UInt64(group.rawValue) << 32 | UInt64(source?.ipv4?.rawValue ?? 0))
        } else {
            hash.add(group)
            hash.add(source ?? .unspecified)
        }
        for peer in unicast?.peers ?? [] { hash.add(peer.address) }
        for address in addresses {
            hash.add(address.prefix)
            // Another macvlan, or none, is on the same network.
            hash.add(wire(of: address.interface))
        }
        return hash.value
    }
}
