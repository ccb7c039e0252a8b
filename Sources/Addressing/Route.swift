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

        /// Of a greater value the kernel makes this one: a route is compared with what it keeps.
        package var greatest: UInt32 {
            switch self {
            case .mtu: 65_535 - 15
            case .advmss: 65_535 - 40
            case .hoplimit: 255
            case .window, .initcwnd, .initrwnd: .max
            }
        }
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

    /// Whether the kernel may take the other one when it is asked to remove this one: it takes the first to the same destination that the
    /// request does not contradict, and what this one does not say contradicts nothing. The type, the scope and the type of service are
    /// always said; so is the metric of IPv6, but 0 of IPv4 stands for any.
    package func removalMayTake(_ other: Route) -> Bool {
        func allows<Value: Equatable>(_ own: Value?, _ value: Value?) -> Bool { own == nil || own == value }
        guard destination == other.destination, table == other.table, allows(gateway, other.gateway),
            // The kernel finds the interface by the gateway where none is named.
            allows(interface, other.interface) || other.interface == nil && other.gateway != nil
        else { return false }
        guard isIPv4 else { return effectiveMetric == other.effectiveMetric }
        return kind == other.kind && typeOfService == other.typeOfService && allows(metric, other.metric)
            && (scope == Self.anyScope || scope == other.scope) && allows(source, other.source)
            && metrics.allSatisfy { other.metrics[$0.key] == $0.value } && (!isMTULocked || other.isMTULocked)
    }

    /// RT_SCOPE_NOWHERE
    private static let anyScope: UInt8 = 255
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
