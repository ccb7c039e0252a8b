package import Addressing

/// How the routers of a virtual router reach each other.
package enum Reach: Hashable, Sendable {
    /// All at once: RFC 3768, section 5.2.2, with a group that may be another one.
    case multicast(group: IPAddress)
    /// Each by itself, for networks that carry no multicast; no RFC knows it.
    case unicast(Unicast)

    /// The peers, and what is demanded of what they send.
    package struct Unicast: Hashable, Sendable {
        /// This host's address, to which the peers send; unspecified while it has none.
        package var own: IPAddress
        package var peers: [UnicastPeer]
        /// Drop what comes from anybody else.
        package var acceptsPeersOnly: Bool

        package init(own: IPAddress = .unspecified, peers: [UnicastPeer], acceptsPeersOnly: Bool = false) {
            self.own = own
            self.peers = peers
            self.acceptsPeersOnly = acceptsPeersOnly
        }
    }

    package struct UnicastPeer: Hashable, Sendable {
        package var address: IPAddress
        /// The TTL that its packets may have on arrival: the nearer it must be, the higher the lower bound.
        package var timesToLive: ClosedRange<UInt8>

        package init(address: IPAddress, timesToLive: ClosedRange<UInt8> = 0...255) {
            self.address = address
            self.timesToLive = timesToLive
        }
    }

    /// Where advertisements from `source` go. A list that names this host itself, so that all hosts can share it, is fine.
    package func destinations(from source: IPAddress) -> [IPAddress] {
        switch self {
        case .multicast(let group): [group]
        case .unicast(let unicast): unicast.peers.map(\.address).filter { $0 != source }
        }
    }

    /// Judges where a packet was sent to, by whom and from how far.
    func judge(_ packet: ReceivedPacket) throws(DropReason) {
        switch self {
        case .multicast(let group):
            guard packet.destination == group else { throw .destination }
            // RFC 3768, section 7.1: no router lies between.
            guard packet.timeToLive == Advertisement.timeToLive else { throw .timeToLive }
        case .unicast(let unicast):
            guard packet.destination == unicast.own else { throw .destination }
            guard let peer = unicast.peers.first(where: { $0.address == packet.source }) else {
                if unicast.acceptsPeersOnly { throw .peer }
                return
            }
            guard peer.timesToLive.contains(packet.timeToLive) else { throw .timeToLive }
        }
    }
}
