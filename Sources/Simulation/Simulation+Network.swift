import Addressing
import FailoverCore
import VRRP

/// What hosts say to each other: advertisements, and ARP.
extension Simulation {
    mutating func carry(_ effect: Effect, from sender: Int) {
        if scenario.wide != nil { carryARP(effect, from: sender) }
        if case .tryToSend(_, let interface, let destination, let bytes) = effect, !destination.isMulticast,
            scenario.families.contains(.ipv6), hosts[sender].kernel.isUp(interface), !hosts[sender].isMute
        {
            answer(bytes, to: destination, on: interface, from: sender)
        }
        guard case .advertise(_, let outgoing, let destination, _, let bytes) = effect else { return }
        let interface = VirtualKernel.parent(of: outgoing)
        guard hosts[sender].kernel.isUp(interface), !hosts[sender].isMute else { return }
        advertise(bytes, to: destination, on: interface, from: sender)
    }

    mutating func advertise(
        _ bytes: [UInt8], to destination: IPAddress, on interface: InterfaceIndex, from sender: Int,
        isRival: Bool = false
    ) {
        let number = Int(interface.rawValue) - 2
        let router = Scenario.router(in: bytes)
        if echoes.contains(sender) {
            deliver(
                VirtualHost.Waiting(bytes: bytes, meaning: nil, interface: number),
                VirtualNetwork.Flow(sender: sender, receiver: sender, kind: router))
        }
        let meaning = VirtualHost.Meaning(
            router: router, priority: Int(Scenario.priority(in: bytes)), source: sourceAddress(bytes).number,
            interval: scenario.hosts[sender][router].interval.nanoseconds,
            destination: destination.isMulticast ? nil : destination)
        let kind = isRival ? Self.rivalKinds + router : router
        for receiver in hosts.indices where receiver != sender && hosts[receiver].kernel.isUp(interface) {
            if !destination.isMulticast, !hosts[receiver].kernel.answers(for: destination) { continue }
            deliver(
                VirtualHost.Waiting(bytes: bytes, meaning: meaning, interface: number),
                VirtualNetwork.Flow(sender: sender, receiver: receiver, kind: kind))
        }
    }

    /// What a backup says to a master that leaves.
    private mutating func answer(
        _ bytes: [UInt8], to destination: IPAddress, on interface: InterfaceIndex, from sender: Int
    ) {
        for receiver in hosts.indices
        where receiver != sender && hosts[receiver].kernel.isUp(interface)
            && hosts[receiver].kernel.answers(for: destination)
        {
            deliver(
                VirtualHost.Waiting(bytes: bytes, meaning: nil, interface: Int(interface.rawValue) - 2),
                VirtualNetwork.Flow(sender: sender, receiver: receiver, kind: Self.answerKinds))
        }
    }

    mutating func deliver(_ packet: VirtualHost.Waiting, _ flow: VirtualNetwork.Flow) {
        for copy in network.carry(flow, sent: now - start) {
            packetsCarried += 1
            schedule(now + copy.delay, .arrival(flow, place: copy.place, packet))
        }
    }

    /// The flows of those that are none of the hosts: advertisements of the other cluster by virtual router, junk behind them.
    func outsider(_ kind: Int, to receiver: Int) -> VirtualNetwork.Flow {
        VirtualNetwork.Flow(sender: -1, receiver: receiver, kind: kind)
    }

    // What flows carry beside advertisements.
    static let junkKinds = 1000
    static let rivalKinds = 2000
    static let claimKinds = 3000
    static let answerKinds = 100_000

    func sourceAddress(_ bytes: [UInt8]) -> IPAddress {
        (try? ReceivedPacket(bytes.span))?.source ?? .unspecified
    }

    // MARK: - ARP

    /// Announcements and questions reach the others, where the scenario has it; a machine that claims addresses answers questions anyway.
    mutating func carryARP(_ effect: Effect, from sender: Int) {
        switch effect {
        case .announce(let interface, let hardware, let addresses, _):
            guard scenario.wide?.carriesARP == true, canSpeak(sender, interface) else { return }
            for address in addresses {
                let claim = AddressClaim(interface: interface, address: address, hardwareAddress: hardware)
                for receiver in hosts.indices where receiver != sender { deliver(claim, from: sender, to: receiver) }
            }
        case .probe(let interface, _, _, let addresses):
            guard canSpeak(sender, interface) else { return }
            for address in addresses { answer(address, interface, to: sender) }
        default: break
        }
    }

    func canSpeak(_ host: Int, _ interface: InterfaceIndex) -> Bool {
        hosts[host].kernel.isUp(interface) && !hosts[host].isMute
    }

    mutating func answer(_ address: IPAddress, _ interface: InterfaceIndex, to asker: Int) {
        if scenario.wide?.carriesARP == true {
            for other in hosts.indices where other != asker && canSpeak(other, interface) {
                guard hosts[other].kernel.has(address, on: interface),
                    let hardware = hosts[other].kernel.link(Int(interface.rawValue) - 2).hardwareAddress
                else { continue }
                let claim = AddressClaim(
                    interface: interface, address: address, hardwareAddress: hardware, isReply: true)
                deliver(claim, from: other, to: asker)
            }
        }
        for index in scenario.faults.indices where scenario.faults[index].at <= now - start && isUnderWay(index) {
            guard let claim = claimed(index), claim.address == address, claim.interface == interface else { continue }
            deliver(claim, from: -1, to: asker)
        }
    }

    mutating func deliver(_ claim: AddressClaim, from sender: Int, to receiver: Int) {
        let kind = Self.claimKinds + (claim.address.number & 0xFFFF)
        for copy in network.carry(
            VirtualNetwork.Flow(sender: sender, receiver: receiver, kind: kind), sent: now - start)
        {
            schedule(
                now + copy.delay,
                .claim(
                    VirtualNetwork.Flow(sender: sender, receiver: receiver, kind: kind), place: copy.place, claim))
        }
    }

    func claimed(_ fault: Int) -> AddressClaim? {
        guard case .claims(let address, let isReply, let isVirtual) = scenario.faults[fault].kind else { return nil }
        return AddressClaim(
            interface: VirtualKernel.interface(scenario.interface(ofAddress: address)),
            address: scenario.sharedAddress(address).address,
            hardwareAddress: MACAddress(rawValue: isVirtual ? 0x00_005E_0001_63 : 0x02_0000_00AA_01), isReply: isReply)
    }

    /// What another machine says as the owner of an address.
    mutating func claim(_ fault: Int) {
        guard let claim = claimed(fault) else { return }
        for receiver in hosts.indices { deliver(claim, from: -1, to: receiver) }
    }
}
