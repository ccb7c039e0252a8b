import Addressing
import FailoverCore
import Glibc
import Kernel
import Reporting
import VRRP

/// Carrying out what the core wants done.
extension Agent {
    /// Effects sorted by the system call that carries them out.
    private struct Batch {
        var requests: [(id: RequestID, request: RouteRequest)] = []
        var packets: [IPv4AdvertisementSender.Packet] = []
        /// Requests whose answers nobody waits for.
        var renewals: [RouteRequest] = []
        var records: [Event] = []
    }

    /// Until the core wants nothing more. Requests to the kernel come first and at most `RouteRequests.batch` at a
    /// time: what their answers allow to be said is said before the next ones, and so are advertisements due meanwhile.
    func carryOut() {
        var batch = Batch()
        var isFinished = false
        while true {
            for effect in core.takeEffects() {
                if effect == .finished { isFinished = true }
                sort(effect, into: &batch)
            }
            send(&batch)
            guard !batch.requests.isEmpty else {
                if core.hasEffects { continue }
                break
            }
            perform(&batch)
        }
        renew(&batch)
        for event in batch.records { tell(event) }
        if isFinished { finish() }
    }

    private func tell(_ event: Event) {
        let place = core.place(of: event)
        history.note(event, at: place, now: Self.now(), epoch: Clocks.sinceEpoch())
        guard let suppressed = repeats.admit(event, at: Self.now()) else { return }
        var entry = JournalEntry(event, at: place)
        if suppressed > 0 {
            entry.message += " (and \(suppressed) more like this since it was last told)"
            entry.fields.append(JournalEntry.Field(name: "SUPPRESSED", value: "\(suppressed)"))
        }
        log.write(entry)
    }

    private func sort(_ effect: Effect, into batch: inout Batch) {
        switch effect {
        case .addAddress(let id, let assignment): batch.requests.append((id, .add(assignment)))
        case .removeAddress(let id, let key): batch.requests.append((id, .remove(key)))
        case .promoteSecondaries(let id, let interface): batch.requests.append((id, .promoteSecondaries(interface)))
        case .openReceiver(let interface, let groups, let shared):
            openReceiver(interface, groups: groups, shared: shared)
        case .tap(let interface, let sources):
            do {
                try receivers[interface]?.listen(to: sources.ipv4, protocolNumber: Advertisement.protocolNumber)
            } catch {
                log.write(.warning, "interface \(interface): \(error)")
            }
        case .closeReceiver(let interface): closeReceiver(interface)
        case .advertise(let instance, let interface, let destination, let priority, let packet):
            // The sender's sockets are IPv4's; the core makes no other packets.
            guard let destination = destination.ipv4 else { break }
            // One that a reload has put an end to meanwhile has no role any more.
            if priority > Priority.lowest || core.isMaster(instance), let position = core.position(of: instance) {
                roles?.noteAdvertisement(position, at: Clocks.sinceBoot())
            }
            batch.packets.append(
                IPv4AdvertisementSender.Packet(
                    bytes: packet, destination: destination, interface: interface, context: instance.rawValue))
        case .tryToSend(let instance, let interface, let destination, let packet):
            guard let destination = destination.ipv4 else { break }
            batch.packets.append(
                IPv4AdvertisementSender.Packet(
                    bytes: packet, destination: destination, interface: interface, context: instance.rawValue))
        case .announce(let interface, let hardwareAddress, let addresses, let rounds):
            // An advertisement says who is master before the announcement says where it is.
            send(&batch)
            // Of an interface that is down, or gone, much else is told.
            if let (lost, reason) = announcer.announce(
                addresses.ipv4, hardwareAddress: hardwareAddress, interface: interface, rounds: rounds),
                ![ENETDOWN, ENXIO, ENODEV].contains(reason.code),
                let text = lostAnnouncements.note(lost, "\(reason)", on: interface, at: Self.now())
            {
                log.write(.warning, text)
            }
        case .probe(let interface, let hardwareAddress, let addresses):
            announcer.probe(addresses.ipv4, hardwareAddress: hardwareAddress, interface: interface)
        case .renewAddress(let assignment): batch.renewals.append(.renew(assignment))
        case .remember(let key, let createdAt): state?.remember(key, createdAt: createdAt)
        case .forget(let key): state?.forget(key)
        case .requestSnapshot: needsSnapshot = true
        case .amend(let event):
            history.amend(event, at: core.place(of: event), now: Self.now(), epoch: Clocks.sinceEpoch())
        case .record(let event):
            batch.records.append(event)
            switch event {
            case .handoverEnded(let instance): handovers?.mayHaveEnded(instance)
            case .stateChanged(let instance, _, _, _):
                statesHaveChanged = true
                handovers?.mayHaveEnded(instance)
            case .sendFailed, .addressConflict: housekeeping?.suspect()
            default: break
            }
        case .mastershipEnded(let instance):
            if !core.isMaster(instance), let position = core.position(of: instance) {
                roles?.noteAdvertisement(position, at: nil)
            }
        case .adopted(let instance):
            readsFirst = true
            if roles?.continuesInOrder == false, let position = core.position(of: instance) {
                roles?.noteAdoption(position, at: Clocks.sinceBoot())
            }
        case .finished: break
        }
    }

    private func send(_ batch: inout Batch) {
        guard !batch.packets.isEmpty else { return }
        var failures: [Int: SystemError] = [:]
        sender.send(batch.packets) { failures[$0] = $1 }
        tellResults(of: batch.packets, failures)
        batch.packets.removeAll(keepingCapacity: true)
    }

    /// Of one virtual router's packets all have to fail before it counts: one of several peers may be out of reach.
    private func tellResults(of packets: [IPv4AdvertisementSender.Packet], _ failures: [Int: SystemError]) {
        let now = Self.now()
        var failed: [Int: SystemError] = [:]
        for (place, error) in failures { failed[packets[place].context] = error }
        for (place, packet) in packets.enumerated() where failures[place] == nil {
            failed[packet.context] = nil
            let instance = RouterID(rawValue: packet.context)
            if core.isFailingToSend(instance) { core.handle(.sent(instance: instance), at: now) }
        }
        for (place, error) in failures.sorted(by: { $0.key < $1.key }) where failed[packets[place].context] == nil {
            core.handle(
                .sendFailedInPart(
                    instance: RouterID(rawValue: packets[place].context),
                    SendFailure(code: error.code, text: SystemError.text(of: error.code)),
                    destination: IPAddress(packets[place].destination)), at: now)
        }
        for (context, error) in failed.sorted(by: { $0.key < $1.key }) {
            let failure = SendFailure(code: error.code, text: SystemError.text(of: error.code))
            core.handle(.sendFailed(instance: RouterID(rawValue: context), failure), at: now)
        }
    }

    /// One write of requests. The events that they caused reach the core before the answers do, so that it judges the
    /// answers by a table that already shows them.
    private func perform(_ batch: inout Batch) {
        let chunk = batch.requests.prefix(RouteRequests.batch)
        batch.requests.removeFirst(chunk.count)
        let refusals = requests.perform(chunk.map(\.request))
        let now = Self.now()
        while readMonitor(at: now) {}
        if needsSnapshot { takeSnapshot(at: now) }
        for (entry, refusal) in zip(chunk, refusals) {
            let result = refusal.map { RequestResult.refused(KernelRefusal(code: $0.code, text: $0.text)) } ?? .done
            core.handle(.completed(entry.id, result), at: now)
        }
        core.sendDue(at: now)
    }

    /// A renewal that is refused shows when the address goes.
    private func renew(_ batch: inout Batch) {
        while !batch.renewals.isEmpty {
            let chunk = batch.renewals.prefix(RouteRequests.batch)
            batch.renewals.removeFirst(chunk.count)
            _ = requests.perform(chunk)
            core.sendDue(at: Self.now())
            for effect in core.takeEffects() { sort(effect, into: &batch) }
            send(&batch)
        }
    }

    private func openReceiver(_ interface: InterfaceIndex, groups: [IPAddress], shared: [IPAddress]) {
        if receivers[interface] != nil { closeReceiver(interface) }
        var watched: [Int32] = []
        func watch(_ socket: Int32, _ kind: SocketKind) throws {
            try poll.add(socket, token: Self.token(interface, kind))
            watched.append(socket)
        }
        do {
            let receiver =
                try inheritance?.receiver(interface, groups: groups, shared: shared)
                ?? IPv4AdvertisementReceiver(
                    interface: interface, groups: groups.ipv4, protocolNumber: Advertisement.protocolNumber,
                    shared: shared.ipv4)
            try watch(receiver.rawNumber, .raw)
            try watch(receiver.tapNumber, .tap)
            let claims = try ARPClaimReceiver(interface: interface, addresses: shared.ipv4)
            try watch(claims.number, .claims)
            inheritance?.keep(receiver, groups: groups, shared: shared)
            receivers[interface] = receiver
            receiversAreOthers = true
            claimReceivers[interface] = claims
        } catch {
            for socket in watched { poll.remove(socket) }
            inheritance?.forget(interface)
            core.handle(.receiverFailed(interface, reason: "\(error)"), at: Self.now())
        }
    }

    private func closeReceiver(_ interface: InterfaceIndex) {
        inheritance?.forget(interface)
        dropReceiver(interface)
    }

    /// The kernel takes a descriptor out of the poll set by itself once nobody has the socket open any more: but systemd may.
    private func dropReceiver(_ interface: InterfaceIndex) {
        if let receiver = receivers.removeValue(forKey: interface) {
            poll.remove(receiver.rawNumber)
            poll.remove(receiver.tapNumber)
            receiver.silence()
        }
        if let claims = claimReceivers.removeValue(forKey: interface) { poll.remove(claims.number) }
    }
}
