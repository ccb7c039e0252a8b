package import Addressing

/// The kernel's links and IPv4 addresses, as its dumps and events have told them. The one truth about who has what.
///
/// Every question is answered from an index: an interface may have thousands of addresses, and all of them may go at once.
package struct KernelTable: Hashable, Sendable {
    /// An address, and when it was first told of: the kernel's order of an interface.
    private struct Entry: Hashable, Sendable {
        var address: InterfaceAddress
        var rank: UInt64
    }

    private var links: [InterfaceIndex: Link] = [:]
    private var indexByName: [String: InterfaceIndex] = [:]
    /// How many links have a hardware address.
    private var hardwareAddresses: [MACAddress: Int] = [:]
    private var addresses: [AddressKey: Entry] = [:]
    private var byInterface: [InterfaceIndex: Set<IPPrefix>] = [:]
    private var byAddress: [IPAddress: Set<AddressKey>] = [:]
    /// How many secondaries an interface has in a network: they go with their primary.
    private var secondaries: [AddressKey: Int] = [:]
    private var lastRank: UInt64 = 0

    package init() {}

    package init(links: [Link], addresses: [InterfaceAddress]) {
        for link in links { insert(link) }
        for address in addresses { insert(address) }
    }

    // MARK: - Questions

    package func link(_ index: InterfaceIndex) -> Link? { links[index] }

    package func link(named name: String) -> Link? {
        indexByName[name].flatMap { links[$0] }
    }

    /// Whether a link of this host has the hardware address.
    func isLocal(_ hardwareAddress: MACAddress) -> Bool { hardwareAddresses[hardwareAddress] != nil }

    package func address(_ key: AddressKey) -> InterfaceAddress? { addresses[key]?.address }

    func contains(_ key: AddressKey) -> Bool { addresses[key] != nil }

    /// The addresses of an interface, in the kernel's order.
    package func addresses(on interface: InterfaceIndex) -> [InterfaceAddress] {
        inOrder((byInterface[interface] ?? []).map { AddressKey(interface: interface, prefix: $0) })
    }

    /// Those of some addresses that are there, in the kernel's order.
    func inOrder(_ keys: [AddressKey]) -> [InterfaceAddress] {
        keys.compactMap { addresses[$0] }.sorted { $0.rank < $1.rank }.map(\.address)
    }

    /// All copies of an address, on whatever interfaces; in no order.
    func copies(of address: IPAddress) -> Set<AddressKey> { byAddress[address] ?? [] }

    package var allAddresses: some Collection<InterfaceAddress> { addresses.values.lazy.map(\.address) }
    package var allLinks: some Collection<Link> { links.values }

    /// Whether any interface of this host has the address.
    package func isLocal(_ address: IPAddress) -> Bool { byAddress[address] != nil }

    /// Whether the removal of this address would, without promote_secondaries, take others along.
    package func hasSecondaries(_ key: AddressKey) -> Bool {
        guard let entry = addresses[key], !entry.address.isSecondary else { return false }
        return secondaries[Self.network(of: key)] != nil
    }

    private static func network(of key: AddressKey) -> AddressKey {
        AddressKey(interface: key.interface, prefix: key.prefix.networkPrefix)
    }

    // MARK: - Changes

    package mutating func insert(_ link: Link) {
        if let old = links[link.index] {
            if old.name != link.name, indexByName[old.name] == link.index { indexByName[old.name] = nil }
            count(old.hardwareAddress, by: -1)
        }
        links[link.index] = link
        indexByName[link.name] = link.index
        count(link.hardwareAddress, by: 1)
    }

    /// Removes the link with its addresses: the kernel does not always tell of each of them.
    package mutating func remove(link index: InterfaceIndex) {
        if let link = links.removeValue(forKey: index) {
            if indexByName[link.name] == index { indexByName[link.name] = nil }
            count(link.hardwareAddress, by: -1)
        }
        for prefix in byInterface[index] ?? [] { remove(AddressKey(interface: index, prefix: prefix)) }
    }

    private mutating func count(_ hardwareAddress: MACAddress?, by step: Int) {
        guard let hardwareAddress else { return }
        let left = (hardwareAddresses[hardwareAddress] ?? 0) + step
        hardwareAddresses[hardwareAddress] = left > 0 ? left : nil
    }

    package mutating func insert(_ address: InterfaceAddress) {
        let key = address.key
        if let old = addresses[key] {
            noteSecondary(old.address, by: -1)
            addresses[key]?.address = address
        } else {
            lastRank &+= 1
            addresses[key] = Entry(address: address, rank: lastRank)
            byInterface[key.interface, default: []].insert(key.prefix)
            byAddress[key.address, default: []].insert(key)
        }
        noteSecondary(address, by: 1)
    }

    package mutating func remove(_ key: AddressKey) {
        guard let entry = addresses.removeValue(forKey: key) else { return }
        noteSecondary(entry.address, by: -1)
        byInterface[key.interface]?.remove(key.prefix)
        if byInterface[key.interface]?.isEmpty == true { byInterface[key.interface] = nil }
        byAddress[key.address]?.remove(key)
        if byAddress[key.address]?.isEmpty == true { byAddress[key.address] = nil }
    }

    private mutating func noteSecondary(_ address: InterfaceAddress, by step: Int) {
        guard address.isSecondary else { return }
        let network = Self.network(of: address.key)
        let left = (secondaries[network] ?? 0) + step
        secondaries[network] = left > 0 ? left : nil
    }
}
