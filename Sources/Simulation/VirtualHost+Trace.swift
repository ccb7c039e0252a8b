import Addressing
import FailoverCore
import VRRP

/// What the program does, as lines of a trace.
extension VirtualHost {
    /// - Returns: `nil` for what only keeps the program's own books.
    func traceLine(of effect: Effect) -> TraceLine? {
        switch effect {
        case .mastershipEnded: nil
        case .addAddress(_, let assignment):
            TraceLine(channel: kernelChannel(assignment.key), text: "add \(words(assignment))")
        case .renewAddress(let assignment):
            TraceLine(channel: kernelChannel(assignment.key), text: "renew \(words(assignment))")
        case .removeAddress(_, let key): TraceLine(channel: kernelChannel(key), text: "remove \(key.prefix)")
        case .promoteSecondaries(_, let interface):
            TraceLine(channel: "kernel \(name(interface))", text: "promote secondaries")
        case .setRouting(_, let object):
            TraceLine(channel: "routing", text: "set \(object.words(interface: "?"))")
        case .removeRouting(_, let object):
            TraceLine(channel: "routing", text: "remove \(object.words(interface: "?"))")
        case .link(_, let order): TraceLine(channel: "links", text: TraceWords.words(order))
        case .openMacvlanReceiver, .closeMacvlanReceiver: nil
        case .requestRouting: TraceLine(channel: "routing", text: "request")
        case .openReceiver(let place, let groups, let shared):
            TraceLine(
                channel: channel(of: place),
                text: "open groups \(TraceWords.list(groups.sorted())) shared \(TraceWords.list(shared.sorted()))")
        case .tap(let interface, let sources):
            TraceLine(
                channel: "receiver \(name(interface))", text: "tap sources \(TraceWords.list(sources.sorted()))")
        case .closeReceiver(let place): TraceLine(channel: channel(of: place), text: "close")
        case .advertise(_, let interface, let destination, _, let packet):
            TraceLine(
                channel: scenario.name(of: Scenario.router(in: packet), as: routers),
                text: "advertise \(name(interface)) \(words(packet, to: destination))")
        case .tryToSend(let id, let interface, let destination, let packet):
            TraceLine(
                channel: nameOfRouter(id),
                text: "try \(name(interface)) \(words(packet, to: destination))")
        case .announce(let interface, let hardware, let addresses, let rounds):
            TraceLine(
                channel: channel(of: addresses),
                text: "announce \(name(interface)) \(hardware) \(TraceWords.list(addresses)) rounds \(rounds)")
        case .probe(let interface, let hardware, _, let addresses):
            TraceLine(
                channel: channel(of: addresses),
                text: "probe \(name(interface)) \(hardware) \(TraceWords.list(addresses))")
        case .remember(let key, let createdAt):
            TraceLine(channel: fileChannel(key), text: "remember created \(createdAt)")
        case .forget(let key): TraceLine(channel: fileChannel(key), text: "forget")
        case .adopted(let id):
            TraceLine(
                channel: nameOfRouter(id),
                text: "adopted")
        case .requestSnapshot: TraceLine(channel: "agent", text: "request snapshot")
        case .record(let recorded):
            TraceLine(
                channel: TraceWords.channel(of: recorded.event), text: "record \(TraceWords.words(recorded.event))")
        case .amend(let amended):
            TraceLine(channel: TraceWords.channel(of: amended.event), text: "amend \(TraceWords.words(amended.event))")
        case .finished: TraceLine(channel: "agent", text: "finished")
        }
    }

    private func nameOfRouter(_ id: RouterID) -> String {
        program.flatMap { $0.core.contains(id) ? $0.core.name(of: id) : nil } ?? "agent"
    }

    private func name(_ interface: InterfaceIndex) -> String { VirtualKernel.name(of: interface) }

    private func channel(of place: InterfaceFamily) -> String {
        "receiver\(place.family == .ipv4 ? "" : "6") \(name(place.interface))"
    }

    /// Requests about the addresses of one network bear on each other: the first one there is the primary one.
    private func kernelChannel(_ key: AddressKey) -> String { "kernel \(name(key.interface)) \(key.prefix.network)" }

    private func fileChannel(_ key: AddressKey) -> String { "file \(name(key.interface)) \(key.prefix)" }

    /// The virtual router that has these addresses.
    private func channel(of addresses: [IPAddress]) -> String {
        addresses.first.flatMap { router(with: $0) }.map { scenario.name(of: $0, as: routers) } ?? "agent"
    }

    private func words(_ assignment: AddressAssignment) -> String {
        var words = "\(assignment.key.prefix) scope \(assignment.scope.rawValue)"
        if let broadcast = assignment.broadcast { words += " broadcast \(broadcast)" }
        if let label = assignment.label { words += " label \(label)" }
        if let lifetime = assignment.lifetime { words += " lifetime \(lifetime)" }
        if !assignment.isMarked { words += " unmarked" }
        if !assignment.addsNetworkRoute { words += " noroute" }
        if let preferred = assignment.preferredLifetime { words += " preferred \(preferred)" }
        if assignment.detectsDuplicates { words += " detects duplicates" }
        return words
    }

    private func words(_ packet: [UInt8], to destination: IPAddress) -> String {
        var hash = StableHash()
        hash.add(packet)
        let start = Scenario.messageStart(in: packet)
        let named = (try? ReceivedPacket(packet.span))?.addresses(in: packet.span) ?? []
        return
            "to \(destination) number \(packet[start + 1]) priority \(packet[start + 2]) addresses \(TraceWords.list(named)) "
            + "bytes \(String(hash.value, radix: 16))"
    }
}
