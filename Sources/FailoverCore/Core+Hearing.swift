package import Addressing
import Configuration
package import VRRP

/// What reaches the host and what of it reaches this program: the difference is a firewall.
struct Hearing: Hashable, Sendable {
    /// Seen beside the firewall since this program listens there.
    var seen: UInt64 = 0
    /// What had been heard when it began to.
    var heardBefore: UInt64 = 0
    var isFiltered = false
    /// The host whose advertisements were seen last.
    var source: IPv4Address?
    /// Whether the kernel's reverse path filter drops what comes from it; `nil` where that is not known.
    var isReversePath: Bool?
}

extension Core {
    /// So many that are seen and not heard are no accident.
    private static let enough: UInt64 = 2

    /// From now on packets are seen beside the firewall (`overhear`, `see`).
    package mutating func beginListening() {
        for id in instances.order {
            instances[id].hearing.seen = 0
            instances[id].hearing.heardBefore = instances[id].counters.heard
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
                RouterKey(interface: interface, virtualRouterID: packet.virtualRouterID), with: packet.source,
                isMulticast: packet.destination.isMulticast)
        else { return }
        if let hardwareAddress, !instances[id].senders.isKnown(hardwareAddress, as: packet.source, at: now),
            !table.allLinks.contains(where: { $0.hardwareAddress == hardwareAddress })
        {
            let heard = try? instances[id].check.judge(packet, in: bytes)
            instances[id].senders.note(
                Senders.Sender(
                    hardwareAddress: hardwareAddress, address: packet.source,
                    isValid: heard.map { !$0.sharesNoAddress && $0.priority != Priority.resigning } ?? false,
                    seenAt: now))
        }
        // What is sent elsewhere is not missed.
        guard !table.isLocal(packet.source), instances[id].check.isReached(by: packet) else { return }
        instances[id].hearing.seen &+= 1
        instances[id].hearing.source = packet.source
    }

    /// The listening is over: who has seen and not heard?
    /// - Parameter isReversePathFiltered: whether the kernel's reverse path filter drops what comes from an address on an interface.
    package mutating func endListening(isReversePathFiltered: (IPv4Address, InterfaceIndex) -> Bool? = { _, _ in nil })
    {
        for id in instances.order {
            let hearing = instances[id].hearing
            let heard = instances[id].counters.heard &- hearing.heardBefore
            if heard > 0 {
                instances[id].hearing.isFiltered = false
                instances[id].hearing.isReversePath = nil
            } else if hearing.seen >= Self.enough, instances[id].election.state != .initialize {
                let isNew = !instances[id].hearing.isFiltered
                instances[id].hearing.isFiltered = true
                if let source = hearing.source, let interface = instances[id].interface {
                    instances[id].hearing.isReversePath = isReversePathFiltered(source, interface)
                }
                // The others are told of by what is found, and by the split's own event.
                guard isNew else { continue }
                record(
                    .inboundFiltered(
                        instance: instances[id].name, interface: instances[id].configuration.interface,
                        count: hearing.seen, isReversePath: instances[id].hearing.isReversePath))
            }
        }
    }
}
