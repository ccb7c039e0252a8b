import Addressing
import CNetlink
import Glibc

/// Routes and rules. Built attribute by attribute: libnl's objects guess a route's scope, and can say neither `not` nor whose a rule is.
extension RouteRequestMessage {
    /// ip route prepend [destination] … proto 250 · ip rule add … protocol 250
    static func set(_ object: RoutingObject) throws(SystemError) -> RouteRequestMessage {
        switch object {
        case .route(let route):
            // IPv4 puts it before others of the same metric, and refuses only what is the same in all, its protocol number too. IPv6
            // would join it with another one of the same metric, so that half of the packets take the other way.
            try message(
                Int32(RTM_NEWROUTE), flags: route.isIPv4 ? NLM_F_CREATE : NLM_F_CREATE | NLM_F_EXCL, for: route)
        case .rule(let rule):
            // Without NLM_F_EXCL there would be one more each time.
            try message(Int32(RTM_NEWRULE), flags: NLM_F_CREATE | NLM_F_EXCL, for: rule)
        }
    }

    /// ip route del [destination] … proto 250 · ip rule del … protocol 250: of all that the kernel compares, the protocol number keeps it
    /// from removing another program's.
    static func remove(_ object: RoutingObject) throws(SystemError) -> RouteRequestMessage {
        switch object {
        case .route(var route):
            // Without a metric IPv6 would take one of any.
            if !route.isIPv4 { route.metric = route.effectiveMetric }
            return try message(Int32(RTM_DELROUTE), flags: 0, for: route)
        case .rule(let rule): return try message(Int32(RTM_DELRULE), flags: 0, for: rule)
        }
    }

    private static func message(
        _ type: Int32, flags: Int32, for route: Route
    ) throws(SystemError) -> RouteRequestMessage {
        let request = try make(type, flags: flags)
        var header = rtmsg()
        header.rtm_family = family(isIPv4: route.isIPv4)
        header.rtm_dst_len = route.destination.length
        header.rtm_tos = route.typeOfService
        header.rtm_table = tableNumber(route.table)
        header.rtm_protocol = Route.ourOrigin
        header.rtm_scope = route.scope
        header.rtm_type = route.kind.rawValue
        header.rtm_flags = route.isOnLink ? UInt32(RTNH_F_ONLINK) : 0
        try request.append(header)
        try request.put(RTA_TABLE.rawValue, route.table)
        if !route.isDefault { try request.put(RTA_DST.rawValue, route.destination.address) }
        if let gateway = route.gateway { try request.put(RTA_GATEWAY.rawValue, gateway) }
        if let interface = route.interface { try request.put(RTA_OIF.rawValue, UInt32(bitPattern: interface.rawValue)) }
        if let source = route.source { try request.put(RTA_PREFSRC.rawValue, source) }
        if let metric = route.metric { try request.put(RTA_PRIORITY.rawValue, metric) }
        if !route.metrics.isEmpty || route.isMTULocked { try request.putMetrics(of: route) }
        return request
    }

    private func putMetrics(of route: Route) throws(SystemError) {
        guard let nest = unsafe nla_nest_start(message, Int32(RTA_METRICS.rawValue)) else {
            throw Self.failure(ENOMEM)
        }
        // RTAX_LOCK is a set of the others.
        if route.isMTULocked { try put(UInt32(RTAX_LOCK), UInt32(1) << UInt32(Route.Metric.mtu.rawValue)) }
        for (metric, value) in route.metrics.sorted(by: { $0.key < $1.key }) {
            try put(UInt32(metric.rawValue), value)
        }
        guard unsafe nla_nest_end(message, nest) == 0 else { throw Self.failure(ENOMEM) }
    }

    private static func message(
        _ type: Int32, flags: Int32, for rule: RoutingRule
    ) throws(SystemError) -> RouteRequestMessage {
        let request = try make(type, flags: flags)
        var header = fib_rule_hdr()
        header.family = family(isIPv4: rule.isIPv4)
        header.src_len = rule.source?.length ?? 0
        header.dst_len = rule.destination?.length ?? 0
        header.tos = rule.typeOfService
        header.action = rule.action.number
        header.flags = rule.isInverted ? UInt32(FIB_RULE_INVERT) : 0
        if case .lookUp(let table) = rule.action { header.table = tableNumber(table) }
        try request.append(header)
        try request.put(UInt32(FRA_PRIORITY), rule.priority)
        if let source = rule.source, source.length > 0 { try request.put(UInt32(FRA_SRC), source.address) }
        if let destination = rule.destination, destination.length > 0 {
            try request.put(UInt32(FRA_DST), destination.address)
        }
        if let name = rule.inboundInterface { try request.put(UInt32(FRA_IIFNAME), name) }
        if let name = rule.outboundInterface { try request.put(UInt32(FRA_OIFNAME), name) }
        if let mark = rule.mark {
            try request.put(UInt32(FRA_FWMARK), mark)
            try request.put(UInt32(FRA_FWMASK), rule.markMask)
        }
        if case .lookUp(let table) = rule.action { try request.put(UInt32(FRA_TABLE), table) }
        unsafe try request.put { unsafe nla_put_u8($0, Int32(FRA_PROTOCOL), Route.ourOrigin) }
        return request
    }

    // MARK: - Dumps

    /// ip route show table all proto 250
    static func routeDump(isIPv4: Bool) throws(SystemError) -> RouteRequestMessage {
        let request = try make(Int32(RTM_GETROUTE), flags: NLM_F_DUMP)
        var header = rtmsg()
        header.rtm_family = family(isIPv4: isIPv4)
        // Counts where NETLINK_GET_STRICT_CHK is set.
        header.rtm_protocol = Route.ourOrigin
        try request.append(header)
        return request
    }

    /// ip rule show
    static func ruleDump(isIPv4: Bool) throws(SystemError) -> RouteRequestMessage {
        let request = try make(Int32(RTM_GETRULE), flags: NLM_F_DUMP)
        var header = fib_rule_hdr()
        header.family = family(isIPv4: isIPv4)
        try request.append(header)
        return request
    }

    // MARK: - Values

    private static func family(isIPv4: Bool) -> UInt8 { UInt8(isIPv4 ? AF_INET : AF_INET6) }

    /// The octet of the fixed part holds no larger one; the attribute counts.
    private static func tableNumber(_ table: UInt32) -> UInt8 {
        UInt8(exactly: table) ?? UInt8(RT_TABLE_COMPAT.rawValue)
    }

    private func put(_ type: UInt32, _ value: UInt32) throws(SystemError) {
        unsafe try put { unsafe nla_put_u32($0, Int32(type), value) }
    }

    private func put(_ type: UInt32, _ text: String) throws(SystemError) {
        unsafe try put { unsafe nla_put_string($0, Int32(type), text) }
    }

    private func put(_ type: UInt32, _ address: IPAddress) throws(SystemError) {
        if let ipv4 = address.ipv4 {
            try put(type, ipv4.rawValue.bigEndian)
        } else if let ipv6 = address.ipv6 {
            var octets = (ipv6.high.bigEndian, ipv6.low.bigEndian)
            unsafe try put { message in unsafe nla_put(message, Int32(type), 16, &octets) }
        }
    }
}

extension RoutingRule.Action {
    /// FR_ACT_…
    fileprivate var number: UInt8 {
        switch self {
        case .lookUp: 1
        case .blackhole: 6
        case .unreachable: 7
        case .prohibit: 8
        }
    }
}
