import Addressing
import Configuration
import VRRP

/// Two hosts with the same addresses at a time: a network that was cut in two heals, or something keeps them from hearing each other.
extension Core {
    /// This host is master and hears a master that loses. One that it has just replaced says so once, which is no split.
    mutating func noteSplit(_ id: RouterID, loser: HeardAdvertisement, at now: Instant) {
        let instance = instances[id]
        if instance.dip?.explains(loser.priority, at: now) == true { return }
        // One that only answered by ARP until now is told with its address.
        let isKnown = instance.split?.advertiser != nil
        if !isKnown {
            record(.contested(instance: instance.name, by: loser.source, priority: loser.priority), about: id)
        }
        let interval = instance.configuration.advertisementInterval
        if case .preempting? = instance.tenure.claim, now - instance.tenure.since < interval * 2 { return }
        if case .masterResigned? = instance.tenure.claim, now - instance.tenure.since < interval * 2 { return }
        // Who names other addresses alone has none of these.
        if !loser.sharesNoAddress { noteOtherHolder(of: id, .advertiser(loser.source), at: now) }
        guard !isKnown else { return }
        record(
            .splitBrain(
                instance: instance.name, with: loser.source, lasted: now - instance.tenure.since, isWinner: true),
            about: id)
    }

    /// This host was master and yields. To the master whose silence made it claim: then both were master all the while.
    mutating func noteHeal(_ id: RouterID, winner: HeardAdvertisement, at now: Instant) {
        let instance = instances[id]
        switch instance.tenure.claim {
        case .masterSilent(let silent?, _) where silent == winner.source: break
        case .masterHostDead(let silent, _) where silent == winner.source: break
        default: return
        }
        record(
            .splitBrain(
                instance: instance.name, with: winner.source, lasted: now - instance.tenure.since, isWinner: false),
            about: id)
    }

    /// An advertisement failed a check. It may say all the same that its sender has one of the addresses.
    mutating func noteRejection(
        _ reason: DropReason, of packet: ReceivedPacket, in bytes: borrowing Span<UInt8>, for id: RouterID,
        at now: Instant
    ) {
        guard reason.isDisagreement else { return drop(reason, from: packet.source, for: id, at: now) }
        let named = packet.addresses(in: bytes)
        let isOthers = Set(named).isDisjoint(with: instances[id].check.addresses)
        drop(reason, from: packet.source, naming: isOthers ? named : [], for: id, at: now)
        guard !isOthers, instances[id].isMaster, packet.priority != Priority.resigning,
            now - instances[id].tenure.since > instances[id].configuration.advertisementInterval
        else { return }
        noteOtherHolder(of: id, .advertiser(packet.source), at: now)
    }

    /// A sign that another host has the addresses, too. One split is one event, however many signs it gives.
    mutating func noteOtherHolder(of id: RouterID, _ host: OtherHost, at now: Instant) {
        guard instances[id].isMaster else { return }
        guard instances[id].split != nil else {
            // Nobody knows the priority of who only answers by ARP; an advertiser's has been looked at.
            if case .holder = host, instances[id].dip?.explains(nil, at: now) == true { return }
            instances[id].split = Split(
                with: host, interval: instances[id].configuration.advertisementInterval,
                patience: instances[id].election.masterDownInterval, at: now)
            return
        }
        instances[id].split?.see(host, at: now)
        guard let split = instances[id].split, split.isLasting else { return }
        let event = Event.addressOnTwoHosts(
            instance: instances[id].name, split: report(split, of: instances[id], at: now))
        if split.isNews(at: now) {
            instances[id].split?.noteTold(at: now)
            record(event, about: id)
        } else {
            effects.append(.amend(recorded(event, about: id)))
        }
    }

    /// No sign for a while.
    mutating func endSplitIfDue(_ id: RouterID, at now: Instant) {
        guard let split = instances[id].split, now >= split.deadline else { return }
        endSplit(id, at: now)
    }

    /// It is over, or this host is master no more.
    mutating func endSplit(_ id: RouterID, at now: Instant) {
        guard let split = instances[id].split else { return }
        instances[id].split = nil
        guard split.toldAt != nil else { return }
        record(
            .splitEnded(
                instance: instances[id].name, with: split.host,
                lasted: split.lasted), about: id)
    }

    /// Gone for whoever asks as soon as it advertises no more, or, where it only answers by ARP, when a question goes unanswered; the
    /// event ends later.
    func presentSplit(of instance: Instance, at now: Instant) -> Split? {
        guard instance.isMaster, let split = instance.split, now < split.deadline else { return nil }
        if case .advertiser = split.host, now - split.lastSeen <= split.pause { return split }
        return instance.addresses.contains { presentConflict($0, of: instance, at: now) != nil } ? split : nil
    }

    // MARK: - Why

    func report(_ split: Split, of instance: Instance, at now: Instant) -> SplitReport {
        SplitReport(
            address: instance.addresses.first?.configuration.prefix, count: instance.addresses.count,
            lasted: split.lasted, host: split.host, cause: cause(of: split, of: instance, at: now))
    }

    /// What can be seen for sure goes before what is only likely.
    func cause(of split: Split, of instance: Instance, at now: Instant) -> SplitCause {
        let recently = split.memory
        let group = instance.configuration.unicast == nil ? instance.configuration.group : nil
        if let failure = instance.sendFailure(at: now) { return .cannotSend(failure) }
        if case .advertiser(let address) = split.host {
            if let failure = instance.sending.failure(to: address, at: now) { return .cannotSend(failure) }
            let peer = instance.observations.peers.all.first { $0.address == address }
            if let heardAt = peer?.heardAt, now - heardAt < recently {
                if address == instance.source { return .sameSource(address) }
                if peer?.addressesDiffer == true { return .otherList }
                return .unheardThere(group: group)
            }
            let rejections = peer?.dropped.filter { $0.key.isDisagreement && now - $0.value.last < recently }
            if let reason = rejections?.latest?.key { return .rejected(reason) }
            if let other = instance.observations.otherNumber, other.source == address {
                return .otherNumber(other.virtualRouterID, own: instance.configuration.virtualRouterID)
            }
        }
        if instance.observations.hearing.isFiltered {
            return .unheardHere(
                interface: instance.configuration.interface, isReversePath: instance.observations.hearing.isReversePath)
        }
        guard case .holder(let hardwareAddress) = split.host else { return .unheardThere(group: group) }
        if let cause = lastWord(of: split, of: instance) { return cause }
        if let sender = instance.observations.senders.sender(hardwareAddress) {
            if sender.address == instance.source {
                return .echo(sender.address, priority: instance.election.parameters.priority)
            }
            return .silentPeer(sender.address, group: group)
        }
        return .copy(hardwareAddress, group: group)
    }

    /// A keepalived that rejects what it hears says nothing more: each packet puts its own next one off. What it said last stays the cause.
    private func lastWord(of split: Split, of instance: Instance) -> SplitCause? {
        let begin = split.since - split.memory
        guard let address = otherHost(of: split, of: instance),
            let peer = instance.observations.peers.all.first(where: { $0.address == address })
        else { return nil }
        let rejection = peer.dropped.filter { $0.key.isDisagreement && $0.value.last >= begin }
            .latest
        let heardAt = peer.heardAt.flatMap { $0 >= begin ? $0 : nil }
        if let rejection, heardAt.map({ $0 < rejection.value.last }) ?? true { return .rejected(rejection.key) }
        guard heardAt != nil else { return nil }
        if address == instance.source { return .sameSource(address) }
        return peer.addressesDiffer ? .otherList : nil
    }

    /// Where the other host of a split advertises from, or did while it advertised.
    func otherHost(of split: Split, of instance: Instance) -> IPAddress? {
        switch split.host {
        case .advertiser(let address): address
        case .holder(let hardwareAddress):
            instance.observations.senders.sender(hardwareAddress)?.address ?? split.advertiser
        }
    }
}

extension [DropReason: HeardPeer.Drops] {
    /// The reason for which something was dropped last. Of two at the same moment it is always the same one.
    var latest: Element? {
        self.max { ($0.value.last, $0.key.rawValue) < ($1.value.last, $1.key.rawValue) }
    }
}

extension DropReason {
    /// The sender takes part in the same election, and the two do not agree on how.
    var isDisagreement: Bool {
        switch self {
        case .password, .authenticationType, .interval, .version, .checksum, .peer, .destination, .timeToLive: true
        case .truncated, .notVRRP, .source, .echo, .anotherCluster, .type, .length, .noAddress, .unknownVirtualRouter,
            .notReady:
            false
        }
    }
}
