import Addressing
import Configuration

/// Who has to be looked at when something changes: found by name, interface, source or address, never by looking at all.
struct Directory: Sendable {
    /// By interface: those that are on it, or have an address on it.
    private var byInterface: [String: [RouterID]] = [:]
    /// By source address: those that can't do without one that the configuration names.
    private var bySource: [IPAddress: [RouterID]] = [:]
    private var byAddress: [IPAddress: [AddressPlace]] = [:]
    private var byName: [String: RouterID] = [:]
    /// More than one where unicast peers tell them apart.
    private var byNumber: [RouterKey: [RouterID]] = [:]
    /// The rank of each in the configuration; none of those that it names no more.
    private var ranks: [RouterID: Int] = [:]

    // MARK: - Questions

    var interfaceNames: [String] { byInterface.keys.sorted() }

    func routers(on interface: String) -> [RouterID] { byInterface[interface] ?? [] }

    func routers(from source: IPAddress) -> [RouterID] { bySource[source] ?? [] }

    /// The places of a shared address; none of one that is not shared.
    func places(of address: IPAddress) -> [AddressPlace] { byAddress[address] ?? [] }

    func isShared(_ address: IPAddress) -> Bool { byAddress[address] != nil }

    func router(named name: String) -> RouterID? { byName[name] }

    func routers(_ key: RouterKey) -> [RouterID] { byNumber[key] ?? [] }

    func rank(of id: RouterID) -> Int? { ranks[id] }

    // MARK: - Changes

    /// Makes all of it anew.
    /// - Parameter order: the configuration's, without those that it names no more.
    init(_ instances: InstanceTable, order: [RouterID]) {
        ranks = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        for id in instances.order { add(id, instances[id]) }
    }

    init() {}

    private mutating func add(_ id: RouterID, _ instance: Instance) {
        let configuration = instance.configuration
        for name in Self.interfaces(of: configuration) { byInterface[name, default: []].append(id) }
        if let source = instance.requiredSource { bySource[source, default: []].append(id) }
        for (position, address) in configuration.addresses.enumerated() {
            byAddress[address.prefix.address, default: []].append(AddressPlace(instance: id, position: position))
        }
        if let interface = instance.interface {
            byNumber[
                RouterKey(interface: interface, virtualRouterID: configuration.virtualRouterID), default: []
            ].append(id)
        }
        if byName[instance.name] == nil { byName[instance.name] = id }
    }

    /// One that has gone.
    mutating func remove(_ id: RouterID, _ instance: Instance) {
        let configuration = instance.configuration
        for name in Self.interfaces(of: configuration) { Self.remove(from: &byInterface[name]) { $0 == id } }
        if let source = instance.requiredSource { Self.remove(from: &bySource[source]) { $0 == id } }
        for address in configuration.addresses {
            Self.remove(from: &byAddress[address.prefix.address]) { $0.instance == id }
        }
        if let interface = instance.interface {
            Self.remove(
                from: &byNumber[
                    RouterKey(interface: interface, virtualRouterID: configuration.virtualRouterID)]
            ) { $0 == id }
        }
        if byName[instance.name] == id { byName[instance.name] = nil }
        ranks[id] = nil
    }

    /// Its interface is another one now.
    mutating func move(_ id: RouterID, number: UInt8, from old: InterfaceIndex?, to new: InterfaceIndex?) {
        if let old {
            Self.remove(from: &byNumber[RouterKey(interface: old, virtualRouterID: number)]) { $0 == id }
        }
        if let new { byNumber[RouterKey(interface: new, virtualRouterID: number), default: []].append(id) }
    }

    private static func interfaces(of configuration: InstanceConfiguration) -> Set<String> {
        Set([configuration.interface] + configuration.addresses.map(\.interface))
    }

    private static func remove<Element>(from list: inout [Element]?, where isGone: (Element) -> Bool) {
        list?.removeAll(where: isGone)
        if list?.isEmpty == true { list = nil }
    }
}

/// One shared address of one instance.
struct AddressPlace: Hashable, Sendable {
    var instance: RouterID
    var position: Int
}

/// What a received packet is for.
struct RouterKey: Hashable, Sendable {
    var interface: InterfaceIndex
    var virtualRouterID: UInt8
}
