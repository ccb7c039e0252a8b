import Addressing
import VRRP

/// The order of a turn.
extension CoreDriver where Self: ~Copyable {
    /// So many requests are written at a time, and so many announcements: advertisements that are due go out in between.
    package static var chunk: Int { 64 }

    package mutating func see(_ effects: [Effect]) {}

    /// One turn of the loop: own advertisements that are due, then what has come, then the other timers, and then what follows from
    /// all of it, as a batch.
    package mutating func turn() {
        let now = readClock()
        // Going on as master: what waits in the sockets that the last process has left may say that another one is.
        if duties.listensFirst {
            duties.listensFirst = false
            _ = readPackets(at: now)
        }
        // A steady sender must not keep a master silent: it speaks before anything is read.
        withCore { $0.sendDue(at: now) }
        carryOutEffects()
        _ = readEvents(at: now)
        readTableIfNeeded(at: now)
        let undrained = readPackets(at: now)
        // What was heard may call for an answer at once.
        withCore { $0.sendDue(at: now) }
        readLosses(at: now)
        withCore { $0.expire(at: now, undrained: undrained) }
        carryOutEffects()
    }

    private mutating func readTableIfNeeded(at now: Instant) {
        if duties.readsTable, readTable(at: now) { duties.readsTable = false }
    }

    // MARK: - What follows

    /// Carries out what the core wants, until it wants nothing more: requests to the kernel a chunk at a time; what their answers allow
    /// to be said is said before the next ones. An advertisement says who is master before the announcement says where it is.
    package mutating func carryOutEffects() {
        var batch = Batch()
        while true {
            let effects = withCore { $0.takeEffects() }
            if !effects.isEmpty { see(effects) }
            for effect in effects { sort(effect, into: &batch) }
            speak(&batch)
            if !batch.requests.isEmpty {
                perform(&batch)
            } else if !batch.slowRequests.isEmpty {
                batch.requests.append(batch.slowRequests.removeFirst())
                perform(&batch)
            } else if batch.wantsTable {
                // A claim may wait for it.
                batch.wantsTable = false
                readTableIfNeeded(at: readClock())
            } else if !batch.renewals.isEmpty {
                // What the kernel says of them may ask for more.
                renew(&batch)
            } else if effects.isEmpty {
                break
            }
        }
        if !batch.events.isEmpty { record(batch.events) }
        if batch.isFinished { finish() }
    }

    private mutating func sort(_ effect: Effect, into batch: inout Batch) {
        switch effect {
        case .addAddress(let id, let assignment): batch.requests.append(SystemRequest(id: id, kind: .add(assignment)))
        case .removeAddress(let id, let key):
            batch.requests.append(SystemRequest(id: id, kind: .remove(key)))
            // Renewals come last, and Linux would put an address that has gone on again.
            if !batch.renewals.isEmpty { batch.renewals.removeAll { $0.key == key } }
        case .promoteSecondaries(let id, let interface):
            batch.requests.append(SystemRequest(id: id, kind: .promoteSecondaries(interface)))
        case .setRouting(let id, let object): batch.requests.append(SystemRequest(id: id, kind: .setRouting(object)))
        case .removeRouting(let id, let object):
            batch.requests.append(SystemRequest(id: id, kind: .removeRouting(object)))
        case .link(let id, let order):
            let request = SystemRequest(id: id, kind: .link(order))
            if order.isSlow { batch.slowRequests.append(request) } else { batch.requests.append(request) }
        case .advertise(let instance, let interface, let destination, let priority, let packet):
            batch.packets.append(
                AdvertisementOrder(
                    instance: instance, interface: interface, destination: destination, priority: priority,
                    packet: packet))
        case .tryToSend(let instance, let interface, let destination, let packet):
            batch.packets.append(
                AdvertisementOrder(
                    instance: instance, interface: interface, destination: destination, priority: nil, packet: packet))
        case .announce(let interface, let hardwareAddress, let addresses, let rounds):
            batch.announcements.append(
                Announcement(
                    interface: interface, hardwareAddress: hardwareAddress, addresses: addresses, rounds: rounds))
        case .renewAddress(let assignment): batch.renewals.append(assignment)
        case .requestSnapshot:
            duties.readsTable = true
            batch.wantsTable = true
        case .record(let event): batch.events.append(event)
        case .finished: batch.isFinished = true
        case .adopted:
            duties.listensFirst = true
            carryOut(effect)
        case .openReceiver, .tap, .closeReceiver, .openMacvlanReceiver, .closeMacvlanReceiver, .probe, .remember,
            .forget,
            .mastershipEnded, .amend, .requestRouting:
            carryOut(effect)
        }
    }

    /// Advertisements, then announcements. Neighbours wait for the first ones; what became of the advertisements is for the core to
    /// know a moment later.
    private mutating func speak(_ batch: inout Batch) {
        let packets = batch.takePackets()
        let failures = packets.isEmpty ? [] : send(packets)
        var rest = batch.announcements[...]
        batch.announcements = []
        announceChunk(of: &rest)
        takeResults(of: packets, failures)
        while !rest.isEmpty {
            sendDueMeanwhile(&batch)
            announceChunk(of: &rest)
        }
    }

    private mutating func announceChunk(of rest: inout ArraySlice<Announcement>) {
        guard !rest.isEmpty else { return }
        announce(rest.prefix(Self.chunk))
        rest = rest.dropFirst(Self.chunk)
    }

    private mutating func takeResults(of packets: [AdvertisementOrder], _ failures: [SendFailure?]) {
        guard !packets.isEmpty else { return }
        let now = readClock()
        withCore { $0.takeResults(of: packets, failures, at: now) }
    }

    /// Advertisements that have become due while a long batch is carried out.
    private mutating func sendDueMeanwhile(_ batch: inout Batch) {
        let now = readClock()
        let effects = withCore { core in
            core.sendDue(at: now)
            return core.takeEffects()
        }
        guard !effects.isEmpty else { return }
        see(effects)
        for effect in effects { sort(effect, into: &batch) }
        let packets = batch.takePackets()
        if !packets.isEmpty { takeResults(of: packets, send(packets)) }
    }

    /// One write of requests, without those that nobody wants any more. The events that they caused reach the core before the answers do, so
    /// that it judges the answers by a table that already shows them.
    private mutating func perform(_ batch: inout Batch) {
        let chunk = batch.requests.prefix(Self.chunk)
        let results = ask(chunk)
        batch.requests.removeFirst(chunk.count)
        let now = readClock()
        while readEvents(at: now) {}
        readTableIfNeeded(at: now)
        withCore { core in
            for (request, result) in zip(chunk, results) {
                if let result { core.handle(.completed(request.id, result), at: now) }
            }
            core.sendDue(at: now)
        }
    }

    /// A renewal that is refused shows when the address goes.
    private mutating func renew(_ batch: inout Batch) {
        while !batch.renewals.isEmpty {
            let chunk = batch.renewals.prefix(Self.chunk)
            renew(chunk)
            batch.renewals.removeFirst(chunk.count)
            sendDueMeanwhile(&batch)
        }
    }
}

/// Effects sorted by the way in which they are carried out.
private struct Batch {
    var requests: [SystemRequest] = []
    /// For which the kernel takes 10 ms and more: each goes by itself, when nothing else waits.
    var slowRequests: [SystemRequest] = []
    var packets: [AdvertisementOrder] = []
    var announcements: [Announcement] = []
    var renewals: [AddressAssignment] = []
    var events: [RecordedEvent] = []
    /// The core doubts its table.
    var wantsTable = false
    var isFinished = false

    mutating func takePackets() -> [AdvertisementOrder] {
        defer { packets.removeAll(keepingCapacity: true) }
        return packets
    }
}

extension LinkOrder {
    /// The kernel waits until no processor uses the link any more.
    fileprivate var isSlow: Bool {
        switch self {
        case .switchOff, .delete, .deleteAll: true
        case .make, .switchOn, .set, .setMTU, .setPromotion: false
        }
    }
}
