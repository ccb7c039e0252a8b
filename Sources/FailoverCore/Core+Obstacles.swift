import Addressing
package import Configuration

/// What on this host, as it is now, stands in the way of a configuration that is to be used.
extension Core {
    /// What would be too long for its interface; what is so already is told of anyway.
    package func lengthProblems(in configuration: Configuration) -> [HostObstacle] {
        let wanted = Dictionary(
            configuration.instances.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return network.obstacles(to: configuration.grouped).filter { obstacle in
            guard obstacle.effect == .silence, let wanted = wanted[obstacle.instance] else { return false }
            return !instances.order.contains { id in
                instances[id].configuration.sharesNumber(with: wanted)
                    && instances[id].configuration.advertisementLength == wanted.advertisementLength
            }
        }
    }

    /// What keeps instances from taking part.
    package func obstacles(to configuration: Configuration) -> [HostObstacle] {
        network.obstacles(to: configuration.grouped).filter { $0.effect == .fault }
    }

    private var network: HostNetwork {
        HostNetwork(
            links: table.allLinks, addresses: table.allLinks.flatMap { table.addresses(on: $0.index) })
    }
}
