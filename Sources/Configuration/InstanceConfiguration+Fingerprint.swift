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
        hash.add(UInt64(group.rawValue) << 32 | UInt64(source?.rawValue ?? 0))
        for peer in unicast?.peers ?? [] { hash.add(UInt64(peer.address.rawValue)) }
        for address in addresses {
            hash.add(UInt64(address.prefix.address.rawValue) << 8 | UInt64(address.prefix.length))
            hash.add(address.interface)
        }
        return hash.value
    }
}
