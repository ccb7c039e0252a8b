package import Addressing
import Configuration
package import VRRP

/// Who is master: packets, timers and what follows from them. The state machine itself is `VirtualRouter`.
extension Core {
    // MARK: - Packets

    /// Takes in one packet, as a raw socket delivers one of IPv4.
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
        // Also of one that is rejected: it may be a sign of a split.
        defer { settle() }
        if takeAnswer(packet, in: bytes, on: interface) { return }
        let key = RouterKey(interface: interface, packet)
        guard
            let id = router(key, with: packet.source, isMulticast: packet.destination.isMulticast)
        else {
            strays[.unknownVirtualRouter, default: 0] &+= 1
            noteOtherNumber(packet, in: bytes, on: interface, at: now)
            return
        }
        guard instances[id].election.state != .initialize else {
            drop(.notReady, from: packet.source, for: id, at: now)
            return
        }
        let heard: HeardAdvertisement
        do {
            heard = try instances[id].check.judge(packet, in: bytes)
        } catch {
            noteRejection(error, of: packet, in: bytes, for: id, at: now)
            return
        }
        let interval = instances[id].configuration.advertisementInterval
        if instances[id].sent.contain(packet, in: bytes, interval: interval, at: arrived ?? now) {
            drop(.echo, from: packet.source, for: id, at: now)
        } else if heard.sharesNoAddress, !isKnown(heard.source, to: id, at: now) {
            noteAnotherCluster(packet, in: bytes, for: id, at: now)
        } else {
            take(heard, for: id, at: now)
        }
    }

    /// - Parameter addresses: what it named, where none of it is this instance's.
    mutating func drop(
        _ reason: DropReason, from source: IPAddress, naming addresses: [IPAddress]? = nil, for id: RouterID,
        at now: Instant
    ) {
        guard let count = instances[id].observations.drop(reason, from: source, naming: addresses, at: now) else {
            return
        }
        record(.packetsDropped(instance: instances[id].name, reason: reason, from: source, count: count), about: id)
    }

    private mutating func take(_ heard: HeardAdvertisement, for id: RouterID, at now: Instant) {
        instances[id].observations.hear(
            heard, interval: instances[id].configuration.advertisementInterval,
            countsForms: instances[id].check.version == .v3, at: now)
        if instances[id].observations.compareList(of: heard) {
            record(.addressesDiffer(instance: instances[id].name, from: heard.source), about: id)
        }
        let name = instances[id].name
        let wasAdvertising = instances[id].isMaster
        switch instances[id].election.receive(heard, at: now) {
        case .none, .masterResigned, .follow(isNew: false), .discard(isNew: false):
            // Nobody is master now: can this host be?
            if heard.priority == Priority.resigning, instances[id].election.cannotSend { tryNow(id, at: now) }
            if heard.priority == Priority.resigning, instances[id].state == .backup {
                answerResignation(of: heard, for: id)
            }
            // It may be the successor that was waited for.
            if instances[id].isLeaving {
                leaveMacvlanToSuccessor(id, at: now)
                giveUpTakenOver(id, at: now)
            }
        case .follow(isNew: true), .discard(isNew: true):
            record(.masterHeard(instance: name, address: heard.source, priority: heard.priority), about: id)
        case .withdraw:
            record(.masterHeard(instance: name, address: heard.source, priority: heard.priority), about: id)
            instances[id].placement.endPauses()
            reconcile(id, at: now)
        case .yield:
            // A last word, with the lower priority: the winner announces the addresses once more. Not after a stall: then
            // this host is only about to learn who is master.
            let saysItBefore = instances[id].configuration.advertisesBeforeYielding
            if wasAdvertising, saysItBefore { advertise(id, at: now) }
            noteHeal(id, winner: heard, at: now)
            enter(
                id, from: .master,
                instances[id].sendFault.map { .fault($0) }
                    ?? .outranked(by: heard.source, priority: heard.priority), at: now)
            // Without that setting the last word comes when the addresses are gone: the winner announces them to neighbours
            // that only it can answer.
            let hasSpoken =
                wasAdvertising && instances[id].observations.counters.advertisementsSent > 0
                && !instances[id].election.cannotSend
            instances[id].wayOut.oweFarewell(
                hasSpoken && !saysItBefore ? instances[id].election.parameters.priority : nil)
            reconcile(id, at: now)
            sayFarewell(id, at: now)
            // What a master may do for a while without an own address, a backup may not.
            if instances[id].participation.sourceLostAt != nil { evaluate(id, at: now) }
        case .standBack:
            instances[id].wayOut.endHandover()
            // Until the other one has taken over, this host still answers: the clients shall know where.
            announceContest(id, at: now)
            _ = leave(id, at: now)
        case .assert(let contested):
            if contested {
                answerContest(id, by: heard, at: now)
            } else {
                // Whoever resigns was master, too, and the clients may have learnt its hardware address.
                announceContest(id, at: now)
            }
        }
    }

    // MARK: - Timers

    /// Looks at what a timer that has run out was for. What was due may have changed meanwhile: each looks at its own deadline.
    mutating func expire(
        _ kind: TimerKind, of id: RouterID, at now: Instant, undrained: [InterfaceIndex: Instant]
    ) {
        switch kind {
        case .advertisement: break
        case .handoverEnd: endHandoverIfDue(id, at: now)
        case .retry: retryIfDue(id, at: now)
        case .election:
            guard !instances[id].isMaster, !mayHaveMissedPackets(id, at: now, undrained: undrained) else { return }
            fire(id, at: now)
        case .addressRetry: retryAddressesIfDue(id, at: now)
        case .probe: probeIfDue(id, at: now)
        case .renewal: renewIfDue(id, at: now)
        case .refit: refitIfDue(id, at: now)
        case .defence: defendIfDue(id, at: now)
        case .secondBurst, .echo, .settledEcho, .refresh: announceIfDue(kind, of: id, at: now)
        case .resend: resendIfDue(id, at: now)
        case .trial: tryIfDue(id, at: now)
        case .splitEnd: endSplitIfDue(id, at: now)
        case .routing: expireRouting(id, at: now)
        case .macvlan: retryMacvlanIfDue(id, at: now)
        }
    }

    private mutating func retryIfDue(_ id: RouterID, at now: Instant) {
        guard instances[id].participation.takeRetry(at: now) else { return }
        evaluate(id, at: now)
        reconcile(id, at: now)
    }

    private mutating func retryAddressesIfDue(_ id: RouterID, at now: Instant) {
        for position in instances[id].placement.takeRetries(at: now) {
            reconcile(AddressPlace(instance: id, position: position), at: now)
        }
    }

    private func mayHaveMissedPackets(
        _ id: RouterID, at now: Instant, undrained: [InterfaceIndex: Instant]
    ) -> Bool {
        guard let readUpTo = instances[id].interface.flatMap({ undrained[$0] }) else { return false }
        return readUpTo <= instances[id].election.deadline ?? now
    }

    private mutating func fire(_ id: RouterID, at now: Instant) {
        switch instances[id].election.fire(at: now) {
        case .claim(let reason):
            claim(id, reason, at: now)
        case .wish:
            // Its group decides when all timers have been looked at.
            break
        case .ask:
            askWhoAnswers(id)
            tryNow(id, at: now)
        case .postpone(let end):
            instances[id].observations.counters.takeoversPostponed &+= 1
            record(.takeoverPostponed(instance: instances[id].name, by: end - now), about: id)
        case .resume:
            record(.resumed(instance: instances[id].name), about: id)
            advertise(id, at: now)
            announceTakeover(id, at: now)
        case .resignAgain:
            sayResignation(id, .resign, at: now)
        case .left(let successor):
            leavingEnded(id, successor: successor, at: now)
        case .leftToNobody:
            nobodyTookOver(id, at: now)
        case .none, .advertise, .lapse:
            break
        }
    }

    // MARK: - Transitions

    /// The instance can take part: RFC 3768, section 6.4.1.
    mutating func start(_ id: RouterID, source: IPAddress, at now: Instant) {
        if adopt(id, source: source, at: now) { return }
        let isFirst = instances[id].tenure.reason == .started
        let action = instances[id].election.startup(source: source, at: now)
        let reason = instances[id].sendFault.map { Reason.fault($0) } ?? (isFirst ? .started : .recovered)
        enter(id, from: .fault, reason, at: now)
        if case .claim(let reason) = action {
            claim(id, reason, at: now)
        } else if instances[id].election.wishes {
            groupTable.ask(instances[id].group)
        }
    }

    /// The addresses are wanted here. Nothing is said before the kernel has acknowledged each of them.
    private mutating func claim(_ id: RouterID, _ reason: VirtualRouter.ClaimReason, at now: Instant) {
        instances[id].tenure.claim(reason)
        if instances[id].macvlan?.isMute == true { instances[id].macvlan?.endMuteness() }
        reconcile(id, at: now)
    }

    /// Called whenever an answer came that a claim may have waited for.
    mutating func concludeClaim(_ id: RouterID, at now: Instant) {
        guard instances[id].isClaiming, mayConclude(id) else { return }
        for member in withGroup(id) { becomeMaster(member, at: now) }
    }

    private mutating func becomeMaster(_ id: RouterID, at now: Instant) {
        let old = instances[id].state
        guard instances[id].election.confirmClaim(at: now) else { return }
        // What was lost before says nothing about this mastership.
        if !instances[id].election.cannotSend { instances[id].sending.forget() }
        instances[id].observations.counters.becameMaster &+= 1
        let reason = instances[id].tenure.claim ?? .masterSilent(nil, after: .zero)
        enter(id, from: old, .claimed(reason), at: now)
        advertise(id, at: now)
        announceTakeover(id, at: now)
        setRouting(id, at: now)
    }

    /// A source has found a fault; what the others have said stands.
    mutating func fail(_ id: RouterID, _ fault: Fault, of source: FaultSource, at now: Instant) {
        var faults = instances[id].participation.faults
        faults[source] = fault
        fail(id, faults, at: now)
    }

    /// Out of the election at once, until the last fault is gone. A master says so, where its interface still carries packets.
    /// - Parameters:
    ///   - faults: all that are there now.
    ///   - state: the one that it comes from; `nil` for its present one.
    mutating func fail(_ id: RouterID, _ faults: FaultSet, from state: InstanceState? = nil, at now: Instant) {
        let old = state ?? instances[id].state
        noteOwnFault(faults, of: id)
        resign(id, at: now)
        // What was in the way of sending may be another thing, or none, when this is over.
        instances[id].election.change(cannotSend: false, at: now)
        instances[id].sending.forget()
        let isNews = instances[id].participation.fail(faults)
        // Who can still speak owes the last word of a mastership that has ended before this.
        let farewell = faults[.network] == nil && old != .master ? instances[id].wayOut.farewell : nil
        instances[id].wayOut.noteFault()
        instances[id].wayOut.oweFarewell(farewell)
        if case .anotherDaemon = faults[.network] { leaveToRival(id) }
        if let told = faults.first, old != .fault || isNews {
            enter(id, from: old, .fault(told), at: now)
        }
        reconcile(id, at: now)
    }

    mutating func resign(_ id: RouterID, at now: Instant) {
        let action = instances[id].election.shutdown()
        instances[id].announcing.stop()
        sayResignation(id, action, at: now)
    }

    mutating func sayResignation(_ id: RouterID, _ action: VirtualRouter.ShutdownAction, at now: Instant) {
        guard action == .resign, let interface = instances[id].interface, let source = instances[id].source,
            table.link(interface)?.isUp == true
        else { return }
        instances[id].observations.counters.resignationsSent &+= 1
        send(instances[id].packets(priority: Priority.resigning, from: source), of: id, on: interface, at: now)
    }

    /// Notes the state that was entered, since when and why.
    mutating func enter(_ id: RouterID, from old: InstanceState, _ reason: Reason, at now: Instant) {
        let new = instances[id].state
        instances[id].tenure.enter(reason, isNew: new != old, at: now)
        if new != .leaving, instances[id].macvlan?.isGivenUp == true { instances[id].macvlan?.isGivenUp = false }
        // What was refused before does not hold up its end.
        if new == .stopped { instances[id].macvlan?.stopWaiting() }
        if new == .master { instances[id].participation.noteTakeover() }
        if new != .master {
            endSplit(id, at: now)
            instances[id].announcing.stop()
            instances[id].claims.endMastership()
            instances[id].placement.endPauses()
        }
        record(.stateChanged(instance: instances[id].name, from: old, to: new, reason: reason), about: id)
        if new != .master { effects.append(.mastershipEnded(instance: id)) }
    }

    mutating func advertise(_ id: RouterID, at now: Instant) {
        guard let interface = instances[id].interface else { return }
        send(instances[id].advertised.packets, of: id, on: interface, at: now)
    }

    mutating func send(_ packets: [OutgoingPacket], of id: RouterID, on interface: InterfaceIndex, at now: Instant) {
        instances[id].observations.counters.advertisementsSent &+= 1
        // The same but for their destinations.
        if let first = packets.first { instances[id].sent.note(first, at: now) }
        let interface = outgoingInterface(of: id, priority: packets.first?.priority ?? 0) ?? interface
        for packet in packets {
            effects.append(
                .advertise(
                    instance: id, interface: interface, destination: packet.destination,
                    priority: packet.priority, packet: packet.bytes))
        }
    }

}
