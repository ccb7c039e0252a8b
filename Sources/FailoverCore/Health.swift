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
        Health(findings: instances.order.flatMap { findings(about: $0, at: now) })
    }

    /// What is not as it should be about one instance.
    package func findings(about id: RouterID, at now: Instant) -> [Health.Finding] {
        let instance = instances[id]
        var findings: [Health.Finding] = []
        func find(_ level: Health.Level, _ text: String, _ advice: String?) {
            findings.append(Health.Finding(level: level, instance: instance.name, text: text, advice: advice))
        }
        let name = instance.configuration.interface
        let split = presentSplit(of: instance, at: now).map { ($0, describe($0, of: instance, at: now)) }
        if let (split, (text, advice)) = split { find(split.isLasting ? .critical : .warning, text, advice) }
        let failure = instance.sendFailure(at: now)
        if instance.state == .fault, instance.election.state == .initialize {
            find(.critical, "takes no part: \(instance.tenure.reason)", instance.participation.fault?.advice)
        }
        if instance.observations.hearing.isFiltered, split == nil {
            let cause = SplitCause.unheardHere(
                interface: name, isReversePath: instance.observations.hearing.isReversePath)
            find(
                .critical,
                instance.observations.hearing.isReversePath == true
                    ? "the reverse path filter (rp_filter) of \(name) drops the advertisements that arrive"
                    : "a firewall on this host drops the advertisements that arrive: let IP protocol 112 in",
                cause.advice(for: instance, with: .advertiser(instance.observations.hearing.source ?? .unspecified)))
        }
        for (address, failure) in instance.sending.unreached(at: now) where split == nil {
            find(
                .warning, "advertisements to \(address) can't be sent: \(failure)",
                failure.advice(interface: name, to: address))
        }
        // Where a split is, it is its cause.
        if let failure, split == nil {
            let role = instance.state == .fault ? "takes no part but as the last resort: " : ""
            find(.critical, "\(role)advertisements can't be sent: \(failure)", failure.advice(interface: name))
        }
        if let order = instance.wayOut.order {
            find(.warning, "handed over by \(order.requestedBy)", "failoverctl resume \(instance.name.asShellWord)")
        }
        for peer in instance.observations.peers.all { findings += self.findings(about: peer, of: instance, at: now) }
        if let other = instance.observations.otherNumber,
            now - other.heardAt < max(.seconds(10), instance.configuration.advertisementInterval * 3), split == nil
        {
            find(
                .warning,
                "\(other.source) advertises an address of this instance as virtual router \(other.virtualRouterID), not "
                    + "\(instance.configuration.virtualRouterID)",
                "make 'virtual_router_id' the same in both files, then: failoverctl reload")
        }
        for address in instance.addresses {
            let prefix = address.configuration.prefix
            let interface = address.configuration.interface
            if address.isContested(at: now) {
                find(
                    .warning, "\(prefix) is contested: somebody takes it away",
                    "see when, and so who: ip -timestamp monitor address dev \(interface)")
            }
            if !instance.wantsAddresses, !instance.isStopped, instance.participation.rivalUntil == nil,
                address.pending == nil,
                let copy = strayCopy(of: prefix.address)
            {
                let place = interfaceName(copy)
                find(
                    .warning,
                    "\(copy.prefix) is on \(place), although this host is not master: it answers for it",
                    // The host's own may be the one by which it is reached.
                    ledger.standing(of: copy) == .hosts
                        ? "give this host another address, and take this one out of its network configuration"
                        : "ip addr del \(copy.prefix) dev \(place)")
            }
            if instance.isMaster, !isHeld(address) {
                find(.critical, "\(prefix) is not on \(interface)", "ip addr show dev \(interface)")
            }
        }
        return findings
    }

    /// Where the host has an address that no instance of this agent has put there, with whatever prefix length.
    private func strayCopy(of address: IPv4Address) -> AddressKey? {
        table.copies(of: address).filter { !ledger.isOurs($0) }.min()
    }

    /// Who advertises as master although this host has been one for a while.
    func otherMasters(of instance: Instance, at now: Instant) -> [IPv4Address] {
        let lately = instance.configuration.advertisementInterval * 3
        guard instance.isMaster, now - instance.tenure.since > lately else { return [] }
        return instance.observations.peers.all.filter { peer in
            peer.priority ?? 0 > 0 && peer.heardAt.map { now - $0 < lately } ?? false
        }.map(\.address)
    }

    private func findings(about peer: HeardPeer, of instance: Instance, at now: Instant) -> [Health.Finding] {
        var findings: [Health.Finding] = []
        func find(_ text: String, _ advice: String?, _ level: Health.Level = .warning) {
            findings.append(Health.Finding(level: level, instance: instance.name, text: text, advice: advice))
        }
        // The other host of a split, of which all is said already.
        let isOther =
            presentSplit(of: instance, at: now).map { otherHost(of: $0, of: instance) == peer.address } ?? false
        for (reason, drops) in peer.dropped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let lately = drops.lately(at: now)
            // Put right: a good one has come since.
            if let heardAt = peer.heardAt, heardAt > drops.last { continue }
            guard lately > 0, reason != .notReady, reason != .echo, !(isOther && reason.isDisagreement) else {
                continue
            }
            if reason == .anotherCluster {
                guard now - drops.last < max(.seconds(15), instance.configuration.advertisementInterval * 4) else {
                    continue
                }
                find(
                    "\(peer.address) uses virtual_router_id \(instance.configuration.virtualRouterID), too, for other addresses: "
                        + "\(peer.otherAddresses.shortList) (\(lately) advertisements in the last minute)",
                    "if it belongs to another cluster, give one of the two another 'virtual_router_id'; if it belongs to this one, a list "
                        + "was mistyped: make 'virtual_ipaddress' the same in both files; then: failoverctl reload",
                    .critical)
                continue
            }
            if reason.isDisagreement, !peer.otherAddresses.isEmpty {
                find(
                    "\(peer.address) uses virtual_router_id \(instance.configuration.virtualRouterID), too, for other addresses: "
                        + "\(peer.otherAddresses.shortList); its advertisements are rejected: \(reason.difference) "
                        + "(\(lately) in the last minute)",
                    "if it belongs to another cluster, give one of the two another 'virtual_router_id', then: failoverctl reload"
                )
                continue
            }
            find(
                "rejecting advertisements from \(peer.address): \(reason.difference) (\(lately) in the last minute)",
                reason.advice)
        }
        let lately = max(instance.configuration.advertisementInterval, peer.interval ?? .zero) * 3
        if let heardAt = peer.heardAt, now - heardAt < lately {
            if peer.address == instance.source, !isOther {
                find(
                    "\(peer.address), from which this host sends, is another host's source, too",
                    SplitCause.sameSource(peer.address).advice(for: instance, with: .advertiser(peer.address)))
            }
            let isFollowed = instance.state == .backup && instance.election.master?.address == peer.address
            if peer.sharesNoAddress, isFollowed {
                find(
                    "\(peer.address) is master, and advertises none of this instance's addresses: they are on no host",
                    "make 'virtual_ipaddress' the same in both files, then: failoverctl reload; ten minutes after it sent the same list "
                        + "last, this host takes it for another cluster's", .critical)
            } else if peer.addressesDiffer, !isOther {
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
            if !isOther, otherMasters(of: instance, at: now).contains(peer.address) {
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
        case .source: "no host can have its source address"
        case .echo, .anotherCluster: explanation
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
        case .source: nil
        case .timeToLive: "for unicast over a router: 'unicast_ttl' there and 'min_ttl' here"
        case .truncated, .notVRRP, .type, .length, .noAddress, .unknownVirtualRouter, .notReady, .echo, .anotherCluster:
            nil
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
        case .cannotSend(let name, let failure): failure.advice(interface: name)
        case .receiverFailed, .startDelayed: nil
        }
    }
}
