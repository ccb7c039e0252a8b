import Addressing
package import FailoverCore
import VRRP

extension SplitReport: CustomStringConvertible {
    package var description: String {
        let first = address.map { "\($0)" } ?? "an address"
        let others = count - 1
        let what =
            others < 1 ? "\(first) has" : others == 1 ? "\(first) and 1 more have" : "\(first) and \(others) more have"
        return
            "\(what) been on two hosts for \(lasted.inSeconds), this one and \(host); cause: \(cause.words(of: host))"
    }
}

extension OtherHost: CustomStringConvertible {
    package var description: String {
        switch self {
        case .advertiser(let address): "\(address)"
        case .holder(let address): "the host with the hardware address \(address)"
        }
    }
}

extension OtherHost {
    /// Of its advertisements; IPv4 where none is known.
    fileprivate var family: IPFamily {
        if case .advertiser(let address) = self { address.family } else { .ipv4 }
    }
}

extension SplitCause {
    fileprivate func words(of host: OtherHost) -> String {
        switch self {
        case .cannotSend(let failure): "this host can't send advertisements: \(failure)"
        case .unheardHere(let interface, true?):
            "the reverse path filter (rp_filter) of \(interface) drops its advertisements"
        case .unheardHere(let interface, false?):
            "its advertisements arrive on \(interface), and a firewall of this host drops them"
        case .unheardHere(let interface, nil):
            "its advertisements arrive on \(interface), and a firewall of this host or its reverse path filter (rp_filter) drops them"
        case .rejected(let reason): "this host rejects its advertisements: \(reason.difference(of: host.family))"
        case .otherNumber(let other, let own): "it uses virtual_router_id \(other), and this host \(own)"
        case .sameSource(let address): "both send from \(address)"
        case .echo(let address, let priority):
            "both send from \(address) with priority \(priority), so that neither can tell the other one from itself"
        case .otherList: "the two lists of addresses differ, so that it rejects this host's advertisements"
        case .unheardThere: "this host hears its advertisements, and it does not hear this host's"
        case .silentPeer(let address, _): "it is \(address), whose advertisements do not arrive here any more"
        case .copy(let hardwareAddress, _):
            "\(hardwareAddress) sends no advertisements that arrive here: somebody gave the address to another host, or the network drops them"
        }
    }

    /// What to type, or what to change in which file.
    /// - Parameters:
    ///   - instance: by name.
    ///   - name: its interface.
    func advice(for instance: String, on name: String, with host: OtherHost) -> String {
        switch self {
        case .cannotSend(let failure):
            if case .advertiser(let address) = host { return failure.advice(interface: name, to: address) }
            return failure.advice(interface: name)
        case .unheardHere(let interface, true?):
            return
                "sysctl -w net.ipv4.conf.\(interface).rp_filter=2, and the same in /etc/sysctl.d; or let the route to the other host leave by \(interface)"
        case .unheardHere(_, false?): return Firewall.advice("input")
        case .unheardHere(let interface, nil):
            return "\(Firewall.advice("input")); or sysctl -w net.ipv4.conf.\(interface).rp_filter=2"
        case .rejected(let reason):
            return reason.advice
                ?? "compare the two files: failoverctl explain \(instance.asShellWord) on both hosts"
        case .otherNumber: return "make 'virtual_router_id' the same in both files, then: failoverctl reload"
        case .sameSource, .echo:
            return
                "give each host a source of its own: take 'mcast_src_ip' or 'unicast_src_ip' out of one file, or write that host's "
                + "address there, then: failoverctl reload"
        case .otherList:
            return "make 'virtual_ipaddress' the same in both files, in number and addresses, then: failoverctl reload"
        case .unheardThere(let group):
            return
                "on \(host): let IP protocol 112 in through its firewall, and see its rp_filter; here: nothing may drop what leaves \(name)"
                + Self.onTheWay(group)
        case .silentPeer(let address, let group):
            return "on \(address): failoverctl status, and see what its firewall drops on the way out"
                + Self.onTheWay(group)
        case .copy(let hardwareAddress, let group):
            return
                "find the host (ip link shows \(hardwareAddress) there) and take the address away: ip addr del ADDRESS dev INTERFACE; "
                + "if it is a host of this virtual router, see what drops its advertisements" + Self.onTheWay(group)
        }
    }

    /// What between the hosts may drop advertisements. A switch floods what goes to 224.0.0.0/24; other groups it may forward only to
    /// where a querier has asked who listens.
    private static func onTheWay(_ group: IPAddress?) -> String {
        guard let group else { return "; between the two: a switch or a cloud's network that drops IP protocol 112" }
        if let group = group.ipv4, group.rawValue >> 8 == 0xE0_0000 {
            return "; between the two: a switch that drops multicast to \(group)"
        }
        let snooping = group.family == .ipv6 ? "MLD" : "IGMP"
        return
            "; between the two: \(snooping) snooping on a switch without a querier, which forwards \(group) to nobody"
    }
}
