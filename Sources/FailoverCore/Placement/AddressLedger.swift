import Addressing
import VRRP

/// Whose each address is that equals a shared one or that this program has added, on the whole host.
struct AddressLedger: Sendable {
    private var standings: [AddressKey: AddressStanding] = [:]
    /// How many of them are ours.
    private(set) var ownCount = 0
    /// The host's own copies of shared addresses; few.
    private var hosts: [InterfaceIndex: Set<IPPrefix>] = [:]
    /// Addresses taken for ours because they came while one was asked for, on a kernel that marks none; until the answer.
    private var presumed: Set<AddressKey> = []
    /// The state file: addresses that this program added, and the kernel's creation stamp of each; 0 for not known.
    private(set) var remembered: [AddressKey: UInt32]
    /// Whether this kernel stores IFA_PROTO; not known before the first address of ours was seen.
    private(set) var kernelMarks = false
    /// Those that the host uses for itself alone: neither shared nor ours.
    private var alone: [InterfaceFamily: Set<IPPrefix>] = [:]
    /// Until when an interface is being set up: what appears meanwhile is the host's configuration.
    private var settlingUntil: [InterfaceIndex: Instant] = [:]

    /// How long an interface counts as being set up after it came up or got its first address.
    private static let settlingTime = Duration.seconds(3)

    init(remembered: [AddressKey: UInt32]) {
        self.remembered = remembered
    }

    // MARK: - Questions

    /// - Returns: `nil` for an address that is neither shared nor ours.
    func standing(of key: AddressKey) -> AddressStanding? { standings[key] }

    func isOurs(_ key: AddressKey) -> Bool { standings[key] == .ours }

    /// Whether the host has the address of its own on the interface, with whatever prefix length.
    func isHosts(_ key: AddressKey) -> Bool {
        hosts[key.interface]?.contains { $0.address == key.address } ?? false
    }

    /// All that are shared or ours, in no order.
    var known: some Collection<AddressKey> { standings.keys }

    /// All that this program has added.
    var own: [AddressKey] { standings.lazy.filter { $0.value == .ours }.map(\.key) }

    /// Whether anything of a family on the interface is the host's for itself alone.
    func hasPrivate(_ family: IPFamily, on interface: InterfaceIndex) -> Bool {
        alone[InterfaceFamily(interface, family)]?.isEmpty == false
    }

    /// The addresses of a family from which the host may speak on an interface: its own ones, and its own copies of shared ones. In no
    /// order.
    func sources(_ family: IPFamily, on interface: InterfaceIndex) -> [AddressKey] {
        let copies = (hosts[interface] ?? []).filter { $0.address.family == family }
        return (alone[InterfaceFamily(interface, family)] ?? []).union(copies)
            .map { AddressKey(interface: interface, prefix: $0) }
    }

    func isSource(_ key: AddressKey) -> Bool {
        alone[InterfaceFamily(key.interface, key.family)]?.contains(key.prefix) ?? false
            || hosts[key.interface]?.contains(key.prefix) ?? false
    }

    // MARK: - Judgements

    /// - Parameter standing: `nil` for one that is of no interest.
    mutating func set(_ standing: AddressStanding?, of key: AddressKey) {
        let old = standings[key]
        standings[key] = standing
        guard old != standing else { return }
        if old == .ours { ownCount -= 1 }
        if standing == .ours { ownCount += 1 }
        if old == .hosts { hosts[key.interface]?.remove(key.prefix) }
        if standing == .hosts { hosts[key.interface, default: []].insert(key.prefix) }
    }

    mutating func presume(_ key: AddressKey) { presumed.insert(key) }

    /// The kernel has answered: it was added by this program.
    mutating func confirm(_ key: AddressKey) { presumed.remove(key) }

    /// The kernel says that the address was there before this agent asked for it: then somebody else added it in the same moment,
    /// and in doubt it is the host's.
    /// - Returns: whether it was taken for ours until now.
    mutating func disown(_ key: AddressKey) -> Bool {
        guard presumed.remove(key) != nil, isOurs(key) else { return false }
        set(.hosts, of: key)
        return true
    }

    /// It has gone from its interface.
    mutating func lose(_ key: AddressKey) {
        set(nil, of: key)
        presumed.remove(key)
    }

    mutating func noteMark() { kernelMarks = true }

    /// - Parameter isPrivate: the host uses it for itself alone.
    mutating func file(_ key: AddressKey, isPrivate: Bool) {
        let place = InterfaceFamily(key.interface, key.family)
        if isPrivate {
            alone[place, default: []].insert(key.prefix)
        } else {
            alone[place]?.remove(key.prefix)
        }
    }

    /// Nothing is filed as the host's alone any more: the directory of shared addresses is another one.
    mutating func forgetPrivate() { alone = [:] }

    // MARK: - The state file

    /// - Returns: whether that is news.
    mutating func remember(_ key: AddressKey, createdAt: UInt32) -> Bool {
        guard remembered[key] != createdAt else { return false }
        remembered[key] = createdAt
        return true
    }

    /// - Returns: whether it was remembered.
    mutating func forget(_ key: AddressKey) -> Bool { remembered.removeValue(forKey: key) != nil }

    // MARK: - Interfaces that are being set up

    mutating func beginSettling(_ interface: InterfaceIndex, at now: Instant) {
        settlingUntil[interface] = now + Self.settlingTime
    }

    mutating func forgetInterface(_ interface: InterfaceIndex) {
        settlingUntil[interface] = nil
        for family in IPFamily.allCases { alone[InterfaceFamily(interface, family)] = nil }
    }

    func isSettling(_ interface: InterfaceIndex, at now: Instant) -> Bool {
        settlingUntil[interface].map { now < $0 } ?? false
    }
}
