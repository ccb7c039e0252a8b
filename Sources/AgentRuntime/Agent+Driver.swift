import Addressing
import EventLoop
import FailoverCore
import Glibc
import Kernel
import Reporting
import VRRP

/// The runtime as the core's system: what it reads and does, and nothing of its own accord. The order of a turn is `CoreDriver.turn`.
extension Agent: CoreDriver {
    func withCore<Result>(_ body: (inout Core) -> Result) -> Result { body(&core) }

    func readClock() -> Instant { Self.now() }

    /// One turn of the loop, and what belongs to no core.
    func pass() {
        waitOutRunUp()
        var driver = self
        driver.turn()
        makeSlowCall()
        armTimer(at: Self.now())
        updateStatusLine()
        ServiceManager.tellRest()
        keepHandovers()
        desk?.workIfNeeded()
        control?.answerWaiting()
    }

    /// What follows from something that was done between two turns.
    func carryOut() {
        var driver = self
        driver.carryOutEffects()
    }

    // MARK: - Doing

    func perform(_ requests: ArraySlice<SystemRequest>) -> [RequestResult?] {
        // What they cause is there to be read as soon as they have been written.
        hasAskedKernel = true
        let refusals = self.requests.perform(
            requests.map { request in
                switch request.kind {
                case .add(let assignment): .add(assignment)
                case .remove(let key): .remove(key, peer: core.table.address(key)?.peer)
                case .promoteSecondaries(let interface): .promoteSecondaries(interface)
                case .setRouting(let object): .setRouting(object)
                case .removeRouting(let object): .removeRouting(object)
                case .link(let order): .link(order)
                }
            })
        return refusals.map { refusal in
            refusal.map { .refused(KernelRefusal(code: $0.code, text: $0.text)) } ?? .done
        }
    }

    func send(_ packets: [AdvertisementOrder]) -> [SendFailure?] {
        for packet in packets {
            guard let priority = packet.priority else { continue }
            // One that a reload has put an end to meanwhile has no role any more.
            if priority > Priority.lowest || core.isMaster(packet.instance),
                let position = core.position(of: packet.instance)
            {
                roles?.noteAdvertisement(position, at: Clocks.sinceBoot())
            }
        }
        var failures = [SendFailure?](repeating: nil, count: packets.count)
        sender.send(
            packets.map {
                AdvertisementSender.Packet(
                    bytes: $0.packet, destination: $0.destination, interface: $0.interface)
            }
        ) { failures[$0] = SendFailure(code: $1.code, text: SystemError.text(of: $1.code)) }
        return failures
    }

    func announce(_ announcements: ArraySlice<Announcement>) {
        announcer.announce(
            announcements.map {
                AddressAnnouncer.Burst(
                    addresses: $0.addresses, hardwareAddress: $0.hardwareAddress, interface: $0.interface,
                    rounds: $0.rounds)
            }
        ) { interface, lost, reason in
            // Of an interface that is down, or gone, much else is told.
            guard ![ENETDOWN, ENXIO, ENODEV].contains(reason.code),
                let count = lostAnnouncements.note(lost, at: Self.now())
            else { return }
            log.write(.warning, "\(AnnouncementLoss(count: count, interface: interface, reason: "\(reason)"))")
        }
    }

    func renew(_ assignments: ArraySlice<AddressAssignment>) {
        // A renewal that is refused shows when the address goes.
        _ = requests.perform(assignments.map { .renew($0) })
    }

    func carryOut(_ effect: Effect) {
        switch effect {
        case .openReceiver(let place, let groups, let shared):
            openReceiver(place, groups: groups, shared: shared)
        case .tap(let interface, let sources): tap(interface, sources: sources)
        case .closeReceiver(let place): closeReceiver(place)
        case .openMacvlanReceiver(let interface, let place): openMacvlanReceiver(interface, for: place)
        case .closeMacvlanReceiver(let interface): closeMacvlanReceiver(interface)
        case .probe(let interface, let hardwareAddress, let source, let addresses):
            announcer.probe(addresses, from: source, hardwareAddress: hardwareAddress, interface: interface)
        case .remember(let key, let createdAt): state?.remember(key, createdAt: createdAt)
        case .forget(let key): state?.forget(key)
        case .amend(let amended):
            history.amend(amended.event, at: amended.place, now: Self.now(), epoch: Clocks.sinceEpoch())
        case .mastershipEnded(let instance):
            if !core.isMaster(instance), let position = core.position(of: instance) {
                roles?.noteAdvertisement(position, at: nil)
            }
        case .adopted(let instance):
            if roles?.continuesInOrder == false, let position = core.position(of: instance) {
                roles?.noteAdoption(position, at: Clocks.sinceBoot())
            }
        case .requestRouting: readRouting(at: Self.now())
        // The driver's.
        case .addAddress, .removeAddress, .promoteSecondaries, .setRouting, .removeRouting, .link, .advertise,
            .tryToSend, .announce, .renewAddress, .requestSnapshot, .record, .finished:
            break
        }
    }

    // MARK: - Telling

    func record(_ events: [RecordedEvent]) {
        for recorded in events {
            switch recorded.event {
            case .handoverEnded(let instance): handovers?.mayHaveEnded(instance)
            case .stateChanged(let instance, _, _, _):
                statesHaveChanged = true
                handovers?.mayHaveEnded(instance)
            case .sendFailed, .addressConflict: housekeeping?.suspect()
            default: break
            }
            desk?.note(recorded.event)
            tell(recorded)
        }
    }

    private func tell(_ recorded: RecordedEvent) {
        let (event, place) = (recorded.event, recorded.place)
        history.note(event, at: place, now: Self.now(), epoch: Clocks.sinceEpoch())
        guard let suppressed = repeats.admit(event, at: Self.now()) else { return }
        var entry = JournalEntry(event, at: place)
        if suppressed > 0 {
            entry.message += " (and \(suppressed) more like this since it was last told)"
            entry.fields.append(JournalEntry.Field(name: "SUPPRESSED", value: "\(suppressed)"))
        }
        log.write(entry)
    }

    func finish() {
        guard let desk else { return end() }
        desk.leave { [unowned self] in end() }
    }

    private func end() {
        control?.sayGoodbye()
        loop.exit()
    }
}
