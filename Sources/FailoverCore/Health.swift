import Addressing
import Configuration
package import VRRP

/// How well all is, for monitoring: the worst of what is found, with the reasons.
package struct Health: Hashable, Sendable {
    package enum Level: String, Comparable, Hashable, Sendable {
        case ok
        case warning
        case critical

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
        private var rank: Int { self == .ok ? 0 : self == .warning ? 1 : 2 }
    }

    package struct Finding: Hashable, Sendable {
        package var level: Level
        package var instance: String?
        package var text: String
        /// What to type, or what to change in which file.
        package var advice: String?

        package init(level: Level, instance: String? = nil, text: String, advice: String? = nil) {
            self.level = level
            self.instance = instance
            self.text = text
            self.advice = advice
        }
    }

    package var findings: [Finding]
    package var level: Level { findings.map(\.level).max() ?? .ok }

    package init(findings: [Finding]) {
        self.findings = findings
    }
}

extension Core {
    package func health(at now: Instant) -> Health {
        Health(findings: instances.indices.flatMap { findings(about: $0, at: now) })
    }

    /// What is not as it should be about one instance.
    package func findings(about index: Int, at now: Instant) -> [Health.Finding] {
        let instance = instances[index]
        var findings: [Health.Finding] = []
        func find(_ level: Health.Level, _ text: String, _ advice: String?) {
            findings.append(Health.Finding(level: level, instance: instance.name, text: text, advice: advice))
        }
        let name = instance.configuration.interface
        if instance.state == .fault { find(.critical, "takes no part: \(instance.reason)", instance.fault?.advice) }
        if instance.hearing.isFiltered {
            find(
                .critical, "a firewall on this host drops the advertisements that arrive: let IP protocol 112 in",
                Self.firewallAdvice("input"))
        }
        if let failure = instance.sendFailure(at: now) {
            find(
                .critical, "advertisements can't be sent: \(failure)",
                failure == "Operation not permitted"
                    ? Self.firewallAdvice("output")
                    : failure == "No buffer space available"
                        ? "its queue is full, or drops: tc -s qdisc show dev \(name)"
                        : "ip route get 224.0.0.18 oif \(name)")
        }
        if let order = instance.handover {
            find(.warning, "handed over by \(order.requestedBy)", "failoverctl resume \(instance.name.asShellWord)")
        }
        let before = findings.count
        for peer in instance.peers.all { findings += self.findings(about: peer, of: instance, at: now) }
        if let other = instance.otherNumber,
            now - other.heardAt < max(.seconds(10), instance.configuration.advertisementInterval * 3)
        {
            find(
                .warning,
                "\(other.source) advertises an address of this instance as virtual router \(other.virtualRouterID), not "
                    + "\(instance.configuration.virtualRouterID)",
                "make 'virtual_router_id' the same in both files, then: failoverctl reload")
        }
        // Whoever takes the address off a host that believes to be master sees it come back.
        let isDisputed = !otherMasters(of: instance, at: now).isEmpty || findings.count > before
        for address in instance.addresses {
            let prefix = address.configuration.prefix
            let interface = address.configuration.interface
            if address.isContested(at: now) {
                find(
                    .warning, "\(prefix) is contested: somebody takes it away",
                    "see when, and so who: ip -timestamp monitor address dev \(interface)")
            }
            if let conflict = presentConflict(address, of: instance, at: now), instance.isMaster {
                find(
                    .warning, "\(conflict.hardwareAddress) answers for \(prefix), too",
                    instance.hearing.isFiltered
                        ? "this host hears no advertisements: let them in first"
                        : isDisputed
                            ? "settle what else is said of this instance, and a host of the same virtual router gives it up by itself"
                            : "on the host whose interface has that hardware address (ip link shows it): ip addr del \(prefix) dev INTERFACE"
                )
            }
            if !instance.wantsAddresses, !instance.isStopped, instance.rivalUntil == nil, address.pending == nil,
                let copy = strayCopy(of: prefix.address)
            {
                let place = interfaceName(copy)
                find(
                    .warning,
                    "\(copy.prefix) is on \(place), although this host is not master: it answers for it",
                    // The host's own may be the one by which it is reached.
                    hostsOwn.contains(copy)
                        ? "give this host another address, and take this one out of its network configuration"
                        : "ip addr del \(copy.prefix) dev \(place)")
            }
            if instance.isMaster, !isHeld(address) {
                find(.critical, "\(prefix) is not on \(interface)", "ip addr show dev \(interface)")
            }
        }
        return findings
    }

    /// Which chain drops them this program can't know.
    private static func firewallAdvice(_ hook: String) -> String {
        "in each chain of the \(hook) hook that drops them ('nft list ruleset' shows which); iptables has 'iptables -I "
            + "\(hook.uppercased()) -p 112 -j ACCEPT', and in the usual table of nftables it is: nft insert rule inet filter \(hook) ip protocol vrrp accept"
    }

    /// Where the host has an address that no instance of this agent has put there, with whatever prefix length.
    private func strayCopy(of address: IPv4Address) -> AddressKey? {
        guard table.isLocal(address) else { return nil }
        return table.allAddresses.first { $0.key.address == address && standings[$0.key] != .ours }?.key
    }

    /// Who advertises as master although this host has been one for a while.
    func otherMasters(of instance: Instance, at now: Instant) -> [IPv4Address] {
        let lately = instance.configuration.advertisementInterval * 3
        guard instance.isMaster, now - instance.since > lately else { return [] }
        return instance.peers.all.filter { peer in
            peer.priority ?? 0 > 0 && peer.heardAt.map { now - $0 < lately } ?? false
        }.map(\.address)
    }

    private func findings(about peer: Peer, of instance: Instance, at now: Instant) -> [Health.Finding] {
        var findings: [Health.Finding] = []
        func find(_ text: String, _ advice: String?) {
            findings.append(Health.Finding(level: .warning, instance: instance.name, text: text, advice: advice))
        }
        for (reason, drops) in peer.dropped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let lately = drops.lately(at: now)
            guard lately > 0, reason != .notReady else { continue }
            find(
                "rejecting advertisements from \(peer.address): \(reason.difference) (\(lately) in the last minute)",
                reason.advice)
        }
        let lately = max(instance.configuration.advertisementInterval, peer.interval ?? .zero) * 3
        if let heardAt = peer.heardAt, now - heardAt < lately {
            if peer.addressesDiffer {
                find(
                    "\(peer.address) advertises another list of addresses",
                    "make 'virtual_ipaddress' the same in both files, in number and addresses, then: failoverctl reload"
                )
            }
            if peer.intervalDiffers, let interval = peer.interval {
                find(
                    "\(peer.address) advertises every \(interval.inSeconds), and this host is to every "
                        + "\(instance.configuration.advertisementInterval.inSeconds)",
                    "make 'advert_int' the same in both files, then: failoverctl reload")
            }
            if otherMasters(of: instance, at: now).contains(peer.address) {
                find(
                    "\(peer.address) is master, too",
                    "see why it does not hear this host, on that host: failoverctl explain \(instance.name.asShellWord)"
                )
            }
        }
        return findings
    }
}

extension DropReason {
    /// What is different, in two or three words.
    package var difference: String {
        switch self {
        case .password: "password differs"
        case .authenticationType: "kind of authentication differs"
        case .interval: "advertisement interval differs"
        case .version: "VRRP version differs"
        case .timeToLive: "it is not on this network (TTL)"
        case .checksum: "wrong checksum"
        case .peer: "it is no unicast peer"
        case .destination: "sent to another address"
        case .source: "it uses this host's address"
        case .truncated, .notVRRP, .type, .length, .noAddress, .unknownVirtualRouter, .notReady: explanation
        }
    }
}

extension DropReason {
    /// What makes both hosts agree; `nil` where that depends.
    var advice: String? {
        let then = "in both files, then: failoverctl reload"
        return switch self {
        case .password: "make 'auth_pass' the same (its first 8 bytes count) \(then)"
        case .authenticationType:
            "make 'authentication' the same (a keepalived with 'vrrp_strict' sends none) \(then)"
        case .interval: "make 'advert_int' the same \(then)"
        case .version: "make 'version' (or 'vrrp_version') the same \(then)"
        case .peer: "add it to 'unicast_peer', then: failoverctl reload"
        case .checksum: "for version 3 make 'v3_checksum_as_v2' the same \(then)"
        case .destination: "make 'vrrp_mcast_group4' or 'unicast_peer' the same \(then)"
        case .source: "give each host an address of its own: ip addr show"
        case .timeToLive: "for unicast over a router: 'unicast_ttl' there and 'min_ttl' here"
        case .truncated, .notVRRP, .type, .length, .noAddress, .unknownVirtualRouter, .notReady: nil
        }
    }
}

extension Fault {
    /// What to type.
    var advice: String? {
        switch self {
        case .noInterface: "ip -br link, and compare with 'interface' in the configuration"
        case .interfaceDown(let name): "ip link set \(name) up"
        case .noCarrier(let name): "check the cable or the switch's port: ip -br link show \(name)"
        case .noSourceAddress(let name): "give this host an address of its own: ip addr add ADDRESS/LENGTH dev \(name)"
        case .noConfiguredSource(let address):
            "ip addr show, and compare with 'unicast_src_ip' or 'mcast_src_ip': \(address)"
        case .noPeer: "name the other hosts in 'unicast_peer', then: failoverctl reload"
        case .anotherDaemon: "stop the other one; if it is keepalived: systemctl disable --now keepalived"
        case .addressRefused(_, let interface, _): "ip addr show dev \(interface)"
        case .addressContested(_, let interface):
            "see when it is taken away, and so who does: ip -timestamp monitor address dev \(interface)"
        case .receiverFailed, .startDelayed: nil
        }
    }
}
