import Addressing

/// The lines of `virtual_routes`.
extension ConfigurationBuilder {
    /// What a line says before it is known of which family it is.
    private struct RouteDraft {
        var kind: Route.Kind?
        var destination: IPPrefix?
        var isDefault = false
        var isIPv6Default = false
        var gateway: IPAddress?
        var interface: String?
        var source: IPAddress?
        var table = Route.mainTable
        var metric: UInt32?
        var scope: UInt8?
        var typeOfService: UInt8 = 0
        var isOnLink = false
        var metrics: [Route.Metric: UInt32] = [:]
        var isMTULocked = false
    }

    mutating func readRoutes(_ lines: [Statement], into instance: inout InstanceConfiguration) {
        for line in lines {
            guard let routing = route(line) else { continue }
            if instance.routing.contains(where: { $0.isSame(as: routing) }) {
                warn("the route is listed twice", line.keyword)
                continue
            }
            if let other = instance.routing.first(where: { $0.object.excludes(routing.object) }) {
                fail(
                    "IPv6 takes one route of a metric to a destination, and line \(other.location.line) has one: write another metric",
                    line.keyword)
                continue
            }
            instance.routing.append(routing)
        }
    }

    /// - Returns: `nil` where there is no route.
    private mutating func route(_ line: Statement) -> VirtualRouting? {
        if line.block != nil { fail("a route takes no block", line.keyword) }
        var draft = RouteDraft()
        var words = ([line.keyword] + line.values)[...]
        while let word = words.popFirst() {
            switch Keywords.routeOptions[word.text] {
            case .refused(let reason):
                // Without it the route would be another one than was meant.
                refuse(line, "'\(word.text)': \(reason)", at: word)
                return nil
            case .noEffect(let reason):
                warn("'\(word.text)' has no effect here: \(reason)", word)
                if word.text == "protocol" { _ = words.popFirst() }
            case .works:
                guard read(word, of: line, &words, into: &draft) else { return nil }
            case nil:
                guard readDestination(word, of: line, into: &draft) else { return nil }
            }
        }
        return finish(draft, line)
    }

    private mutating func readDestination(_ word: Word, of line: Statement, into draft: inout RouteDraft) -> Bool {
        guard let prefix = prefix(word) else {
            let hint = word.text == "gateway" ? ": keepalived calls it 'via'" : ""
            ignore(
                line, "\(word.quoted) is no network, and no word of a route\(hint); keepalived passes over the line",
                at: word)
            return false
        }
        return set(prefix, word, of: line, into: &draft)
    }

    private mutating func set(
        _ prefix: IPPrefix, _ word: Word, of line: Statement, into draft: inout RouteDraft
    ) -> Bool {
        guard draft.destination == nil, !draft.isDefault else {
            refuse(line, "a route has one destination, and each route a line of its own", at: word)
            return false
        }
        guard prefix == prefix.networkPrefix else {
            ignore(
                line, "\(prefix) is no network: the kernel refuses it; write \(prefix.networkPrefix)", at: word)
            return false
        }
        draft.destination = prefix
        return true
    }

    /// An address or a network; an address alone is a single host.
    func prefix(_ word: Word) -> IPPrefix? {
        let text = word.text
        return text.contains("/") ? IPPrefix(text) : IPAddress(text).map { IPPrefix(host: $0) }
    }

    private mutating func read(
        _ word: Word, of line: Statement, _ words: inout ArraySlice<Word>, into draft: inout RouteDraft
    ) -> Bool {
        switch word.text {
        case "default", "default6":
            guard draft.destination == nil, !draft.isDefault else {
                refuse(line, "a route has one destination, and each route a line of its own", at: word)
                return false
            }
            draft.isDefault = true
            draft.isIPv6Default = word.text == "default6"
            return true
        case "unicast", "blackhole", "unreachable", "prohibit", "throw":
            draft.kind = Route.Kind.allCases.first { $0.word == word.text }
            return true
        case "onlink":
            draft.isOnLink = true
            return true
        default: break
        }
        guard var value = words.popFirst() else {
            ignore(line, "'\(word.text)' needs a value", at: word)
            return false
        }
        switch word.text {
        case "to":
            if value.text == "default" || value.text == "default6" {
                return read(value, of: line, &words, into: &draft)
            }
            return readDestination(value, of: line, into: &draft)
        case "via", "gw": draft.gateway = address(value, of: line)
        case "src": draft.source = address(value, of: line)
        case "dev", "oif":
            guard Self.isInterfaceName(value.text) else {
                fail("an interface's name has 1 to 15 letters without blanks and slashes", value)
                return false
            }
            draft.interface = value.text
        case "table":
            guard let table = table(value, of: line) else { return false }
            draft.table = table
        case "metric", "priority", "preference":
            draft.metric = number(value, of: line, "a metric", isDecimal: true)
            return draft.metric != nil
        case "scope":
            guard let scope = Self.scopeNumber(value.text) else {
                ignore(line, "'scope' takes global, site, link, host or nowhere", at: value)
                return false
            }
            draft.scope = scope
        case "tos", "dsfield":
            guard let service = typeOfService(value, of: line) else { return false }
            draft.typeOfService = service
        case "mtu":
            if value.text == "lock" {
                draft.isMTULocked = true
                guard let next = words.popFirst() else {
                    ignore(line, "'mtu lock' needs a value", at: word)
                    return false
                }
                value = next
            }
            return readMetric(.mtu, value, of: line, into: &draft)
        default:
            guard let metric = Route.Metric.allCases.first(where: { $0.word == word.text }) else { return false }
            return readMetric(metric, value, of: line, into: &draft)
        }
        return ["via", "gw"].contains(word.text)
            ? draft.gateway != nil : word.text == "src" ? draft.source != nil : true
    }

    private mutating func readMetric(
        _ metric: Route.Metric, _ word: Word, of line: Statement, into draft: inout RouteDraft
    ) -> Bool {
        guard let value = number(word, of: line, "'\(metric.word)'", isDecimal: true) else { return false }
        if value > metric.greatest {
            warn("the kernel takes at most \(metric.greatest) for '\(metric.word)': that is set", word)
        }
        // The kernel keeps no 0.
        draft.metrics[metric] = value == 0 ? nil : min(value, metric.greatest)
        return true
    }

    private mutating func address(_ word: Word, of line: Statement) -> IPAddress? {
        guard let address = IPAddress(word.text), address.isUnicast else {
            ignore(line, "\(word.quoted) is no address of a host; keepalived passes over the line", at: word)
            return nil
        }
        return address
    }

    // MARK: - Values of routes and rules

    mutating func table(_ word: Word, of line: Statement) -> UInt32? {
        guard let table = routingNames.table(word.text) else {
            ignore(
                line,
                "there is no routing table \(word.quoted): name a number, or give the name one in /etc/iproute2/rt_tables",
                at: word)
            return nil
        }
        return table
    }

    mutating func number(
        _ word: Word, of line: Statement, _ what: String, isDecimal: Bool = false
    ) -> UInt32? {
        guard let number = RoutingNames.number(word.text), !(isDecimal && word.text.contains { $0 == "x" || $0 == "X" })
        else {
            ignore(line, "\(what) is a whole number from 0 to 4294967295", at: word)
            return nil
        }
        return number
    }

    /// The kernel looks at these bits of it alone.
    mutating func typeOfService(_ word: Word, of line: Statement) -> UInt8? {
        guard let number = RoutingNames.number(word.text).flatMap({ UInt8(exactly: $0) }) else {
            ignore(line, "a type of service is a number from 0 to 255, such as 0x10", at: word)
            return nil
        }
        return number
    }

    private static func scopeNumber(_ text: String) -> UInt8? {
        switch text {
        case "global": 0
        case "site": 200
        case "link": 253
        case "host": 254
        case "nowhere": 255
        default: RoutingNames.number(text).flatMap { UInt8(exactly: $0) }
        }
    }

    // MARK: - The route

    private mutating func finish(_ draft: RouteDraft, _ line: Statement) -> VirtualRouting? {
        guard let destination = destination(of: draft, line) else { return nil }
        let isIPv4 = destination.address.isIPv4
        for (what, address) in [("gateway", draft.gateway), ("source address", draft.source)] {
            guard let address, address.isIPv4 != isIPv4 else { continue }
            refuse(line, "the \(what) \(address) is not of the same family as the destination")
            return nil
        }
        var route = Route(to: destination)
        route.kind = draft.kind ?? .unicast
        let isUnicast = route.kind == .unicast
        guard !isUnicast || draft.gateway != nil || draft.interface != nil else {
            ignore(
                line, "a route needs a gateway ('via') or an interface ('dev'): the kernel refuses it without",
                at: line.keyword)
            return nil
        }
        guard isUnicast || draft.gateway == nil && draft.interface == nil && draft.source == nil else {
            ignore(
                line, "a route of the type '\(route.kind.word)' has no gateway, interface or source address",
                at: line.keyword)
            return nil
        }
        // IPv4 looks at it only where there is a gateway or an interface.
        guard !draft.isOnLink || draft.interface != nil || isIPv4 && !isUnicast else {
            ignore(
                line,
                "'onlink' needs an interface ('dev') on whose link the gateway is: the kernel refuses the route without",
                at: line.keyword)
            return nil
        }
        route.gateway = draft.gateway
        route.source = draft.source
        route.table = draft.table
        // The kernel takes 0 for its default.
        route.metric = draft.metric == 0 ? nil : draft.metric
        if isIPv4 {
            route.scope = draft.scope ?? 0
            route.typeOfService = draft.typeOfService
        } else if draft.scope != nil || draft.typeOfService != 0 {
            warn("routes of IPv6 have no scope and no type of service: they have no effect", line.keyword)
        }
        route.isOnLink = draft.isOnLink
        route.metrics = draft.metrics
        route.isMTULocked = draft.isMTULocked
        return VirtualRouting(location: line.keyword.location, object: .route(route), interface: draft.interface)
    }

    private mutating func destination(of draft: RouteDraft, _ line: Statement) -> IPPrefix? {
        if let destination = draft.destination { return destination }
        guard draft.isDefault else {
            ignore(line, "a route needs a destination: a network, or 'default'", at: line.keyword)
            return nil
        }
        let isIPv4 = !draft.isIPv6Default && (draft.gateway ?? draft.source)?.isIPv4 ?? true
        return IPPrefix(address: isIPv4 ? .unspecified : IPAddress(IPv6Address.unspecified), length: 0)
    }
}
