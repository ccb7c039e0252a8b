import Addressing

/// When two instances of one number on one interface are one virtual router to the network.
extension InstanceConfiguration {
    /// Whether packets can't tell the two apart. By unicast the peer tells: two that have no peer in common may share a number.
    package func sharesNumber(with other: InstanceConfiguration) -> Bool {
        guard interface == other.interface, family == other.family, virtualRouterID == other.virtualRouterID else {
            return false
        }
        switch (unicast, other.unicast) {
        case (nil, nil): return true
        case (nil, _?), (_?, nil): return false
        case (_?, _?): return !otherHosts.isDisjoint(with: other.otherHosts)
        }
    }

    /// Its unicast peers; a list that all hosts share names this one, too.
    private var otherHosts: Set<IPAddress> {
        var hosts = Set((unicast?.peers ?? []).map(\.address))
        if let source { hosts.remove(source) }
        return hosts
    }
}
