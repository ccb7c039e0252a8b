import Addressing
import Configuration
import VRRP

/// Advertisements that can't be sent: a master that is silent without knowing it would stay master beside another one.
extension Core {
    /// How much of an interval has to pass before a master believes that nothing leaves: two sends, whose times may jitter.
    private static let doubt = (9, 10)
    /// So many addresses stand for all when a backup asks who has them.
    private static let asked = 4

    /// An advertisement, or a trial, could not be sent.
    mutating func sendFailed(_ id: RouterID, _ failure: SendFailure, at now: Instant) {
        guard let index = index(of: id) else { return }
        instances[index].counters.sendErrors &+= 1
        let failure = measured(failure, of: index)
        let isNew = instances[index].sendFailure(at: now) != failure && instances[index].sending.failure != failure
        instances[index].sending.note(failure, isMaster: instances[index].isMaster, at: now)
        instances[index].sent.takeBack()
        if isNew { record(.sendFailed(instance: instances[index].name, failure: failure)) }
        touch(index)
        guard instances[index].isMaster else { return }
        let interval = instances[index].configuration.advertisementInterval
        if failure.isQueueFull, instances[index].sending.retries < Sending.mostRetries {
            // A queue that was full for a moment: the same again, well before the next one.
            instances[index].sending.retries += 1
            instances[index].sending.resendAt = now + min(interval / 8, .milliseconds(50))
        }
        if let since = instances[index].sending.failingSince, now - since >= interval * Self.doubt.0 / Self.doubt.1 {
            fallSilent(index, at: now)
        }
    }

    /// An advertisement or a trial has left, after others had not.
    mutating func sendSucceeded(_ id: RouterID, at now: Instant) {
        guard let index = index(of: id), instances[index].sending.failure != nil else { return }
        speakAgain(index, at: now)
    }

    /// An advertisement could not be sent to one of several peers.
    mutating func sendFailedInPart(_ id: RouterID, _ failure: SendFailure, to address: IPv4Address, at now: Instant) {
        guard let index = index(of: id) else { return }
        instances[index].counters.sendErrors &+= 1
        guard instances[index].sending.noteUnreached(address, failure, at: now) else { return }
        record(.sendFailed(instance: instances[index].name, failure: failure, to: address))
    }

    /// Whether the runtime is to say so when something of this virtual router leaves.
    package func isFailingToSend(_ id: RouterID) -> Bool {
        index(of: id).map { instances[$0].sending.failure != nil } ?? false
    }

    /// What the packet's length has to do with it.
    private func measured(_ failure: SendFailure, of index: Int) -> SendFailure {
        guard failure.code == SendFailure.tooLong, let size = sizeProblem(of: index) else { return failure }
        var failure = failure
        failure.size = size
        return failure
    }

    /// Where the advertisement is longer than the interface carries.
    private func sizeProblem(of index: Int) -> SendFailure.Size? {
        guard let interface = instances[index].interface, let mtu = table.link(interface)?.mtu else { return nil }
        let configuration = instances[index].configuration
        guard configuration.advertisementLength > mtu, mtu > 0 else { return nil }
        return SendFailure.Size(
            length: configuration.advertisementLength, mtu: mtu, addresses: configuration.advertisedAddresses.count,
            fitting: configuration.mostAddresses(mtu: mtu))
    }

    /// A backup's list against the interface's MTU, which may have changed. A master's sends tell by themselves.
    mutating func judgeSize(of index: Int, at now: Instant) {
        if let size = sizeProblem(of: index) {
            guard !instances[index].isMaster else { return }
            instances[index].sending.failure = SendFailure(
                code: SendFailure.tooLong, text: SendFailure.wordsForTooLong, size: size)
            instances[index].sending.failingSince = instances[index].sending.failingSince ?? now
            fallSilent(index, at: now)
        } else if instances[index].sending.failure?.size != nil {
            speakAgain(index, at: now)
        }
    }

    private mutating func fallSilent(_ index: Int, at now: Instant) {
        guard !instances[index].router.cannotSend else { return }
        let old = instances[index].state
        instances[index].router.change(cannotSend: true, at: now)
        instances[index].sending.trialAt = now + Sending.trialPeriod
        touch(index)
        // Perhaps another host has the addresses already and can't say so either.
        if instances[index].isMaster { probeSoon(index, at: now) }
        if instances[index].state != old, let fault = instances[index].sendFault {
            enter(index, from: old, .fault(fault), at: now)
        }
    }

    private mutating func speakAgain(_ index: Int, at now: Instant) {
        let old = instances[index].state
        let since = instances[index].sending.failingSince ?? now
        instances[index].sending.forget()
        touch(index)
        guard instances[index].router.cannotSend else { return }
        instances[index].router.change(cannotSend: false, at: now)
        record(.sendsAgain(instance: instances[index].name, after: now - since))
        if instances[index].state != old { enter(index, from: old, .recovered, at: now) }
    }

    /// Another host answers for an address of an instance whose own advertisements do not leave.
    mutating func heardAnswer(from claim: AddressClaim, about index: Int, at now: Instant) {
        // Only one that has advertised: proxies answer, too.
        guard instances[index].router.cannotSend,
            let sender = instances[index].senders.sender(claim.hardwareAddress), sender.isValid
        else { return }
        let old = instances[index].state
        touch(index)
        guard instances[index].router.heardAnswer(from: sender.address, at: now) else { return }
        if let fault = instances[index].sendFault { enter(index, from: old, .fault(fault), at: now) }
        reconcile(index, at: now)
    }

    /// Asks by ARP who has the addresses.
    mutating func askWhoAnswers(_ index: Int) {
        guard let interface = instances[index].interface, let link = table.link(interface), !link.hasNoARP,
            let hardwareAddress = link.hardwareAddress
        else { return }
        let addresses = instances[index].addresses.compactMap(\.key).filter { $0.interface == interface }.map(\.address)
        guard !addresses.isEmpty else { return }
        effects.append(
            .probe(
                interface: interface, hardwareAddress: hardwareAddress,
                addresses: Array(addresses.prefix(Self.asked))))
    }

    /// Tries again after a full queue; a backup looks whether it can send.
    mutating func sendIfDue(_ index: Int, at now: Instant) {
        if let due = instances[index].sending.resendAt, now >= due {
            instances[index].sending.resendAt = nil
            if instances[index].isMaster { advertise(index, at: now) }
        }
        guard let due = instances[index].sending.trialAt, now >= due else { return }
        tryNow(index, at: now)
    }

    /// Looks whether a backup can send.
    mutating func tryNow(_ index: Int, at now: Instant) {
        instances[index].sending.trialAt = now + Sending.trialPeriod
        touch(index)
        guard instances[index].router.cannotSend, !instances[index].isMaster, sizeProblem(of: index) == nil else {
            return
        }
        sendTrial(index)
    }

    /// The same packet as an advertisement, of virtual router 0, which nobody has: a backup must not be heard.
    private mutating func sendTrial(_ index: Int) {
        guard let interface = instances[index].interface, let source = instances[index].source else { return }
        for packet in instances[index].trialPackets(from: source) {
            effects.append(
                .tryToSend(
                    instance: instances[index].id, interface: interface, destination: packet.destination,
                    packet: packet.bytes))
        }
    }
}

extension Instance {
    /// What keeps it from taking part as others do, while its advertisements do not leave.
    var sendFault: Fault? {
        guard router.cannotSend, let failure = sending.failure else { return nil }
        return .cannotSend(configuration.interface, failure)
    }

    /// Why advertisements can't be sent, while that is so.
    func sendFailure(at now: Instant) -> SendFailure? {
        guard let failure = sending.failure else { return nil }
        if router.cannotSend { return failure }
        guard let failedAt = sending.failedAt, now - failedAt < configuration.advertisementInterval * 3 else {
            return nil
        }
        return failure
    }

    func trialPackets(from source: IPv4Address) -> [OutgoingPacket] {
        let nobody = advertised.map { _ in IPv4Address.unspecified }
        return packets(priority: Priority.lowest, from: source, virtualRouterID: 0, addresses: nobody)
    }
}
