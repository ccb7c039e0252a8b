import Addressing

/// Addresses of this program that have no place in the configuration any more, or are only a help, and go when what replaces them is
/// there.
struct OutgoingAddresses: Sendable {
    /// What goes as soon as the same address is in its new place.
    private var waiting: [IPAddress: Set<AddressKey>] = [:]
    /// Those that a reload has taken out of the configuration.
    private var dismissed: Set<AddressKey> = []
    /// Copies of shared addresses that answer while their originals are put on anew.
    private var bridges: Set<AddressKey> = []

    var isEmpty: Bool { waiting.isEmpty }

    func isBridge(_ key: AddressKey) -> Bool { bridges.contains(key) }

    mutating func addBridge(_ key: AddressKey) { bridges.insert(key) }

    /// - Returns: whether it was one.
    @discardableResult
    mutating func dropBridge(_ key: AddressKey) -> Bool { bridges.remove(key) != nil }

    /// A bridge that has served goes.
    mutating func releaseBridge(_ key: AddressKey) {
        if bridges.contains(key) { wait(key) }
    }

    /// A reload has taken it out of the configuration.
    mutating func dismiss(_ key: AddressKey) { dismissed.insert(key) }

    /// - Returns: whether a reload had taken it out.
    mutating func endDismissal(_ key: AddressKey) -> Bool { dismissed.remove(key) != nil }

    mutating func wait(_ key: AddressKey) { waiting[key.address, default: []].insert(key) }

    /// The addresses of which something waits, in order.
    var addresses: [IPAddress] { waiting.keys.sorted() }

    /// Takes out what waits for an address, in order.
    mutating func take(_ address: IPAddress) -> [AddressKey] {
        guard !waiting.isEmpty else { return [] }
        return (waiting.removeValue(forKey: address) ?? []).sorted()
    }
}
