package import Addressing

/// The kernel's links and IPv4 addresses, as its dumps and events have told them. The one truth about who has what.
package struct KernelTable: Hashable, Sendable {
    private var links: [InterfaceIndex: Link] = [:]
    private var indexByName: [String: InterfaceIndex] = [:]
    private var addresses: [AddressKey: InterfaceAddress] = [:]
    /// The prefixes of an interface in the kernel's order.
    private var order: [InterfaceIndex: [IPv4Prefix]] = [:]
    /// On how many interfaces, and with how many prefix lengths, this host has an address.
    private var copies: [IPv4Address: Int] = [:]

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

    package func address(_ key: AddressKey) -> InterfaceAddress? { addresses[key] }

    /// The addresses of an interface, in the kernel's order.
    package func addresses(on interface: InterfaceIndex) -> [InterfaceAddress] {
        (order[interface] ?? []).compactMap { addresses[AddressKey(interface: interface, prefix: $0)] }
    }

    /// Whether an address of an interface is as wanted; the first ones are asked first.
    func containsAddress(on interface: InterfaceIndex, where isWanted: (InterfaceAddress) -> Bool) -> Bool {
        (order[interface] ?? []).contains { prefix in
            addresses[AddressKey(interface: interface, prefix: prefix)].map(isWanted) ?? false
        }
    }

    package var allAddresses: some Collection<InterfaceAddress> { addresses.values }
    package var allLinks: some Collection<Link> { links.values }

    /// Whether any interface of this host has the address.
    package func isLocal(_ address: IPv4Address) -> Bool { copies[address] != nil }

    /// Whether the removal of this address would, without promote_secondaries, take others along.
    package func hasSecondaries(_ key: AddressKey) -> Bool {
        guard let address = addresses[key], !address.isSecondary else { return false }
        return (order[key.interface] ?? []).contains { other in
            other != key.prefix && other.sharesNetwork(with: key.prefix)
                && addresses[AddressKey(interface: key.interface, prefix: other)]?.isSecondary == true
        }
    }

    // MARK: - Changes

    package mutating func insert(_ link: Link) {
        if let old = links[link.index], old.name != link.name, indexByName[old.name] == link.index {
            indexByName[old.name] = nil
        }
        links[link.index] = link
        indexByName[link.name] = link.index
    }

    /// Removes the link with its addresses: the kernel does not always tell of each of them.
    package mutating func remove(link index: InterfaceIndex) {
        if let link = links.removeValue(forKey: index), indexByName[link.name] == index {
            indexByName[link.name] = nil
        }
        for prefix in order[index] ?? [] {
            forget(AddressKey(interface: index, prefix: prefix))
        }
        order[index] = nil
    }

    package mutating func insert(_ address: InterfaceAddress) {
        if addresses.updateValue(address, forKey: address.key) == nil {
            order[address.key.interface, default: []].append(address.key.prefix)
            copies[address.key.address, default: 0] += 1
        }
    }

    package mutating func remove(_ key: AddressKey) {
        guard forget(key) else { return }
        order[key.interface]?.removeAll { $0 == key.prefix }
    }

    @discardableResult
    private mutating func forget(_ key: AddressKey) -> Bool {
        guard addresses.removeValue(forKey: key) != nil else { return false }
        let left = (copies[key.address] ?? 1) - 1
        copies[key.address] = left > 0 ? left : nil
        return true
    }
}
