import Addressing
import FailoverCore
import VRRP

/// A host's interfaces and their addresses, as Linux keeps them.
struct VirtualKernel {
    static let eth0 = InterfaceIndex(rawValue: 2)

    static func name(of interface: InterfaceIndex) -> String { "eth\(interface.rawValue - 2)" }

    /// - Parameter number: 0 for eth0, 1 for eth1.
    static func interface(_ number: Int) -> InterfaceIndex { InterfaceIndex(rawValue: 2 + Int32(number)) }

    private(set) var addresses: [InterfaceAddress] = []
    /// The agent's routes and rules.
    var routing: [RoutingObject] = []
    /// Those that the agent has made.
    var macvlans: [Link] = []
    var macvlansMade: Int32 = 0
    /// Of interfaces whose settings were changed.
    var arp: [InterfaceIndex: ARPSettings] = [:]
    /// By interface.
    var areLinksUp: [Bool]
    /// Of the links that nothing but trackers looks at.
    var areTrackedLinksUp: [Bool]
    var refuses = false
    private let host: Int
    private let marksAddresses: Bool
    private var promotes: Set<InterfaceIndex>
    /// How often each address was put there, which makes its creation stamp: it does not depend on what else was.
    private var stamps: [AddressKey: UInt32] = [:]
    /// What the host leases for itself.
    private var leased: Set<IPPrefix> = []
    /// When the addresses that this agent has put there go unless they are renewed.
    private var expiries: [AddressKey: Instant] = [:]

    /// - Parameters:
    ///   - own: the host's own addresses, by interface.
    ///   - trackedLinks: how many links there are beside those.
    init(host: Int, own: [[IPPrefix]], trackedLinks: Int = 0, marksAddresses: Bool, promotesSecondaries: Bool) {
        self.host = host
        areTrackedLinksUp = Array(repeating: true, count: trackedLinks)
        self.marksAddresses = marksAddresses
        areLinksUp = own.map { _ in true }
        promotes = promotesSecondaries ? Set(own.indices.map(Self.interface)) : []
        addresses = own.enumerated().flatMap { number, prefixes in
            prefixes.map {
                InterfaceAddress(
                    key: AddressKey(interface: Self.interface(number), prefix: $0), scope: Self.scope(of: $0),
                    createdAt: 1)
            }
        }
    }

    /// Of eth0.
    var isLinkUp: Bool { areLinksUp[0] }
    func isUp(_ interface: InterfaceIndex) -> Bool {
        let number = Int(interface.rawValue) - 2
        return areLinksUp.indices.contains(number) && areLinksUp[number]
    }

    func has(_ prefix: IPPrefix) -> Bool { addresses.contains { $0.key.prefix == prefix } }
    /// With whatever prefix length.
    func answers(for address: IPAddress) -> Bool {
        addresses.contains { $0.key.address == address && $0.detection == .done && isOn($0.key.interface) }
    }
    func has(_ address: IPAddress, on interface: InterfaceIndex) -> Bool {
        addresses.contains { $0.key.address == address && $0.key.interface == interface }
    }
    func address(_ prefix: IPPrefix) -> InterfaceAddress? { addresses.first { $0.key.prefix == prefix } }
    /// The host has the address for itself, until its lease ends.
    func isLeased(_ prefix: IPPrefix) -> Bool { leased.contains(prefix) && has(prefix) }

    /// Of IPv6 it lies in the address.
    private static func scope(of prefix: IPPrefix) -> UInt8 {
        prefix.address.isLinkLocal ? AddressScope.link.rawValue : AddressScope.global.rawValue
    }

    /// Another host has the address, too, says duplicate address detection.
    /// - Returns: the events; none where it is not there, or not of IPv6.
    mutating func failDetection(of address: IPAddress) -> [Input] {
        guard !address.isIPv4, let place = addresses.firstIndex(where: { $0.key.address == address }),
            // What the host leases stays its own; the agent can't put that right.
            !leased.contains(addresses[place].key.prefix), addresses[place].origin == InterfaceAddress.ourOrigin
        else { return [] }
        addresses[place].detection = .failed
        return [.address(addresses[place])]
    }

    var links: [Link] { areLinksUp.indices.map(link) + areTrackedLinksUp.indices.map(trackedLink) + macvlans }

    private static let firstTracked: Int32 = 20

    /// The number of a tracked link; `nil` for any other.
    static func trackedNumber(of interface: InterfaceIndex) -> Int? {
        (firstTracked..<firstMacvlan).contains(interface.rawValue) ? Int(interface.rawValue - firstTracked) : nil
    }

    func trackedLink(_ number: Int) -> Link {
        Link(
            index: InterfaceIndex(rawValue: Self.firstTracked + Int32(number)),
            name: Scenario.nameOfTrackedLink(number), isAdministrativelyUp: true, isRunning: areTrackedLinksUp[number])
    }

    func link(_ number: Int) -> Link {
        Link(
            index: Self.interface(number), name: "eth\(number)", isAdministrativelyUp: true,
            isRunning: areLinksUp[number], hardwareAddress: hardwareAddress(number))
    }

    private func hardwareAddress(_ number: Int) -> MACAddress {
        MACAddress(rawValue: 0x02_0000_0000_01 + UInt64(host) << 8 + UInt64(number) << 16)
    }

    /// - Parameter interface: 0 for eth0, 1 for eth1.
    /// - Returns: the events; none if it was there already.
    mutating func add(_ prefix: IPPrefix, on interface: Int = 0, leased isLeased: Bool = false) -> [Input] {
        let key = AddressKey(interface: Self.interface(interface), prefix: prefix)
        let events = add(InterfaceAddress(key: key, hasFiniteLifetime: isLeased, scope: Self.scope(of: prefix)))
        if isLeased, !events.isEmpty { leased.insert(prefix) }
        return events
    }

    private mutating func add(_ wanted: InterfaceAddress) -> [Input] {
        let key = wanted.key
        // IPv6 has an address on an interface once, with whatever prefix length.
        guard
            !addresses.contains(where: {
                $0.key == key
                    || key.family == .ipv6 && $0.key.address == key.address && $0.key.interface == key.interface
            })
        else { return [] }
        stamps[key, default: 1000] += 1
        leased.remove(key.prefix)
        expiries[key] = nil
        var address = wanted
        address.createdAt = stamps[key] ?? 0
        address.isSecondary =
            key.family == .ipv4
            && addresses.contains {
                !$0.isSecondary && $0.key.interface == key.interface && $0.key.prefix.sharesNetwork(with: key.prefix)
            }
        addresses.append(address)
        return [.address(address)]
    }

    mutating func remove(_ prefix: IPPrefix) -> [Input] {
        addresses.first { $0.key.prefix == prefix }.map { remove($0.key) } ?? []
    }

    /// Removes an address and, unless they are promoted, the secondaries of its network with it.
    mutating func remove(_ key: AddressKey) -> [Input] {
        guard let index = addresses.firstIndex(where: { $0.key == key }) else { return [] }
        let gone = addresses.remove(at: index)
        expiries[key] = nil
        var events: [Input] = [.addressRemoved(gone.key)]
        defer { for case .addressRemoved(let key) in events { dropRoutes(from: key.address) } }
        guard !gone.isSecondary, key.family == .ipv4 else { return events }
        let secondaries = addresses.indices.filter {
            addresses[$0].key.interface == key.interface && addresses[$0].key.prefix.sharesNetwork(with: key.prefix)
        }
        if promotes.contains(key.interface) {
            if let first = secondaries.first {
                addresses[first].isSecondary = false
                events.append(.address(addresses[first]))
            }
        } else {
            for index in secondaries.reversed() {
                let secondary = addresses.remove(at: index)
                expiries[secondary.key] = nil
                events.append(.addressRemoved(secondary.key))
            }
        }
        return events
    }

    // MARK: - Lifetimes

    /// When the next address goes because nobody has renewed it.
    var nextExpiry: Instant? { expiries.values.min() }

    mutating func expire(at now: Instant) -> [Input] {
        expiries.filter { $0.value <= now }.keys.sorted().flatMap { remove($0) }
    }

    private func origin(_ assignment: AddressAssignment) -> UInt8 {
        assignment.isMarked && marksAddresses ? InterfaceAddress.ourOrigin : 0
    }

    private mutating func note(_ assignment: AddressAssignment, at now: Instant) {
        expiries[assignment.key] = assignment.lifetime.map { now + .seconds(Int64($0)) }
    }

    /// Lets a lifetime begin anew, or end never; nobody waits for the answer.
    mutating func renew(_ effect: Effect, at now: Instant) -> [Input] {
        guard case .renewAddress(let assignment) = effect else { return [] }
        guard let index = addresses.firstIndex(where: { $0.key == assignment.key }) else {
            // Linux puts one on that is not there.
            let events = add(assignment.placed(origin: origin(assignment), createdAt: 0))
            if !events.isEmpty { note(assignment, at: now) }
            return events
        }
        note(assignment, at: now)
        leased.remove(assignment.key.prefix)
        let old = addresses[index]
        addresses[index].hasFiniteLifetime = assignment.lifetime != nil
        addresses[index].origin = origin(assignment)
        if assignment.key.family == .ipv6 { addresses[index].isDeprecated = assignment.preferredLifetime == 0 }
        return addresses[index] == old ? [] : [.address(addresses[index])]
    }

    // MARK: - Requests

    /// Carries out a request.
    /// - Returns: the answer, and the events that come before it.
    mutating func perform(_ request: SystemRequest.Kind, at now: Instant) -> (RequestResult, [Input]) {
        switch request {
        case .add(let assignment):
            if refuses { return (.refused(KernelRefusal(code: 1, text: "Operation not permitted")), []) }
            let events = add(assignment.placed(origin: origin(assignment), createdAt: 0))
            if !events.isEmpty { note(assignment, at: now) }
            return (events.isEmpty ? .refused(KernelRefusal(code: 17, text: "File exists")) : .done, events)
        case .remove(let key):
            let events = remove(key)
            return (
                events.isEmpty ? .refused(KernelRefusal(code: 99, text: "Cannot assign requested address")) : .done,
                events
            )
        case .promoteSecondaries(let interface):
            promotes.insert(interface)
            return (.done, [])
        case .setRouting(let object): return (set(object), [])
        case .removeRouting(let object): return (unset(object), [])
        case .link(let order): return perform(order)
        }
    }
}
