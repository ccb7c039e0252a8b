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

        package init(level: Level, instance: String? = nil, text: String) {
            self.level = level
            self.instance = instance
            self.text = text
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
        func find(_ level: Health.Level, _ text: String) {
            findings.append(Health.Finding(level: level, instance: instance.name, text: text))
        }
        if instance.state == .fault { find(.critical, "takes no part: \(instance.reason)") }
        if instance.hearing.isFiltered {
            find(.critical, "a firewall on this host drops the advertisements that arrive: let IP protocol 112 in")
        }
        if let failure = instance.sendFailure(at: now) { find(.critical, "advertisements can't be sent: \(failure)") }
        if let order = instance.handover { find(.warning, "handed over by \(order.requestedBy)") }
        for peer in instance.peers.all { findings += self.findings(about: peer, of: instance, at: now) }
        for address in instance.addresses {
            let prefix = address.configuration.prefix
            if address.isContested(at: now) { find(.warning, "\(prefix) is contested: somebody takes it away") }
            if let conflict = address.conflict, instance.isMaster {
                find(.warning, "\(conflict.hardwareAddress) answers for \(prefix), too")
            }
            if instance.isMaster, !isHeld(address) {
                find(.critical, "\(prefix) is not on \(address.configuration.interface)")
            }
        }
        return findings
    }

    private func findings(about peer: Peer, of instance: Instance, at now: Instant) -> [Health.Finding] {
        var findings: [Health.Finding] = []
        func find(_ text: String) {
            findings.append(Health.Finding(level: .warning, instance: instance.name, text: text))
        }
        for (reason, drops) in peer.dropped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let lately = drops.lately(at: now)
            guard lately > 0, reason != .notReady else { continue }
            find("rejecting advertisements from \(peer.address): \(reason.difference) (\(lately) in the last minute)")
        }
        if let heardAt = peer.heardAt, now - heardAt < instance.configuration.advertisementInterval * 3 {
            if peer.addressesDiffer { find("\(peer.address) advertises another list of addresses") }
            if instance.isMaster, peer.priority ?? 0 > 0,
                now - instance.since > instance.configuration.advertisementInterval * 3
            {
                find("\(peer.address) is master, too")
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
