import Addressing
import Configuration
import VRRP

/// Two hosts with the same addresses at a time: a network that was cut in two heals, or something keeps them from hearing each other.
extension Core {
    /// This host is master and hears a master that loses. One that it has just replaced says so once, which is no split.
    mutating func noteSplit(_ index: Int, loser: HeardAdvertisement, at now: Instant) {
        let instance = instances[index]
        // One that only answered by ARP until now is told with its address.
        let isKnown = instance.split?.advertiser != nil
        if !isKnown { record(.contested(instance: instance.name, by: loser.source, priority: loser.priority)) }
        let interval = instance.configuration.advertisementInterval
        if case .preempting? = instance.claimReason, now - instance.since < interval * 2 { return }
        if case .masterResigned? = instance.claimReason, now - instance.since < interval * 2 { return }
        // Who names other addresses alone has none of these.
        if !loser.sharesNoAddress { noteOtherHolder(of: index, .advertiser(loser.source), at: now) }
        guard !isKnown else { return }
        record(
            .splitBrain(instance: instance.name, with: loser.source, lasted: now - instance.since, isWinner: true))
    }

    /// This host was master and yields. To the master whose silence made it claim: then both were master all the while.
    mutating func noteHeal(_ index: Int, winner: HeardAdvertisement, at now: Instant) {
        let instance = instances[index]
        guard case .masterSilent(let silent?, _)? = instance.claimReason, silent.address == winner.source
        else { return }
        record(
            .splitBrain(instance: instance.name, with: winner.source, lasted: now - instance.since, isWinner: false))
    }

    /// An advertisement failed a check. It may say all the same that its sender has one of the addresses.
    mutating func noteRejection(
        _ reason: DropReason, of packet: ReceivedPacket, in bytes: borrowing Span<UInt8>, for index: Int,
        at now: Instant
    ) {
        guard reason.isDisagreement else { return drop(reason, from: packet.source, for: index, at: now) }
        let named = packet.addresses(in: bytes)
        let isOthers = Set(named).isDisjoint(with: instances[index].check.addresses)
        drop(reason, from: packet.source, naming: isOthers ? named : [], for: index, at: now)
        guard !isOthers, instances[index].isMaster, packet.priority != Priority.resigning,
            now - instances[index].since > instances[index].configuration.advertisementInterval
        else { return }
        noteOtherHolder(of: index, .advertiser(packet.source), at: now)
    }

    /// A sign that another host has the addresses, too. One split is one event, however many signs it gives.
    mutating func noteOtherHolder(of index: Int, _ host: OtherHost, at now: Instant) {
        guard instances[index].isMaster else { return }
        touch(index)
        guard instances[index].split != nil else {
            instances[index].split = Split(
                with: host, interval: instances[index].configuration.advertisementInterval,
                patience: instances[index].router.masterDownInterval, at: now)
            return
        }
        instances[index].split?.see(host, at: now)
        guard let split = instances[index].split, split.isLasting else { return }
        let event = Event.addressOnTwoHosts(
            instance: instances[index].name, split: report(split, of: instances[index], at: now))
        if split.isNews(at: now) {
            instances[index].split?.toldAt = now
            record(event)
        } else {
            effects.append(.amend(event))
        }
    }

    /// No sign for a while.
    mutating func endSplitIfDue(_ index: Int, at now: Instant) {
        guard let split = instances[index].split, now >= split.deadline else { return }
        endSplit(index, at: now)
    }

    /// It is over, or this host is master no more.
    mutating func endSplit(_ index: Int, at now: Instant) {
        guard let split = instances[index].split else { return }
        instances[index].split = nil
        touch(index)
        guard split.toldAt != nil else { return }
        record(
            .splitEnded(
                instance: instances[index].name, with: split.host,
                lasted: split.lasted))
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
            let peer = instance.peers.all.first { $0.address == address }
            if let heardAt = peer?.heardAt, now - heardAt < recently {
                if address == instance.source { return .sameSource(address) }
                if peer?.addressesDiffer == true { return .otherList }
                return .unheardThere(group: group)
            }
            let rejections = peer?.dropped.filter { $0.key.isDisagreement && now - $0.value.last < recently }
            if let reason = rejections?.max(by: { $0.value.last < $1.value.last })?.key { return .rejected(reason) }
            if let other = instance.otherNumber, other.source == address {
                return .otherNumber(other.virtualRouterID, own: instance.configuration.virtualRouterID)
            }
        }
        if instance.hearing.isFiltered {
            return .unheardHere(
                interface: instance.configuration.interface, isReversePath: instance.hearing.isReversePath)
        }
        guard case .holder(let hardwareAddress) = split.host else { return .unheardThere(group: group) }
        if let cause = lastWord(of: split, of: instance) { return cause }
        if let sender = instance.senders.sender(hardwareAddress) {
            if sender.address == instance.source {
                return .echo(sender.address, priority: instance.configuration.priority)
            }
            return .silentPeer(sender.address, group: group)
        }
        return .copy(hardwareAddress, group: group)
    }

    /// A keepalived that rejects what it hears says nothing more: each packet puts its own next one off. What it said last stays the cause.
    private func lastWord(of split: Split, of instance: Instance) -> SplitCause? {
        let begin = split.since - split.memory
        guard let address = otherHost(of: split, of: instance),
            let peer = instance.peers.all.first(where: { $0.address == address })
        else { return nil }
        let rejection = peer.dropped.filter { $0.key.isDisagreement && $0.value.last >= begin }
            .max { $0.value.last < $1.value.last }
        let heardAt = peer.heardAt.flatMap { $0 >= begin ? $0 : nil }
        if let rejection, heardAt.map({ $0 < rejection.value.last }) ?? true { return .rejected(rejection.key) }
        guard heardAt != nil else { return nil }
        if address == instance.source { return .sameSource(address) }
        return peer.addressesDiffer ? .otherList : nil
    }

    /// Where the other host of a split advertises from, or did while it advertised.
    func otherHost(of split: Split, of instance: Instance) -> IPv4Address? {
        switch split.host {
        case .advertiser(let address): address
        case .holder(let hardwareAddress): instance.senders.sender(hardwareAddress)?.address ?? split.advertiser
        }
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
