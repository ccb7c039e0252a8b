import Addressing
import CNetlink
import Glibc

/// Routes and rules in what rtnetlink tells.
extension NetlinkMessage {
    /// Of RTM_NEWROUTE and RTM_DELROUTE the route, of RTM_NEWRULE and RTM_DELRULE the rule; `nil` where it is of a kind that this program
    /// does not set.
    var routingObject: RoutingObject? {
        switch type {
        case Int32(RTM_NEWROUTE), Int32(RTM_DELROUTE): route.map { .route($0) }
        case Int32(RTM_NEWRULE), Int32(RTM_DELRULE): rule.map { .rule($0) }
        default: nil
        }
    }

    /// Whether its protocol number is this program's.
    var isOurRouting: Bool {
        switch type {
        case Int32(RTM_NEWROUTE), Int32(RTM_DELROUTE):
            guard let header: rtmsg = payload() else { return false }
            return header.rtm_protocol == Route.ourOrigin
        case Int32(RTM_NEWRULE), Int32(RTM_DELRULE):
            guard let attribute = unsafe attribute(after: fib_rule_hdr.self, Int(FRA_PROTOCOL)) else {
                return false
            }
            return unsafe nla_get_u8(attribute) == Route.ourOrigin
        default: return false
        }
    }

    private var route: Route? {
        // What the kernel has learnt for one destination is no entry of the table.
        guard let header: rtmsg = payload(), header.rtm_flags & UInt32(RTM_F_CLONED) == 0,
            let kind = Route.Kind(rawValue: header.rtm_type),
            let destination = unsafe prefix(
                header.rtm_family, header.rtm_dst_len, attribute(after: rtmsg.self, Int(RTA_DST.rawValue)))
        else { return nil }
        var route = Route(to: destination)
        route.kind = kind
        route.typeOfService = route.isIPv4 ? header.rtm_tos : 0
        route.scope = route.isIPv4 ? header.rtm_scope : 0
        route.isOnLink = header.rtm_flags & UInt32(RTNH_F_ONLINK) != 0
        route.table = number(after: rtmsg.self, RTA_TABLE.rawValue) ?? UInt32(header.rtm_table)
        route.metric = number(after: rtmsg.self, RTA_PRIORITY.rawValue)
        route.interface = number(after: rtmsg.self, RTA_OIF.rawValue).map {
            InterfaceIndex(rawValue: Int32(bitPattern: $0))
        }
        route.gateway = unsafe address(attribute(after: rtmsg.self, Int(RTA_GATEWAY.rawValue)))
        route.source = unsafe address(attribute(after: rtmsg.self, Int(RTA_PREFSRC.rawValue)))
        if let metrics = unsafe attribute(after: rtmsg.self, Int(RTA_METRICS.rawValue)) {
            unsafe readMetrics(metrics, into: &route)
        }
        return route
    }

    private func readMetrics(_ nest: UnsafeMutablePointer<nlattr>, into route: inout Route) {
        guard let data = unsafe nla_data(nest) else { return }
        let (begin, length) = unsafe (data.assumingMemoryBound(to: nlattr.self), nla_len(nest))
        for metric in Route.Metric.allCases {
            guard let value = unsafe nla_find(begin, length, Int32(metric.rawValue)), unsafe nla_len(value) >= 4 else {
                continue
            }
            route.metrics[metric] = unsafe nla_get_u32(value)
        }
        if let lock = unsafe nla_find(begin, length, Int32(RTAX_LOCK)), unsafe nla_len(lock) >= 4 {
            route.isMTULocked = unsafe nla_get_u32(lock) & UInt32(1) << UInt32(Route.Metric.mtu.rawValue) != 0
        }
    }

    private var rule: RoutingRule? {
        guard let header: fib_rule_hdr = payload(), [UInt8(AF_INET), UInt8(AF_INET6)].contains(header.family) else {
            return nil
        }
        let action: RoutingRule.Action
        switch header.action {
        case 1: action = .lookUp(number(after: fib_rule_hdr.self, UInt32(FRA_TABLE)) ?? UInt32(header.table))
        case 6: action = .blackhole
        case 7: action = .unreachable
        case 8: action = .prohibit
        default: return nil
        }
        var rule = RoutingRule(
            priority: number(after: fib_rule_hdr.self, UInt32(FRA_PRIORITY)) ?? 0,
            isIPv4: header.family == UInt8(AF_INET), action: action)
        rule.isInverted = header.flags & UInt32(FIB_RULE_INVERT) != 0
        rule.typeOfService = header.tos
        if header.src_len > 0 {
            rule.source = unsafe prefix(
                header.family, header.src_len, attribute(after: fib_rule_hdr.self, Int(FRA_SRC)))
        }
        if header.dst_len > 0 {
            rule.destination = unsafe prefix(
                header.family, header.dst_len, attribute(after: fib_rule_hdr.self, Int(FRA_DST)))
        }
        rule.inboundInterface = text(after: fib_rule_hdr.self, UInt32(FRA_IIFNAME))
        rule.outboundInterface = text(after: fib_rule_hdr.self, UInt32(FRA_OIFNAME))
        // A mark of 0 is told by its mask alone.
        if let mask = number(after: fib_rule_hdr.self, UInt32(FRA_FWMASK)) {
            rule.mark = number(after: fib_rule_hdr.self, UInt32(FRA_FWMARK)) ?? 0
            rule.markMask = mask
        }
        return rule
    }

    // MARK: - Values

    private func number<Header>(after: Header.Type, _ type: UInt32) -> UInt32? {
        guard let value = unsafe attribute(after: after, Int(type)), unsafe nla_len(value) >= 4 else { return nil }
        return unsafe nla_get_u32(value)
    }

    private func text<Header>(after: Header.Type, _ type: UInt32) -> String? {
        guard let value = unsafe attribute(after: after, Int(type)), let words = unsafe nla_get_string(value) else {
            return nil
        }
        return unsafe String(cString: words)
    }

    private func address(_ attribute: UnsafeMutablePointer<nlattr>?) -> IPAddress? {
        guard let attribute = unsafe attribute, let data = unsafe nla_data(attribute) else { return nil }
        switch unsafe nla_len(attribute) {
        case 4:
            return IPAddress(IPv4Address(rawValue: UInt32(bigEndian: unsafe data.loadUnaligned(as: UInt32.self))))
        case 16:
            let high = unsafe UInt64(bigEndian: data.loadUnaligned(as: UInt64.self))
            let low = unsafe UInt64(bigEndian: data.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            return IPAddress(IPv6Address(high: high, low: low))
        default: return nil
        }
    }

    /// - Parameter attribute: `nil` where the length is 0.
    private func prefix(
        _ family: UInt8, _ length: UInt8, _ attribute: UnsafeMutablePointer<nlattr>?
    ) -> IPPrefix? {
        let base: IPAddress
        switch Int32(family) {
        case AF_INET: base = .unspecified
        case AF_INET6: base = IPAddress(IPv6Address.unspecified)
        default: return nil
        }
        guard let address = unsafe attribute == nil ? base : unsafe address(attribute), address.isIPv4 == base.isIPv4
        else { return nil }
        return IPPrefix(address: address, length: Int(length))
    }
}
