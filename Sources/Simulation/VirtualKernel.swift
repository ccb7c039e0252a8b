import Addressing
import FailoverCore

/// A host's interface and its addresses, as Linux keeps them.
struct VirtualKernel {
    static let eth0 = InterfaceIndex(rawValue: 2)

    static func name(of interface: InterfaceIndex) -> String { "eth\(interface.rawValue - 2)" }

    private(set) var addresses: [InterfaceAddress] = []
    var isLinkUp = true
    var refuses = false
    private let marksAddresses: Bool
    private let promotesSecondaries: Bool
    private var promotes: Bool
    /// How often each address was put there, which makes its creation stamp: it does not depend on what else was.
    private var stamps: [IPv4Prefix: UInt32] = [:]

    init(own: IPv4Prefix, marksAddresses: Bool, promotesSecondaries: Bool) {
        self.marksAddresses = marksAddresses
        self.promotesSecondaries = promotesSecondaries
        promotes = promotesSecondaries
        addresses = [InterfaceAddress(key: AddressKey(interface: Self.eth0, prefix: own), createdAt: 1)]
    }

    func has(_ prefix: IPv4Prefix) -> Bool { addresses.contains { $0.key.prefix == prefix } }
    /// With whatever prefix length.
    func answers(for address: IPv4Address) -> Bool { addresses.contains { $0.key.address == address } }
    func address(_ prefix: IPv4Prefix) -> InterfaceAddress? { addresses.first { $0.key.prefix == prefix } }

    var link: Link {
        Link(
            index: Self.eth0, name: "eth0", isAdministrativelyUp: true, isRunning: isLinkUp,
            hardwareAddress: MACAddress(rawValue: 0x02_0000_0000_01))
    }

    /// - Returns: the events; none if it was there already.
    mutating func add(
        _ prefix: IPv4Prefix, byAgent: Bool = false, leased: Bool = false, as wanted: AddressAssignment? = nil
    ) -> [Input] {
        guard !has(prefix) else { return [] }
        stamps[prefix, default: 1000] += 1
        var address = InterfaceAddress(
            key: AddressKey(interface: Self.eth0, prefix: prefix), hasFiniteLifetime: leased,
            origin: byAgent && marksAddresses ? InterfaceAddress.ourOrigin : 0, createdAt: stamps[prefix] ?? 0)
        address.isSecondary = addresses.contains { !$0.isSecondary && $0.key.prefix.sharesNetwork(with: prefix) }
        if let wanted {
            address.label = wanted.label
            address.broadcast = wanted.broadcast
            address.scope = wanted.scope.rawValue
        }
        addresses.append(address)
        return [.address(address)]
    }

    /// Removes an address and, unless they are promoted, the secondaries of its network with it.
    mutating func remove(_ prefix: IPv4Prefix) -> [Input] {
        guard let index = addresses.firstIndex(where: { $0.key.prefix == prefix }) else { return [] }
        let gone = addresses.remove(at: index)
        var events: [Input] = [.addressRemoved(gone.key)]
        guard !gone.isSecondary else { return events }
        let secondaries = addresses.indices.filter { addresses[$0].key.prefix.sharesNetwork(with: prefix) }
        if promotes {
            if let first = secondaries.first {
                addresses[first].isSecondary = false
                events.append(.address(addresses[first]))
            }
        } else {
            for index in secondaries.reversed() {
                events.append(.addressRemoved(addresses.remove(at: index).key))
            }
        }
        return events
    }

    /// Carries out a request.
    mutating func perform(_ effect: Effect) -> (RequestID, RequestResult, [Input])? {
        switch effect {
        case .addAddress(let id, let assignment):
            if refuses { return (id, .refused(KernelRefusal(code: 1, text: "Operation not permitted")), []) }
            let events = add(assignment.key.prefix, byAgent: true, as: assignment)
            return (id, events.isEmpty ? .refused(KernelRefusal(code: 17, text: "File exists")) : .done, events)
        case .removeAddress(let id, let key):
            let events = remove(key.prefix)
            return (
                id, events.isEmpty ? .refused(KernelRefusal(code: 99, text: "Cannot assign requested address")) : .done,
                events
            )
        case .promoteSecondaries(let id, _):
            promotes = true
            return (id, .done, [])
        default:
            return nil
        }
    }
}
