import Addressing
import VRRP

/// The interfaces on which this program listens, and for what.
struct Receivers: Sendable {
    /// What an interface's receive sockets listen to.
    struct Setup: Hashable, Sendable {
        var groups: [IPAddress]
        /// The addresses from which the kernel would not deliver advertisements while they are this host's, too.
        var shared: [IPAddress]
    }

    private var open: [InterfaceFamily: Setup] = [:]
    /// The IPv4 sources in use on an interface.
    private var taps: [InterfaceIndex: Set<IPAddress>] = [:]
    /// Packets lost on an interface that were not reported yet, and until when to be quiet about more.
    private var lost: [InterfaceIndex: (count: UInt64, quietUntil: Instant)] = [:]

    /// So many sources of one interface are listened for; a host that keeps changing its address begins anew.
    private static let mostTapped = 32
    /// How often lost packets of an interface are told.
    private static let quietTime = Duration.seconds(60)

    func contains(_ place: InterfaceFamily) -> Bool { open[place] != nil }

    var places: [InterfaceFamily] { open.keys.sorted() }

    /// The sources that the packet socket of an interface has to let through: of IPv4, whose kernel does not deliver what comes from
    /// an address of this host.
    func sources(on interface: InterfaceIndex) -> [IPAddress] {
        (open[InterfaceFamily(interface, .ipv4)]?.shared ?? []) + (taps[interface] ?? []).sorted()
    }

    /// - Returns: whether that is another setup than before, or the first one.
    mutating func listen(on place: InterfaceFamily, _ setup: Setup) -> Bool {
        guard open[place] != setup else { return false }
        open[place] = setup
        return true
    }

    /// The kernel does not deliver what comes from an address of this host: another host may use this one's own.
    /// - Returns: whether the packet socket has to let through another one now.
    mutating func tap(_ source: IPAddress, on interface: InterfaceIndex) -> Bool {
        if (taps[interface]?.count ?? 0) >= Self.mostTapped { taps[interface] = nil }
        return taps[interface, default: []].insert(source).inserted && open[InterfaceFamily(interface, .ipv4)] != nil
    }

    /// Nobody listens there any more.
    /// - Returns: whether somebody did.
    mutating func close(_ place: InterfaceFamily) -> Bool {
        if place.family == .ipv4 { taps[place.interface] = nil }
        return open.removeValue(forKey: place) != nil
    }

    /// The socket could not be opened.
    mutating func fail(_ place: InterfaceFamily) { open[place] = nil }

    /// - Returns: how many lost packets to tell of; `nil` to keep quiet.
    mutating func lose(_ count: UInt32, on interface: InterfaceIndex, at now: Instant) -> UInt64? {
        let (total, quietUntil) = lost[interface] ?? (0, now)
        let sum = total &+ UInt64(count)
        guard now >= quietUntil else {
            lost[interface] = (sum, quietUntil)
            return nil
        }
        lost[interface] = (0, now + Self.quietTime)
        return sum
    }
}
