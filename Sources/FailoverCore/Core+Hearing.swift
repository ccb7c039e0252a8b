package import Addressing
import VRRP

/// What reaches the host and what of it reaches this program: the difference is a firewall.
struct Hearing: Hashable, Sendable {
    /// Seen beside the firewall since this program listens there.
    var seen: UInt64 = 0
    /// What had been heard when it began to.
    var heardBefore: UInt64 = 0
    var isFiltered = false
}

extension Core {
    /// So many that are seen and not heard are no accident.
    private static let enough: UInt64 = 2

    /// From now on packets are seen beside the firewall (`overhear`, `see`).
    package mutating func beginListening() {
        for index in instances.indices {
            instances[index].hearing.seen = 0
            instances[index].hearing.heardBefore = instances[index].counters.heard
        }
    }

    /// A packet that arrives, seen before the firewall has judged it.
    package mutating func see(_ bytes: borrowing Span<UInt8>, on interface: InterfaceIndex) {
        guard let packet = try? ReceivedPacket(bytes), !table.isLocal(packet.source),
            let index = instanceByRouter[
                RouterKey(interface: interface, virtualRouterID: packet.virtualRouterID)]
        else { return }
        instances[index].hearing.seen &+= 1
    }

    /// The listening is over: who has seen and not heard?
    package mutating func endListening() {
        for index in instances.indices {
            let hearing = instances[index].hearing
            let heard = instances[index].counters.heard &- hearing.heardBefore
            if heard > 0 {
                instances[index].hearing.isFiltered = false
            } else if hearing.seen >= Self.enough, instances[index].router.state != .initialize {
                instances[index].hearing.isFiltered = true
                record(.inboundFiltered(instance: instances[index].name, count: hearing.seen))
            }
        }
    }
}
