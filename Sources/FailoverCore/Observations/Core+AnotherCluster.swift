import Addressing
import Configuration
import VRRP

/// Another virtual router of the same number on the same network.
extension Core {
    /// How long a host counts as one of this virtual router after it has advertised its list: a list is changed on one host after the
    /// other. Longer than that the addresses of a host that knows better must not be nowhere.
    private static let memory = Duration.seconds(600)

    /// Whether an advertisement that names other addresses alone comes from a host of this virtual router.
    func isKnown(_ source: IPAddress, to id: RouterID, at now: Instant) -> Bool {
        if let unicast = instances[id].configuration.unicast,
            unicast.peers.contains(where: { $0.address == source })
        {
            return true
        }
        guard let at = instances[id].observations.peers.sharedListAt(of: source) else { return false }
        return now - at < Self.memory
    }

    /// Told once a minute, with the addresses.
    mutating func noteAnotherCluster(
        _ packet: ReceivedPacket, in bytes: borrowing Span<UInt8>, for id: RouterID, at now: Instant
    ) {
        let addresses = packet.addresses(in: bytes)
        guard
            let count = instances[id].observations.drop(
                .anotherCluster, from: packet.source, naming: addresses, at: now)
        else { return }
        record(
            .anotherCluster(
                instance: instances[id].name, from: packet.source,
                virtualRouterID: packet.virtualRouterID, addresses: addresses, count: count), about: id)
    }
}
