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
        guard instances.contains(id) else { return }
        instances[id].observations.counters.sendErrors &+= 1
        let failure = measured(failure, of: id)
        let isNew = instances[id].sendFailure(at: now) != failure && instances[id].sending.failure != failure
        instances[id].sending.note(failure, isMaster: instances[id].isMaster, at: now)
        instances[id].sent.takeBack()
        if isNew { record(.sendFailed(instance: instances[id].name, failure: failure), about: id) }
        guard instances[id].isMaster else { return }
        tryFromParent(id, after: failure)
        let interval = instances[id].configuration.advertisementInterval
        if failure.isQueueFull { instances[id].sending.planResend(interval: interval, at: now) }
        if let since = instances[id].sending.failingSince, now - since >= interval * Self.doubt.0 / Self.doubt.1 {
            fallSilent(id, at: now)
        }
    }

    /// An advertisement or a trial has left, after others had not.
    mutating func sendSucceeded(_ id: RouterID, at now: Instant) {
        guard instances.contains(id), instances[id].sending.failure != nil else { return }
        speakAgain(id, at: now)
    }

    /// An advertisement could not be sent to one of several peers.
    mutating func sendFailedInPart(_ id: RouterID, _ failure: SendFailure, to address: IPAddress, at now: Instant) {
        guard instances.contains(id) else { return }
        instances[id].observations.counters.sendErrors &+= 1
        guard instances[id].sending.noteUnreached(address, failure, at: now) else { return }
        record(.sendFailed(instance: instances[id].name, failure: failure, to: address), about: id)
    }

    /// Whether the runtime is to say so when something of this virtual router leaves.
    package func isFailingToSend(_ id: RouterID) -> Bool {
        instances.contains(id) && instances[id].sending.failure != nil
    }

    /// What the packet's length has to do with it.
    private func measured(_ failure: SendFailure, of id: RouterID) -> SendFailure {
        guard failure.code == SendFailure.tooLong, let size = sizeProblem(of: id) else { return failure }
        var failure = failure
        failure.size = size
        return failure
    }

    /// Where the advertisement is longer than the interface carries.
    private func sizeProblem(of id: RouterID) -> SendFailure.Size? {
        guard let interface = instances[id].interface, let mtu = table.link(interface)?.mtu else { return nil }
        let configuration = instances[id].configuration
        guard configuration.advertisementLength > mtu, mtu > 0 else { return nil }
        return SendFailure.Size(
            length: configuration.advertisementLength, mtu: mtu, addresses: configuration.advertisedAddresses.count,
            fitting: configuration.mostAddresses(mtu: mtu))
    }

    /// A backup's list against the interface's MTU, which may have changed. A master's sends tell by themselves.
    mutating func judgeSize(of id: RouterID, at now: Instant) {
        if let size = sizeProblem(of: id) {
            guard !instances[id].isMaster else { return }
            instances[id].sending.note(tooLong: size, at: now)
            fallSilent(id, at: now)
        } else if instances[id].sending.failure?.size != nil {
            speakAgain(id, at: now)
        }
    }

    private mutating func fallSilent(_ id: RouterID, at now: Instant) {
        guard !instances[id].election.cannotSend else { return }
        let old = instances[id].state
        instances[id].election.change(cannotSend: true, at: now)
        instances[id].sending.planTrial(at: now)
        // Perhaps another host has the addresses already and can't say so either.
        if instances[id].isMaster { probeSoon(id, at: now) }
        if instances[id].state != old, let fault = instances[id].sendFault {
            enter(id, from: old, .fault(fault), at: now)
        }
    }

    private mutating func speakAgain(_ id: RouterID, at now: Instant) {
        let old = instances[id].state
        let since = instances[id].sending.failingSince ?? now
        instances[id].sending.forget()
        guard instances[id].election.cannotSend else { return }
        instances[id].election.change(cannotSend: false, at: now)
        record(.sendsAgain(instance: instances[id].name, after: now - since), about: id)
        if instances[id].state != old { enter(id, from: old, .recovered, at: now) }
    }

    /// Another host answers for an address of an instance whose own advertisements do not leave.
    mutating func heardAnswer(from claim: AddressClaim, about id: RouterID, at now: Instant) {
        // Only one that has advertised: proxies answer, too.
        guard instances[id].election.cannotSend,
            let sender = instances[id].observations.senders.sender(claim.hardwareAddress), sender.isValid
        else { return }
        let old = instances[id].state
        guard instances[id].election.heardAnswer(from: sender.address, at: now) else { return }
        if let fault = instances[id].sendFault { enter(id, from: old, .fault(fault), at: now) }
        reconcile(id, at: now)
    }

    /// Asks who has the addresses.
    mutating func askWhoAnswers(_ id: RouterID) {
        guard let interface = instances[id].interface else { return }
        let family = instances[id].configuration.family
        let addresses = instances[id].addresses.compactMap(\.key)
            .filter { table.parent(of: $0.interface) == interface && $0.family == family }.map(\.address)
        guard !addresses.isEmpty else { return }
        probe(Array(addresses.prefix(Self.asked)), at: InterfaceFamily(interface, family))
    }

    /// Tries again after a full queue.
    mutating func resendIfDue(_ id: RouterID, at now: Instant) {
        guard instances[id].sending.takeResend(at: now) else { return }
        if instances[id].isMaster { advertise(id, at: now) }
    }

    mutating func tryIfDue(_ id: RouterID, at now: Instant) {
        guard instances[id].sending.isTrialDue(at: now) else { return }
        tryNow(id, at: now)
    }

    /// Looks whether a backup can send.
    mutating func tryNow(_ id: RouterID, at now: Instant) {
        instances[id].sending.planTrial(at: now)
        guard instances[id].election.cannotSend, !instances[id].isMaster, sizeProblem(of: id) == nil else {
            return
        }
        sendTrial(id)
    }

    /// The same packet as an advertisement, of virtual router 0, which nobody has: a backup must not be heard.
    private mutating func sendTrial(_ id: RouterID) {
        guard let interface = instances[id].interface, let source = instances[id].source else { return }
        for packet in instances[id].trialPackets(from: source) {
            effects.append(
                .tryToSend(
                    instance: id, interface: interface, destination: packet.destination,
                    packet: packet.bytes))
        }
    }
}

extension Instance {
    /// What keeps it from taking part as others do, while its advertisements do not leave.
    var sendFault: Fault? {
        guard election.cannotSend, let failure = sending.failure else { return nil }
        return .cannotSend(configuration.interface, failure)
    }

    /// Why advertisements can't be sent, while that is so.
    func sendFailure(at now: Instant) -> SendFailure? {
        guard let failure = sending.failure else { return nil }
        if election.cannotSend { return failure }
        guard let failedAt = sending.failedAt, now - failedAt < configuration.advertisementInterval * 3 else {
            return nil
        }
        return failure
    }

    func trialPackets(from source: IPAddress) -> [OutgoingPacket] {
        let nobody = advertised.addresses.map { _ in IPAddress.unspecified(configuration.family) }
        return packets(priority: Priority.lowest, from: source, virtualRouterID: 0, addresses: nobody)
    }
}
