package import Addressing

/// The kernel's links and addresses, as its dumps and events have told them. The one truth about who has what.
///
/// Every question is answered from an index: an interface may have thousands of addresses, and all of them may go at once.
package struct KernelTable: Hashable, Sendable {
    /// An address, and when it was first told of: the kernel's order of an interface.
    private struct Entry: Hashable, Sendable {
        let rank: UInt64
        /// All of the address but its key, under which it is kept.
        private let isSecondary: Bool
        private let hasFiniteLifetime: Bool
        private let scope: UInt8
        private let origin: UInt8
        private let createdAt: UInt32
        private let label: String?
        private let broadcast: IPv4Address?
        private let detection: DuplicateDetection
        private let isDeprecated: Bool
        private let addsNetworkRoute: Bool

        init(_ address: InterfaceAddress, rank: UInt64) {
            self.rank = rank
            isSecondary = address.isSecondary
            hasFiniteLifetime = address.hasFiniteLifetime
            scope = address.scope
            origin = address.origin
            createdAt = address.createdAt
            label = address.label
            broadcast = address.broadcast
            detection = address.detection
            isDeprecated = address.isDeprecated
            addsNetworkRoute = address.addsNetworkRoute
        }

        func address(_ key: AddressKey) -> InterfaceAddress {
            var address = InterfaceAddress(
                key: key, isSecondary: isSecondary, hasFiniteLifetime: hasFiniteLifetime, scope: scope, origin: origin,
                createdAt: createdAt, label: label, broadcast: broadcast)
            address.detection = detection
            address.isDeprecated = isDeprecated
            address.addsNetworkRoute = addsNetworkRoute
            return address
        }

        /// Whether the host answers for it, and may speak from it.
        var isInUse: Bool { detection == .done }
    }

    /// Where an address is. Nearly always in one place: a set of one would take more than the address itself.
    private enum Copies: Hashable {
        case one(AddressKey)
        case several(Set<AddressKey>)

        var all: Set<AddressKey> {
            switch self {
            case .one(let key): [key]
            case .several(let keys): keys
            }
        }

        /// `nil` for none.
        init?(_ keys: Set<AddressKey>) {
            guard let first = keys.first else { return nil }
            self = keys.count == 1 ? .one(first) : .several(keys)
        }
    }

    private var links: [InterfaceIndex: Link] = [:]
    private var indexByName: [String: InterfaceIndex] = [:]
    /// How many links have a hardware address.
    private var hardwareAddresses: [MACAddress: Int] = [:]
    /// Those that this program has made, in this run or an earlier one, with the interfaces on top of which they lie.
    private var macvlans: [InterfaceIndex: InterfaceIndex] = [:]
    private var addresses: [AddressKey: Entry] = [:]
    private var byInterface: [InterfaceIndex: Set<IPPrefix>] = [:]
    private var byAddress: [IPAddress: Copies] = [:]
    /// How many secondaries an interface has in a network: they go with their primary.
    private var secondaries: [AddressKey: Int] = [:]
    /// Of those few that have one.
    private var peers: [AddressKey: IPAddress] = [:]
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

    /// Whether a link of this host has the hardware address. A virtual router's is that of its master, whichever host that is.
    func isLocal(_ hardwareAddress: MACAddress) -> Bool { hardwareAddresses[hardwareAddress] != nil }

    /// Whether a link is a macvlan of this program.
    func isOwnMacvlan(_ index: InterfaceIndex) -> Bool { macvlans[index] != nil }

    /// The interface on top of which a macvlan of this program lies; any other interface is its own.
    func parent(of index: InterfaceIndex) -> InterfaceIndex { macvlans[index] ?? index }

    /// All of this program's, in order.
    var ownMacvlans: [InterfaceIndex] { macvlans.isEmpty ? [] : macvlans.keys.sorted() }

    func ownMacvlans(on parent: InterfaceIndex) -> [InterfaceIndex] {
        macvlans.isEmpty ? [] : macvlans.lazy.filter { $0.value == parent }.map(\.key).sorted()
    }

    /// Whether an address answers: on a macvlan that is off none does.
    func isSwitchedOff(_ index: InterfaceIndex) -> Bool {
        macvlans[index] != nil && links[index]?.isAdministrativelyUp != true
    }

    package func address(_ key: AddressKey) -> InterfaceAddress? { addresses[key].map { whole($0, key) } }

    private func whole(_ entry: Entry, _ key: AddressKey) -> InterfaceAddress {
        var address = entry.address(key)
        if !peers.isEmpty { address.peer = peers[key] }
        return address
    }

    func contains(_ key: AddressKey) -> Bool { addresses[key] != nil }

    /// Whether it is there and the host answers for it: of IPv6 none that is tentative or has failed detection.
    func isInUse(_ key: AddressKey) -> Bool { addresses[key]?.isInUse ?? false }

    /// The addresses of an interface, in the kernel's order.
    package func addresses(on interface: InterfaceIndex) -> [InterfaceAddress] {
        inOrder((byInterface[interface] ?? []).map { AddressKey(interface: interface, prefix: $0) })
    }

    /// Those of some addresses that are there, in the kernel's order.
    func inOrder(_ keys: [AddressKey]) -> [InterfaceAddress] {
        keys.compactMap { key in addresses[key].map { (key, $0) } }.sorted { $0.1.rank < $1.1.rank }
            .map { whole($1, $0) }
    }

    /// All copies of an address, on whatever interfaces; in no order.
    func copies(of address: IPAddress) -> Set<AddressKey> { byAddress[address]?.all ?? [] }

    package var allAddresses: some Collection<InterfaceAddress> { addresses.lazy.map { self.whole($1, $0) } }
    package var allLinks: some Collection<Link> { links.values }

    /// Whether any interface of this host has the address.
    package func isLocal(_ address: IPAddress) -> Bool { byAddress[address] != nil }

    /// Whether this host answers for the address on any interface.
    func isInUse(_ address: IPAddress) -> Bool {
        switch byAddress[address] {
        case .one(let key): isInUse(key)
        case .several(let keys): keys.contains { isInUse($0) }
        case nil: false
        }
    }

    /// Whether the removal of this address would, without promote_secondaries, take others along.
    package func hasSecondaries(_ key: AddressKey) -> Bool {
        guard let address = address(key), !address.isSecondary else { return false }
        return secondaries[Self.network(of: key)] != nil
    }

    private static func network(of key: AddressKey) -> AddressKey {
        AddressKey(interface: key.interface, prefix: key.prefix.networkPrefix)
    }

    // MARK: - Changes

    package mutating func insert(_ link: Link) {
        if let old = links[link.index] {
            if old.name != link.name, indexByName[old.name] == link.index { indexByName[old.name] = nil }
            count(old, by: -1)
        }
        links[link.index] = link
        indexByName[link.name] = link.index
        macvlans[link.index] = link.mark?.parent
        count(link, by: 1)
    }

    /// The kernel has carried out a change of links. Of one that is off it tells nothing.
    mutating func note(_ order: LinkOrder) {
        switch order {
        case .make(let macvlan):
            guard var link = link(named: macvlan.name) else { return }
            link.alias = macvlan.mark.text
            link.isMacvlan = true
            link.isPrivate = true
            insert(link)
        case .set(let settings, let index): note(settings, of: index)
        case .delete, .deleteAll: for mark in order.deletion.restoring { note(mark.lent, of: mark.parent) }
        case .setPromotion(let isOn, let index):
            guard var link = links[index] else { return }
            link.promotesSecondaries = isOn
            insert(link)
        case .setMTU(let bytes, let index):
            guard var link = links[index] else { return }
            link.mtu = bytes
            insert(link)
        case .switchOn, .switchOff: break
        }
    }

    private mutating func note(_ settings: ARPSettings, of index: InterfaceIndex) {
        guard var link = links[index] else { return }
        link.arp.ignore = settings.ignore ?? link.arp.ignore
        link.arp.announce = settings.announce ?? link.arp.announce
        insert(link)
    }

    /// Removes the link with its addresses: the kernel does not always tell of each of them.
    package mutating func remove(link index: InterfaceIndex) {
        if let link = links.removeValue(forKey: index) {
            if indexByName[link.name] == index { indexByName[link.name] = nil }
            count(link, by: -1)
            macvlans[index] = nil
        }
        for prefix in byInterface[index] ?? [] { remove(AddressKey(interface: index, prefix: prefix)) }
    }

    private mutating func count(_ link: Link, by step: Int) {
        guard let hardwareAddress = link.hardwareAddress, link.mark == nil else { return }
        let left = (hardwareAddresses[hardwareAddress] ?? 0) + step
        hardwareAddresses[hardwareAddress] = left > 0 ? left : nil
    }

    package mutating func insert(_ address: InterfaceAddress) {
        let key = address.key
        if let old = addresses[key] {
            noteSecondary(old.address(key), by: -1)
            addresses[key] = Entry(address, rank: old.rank)
        } else {
            lastRank &+= 1
            addresses[key] = Entry(address, rank: lastRank)
            byInterface[key.interface, default: []].insert(key.prefix)
            byAddress[key.address] = byAddress[key.address].map { .several($0.all.union([key])) } ?? .one(key)
        }
        if peers[key] != address.peer { peers[key] = address.peer }
        noteSecondary(address, by: 1)
    }

    package mutating func remove(_ key: AddressKey) {
        peers[key] = nil
        guard let entry = addresses.removeValue(forKey: key) else { return }
        noteSecondary(entry.address(key), by: -1)
        byInterface[key.interface]?.remove(key.prefix)
        if byInterface[key.interface]?.isEmpty == true { byInterface[key.interface] = nil }
        byAddress[key.address] = Copies(copies(of: key.address).subtracting([key]))
    }

    private mutating func noteSecondary(_ address: InterfaceAddress, by step: Int) {
        guard address.isSecondary else { return }
        let network = Self.network(of: address.key)
        let left = (secondaries[network] ?? 0) + step
        secondaries[network] = left > 0 ? left : nil
    }
}
