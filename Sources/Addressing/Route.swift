/// A route as rtnetlink describes it (RTM_NEWROUTE), of either family.
package struct Route: Hashable, Sendable {
    /// RTN_…: what becomes of a packet that matches.
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case unicast = 1
        case blackhole = 6
        case unreachable = 7
        case prohibit = 8
        /// The lookup goes on with the next rule.
        case `throw` = 9

        /// As ip(8) writes it.
        package var word: String { "\(self)" }
    }

    /// RTAX_…: what the kernel keeps with a route for the connections that use it.
    package enum Metric: UInt8, Hashable, Comparable, Sendable, CaseIterable {
        case mtu = 2
        case window = 3
        case advmss = 8
        case hoplimit = 10
        case initcwnd = 11
        case initrwnd = 14

        /// As ip(8) writes it.
        package var word: String { "\(self)" }

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    package var kind = Kind.unicast
    /// The network, without host bits. 0.0.0.0/0 or ::/0 is the default route.
    package var destination: IPPrefix
    package var gateway: IPAddress?
    /// Where packets leave; `nil` where the kernel finds it by the gateway, or where none do.
    package var interface: InterfaceIndex?
    /// The address from which this host sends along the route, unless a program says otherwise.
    package var source: IPAddress?
    package var table = Route.mainTable
    /// `nil` for the kernel's default: 0 for IPv4, 1024 for IPv6.
    package var metric: UInt32?
    /// The kernel's scope number; 0 is global. IPv6 knows none.
    package var scope: UInt8 = 0
    package var typeOfService: UInt8 = 0
    /// The gateway counts as a neighbour on the interface, whatever its address.
    package var isOnLink = false
    package var metrics: [Metric: UInt32] = [:]
    /// Path MTU discovery does not change the MTU.
    package var isMTULocked = false

    package init(to destination: IPPrefix) {
        self.destination = destination.networkPrefix
    }

    package static let mainTable: UInt32 = 254
    /// The protocol numbers with which this program marks what it adds: RTA's of routes and FRA_PROTOCOL of rules. 18 is keepalived's.
    package static let ourOrigin: UInt8 = InterfaceAddress.ourOrigin

    package var isIPv4: Bool { destination.address.isIPv4 }
    package var isDefault: Bool { destination.length == 0 }
    /// The one that counts.
    package var effectiveMetric: UInt32 { metric ?? (isIPv4 ? 0 : 1024) }

    /// Whether both stand for the same destination in the same table with the same metric: the kernel may have put one in the place of
    /// the other.
    package func sharesPlace(with other: Route) -> Bool {
        destination == other.destination && table == other.table && effectiveMetric == other.effectiveMetric
            && typeOfService == other.typeOfService
    }

    /// Whether it is the same route as one that the kernel tells of. That one names the interface that the kernel has found.
    package func matches(_ present: Route) -> Bool {
        kind == present.kind && sharesPlace(with: present) && gateway == present.gateway && source == present.source
            && (interface == nil || interface == present.interface) && metrics == present.metrics
            && isMTULocked == present.isMTULocked && (!isIPv4 || scope == present.scope)
    }
}

extension Route {
    /// As ip(8) writes it.
    /// - Parameter name: of the interface, where one is named.
    package func words(interface name: String?) -> String {
        var words = kind == .unicast ? "" : "\(kind.word) "
        words += isDefault ? (isIPv4 ? "default" : "default (IPv6)") : "\(destination)"
        if let gateway { words += " via \(gateway)" }
        if let name { words += " dev \(name)" }
        if let source { words += " src \(source)" }
        if table != Self.mainTable { words += " table \(table)" }
        if let metric { words += " metric \(metric)" }
        if scope != 0 { words += " scope \(AddressScope(rawValue: scope).map { "\($0)" } ?? "\(scope)")" }
        if typeOfService != 0 { words += " tos 0x\(String(typeOfService, radix: 16))" }
        if isOnLink { words += " onlink" }
        for (metric, value) in metrics.sorted(by: { $0.key < $1.key }) {
            words += " \(metric.word)\(metric == .mtu && isMTULocked ? " lock" : "") \(value)"
        }
        return words
    }
}
