import Addressing

/// What the kernel was asked for and has not answered yet.
struct KernelRequests: Sendable {
    private var open: [RequestID: KernelRequest] = [:]
    private var last: UInt64 = 0
    /// How many additions are among them.
    private var additions: [InterfaceIndex: Int] = [:]
    /// Addresses that no line of the file asks for and that are being removed.
    private var leftovers: Set<AddressKey> = []

    var isEmpty: Bool { open.isEmpty }

    /// Whether an address may be on its way to the interface.
    func areAdditionsOpen(on interface: InterfaceIndex) -> Bool { additions[interface] != nil }

    mutating func begin(_ request: KernelRequest) -> RequestID {
        last &+= 1
        let id = RequestID(rawValue: last)
        open[id] = request
        if request.isAddition { additions[request.key.interface, default: 0] += 1 }
        return id
    }

    /// The kernel has answered.
    /// - Returns: `nil` for what was never asked.
    mutating func end(_ id: RequestID) -> KernelRequest? {
        guard let request = open.removeValue(forKey: id) else { return nil }
        // Thousands may have been open at a time.
        if open.isEmpty { open = [:] }
        if request.isAddition {
            let left = (additions[request.key.interface] ?? 1) - 1
            additions[request.key.interface] = left > 0 ? left : nil
        }
        if request.isAboutLeftover { leftovers.remove(request.key) }
        return request
    }

    /// - Returns: whether its removal is not under way yet.
    mutating func claimLeftover(_ key: AddressKey) -> Bool { leftovers.insert(key).inserted }
}

/// What the kernel was asked for: for which virtual router, and about which address.
enum KernelRequest: Hashable, Sendable {
    case add(RouterID, AddressKey)
    case remove(RouterID, AddressKey)
    /// promote_secondaries; the removal follows.
    case promote(RouterID, AddressKey)
    case removeLeftover(AddressKey)
    case promoteForLeftover(AddressKey)
    /// A step of putting an address on with another label, broadcast address or scope: seldom asked for, and longer than all others.
    indirect case refit(RouterID, AddressKey, RefitStep)

    /// The address that it is about.
    var key: AddressKey {
        switch self {
        case .add(_, let key), .remove(_, let key), .promote(_, let key), .removeLeftover(let key),
            .promoteForLeftover(let key), .refit(_, let key, _):
            key
        }
    }

    /// Whether it puts an address on the interface that its key names.
    var isAddition: Bool {
        switch self {
        case .add: true
        case .refit(_, _, let step): step.putsBack
        case .remove, .promote, .removeLeftover, .promoteForLeftover: false
        }
    }

    var isAboutLeftover: Bool {
        switch self {
        case .removeLeftover, .promoteForLeftover: true
        case .add, .remove, .promote, .refit: false
        }
    }
}
