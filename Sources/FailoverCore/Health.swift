import Addressing
import Configuration
package import VRRP

extension Core {
    package func health(at now: Instant) -> Health {
        Health(findings: instances.order.flatMap { findings(about: $0, at: now) })
    }

    /// What is not as it should be about one instance.
    package func findings(about id: RouterID, at now: Instant) -> [Health.Finding] {
        let instance = instances[id]
        var findings: [Health.Finding] = []
        func find(_ level: Health.Level, _ code: FindingCode) {
            findings.append(Health.Finding(level: level, instance: instance.name, code: code))
        }
        let name = instance.configuration.interface
        let split = presentSplit(of: instance, at: now)
        if let split {
            find(
                split.isLasting ? .critical : .warning,
                .addressOnTwoHosts(report(split, of: instance, at: now), interface: name))
        }
        let failure = instance.sendFailure(at: now)
        if instance.state == .fault, instance.election.state == .initialize {
            find(.critical, .takesNoPart(instance.tenure.reason, instance.participation.fault))
        }
        if instance.state == .backup, let fault = instance.participation.refusedTakeover {
            find(instance.election.isFollowing ? .warning : .critical, .lastTakeoverRefused(fault))
        }
        if instance.isLeaving, let fault = faultAhead(of: instance, at: now) { find(.critical, .leavesFor(fault)) }
        if let code = loneWish(of: instance, at: now) { find(.critical, code) }
        for tracked in trackedStatus(of: instance) where tracked.weight != 0 {
            guard case .down = tracked.state else { continue }
            find(.warning, .trackerDown(tracked, priority(of: instance.configuration)))
        }
        if instance.observations.hearing.isFiltered, split == nil {
            find(
                .critical, .inboundFiltered(interface: name, isReversePath: instance.observations.hearing.isReversePath)
            )
        }
        for (address, failure) in instance.sending.unreached(at: now) where split == nil {
            find(.warning, .peerUnreached(address, failure, interface: name))
        }
        // Where a split is, it is its cause.
        if let failure, split == nil {
            find(.critical, .cannotSend(failure, interface: name, isLastResort: instance.state == .fault))
        }
        if let order = instance.wayOut.order {
            find(.warning, .handedOver(by: order.requestedBy))
        }
        for peer in instance.observations.peers.all { findings += self.findings(about: peer, of: instance, at: now) }
        if let other = instance.observations.otherNumber,
            now - other.heardAt < max(.seconds(10), instance.configuration.advertisementInterval * 3), split == nil
        {
            find(
                .warning,
                .otherNumber(other.source, other.virtualRouterID, own: instance.configuration.virtualRouterID))
        }
        for address in instance.addresses {
            let prefix = address.configuration.prefix
            let interface = address.configuration.interface
            if address.isContested(at: now) {
                find(.warning, .addressContested(prefix, interface: interface))
            }
            if !instance.wantsAddresses, !instance.isStopped, instance.participation.rivalUntil == nil,
                address.pending == nil,
                let copy = strayCopy(of: prefix.address)
            {
                find(
                    .warning,
                    .strayAddress(
                        copy.prefix, interface: interfaceName(copy), isHostsOwn: ledger.standing(of: copy) == .hosts))
            }
            if instance.isMaster, !isHeld(address) {
                find(.critical, .addressMissing(prefix, interface: interface))
            }
        }
        for status in routes(of: instance, at: now) {
            if let problem = status.problem { find(.warning, .routeMissing(words: status.words, problem)) }
            if status.isContested { find(.warning, .routeContested(words: status.words, isRule: status.isRule)) }
        }
        return findings
    }

    /// What a master leaves for; `nil` where it leaves for something else, or nothing is in the way any more.
    private func faultAhead(of instance: Instance, at now: Instant) -> Fault? {
        guard instance.wayOut.isForFault, !instance.wayOut.isForGood else { return nil }
        if instance.participation.isBridging(at: now), let interface = instance.interface {
            return noSource(instance.configuration.family, on: interface, named: instance.configuration.interface)
        }
        return trackedFault(of: instance.id) ?? groupFault(of: instance.id)
    }

    /// So many master down intervals without a master are no failover that is under way.
    private static let longestWish = 2

    /// A member whose timer has ended, and that waits for another one which follows another host: nobody may ever be its master.
    private func loneWish(of instance: Instance, at now: Instant) -> FindingCode? {
        guard instance.group != GroupTable.none, instance.election.wishes else { return nil }
        let silence = now - max(instance.election.master?.heardAt ?? instance.tenure.since, instance.tenure.since)
        guard silence > instance.election.masterDownInterval * Self.longestWish else { return nil }
        for id in withGroup(instance.id) where instances[id].election.isFollowing {
            guard let master = instances[id].election.master else { continue }
            return .waitsForGroup(
                groupTable.name(of: instance.group), member: instances[id].name, master: master.address, since: silence)
        }
        return nil
    }

    /// Where the host has an address that no instance of this agent has put there, with whatever prefix length.
    private func strayCopy(of address: IPAddress) -> AddressKey? {
        table.copies(of: address).filter { !ledger.isOurs($0) }.min()
    }

    /// Who advertises as master although this host has been one for a while.
    func otherMasters(of instance: Instance, at now: Instant) -> [IPAddress] {
        let lately = instance.configuration.advertisementInterval * 3
        guard instance.isMaster, now - instance.tenure.since > lately else { return [] }
        return instance.observations.peers.all.filter { peer in
            guard let priority = peer.priority, priority > 0, let heardAt = peer.heardAt, now - heardAt < lately else {
                return false
            }
            return instance.dip?.explains(priority, at: heardAt) != true
        }.map(\.address)
    }

    private func findings(about peer: HeardPeer, of instance: Instance, at now: Instant) -> [Health.Finding] {
        var findings: [Health.Finding] = []
        func find(_ code: FindingCode, _ level: Health.Level = .warning) {
            findings.append(Health.Finding(level: level, instance: instance.name, code: code))
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
                    .anotherCluster(
                        peer.address, virtualRouterID: instance.configuration.virtualRouterID,
                        addresses: peer.otherAddresses, lately: lately), .critical)
                continue
            }
            if reason.isDisagreement, !peer.otherAddresses.isEmpty {
                find(
                    .otherAddressesRejected(
                        peer.address, reason, virtualRouterID: instance.configuration.virtualRouterID,
                        addresses: peer.otherAddresses, lately: lately))
                continue
            }
            find(.advertisementsRejected(peer.address, reason, lately: lately))
        }
        let lately = max(instance.configuration.advertisementInterval, peer.interval ?? .zero) * 3
        if let heardAt = peer.heardAt, now - heardAt < lately {
            if peer.address == instance.source, !isOther { find(.sameSource(peer.address)) }
            let isFollowed = instance.state == .backup && instance.election.master?.address == peer.address
            if peer.sharesNoAddress, isFollowed {
                find(.addressesNowhere(master: peer.address), .critical)
            } else if peer.addressesDiffer, !isOther {
                find(.addressListDiffers(peer.address))
            }
            if peer.intervalDiffers, let interval = peer.interval {
                find(.intervalDiffers(peer.address, interval, own: instance.configuration.advertisementInterval))
            }
            if !isOther, otherMasters(of: instance, at: now).contains(peer.address) { find(.otherMaster(peer.address)) }
        }
        return findings
    }
}
