package import Addressing
import Configuration
package import VRRP

/// Who is master: packets, timers and what follows from them. The state machine itself is `VirtualRouter`.
extension Core {
    // MARK: - Packets

    /// Takes in one IPv4 packet as a raw socket delivers it.
    /// - Parameters:
    ///   - bytes: the packet, IP header first.
    ///   - tapped: read beside the kernel's IP layer, which drops what claims to come from this host's own addresses.
    ///     A host whose only address is the shared one sends such packets; everything else came the usual way, too.
    ///   - arrived: when it came to the socket, `nil` for now: after a stall that is long ago.
    package mutating func receive(
        _ bytes: borrowing Span<UInt8>, on interface: InterfaceIndex, tapped: Bool = false, arrived: Instant? = nil,
        at now: Instant
    ) {
        let packet: ReceivedPacket
        do {
            packet = try ReceivedPacket(bytes)
        } catch {
            strays[error, default: 0] &+= 1
            return
        }
        if tapped, !table.isLocal(packet.source) { return }
        let key = RouterKey(interface: interface, virtualRouterID: packet.virtualRouterID)
        guard
            let index = router(key, with: packet.source, isMulticast: packet.destination.isMulticast)
        else {
            strays[.unknownVirtualRouter, default: 0] &+= 1
            noteOtherNumber(packet, in: bytes, on: interface, at: now)
            return
        }
        guard instances[index].router.state != .initialize else {
            drop(.notReady, from: packet.source, for: index, at: now)
            return
        }
        let heard: HeardAdvertisement
        do {
            heard = try instances[index].check.judge(packet, in: bytes)
        } catch {
            noteRejection(error, of: packet, in: bytes, for: index, at: now)
            return
        }
        let interval = instances[index].configuration.advertisementInterval
        if instances[index].sent.contain(packet, in: bytes, interval: interval, at: arrived ?? now) {
            drop(.echo, from: packet.source, for: index, at: now)
        } else if heard.sharesNoAddress, !isKnown(heard.source, to: index, at: now) {
            noteAnotherCluster(packet, in: bytes, for: index, at: now)
        } else {
            take(heard, for: index, at: now)
        }
        touch(index)
        settle()
    }

    /// - Parameter addresses: what it named, where none of it is this instance's.
    mutating func drop(
        _ reason: DropReason, from source: IPv4Address, naming addresses: [IPv4Address]? = nil, for index: Int,
        at now: Instant
    ) {
        instances[index].counters.dropped[reason, default: 0] &+= 1
        instances[index].peers.drop(reason, from: source, naming: addresses, at: now)
        guard reason != .notReady, let count = instances[index].warnings.count(reason, at: now) else { return }
        record(.packetsDropped(instance: instances[index].name, reason: reason, from: source, count: count))
    }

    private mutating func take(_ heard: HeardAdvertisement, for index: Int, at now: Instant) {
        instances[index].counters.advertisementsReceived &+= 1
        instances[index].peers.hear(
            heard, interval: instances[index].configuration.advertisementInterval, at: now)
        if instances[index].check.version == .v3 {
            switch heard.checksumForm {
            case .pseudoHeader: instances[index].counters.pseudoHeaderChecksums &+= 1
            case .plain: instances[index].counters.plainChecksums &+= 1
            }
        }
        if heard.priority == Priority.resigning {
            instances[index].counters.resignationsReceived &+= 1
        }
        noteAddressList(heard, for: index)
        let name = instances[index].name
        let wasAdvertising = instances[index].isMaster
        switch instances[index].router.receive(heard, at: now) {
        case .none, .masterResigned, .follow(isNew: false), .discard(isNew: false):
            // Nobody is master now: can this host be?
            if heard.priority == Priority.resigning, instances[index].router.cannotSend { tryNow(index, at: now) }
            // It may be the successor that was waited for.
            if instances[index].isLeaving { giveUpTakenOver(index, at: now) }
        case .follow(isNew: true), .discard(isNew: true):
            record(.masterHeard(instance: name, address: heard.source, priority: heard.priority))
        case .withdraw:
            record(.masterHeard(instance: name, address: heard.source, priority: heard.priority))
            endPauses(index)
            reconcile(index, at: now)
        case .yield:
            // A last word, with the lower priority: the winner announces the addresses once more. Not after a stall: then
            // this host is only about to learn who is master.
            let saysItBefore = instances[index].configuration.advertisesBeforeYielding
            if wasAdvertising, saysItBefore { advertise(index, at: now) }
            noteHeal(index, winner: heard, at: now)
            enter(
                index, from: .master,
                instances[index].sendFault.map { .fault($0) }
                    ?? .outranked(by: heard.source, priority: heard.priority), at: now)
            // Without that setting the last word comes when the addresses are gone: the winner announces them to neighbours
            // that only it can answer.
            let hasSpoken =
                wasAdvertising && instances[index].counters.advertisementsSent > 0
                && !instances[index].router.cannotSend
            instances[index].owesFarewell = hasSpoken && !saysItBefore ? instances[index].configuration.priority : nil
            reconcile(index, at: now)
            sayFarewell(index, at: now)
            // What a master may do for a while without an own address, a backup may not.
            if instances[index].sourceLostAt != nil { evaluate(index, at: now) }
        case .standBack:
            instances[index].handoverOutcome = .done
            // Until the other one has taken over, this host still answers: the clients shall know where.
            announceContest(index, at: now)
            _ = leave(index, at: now)
        case .assert(let contested):
            if contested {
                answerContest(index, by: heard, at: now)
            } else {
                // Whoever resigns was master, too, and the clients may have learnt its hardware address.
                announceContest(index, at: now)
            }
        }
    }

    private mutating func noteAddressList(_ heard: HeardAdvertisement, for index: Int) {
        guard heard.addressesDiffer else {
            if instances[index].addressesDifferFrom == heard.source {
                instances[index].addressesDifferFrom = nil
            }
            return
        }
        instances[index].counters.addressListDifferences &+= 1
        if instances[index].addressesDifferFrom != heard.source {
            instances[index].addressesDifferFrom = heard.source
            record(.addressesDiffer(instance: instances[index].name, from: heard.source))
        }
    }

    // MARK: - Timers

    mutating func expire(_ index: Int, at now: Instant, undrained: [InterfaceIndex: Instant]) {
        endHandoverIfDue(index, at: now)
        if let retryAt = instances[index].retryAt, now >= retryAt {
            // Over, whatever else may keep the instance in fault by now.
            instances[index].retryAt = nil
            evaluate(index, at: now)
            reconcile(index, at: now)
        }
        var mayHaveMissedPackets = false
        if let readUpTo = instances[index].interface.flatMap({ undrained[$0] }) {
            mayHaveMissedPackets = readUpTo <= instances[index].router.deadline ?? now
        }
        if !instances[index].isMaster, !mayHaveMissedPackets {
            fire(index, at: now)
        }
        for position in instances[index].addresses.indices {
            if let retryAt = instances[index].addresses[position].retryAt, now >= retryAt {
                instances[index].addresses[position].retryAt = nil
                reconcile(AddressPlace(instance: index, position: position), at: now)
            }
        }
        announceIfDue(index, at: now)
        sendIfDue(index, at: now)
        endSplitIfDue(index, at: now)
    }

    private mutating func fire(_ index: Int, at now: Instant) {
        switch instances[index].router.fire(at: now) {
        case .claim(let reason):
            claim(index, reason, at: now)
        case .ask:
            askWhoAnswers(index)
            tryNow(index, at: now)
        case .postpone(let end):
            instances[index].counters.takeoversPostponed &+= 1
            record(.takeoverPostponed(instance: instances[index].name, by: end - now))
        case .resume:
            record(.resumed(instance: instances[index].name))
            advertise(index, at: now)
            announceTakeover(index, at: now)
        case .resignAgain:
            sayResignation(index, .resign, at: now)
        case .left(let successor):
            leavingEnded(index, successor: successor, at: now)
        case .leftToNobody:
            nobodyTookOver(index, at: now)
        case .none, .advertise, .lapse:
            break
        }
    }

    // MARK: - Transitions

    /// The instance can take part: RFC 3768, section 6.4.1.
    mutating func start(_ index: Int, source: IPv4Address, at now: Instant) {
        if adopt(index, source: source, at: now) { return }
        let isFirst = instances[index].reason == .started
        let action = instances[index].router.startup(source: source, at: now)
        let reason = instances[index].sendFault.map { Reason.fault($0) } ?? (isFirst ? .started : .recovered)
        enter(index, from: .fault, reason, at: now)
        if case .claim(let reason) = action {
            claim(index, reason, at: now)
        }
    }

    /// The addresses are wanted here. Nothing is said before the kernel has acknowledged each of them.
    private mutating func claim(_ index: Int, _ reason: VirtualRouter.ClaimReason, at now: Instant) {
        instances[index].claimReason = reason
        reconcile(index, at: now)
    }

    /// Called whenever an answer came that a claim may have waited for.
    mutating func concludeClaim(_ index: Int, at now: Instant) {
        guard instances[index].isClaiming else { return }
        for position in instances[index].addresses.indices.reversed() {
            let address = instances[index].addresses[position]
            guard address.pending == nil, isHeld(address) else { return }
        }
        let old = instances[index].state
        guard instances[index].router.confirmClaim(at: now) else { return }
        // What was lost before says nothing about this mastership.
        if !instances[index].router.cannotSend { instances[index].sending.forget() }
        instances[index].counters.becameMaster &+= 1
        let reason = instances[index].claimReason ?? .masterSilent(nil, after: .zero)
        enter(index, from: old, .claimed(Reason.Claim(reason)), at: now)
        advertise(index, at: now)
        announceTakeover(index, at: now)
        touch(index)
    }

    /// Out of the election until the fault is gone. A master says so, where its interface still carries packets.
    mutating func fail(_ index: Int, _ fault: Fault, from state: InstanceState? = nil, at now: Instant) {
        touch(index)
        let old = state ?? instances[index].state
        resign(index, at: now)
        // What was in the way of sending may be another thing, or none, when this is over.
        instances[index].router.change(cannotSend: false, at: now)
        instances[index].sending.forget()
        let isNews = instances[index].fault != fault
        instances[index].fault = fault
        instances[index].source = nil
        instances[index].sourceLostAt = nil
        instances[index].owesFarewell = nil
        if instances[index].handoverOutcome == .underWay { instances[index].handoverOutcome = .done }
        if instances[index].isLeavingForGood { instances[index].isStopped = true }
        instances[index].leavesForFault = false
        if case .anotherDaemon = fault { leaveToRival(index) }
        if old != .fault || isNews {
            enter(index, from: old, .fault(fault), at: now)
        }
        reconcile(index, at: now)
    }

    mutating func resign(_ index: Int, at now: Instant) {
        let action = instances[index].router.shutdown()
        instances[index].announceAgainAt = nil
        instances[index].echoAt = nil
        instances[index].settledEchoAt = nil
        instances[index].refreshAt = nil
        sayResignation(index, action, at: now)
    }

    mutating func sayResignation(_ index: Int, _ action: VirtualRouter.ShutdownAction, at now: Instant) {
        guard action == .resign, let interface = instances[index].interface, let source = instances[index].source,
            table.link(interface)?.isUp == true
        else { return }
        instances[index].counters.resignationsSent &+= 1
        send(instances[index].packets(priority: Priority.resigning, from: source), of: index, on: interface, at: now)
    }

    /// Notes the state that was entered, since when and why.
    mutating func enter(_ index: Int, from old: InstanceState, _ reason: Reason, at now: Instant) {
        let new = instances[index].state
        if new != old || reason == .started {
            instances[index].since = now
        }
        instances[index].reason = reason
        if new != .master {
            endSplit(index, at: now)
            instances[index].announceAgainAt = nil
            instances[index].echoAt = nil
            instances[index].settledEchoAt = nil
            instances[index].refreshAt = nil
            // Who else answers for an address matters to a master.
            for position in instances[index].addresses.indices { instances[index].addresses[position].conflict = nil }
            endPauses(index)
        }
        record(.stateChanged(instance: instances[index].name, from: old, to: new, reason: reason))
    }

    /// What an addition waited for does not keep the address once it has to go.
    private mutating func endPauses(_ index: Int) {
        for position in instances[index].addresses.indices { instances[index].addresses[position].retryAt = nil }
    }

    mutating func advertise(_ index: Int, at now: Instant) {
        guard let interface = instances[index].interface else { return }
        send(instances[index].packets, of: index, on: interface, at: now)
    }

    mutating func send(_ packets: [OutgoingPacket], of index: Int, on interface: InterfaceIndex, at now: Instant) {
        instances[index].counters.advertisementsSent &+= 1
        // The same but for their destinations.
        if let first = packets.first { instances[index].sent.note(first, at: now) }
        for packet in packets {
            effects.append(
                .advertise(
                    instance: instances[index].id, interface: interface, destination: packet.destination,
                    packet: packet.bytes))
        }
    }

}
