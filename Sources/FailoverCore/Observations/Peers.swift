package import Addressing
package import VRRP

/// Another host that sends advertisements for a virtual router.
package struct HeardPeer: Hashable, Sendable {
    package var address: IPAddress
    /// Of its last good advertisement; `nil` when none was good.
    package internal(set) var priority: UInt8?
    package internal(set) var heardAt: Instant?
    package internal(set) var advertisements: UInt64 = 0
    /// Good advertisements with another list of addresses than the one configured here, the last one among them.
    package internal(set) var addressesDiffer = false
    /// Version 3, where each host follows the master's interval: the last one advertised another than is configured here.
    package internal(set) var interval: Duration?
    package internal(set) var intervalDiffers = false
    /// Its last good advertisement named none of the addresses that are configured here.
    package internal(set) var sharesNoAddress = false
    /// A program like this one.
    package internal(set) var isAgent = false
    /// When it last advertised the list that is configured here.
    package internal(set) var sharedListAt: Instant?
    /// What it advertised last as another cluster's.
    package internal(set) var otherAddresses: [IPAddress] = []
    /// Why its advertisements were dropped.
    package internal(set) var dropped: [DropReason: Drops] = [:]

    /// Dropped advertisements for one reason.
    package struct Drops: Hashable, Sendable {
        package internal(set) var total: UInt64 = 0
        package internal(set) var last: Instant
        /// Those of the minute that is under way, and of the one before.
        var minute: Int64 = 0
        var current: UInt64 = 0
        var previous: UInt64 = 0

        init(at now: Instant) {
            last = now
        }

        mutating func count(at now: Instant) {
            let minute = now.sinceBoot.components.seconds / 60
            if minute != self.minute {
                previous = minute == self.minute + 1 ? current : 0
                current = 0
                self.minute = minute
            }
            current &+= 1
            total &+= 1
            last = now
        }

        /// About how many came in the last minute.
        package func lately(at now: Instant) -> UInt64 {
            let seconds = now.sinceBoot.components.seconds
            switch seconds / 60 - minute {
            case 0: return current + previous * UInt64(60 - seconds % 60) / 60
            case 1: return current * UInt64(60 - seconds % 60) / 60
            default: return 0
            }
        }
    }
}

/// The peers of a virtual router, the latest ones: what anybody sends must not fill the memory.
struct Peers: Hashable, Sendable {
    private(set) var all: [HeardPeer] = []

    private static let most = 16

    /// - Parameter interval: the one configured here.
    mutating func hear(_ heard: HeardAdvertisement, interval: Duration, at now: Instant) {
        let index = place(of: heard.source, at: now)
        all[index].priority = heard.priority
        all[index].heardAt = now
        all[index].isAgent = heard.isFromAgent
        if heard.hasOurList { all[index].sharedListAt = now }
        all[index].sharesNoAddress = heard.sharesNoAddress
        all[index].advertisements &+= 1
        all[index].addressesDiffer = heard.addressesDiffer
        all[index].interval = heard.interval
        all[index].intervalDiffers = heard.interval != interval
    }

    /// - Parameter addresses: those of another cluster.
    mutating func drop(
        _ reason: DropReason, from source: IPAddress, naming addresses: [IPAddress]? = nil, at now: Instant
    ) {
        let index = place(of: source, at: now)
        all[index].dropped[reason, default: HeardPeer.Drops(at: now)].count(at: now)
        if let addresses { all[index].otherAddresses = addresses }
    }

    func sharedListAt(of source: IPAddress) -> Instant? { all.first { $0.address == source }?.sharedListAt }

    private mutating func place(of address: IPAddress, at now: Instant) -> Int {
        if let index = all.firstIndex(where: { $0.address == address }) { return index }
        if all.count >= Self.most {
            // The one that has been quiet for longest makes room.
            let oldest = all.indices.min { latest(all[$0]) < latest(all[$1]) } ?? 0
            all.remove(at: oldest)
        }
        all.append(HeardPeer(address: address))
        return all.count - 1
    }

    private func latest(_ peer: HeardPeer) -> Instant {
        peer.dropped.values.map(\.last).reduce(peer.heardAt ?? Instant(sinceBoot: .zero), max)
    }
}
