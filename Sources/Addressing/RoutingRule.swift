/// A rule that says which routing table counts for a packet, as rtnetlink describes it (RTM_NEWRULE).
package struct RoutingRule: Hashable, Sendable {
    /// What is done with a packet that matches.
    package enum Action: Hashable, Sendable {
        /// Its route is looked for in this table.
        case lookUp(UInt32)
        case blackhole
        case unreachable
        case prohibit
    }

    /// Of which family the packets are.
    package var isIPv4: Bool
    /// The lower, the earlier; at least 1.
    package var priority: UInt32
    package var action: Action
    /// The networks of the packet's addresses, without host bits; `nil` for any.
    package var source: IPPrefix?
    package var destination: IPPrefix?
    /// By name: the interface may come and go.
    package var inboundInterface: String?
    package var outboundInterface: String?
    /// What the packet's firewall mark is compared with, and which bits of it.
    package var mark: UInt32?
    package var markMask = UInt32.max
    package var typeOfService: UInt8 = 0
    /// Packets match for which the rest does not.
    package var isInverted = false

    package init(priority: UInt32, isIPv4: Bool = true, action: Action) {
        self.isIPv4 = isIPv4
        self.priority = priority
        self.action = action
    }

    /// Whether the kernel may take the other one when it is asked to remove this one: what this one does not say contradicts nothing, and
    /// `not` is not looked at.
    package func removalMayTake(_ other: RoutingRule) -> Bool {
        func allows<Value: Equatable>(_ own: Value?, _ value: Value?) -> Bool { own == nil || own == value }
        return isIPv4 == other.isIPv4 && priority == other.priority && action == other.action
            && allows(source, other.source) && allows(destination, other.destination)
            && allows(inboundInterface, other.inboundInterface) && allows(outboundInterface, other.outboundInterface)
            && (mark == nil || (mark == 0 || mark == other.mark) && (markMask == 0 || markMask == other.markMask))
            && (typeOfService == 0 || typeOfService == other.typeOfService)
    }

    /// As ip(8) writes it.
    package var words: String {
        var words = isInverted ? "not " : ""
        let isIPv6Alone = !isIPv4 && source == nil && destination == nil
        words += "from \(source.map(Self.text) ?? "all")\(isIPv6Alone ? " (IPv6)" : "")"
        if let destination { words += " to \(Self.text(destination))" }
        if let inboundInterface { words += " iif \(inboundInterface)" }
        if let outboundInterface { words += " oif \(outboundInterface)" }
        if let mark {
            words += " fwmark 0x\(String(mark, radix: 16))"
            if markMask != .max { words += "/0x\(String(markMask, radix: 16))" }
        }
        if typeOfService != 0 { words += " tos 0x\(String(typeOfService, radix: 16))" }
        switch action {
        case .lookUp(let table): words += " table \(table)"
        case .blackhole, .unreachable, .prohibit: words += " \(action)"
        }
        return words + " priority \(priority)"
    }

    private static func text(_ prefix: IPPrefix) -> String {
        Int(prefix.length) == prefix.address.bitWidth ? "\(prefix.address)" : "\(prefix)"
    }
}

/// What this program puts into the kernel's routing.
package enum RoutingObject: Hashable, Sendable {
    case route(Route)
    case rule(RoutingRule)

    /// Whether it is the same as one that the kernel tells of.
    package func matches(_ present: RoutingObject) -> Bool {
        switch (self, present) {
        case (.route(let own), .route(let other)): own.matches(other)
        case (.rule(let own), .rule(let other)): own == other
        case (.route, .rule), (.rule, .route): false
        }
    }

    /// Whether it may be gone where the other one has gone or come.
    package func isConcerned(by other: RoutingObject) -> Bool {
        switch (self, other) {
        case (.route(let own), .route(let other)): own.sharesPlace(with: other)
        case (.rule(let own), .rule(let other)): own.priority == other.priority && own.isIPv4 == other.isIPv4
        case (.route, .rule), (.rule, .route): false
        }
    }

    /// Whether the kernel takes no two of them: IPv6 tells routes to one destination apart by metric, interface and gateway alone.
    package func excludes(_ other: RoutingObject) -> Bool {
        guard case .route(let own) = self, case .route(let other) = other else { return false }
        return !own.isIPv4 && own.sharesPlace(with: other)
    }

    /// Whether the kernel may take the other one when it is asked to remove this one.
    package func removalMayTake(_ other: RoutingObject) -> Bool {
        switch (self, other) {
        case (.route(let own), .route(let other)): own.removalMayTake(other)
        case (.rule(let own), .rule(let other)): own.removalMayTake(other)
        case (.route, .rule), (.rule, .route): false
        }
    }

    /// In which order to remove some: each behind those that the kernel might take instead, else as they are.
    /// - Returns: their positions.
    package static func removalOrder(of objects: [RoutingObject]) -> [Int] {
        guard objects.count > 1 else { return Array(objects.indices) }
        let neighbours = Dictionary(grouping: objects.indices, by: { objects[$0].place })
        var isPlaced = Array(repeating: false, count: objects.count)
        var order: [Int] = []
        func place(_ position: Int) {
            guard !isPlaced[position] else { return }
            isPlaced[position] = true
            for other in neighbours[objects[position].place] ?? []
            where !isPlaced[other] && objects[position].removalMayTake(objects[other]) { place(other) }
            order.append(position)
        }
        for position in objects.indices { place(position) }
        return order
    }

    /// What it is about.
    package var place: RoutingPlace {
        switch self {
        case .route(let route): RoutingPlace(prefix: route.destination, number: route.table, isRule: false)
        case .rule(let rule): RoutingPlace(prefix: nil, number: rule.priority, isRule: true)
        }
    }

    package var isRule: Bool { if case .rule = self { true } else { false } }

    /// Such as "route default via 192.0.2.1".
    /// - Parameter name: of the interface, where a route names one.
    package func words(interface name: String?) -> String {
        switch self {
        case .route(let route): "route \(route.words(interface: name))"
        case .rule(let rule): "rule \(rule.words)"
        }
    }
}

/// What a route or rule is about, so far as it can be found by that: those that concern each other have the same.
package struct RoutingPlace: Hashable, Sendable {
    /// The destination of a route.
    var prefix: IPPrefix?
    /// The table of a route, the priority of a rule.
    var number: UInt32
    var isRule: Bool
}
