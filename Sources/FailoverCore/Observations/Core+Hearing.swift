package import Addressing
import Configuration
package import VRRP

extension Core {
    /// From now on packets are seen beside the firewall (`overhear`, `see`).
    package mutating func beginListening() {
        for id in instances.order {
            instances[id].observations.beginListening()
        }
    }

    /// A packet that arrives, seen before the firewall has judged it.
    /// - Parameter hardwareAddress: whose frame it came in, where the link has such addresses.
    package mutating func see(
        _ bytes: borrowing Span<UInt8>, on interface: InterfaceIndex, from hardwareAddress: MACAddress? = nil,
        at now: Instant
    ) {
        guard let packet = try? ReceivedPacket(bytes),
            let id = router(
                RouterKey(interface: interface, packet), with: packet.source,
                isMulticast: packet.destination.isMulticast)
        else { return }
        if let hardwareAddress,
            !instances[id].observations.senders.isKnown(hardwareAddress, as: packet.source, at: now),
            !table.isLocal(hardwareAddress)
        {
            let heard = try? instances[id].check.judge(packet, in: bytes)
            instances[id].observations.note(
                Senders.Sender(
                    hardwareAddress: hardwareAddress, address: packet.source,
                    isValid: heard.map { !$0.sharesNoAddress && $0.priority != Priority.resigning } ?? false,
                    seenAt: now))
        }
        // What is sent elsewhere is not missed.
        guard !table.isLocal(packet.source), instances[id].check.isReached(by: packet) else { return }
        instances[id].observations.see(from: packet.source)
    }

    /// The listening is over: who has seen and not heard?
    /// - Parameter isReversePathFiltered: whether the kernel's reverse path filter drops what comes from an address on an interface.
    package mutating func endListening(isReversePathFiltered: (IPAddress, InterfaceIndex) -> Bool? = { _, _ in nil }) {
        for id in instances.order {
            let interface = instances[id].interface
            let seen = instances[id].observations.endListening(
                canHear: instances[id].election.state != .initialize,
                isReversePath: { source in interface.flatMap { isReversePathFiltered(source, $0) } })
            // The others are told of by what is found, and by the split's own event.
            guard let seen else { continue }
            record(
                .inboundFiltered(
                    instance: instances[id].name, interface: instances[id].configuration.interface, count: seen,
                    isReversePath: instances[id].observations.hearing.isReversePath), about: id)
        }
    }
}
