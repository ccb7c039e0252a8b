import Addressing
import Configuration
import FailoverCore
import VRRP

/// The host as the program's system. Each thing that the program is told of the reference model is told of, too.
extension VirtualHost: CoreDriver {
    func withCore<Result>(_ body: (inout Core) -> Result) -> Result {
        // Nobody takes a turn without a program.
        let program = program ?? Program(Core(Configuration(), at: time))
        return body(&program.core)
    }

    func readClock() -> Instant { time }

    // MARK: - Reading

    func readEvents(at now: Instant) -> Bool {
        concludeClaims(isMidway: true, at: now)
        // In the middle of a batch the program advertises what has become due.
        advertise(at: now)
        // What a program reads at its start is fresh.
        if isNew { readTable() }
        let events = events
        if events.count > 1 { readsSeveral = true }
        self.events = []
        for event in events { take(event, at: now) }
        isNew = false
        return false
    }

    func readTable(at now: Instant) -> Bool {
        take(.snapshot(links: kernel.links, addresses: kernel.addresses), at: now)
        return true
    }

    func readPackets(at now: Instant) -> [InterfaceIndex: Instant] {
        let batch = inbox.prefix(4)
        inbox.removeFirst(batch.count)
        for packet in batch { hear(packet, at: now) }
        hearNeighbours(at: now)
        return undrained
    }

    func readLosses(at now: Instant) {
        // What was heard may call for an answer, which goes before everything else.
        advertise(at: now)
        if overrun > 0, inbox.isEmpty {
            for number in kernel.areLinksUp.indices {
                program?.core.handle(.packetsLost(VirtualKernel.interface(number), count: overrun), at: now)
            }
            advertise(at: now)
            // Before its group is looked at: who becomes a backup by that begins to listen now, and has missed nothing of it.
            for index in references.indices { references[index].losePackets() }
            settleGroups(at: now)
            overrun = 0
        }
        passTime(at: now)
    }

    func advertise(at now: Instant) {
        for index in references.indices { references[index].advertiseIfDue(at: now.sinceBoot.nanoseconds) }
    }

    /// What was not refused has been granted.
    /// - Parameter isMidway: a batch is being carried out: what lies on a macvlan is asked for when that is on.
    func concludeClaims(isMidway: Bool = false, at now: Instant) {
        for index in references.indices where references[index].phase == .claiming && isWholeClaim(index) {
            if isMidway, scenario.hasVirtualMACs, !withGroup(index).allSatisfy(hasAllAddresses) { continue }
            references[index].claimSucceeded(at: now.sinceBoot.nanoseconds)
        }
    }

    private func hasAllAddresses(_ router: Int) -> Bool {
        addresses(of: router).allSatisfy { kernel.answers(for: scenario.sharedAddress($0).address) }
    }

    /// The reference model's timers.
    private func passTime(at now: Instant) {
        let time = now.sinceBoot.nanoseconds
        passLinkDelays(at: now)
        advertise(at: now)
        if let missed = missedAt, now >= missed {
            if isStopping {
                loseSourceWhileStopping(at: now)
            } else {
                judgeAbility(at: now)
            }
        }
        for index in references.indices {
            if let until = refusedUntil[index], now >= until {
                refusedUntil[index] = nil
                startIfPossible(index, at: now)
            }
            if inbox.isEmpty {
                references[index].expireIfDue(
                    at: time, stops: isStopping || leavesForGood.contains(index), hasSource: hasSource(at: now),
                    isTrackedOut: isTrackedOut(index), group: groupView(of: index))
                goOnTogether(index, at: now)
            }
        }
        settleGroups(claims: inbox.isEmpty, at: now)
    }

    // MARK: - Doing

    func see(_ effects: [Effect]) {
        checkOrder(effects)
        for effect in effects {
            output.append(effect)
            check(effect)
            if traces, let line = traceLine(of: effect) { trace.append(line) }
        }
    }

    func perform(_ requests: ArraySlice<SystemRequest>) -> [RequestResult?] {
        // A refusal that comes without an event concerns the others of its group as well.
        defer { settleGroups(at: time) }
        return requests.map { request in
            if case .remove(let key) = request.kind, !losesEvents, kernel.isLeased(key.prefix) {
                complaint = "host \(number) removes the leased address \(key.prefix)"
            }
            let needed = kernel.routing.count
            // What has failed detection serves no route, and is back in a moment.
            let isInUse = request.address.map { kernel.answers(for: $0) } ?? false
            let (result, happened) = kernel.perform(request.kind, at: time)
            if case .remove(let key) = request.kind, isInUse, kernel.routing.count < needed {
                complaint = complaint ?? "host \(number) removes \(key.prefix) before the route that needs it"
            }
            noteRefusal(of: request, result, at: time)
            // What it was not told of when it decided, it can't spare.
            if case .remove = request.kind, !losesEvents, !readsSeveral,
                happened.count(where: { if case .addressRemoved = $0 { true } else { false } }) > 1
            {
                complaint = "host \(number) removes a primary address, and the kernel its secondaries with it"
            }
            // The events reach the program before the answers do; lost, they are read again at once.
            for event in happened { take(event, at: time) }
            return result
        }
    }

    func send(_ packets: [AdvertisementOrder]) -> [SendFailure?] {
        packets.map { packet in
            guard let router = router(of: packet) else { return nil }
            return send(packet, of: router, at: time)
        }
    }

    /// The number of a virtual router in the scenario.
    private func router(of packet: AdvertisementOrder) -> Int? {
        guard packet.priority == nil else { return Scenario.router(in: packet.packet) }
        return references.indices.first { index(of: $0) == packet.instance }
    }

    func announce(_ announcements: ArraySlice<Announcement>) {}

    func renew(_ assignments: ArraySlice<AddressAssignment>) {
        for assignment in assignments {
            for event in kernel.renew(.renewAddress(assignment), at: time) { take(event, at: time) }
        }
        advertise(at: time)
    }

    func carryOut(_ effect: Effect) {
        switch effect {
        case .remember(let key, let createdAt): remembered[key] = createdAt
        case .forget(let key): remembered[key] = nil
        case .requestRouting: take(.routing(.table(kernel.routing)), at: time)
        default: break
        }
    }

    func record(_ events: [RecordedEvent]) {
        guard let program else { return }
        for recorded in events { notifications?.note(recorded.event, in: program.core) }
    }

    func finish() {
        hasFinished = true
        if !kernel.routing.isEmpty, !losesEvents { complaint = complaint ?? "host \(number) leaves routes behind" }
        if !kernel.macvlans.isEmpty, !losesEvents { complaint = complaint ?? "host \(number) leaves macvlans behind" }
        if kernel.arp.values.contains(where: { $0 != ARPSettings(ignore: 0, announce: 0) }), !losesEvents {
            complaint = complaint ?? "host \(number) leaves an interface with other settings than it had"
        }
    }
}

extension SystemRequest {
    /// The address that is to go.
    fileprivate var address: IPAddress? {
        if case .remove(let key) = kind { key.address } else { nil }
    }
}
