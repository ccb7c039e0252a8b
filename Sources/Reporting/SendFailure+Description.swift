import Addressing
package import FailoverCore

extension SendFailure: CustomStringConvertible {
    package var description: String {
        guard let size else { return text }
        return
            "\(text): with \(size.addresses) addresses an advertisement has \(size.length) bytes, the interface's MTU is \(size.mtu), and "
            + "\(size.fitting) addresses would fit"
    }

    /// - Parameter peer: the one of several that it did not reach.
    func words(to peer: IPAddress?) -> String { peer.map { "to \($0): \(self)" } ?? description }

    /// What to type.
    /// - Parameter address: whom it is sent to; `nil` for the group.
    func advice(interface name: String, to address: IPAddress? = nil) -> String {
        if let size {
            return
                "ip link set dev \(name) mtu \(size.length) or more; or divide the addresses among instances of at most \(size.fitting)"
        }
        if isForbidden { return Firewall.advice("output") }
        if isQueueFull { return "its queue is full, or drops: tc -s qdisc show dev \(name)" }
        return "ip route get \(address?.description ?? "224.0.0.18") oif \(name)"
    }
}

/// What lets VRRP through.
enum Firewall {
    /// Which chain drops them this program can't know.
    /// - Parameter hook: `input` or `output`.
    static func advice(_ hook: String) -> String {
        "in each chain of the \(hook) hook that drops them ('nft list ruleset' shows which); iptables has 'iptables -I "
            + "\(hook.uppercased()) -p 112 -j ACCEPT', and in the usual table of nftables it is: nft insert rule inet filter \(hook) meta l4proto vrrp accept"
    }
}
