import Addressing
import Configuration
import VRRP

/// Whether a leaving master of IPv6 may keep its addresses until its successor has announced them.
///
/// A successor that detects duplicates first (FRR with addresses that were added so) asks before it announces, and fails for good while this
/// host answers. So the addresses stay only where the successor is known to add them at once: a program like this one, which answers a
/// resignation by a packet that nobody else listens to, or a keepalived that was heard. All others take over what has gone right after
/// priority 0.
extension Core {
    /// So long an answer is waited for: no backup of a usual priority has taken over by then.
    private func answerTime(of id: RouterID) -> Duration {
        min(instances[id].configuration.advertisementInterval / 20, .milliseconds(50))
    }

    /// At priority 0: without a successor that is known the addresses go, once nobody has answered.
    mutating func awaitSuccessor(of id: RouterID, at now: Instant) {
        guard instances[id].configuration.family == .ipv6, !knowsSuccessors(of: id) else { return }
        instances[id].wayOut.doubtSuccessor()
        let due = now + answerTime(of: id)
        for position in instances[id].placement.positions where isOfDetection(position, of: id) {
            instances[id].placement[position].wait(until: due)
        }
    }

    private func isOfDetection(_ position: Int, of id: RouterID) -> Bool {
        instances[id].placement[position].configuration.prefix.address.family == .ipv6
    }

    /// Whether all hosts that were heard add addresses at once, and there is one. keepalived is known by a hardware address of its own:
    /// with a virtual one it looks as FRR does.
    private func knowsSuccessors(of id: RouterID) -> Bool {
        let peers = instances[id].observations.peers.all.filter { $0.heardAt != nil }
        return !peers.isEmpty
            && peers.allSatisfy { peer in
                peer.isAgent || instances[id].observations.senders.hasOwnHardwareAddress(peer.address)
            }
    }

    /// Whether an address goes before anybody has announced it.
    func mayFailDetection(at place: AddressPlace) -> Bool {
        instances[place.instance].placement[place.position].configuration.detectsDuplicates
            || instances[place.instance].wayOut.doubtsSuccessor && isOfDetection(place.position, of: place.instance)
    }

    // MARK: - The answer

    /// A backup has heard that a program like this one leaves.
    mutating func answerResignation(of heard: HeardAdvertisement, for id: RouterID) {
        let instance = instances[id]
        guard heard.isFromAgent, instance.configuration.family == .ipv6, let interface = instance.interface,
            let source = instance.source,
            instance.addresses.allSatisfy({ !$0.configuration.detectsDuplicates })
        else { return }
        // Of virtual router 0, which nobody has; the one that is meant stands where addresses do.
        let answer = Advertisement(
            version: .v3, virtualRouterID: 0, priority: instance.election.parameters.priority,
            interval: instance.check.interval, addresses: [Self.name(of: instance.check.virtualRouterID)])
        guard let packet = answer.packet(from: source, to: heard.source) else { return }
        effects.append(.tryToSend(instance: id, interface: interface, destination: heard.source, packet: packet))
    }

    private static func name(of virtualRouterID: UInt8) -> IPAddress {
        IPAddress(IPv6Address(high: 0, low: UInt64(virtualRouterID)))
    }

    /// - Returns: whether a packet is the answer of a backup to a resignation.
    mutating func takeAnswer(
        _ packet: ReceivedPacket, in bytes: borrowing Span<UInt8>, on interface: InterfaceIndex
    ) -> Bool {
        guard packet.family == .ipv6, packet.virtualRouterID == 0, !packet.destination.isMulticast,
            packet.identification == Advertisement.identification, packet.timeToLive == Advertisement.timeToLive,
            let named = packet.addresses(in: bytes).first?.ipv6, named.high == 0,
            let virtualRouterID = UInt8(exactly: named.low)
        else { return false }
        let key = RouterKey(interface: interface, family: .ipv6, virtualRouterID: virtualRouterID)
        for id in directory.routers(key) where instances[id].isLeaving && instances[id].source == packet.destination {
            var check = instances[id].check
            check.virtualRouterID = 0
            check.reach = .unicast(Reach.Unicast(own: packet.destination, peers: []))
            guard (try? check.judge(packet, in: bytes)) != nil, instances[id].wayOut.trustSuccessor() else { continue }
            for position in instances[id].placement.positions where isOfDetection(position, of: id) {
                instances[id].placement[position].stopWaiting()
            }
        }
        return true
    }
}
