package import Addressing
import Configuration
package import VRRP

/// Another VRRP daemon on the same host: two that share one source address can't be told apart by anybody, so this one
/// stands back until the other has been silent for a while.
extension Core {
    /// How long a rival counts as running after its last advertisement, at least.
    private static let rivalPatience = Duration.seconds(4)

    /// Takes in a packet that some other program of this host has sent.
    /// - Parameter bytes: the packet, IP header first.
    package mutating func overhear(
        _ bytes: borrowing Span<UInt8>, leaving interface: InterfaceIndex, at now: Instant
    ) {
        guard let packet = try? ReceivedPacket(bytes), packet.type == Advertisement.type,
            let id = router(
                RouterKey(interface: interface, packet), with: packet.destination,
                isMulticast: packet.destination.isMulticast),
            !instances[id].isStopped
        else { return }
        if packet.priority == Priority.resigning {
            // On its way out: from now on this host is ours.
            guard instances[id].participation.hasRival else { return }
            instances[id].participation.loseRival()
            evaluate(id, at: now)
        } else {
            let interval = instances[id].configuration.advertisementInterval
            instances[id].participation.hearRival(until: now + max(Self.rivalPatience, interval * 4))
            evaluate(id, at: now)
        }
        reconcile(id, at: now)
        settle()
        settleGroups(at: now)
    }

    /// Whether some instance stands back for another daemon: then that one has to be listened to all the time.
    package var hasRivals: Bool { rivalCount > 0 }

    /// The other daemon serves the addresses now: they are its to take away, also when this agent stops. Without them it would give up
    /// its mastership, and the clients would lose more than they do anyway.
    mutating func leaveToRival(_ id: RouterID) {
        for address in instances[id].addresses {
            guard let key = address.key, ledger.isOurs(key) else { continue }
            var unmarked = assignment(of: address.configuration, at: key)
            unmarked.isMarked = false
            unmarked.lifetime = nil
            effects.append(.renewAddress(unmarked))
            ledger.set(.stray, of: key)
            forget(key)
        }
    }

    /// What another daemon of this host has put there is its to take away.
    func belongsToRival(_ key: AddressKey, at now: Instant) -> Bool {
        directory.places(of: key.address).contains { instances[$0.instance].participation.hasRival(at: now) }
    }
}
