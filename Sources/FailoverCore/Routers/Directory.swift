import Addressing
import Configuration
import VRRP

/// Who has to be looked at when something changes: found by name, interface, source or address, never by looking at all.
struct Directory: Sendable {
    /// By interface: those that are on it, or have an address on it.
    private var byInterface: [String: [RouterID]] = [:]
    /// By source address: those that can't do without one that the configuration names.
    private var bySource: [IPAddress: [RouterID]] = [:]
    /// Those that track something.
    private var byTracker: [TrackerName: [RouterID]] = [:]
    private var byAddress: [IPAddress: Few<AddressPlace>] = [:]
    private var byName: [String: RouterID] = [:]
    /// More than one where unicast peers tell them apart.
    private var byNumber: [RouterKey: Few<RouterID>] = [:]
    /// The rank of each in the configuration, by its place in the table; none of those that it names no more.
    private var ranks: ContiguousArray<Rank> = []

    private struct Rank: Sendable {
        /// Whose it is, of those that have had the place.
        var generation: Int32
        var value: Int32

        static let none = Rank(generation: 0, value: -1)
    }

    // MARK: - Questions

    /// Also those that are only tracked.
    var interfaceNames: [String] {
        // One that names none, and for which none was found yet, is under an empty name.
        let own = byInterface.keys.lazy.filter { !$0.isEmpty }
        guard !byTracker.isEmpty else { return own.sorted() }
        return Set(own).union(byTracker.keys.lazy.filter { $0.kind == .interface }.map(\.name)).sorted()
    }

    func routers(on interface: String) -> [RouterID] { byInterface[interface] ?? [] }

    func routers(tracking tracker: TrackerName) -> [RouterID] { byTracker[tracker] ?? [] }

    /// Those that are on an interface, or have an address there; behind them those that only track it.
    func routers(concernedBy interface: String) -> [RouterID] {
        let own = routers(on: interface)
        let tracking = routers(tracking: TrackerName(.interface, interface))
        guard !tracking.isEmpty else { return own }
        let known = Set(own)
        return own + tracking.filter { !known.contains($0) }
    }

    func routers(from source: IPAddress) -> [RouterID] { bySource[source] ?? [] }

    /// The places of a shared address; none of one that is not shared.
    func places(of address: IPAddress) -> [AddressPlace] { byAddress[address]?.all ?? [] }

    func isShared(_ address: IPAddress) -> Bool { byAddress[address] != nil }

    func router(named name: String) -> RouterID? { byName[name] }

    func routers(_ key: RouterKey) -> [RouterID] { byNumber[key]?.all ?? [] }

    /// `nil` also where there are several.
    func onlyRouter(_ key: RouterKey) -> RouterID? {
        guard case .one(let id)? = byNumber[key] else { return nil }
        return id
    }

    func rank(of id: RouterID) -> Int? {
        guard ranks.indices.contains(Int(id.slot)), ranks[Int(id.slot)].generation == id.generation,
            ranks[Int(id.slot)].value >= 0
        else { return nil }
        return Int(ranks[Int(id.slot)].value)
    }

    // MARK: - Changes

    /// Makes all of it anew.
    /// - Parameter order: the configuration's, without those that it names no more.
    init(_ instances: InstanceTable, order: [RouterID]) {
        let places = order.map { Int($0.slot) + 1 }.max() ?? 0
        ranks = ContiguousArray(repeating: Rank.none, count: places)
        for (rank, id) in order.enumerated() {
            ranks[Int(id.slot)] = Rank(generation: id.generation, value: Int32(rank))
        }
        for id in instances.order { add(id, instances[id]) }
    }

    init() {}

    private mutating func add(_ id: RouterID, _ instance: Instance) {
        let configuration = instance.configuration
        for name in Self.interfaces(of: configuration) { byInterface[name, default: []].append(id) }
        if let source = instance.requiredSource { bySource[source, default: []].append(id) }
        for tracker in Self.trackers(of: configuration) { byTracker[tracker, default: []].append(id) }
        for (position, address) in configuration.addresses.enumerated() {
            Few.add(AddressPlace(instance: id, position: position), to: &byAddress[address.prefix.address])
        }
        if let interface = instance.interface {
            Few.add(id, to: &byNumber[RouterKey(interface: interface, configuration)])
        }
        if byName[instance.name] == nil { byName[instance.name] = id }
    }

    /// One that has gone.
    mutating func remove(_ id: RouterID, _ instance: Instance) {
        let configuration = instance.configuration
        for name in Self.interfaces(of: configuration) { Self.remove(from: &byInterface[name]) { $0 == id } }
        if let source = instance.requiredSource { Self.remove(from: &bySource[source]) { $0 == id } }
        for tracker in Self.trackers(of: configuration) { Self.remove(from: &byTracker[tracker]) { $0 == id } }
        for address in configuration.addresses {
            Few.remove(from: &byAddress[address.prefix.address]) { $0.instance == id }
        }
        if let interface = instance.interface {
            Few.remove(from: &byNumber[RouterKey(interface: interface, configuration)]) { $0 == id }
        }
        if byName[instance.name] == id { byName[instance.name] = nil }
        if rank(of: id) != nil { ranks[Int(id.slot)] = .none }
    }

    /// Its interface is another one now.
    mutating func move(
        _ id: RouterID, number: UInt8, _ family: IPFamily, from old: InterfaceIndex?, to new: InterfaceIndex?
    ) {
        func key(_ interface: InterfaceIndex) -> RouterKey {
            RouterKey(interface: interface, family: family, virtualRouterID: number)
        }
        if let old { Few.remove(from: &byNumber[key(old)]) { $0 == id } }
        if let new { Few.add(id, to: &byNumber[key(new)]) }
    }

    private static func interfaces(of configuration: InstanceConfiguration) -> Set<String> {
        Set([configuration.interface] + configuration.addresses.map(\.interface))
            .union(configuration.virtualMAC.map { [$0.interface] } ?? [])
    }

    private static func trackers(of configuration: InstanceConfiguration) -> Set<TrackerName> {
        Set(configuration.tracked.map(\.tracker))
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

/// What a received packet is for. A virtual router of each family may have the same number (RFC 9568, section 5.2.3).
struct RouterKey: Hashable, Sendable {
    var interface: InterfaceIndex
    var family: IPFamily
    var virtualRouterID: UInt8

    init(interface: InterfaceIndex, family: IPFamily, virtualRouterID: UInt8) {
        self.interface = interface
        self.family = family
        self.virtualRouterID = virtualRouterID
    }

    init(interface: InterfaceIndex, _ packet: ReceivedPacket) {
        self.init(interface: interface, family: packet.family, virtualRouterID: packet.virtualRouterID)
    }

    init(interface: InterfaceIndex, _ configuration: InstanceConfiguration) {
        self.init(
            interface: interface, family: configuration.family, virtualRouterID: configuration.virtualRouterID)
    }
}
