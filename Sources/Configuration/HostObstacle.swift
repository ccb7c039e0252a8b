package import Addressing

/// Something about a host that keeps an instance of a configuration from working there as it is meant to.
package struct HostObstacle: Hashable, Sendable {
    /// By name.
    package var instance: String
    /// The instance, or the address.
    package var location: SourceLocation
    package var code: Code

    package enum Code: Hashable, Sendable {
        /// Both lengths in bytes; `fitting` is how many addresses would fit.
        case listTooLong(addresses: Int, length: Int, mtu: Int, fitting: Int, interface: String)
        case noSource(IPAddress)
        case noInterface(String)
        /// The file names none, and none was found: none has the source address, or, without one, no route leads to a peer.
        case noInterfaceFound(source: IPAddress?)
        /// Switched off, or without a carrier.
        case interfaceDown(String)
        /// What is called as the instance's macvlan is not this program's.
        case foreignLink(String)
        /// The host has the shared address by itself, perhaps with another prefix length.
        case hostsOwn(IPPrefix, interface: String)
        /// The shared address is that of a network in which the host is, or its broadcast address.
        case networkAddress(IPAddress, of: IPPrefix, interface: String)
        case broadcastAddress(IPAddress, of: IPPrefix, interface: String)
        /// The kernel takes no two scopes in one network.
        case otherScope(IPPrefix, AddressScope, beside: IPPrefix, interface: String)
    }

    package enum Effect: Hashable, Sendable {
        /// Advertisements can't be sent.
        case silence
        /// The instance is in fault until it has changed.
        case fault
        /// The address does not do what it is there for.
        case address
    }

    package var effect: Effect {
        switch code {
        case .listTooLong: .silence
        case .noSource, .noInterface, .noInterfaceFound, .interfaceDown, .foreignLink: .fault
        case .hostsOwn, .networkAddress, .broadcastAddress, .otherScope: .address
        }
    }
}

/// A host's links and addresses, as far as a configuration depends on them.
package struct HostNetwork: Sendable {
    private var links: [String: Link]
    /// Those that no program has marked, by interface.
    private var own: [InterfaceIndex: [InterfaceAddress]]
    private var local: Set<IPAddress>

    package init(links: some Sequence<Link>, addresses: some Sequence<InterfaceAddress>) {
        self.links = Dictionary(links.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        own = Dictionary(grouping: addresses.filter { $0.origin == 0 }) { $0.key.interface }
        local = Set(addresses.map(\.key.address))
    }

    /// What is in the way of each instance, in the configuration's order: of the instance first, then of its addresses.
    package func obstacles(to configuration: Configuration) -> [HostObstacle] {
        let ofGroups = configuration.linesOfGroups
        return configuration.instances.flatMap { instance in
            let about = silence(of: instance) + faults(of: instance, ofGroups[instance.name] ?? [])
            return about.map { HostObstacle(instance: instance.name, location: instance.location, code: $0) }
                + instance.addresses.flatMap { shared in
                    doubts(about: shared, of: instance).map {
                        HostObstacle(instance: instance.name, location: shared.location, code: $0)
                    }
                }
        }
    }

    /// What an interface does not carry is not sent.
    private func silence(of instance: InstanceConfiguration) -> [HostObstacle.Code] {
        guard let mtu = links[instance.interface]?.mtu, mtu > 0, instance.advertisementLength > mtu else { return [] }
        return [
            .listTooLong(
                addresses: instance.advertisedAddresses.count, length: instance.advertisementLength, mtu: mtu,
                fitting: instance.mostAddresses(mtu: mtu), interface: instance.interface)
        ]
    }

    private func faults(of instance: InstanceConfiguration, _ group: [TrackLine]) -> [HostObstacle.Code] {
        var found: [HostObstacle.Code] = []
        guard !instance.interface.isEmpty else { return [.noInterfaceFound(source: instance.source)] }
        if instance.requiresSource || instance.unicast != nil, let source = instance.source, !local.contains(source) {
            found.append(.noSource(source))
        }
        let needed = instance.neededLinks(group: group)
        var names = Set([instance.interface] + instance.addresses.map(\.interface)).union(needed)
        if let name = instance.virtualMAC?.interface {
            // It is made where it is missing.
            names.remove(name)
            if let link = links[name], link.mark == nil { found.append(.foreignLink(name)) }
        }
        for name in names.sorted() {
            guard let link = links[name] else {
                found.append(.noInterface(name))
                continue
            }
            if !link.isUp, needed.contains(name) { found.append(.interfaceDown(name)) }
        }
        return found
    }

    /// A macvlan of ours has no addresses of the host's; those of its parent are on the same network.
    private func doubts(about shared: SharedAddress, of instance: InstanceConfiguration) -> [HostObstacle.Code] {
        let interface = instance.wire(of: shared.interface)
        guard let index = links[interface]?.index, let present = own[index] else { return [] }
        var found: [HostObstacle.Code] = []
        if let same = present.first(where: { $0.key.address == shared.prefix.address }) {
            found.append(.hostsOwn(same.key.prefix, interface: interface))
        }
        if let clash = present.lazy.compactMap({ clash(of: shared, with: $0, on: interface) }).first {
            found.append(clash)
        }
        return found
    }

    /// What a network in which the host is already makes of a shared address.
    private func clash(
        of shared: SharedAddress, with present: InterfaceAddress, on interface: String
    ) -> HostObstacle.Code? {
        let prefix = present.key.prefix
        let address = shared.prefix.address
        if let network = prefix.ipv4, let ipv4 = address.ipv4, network.length < 31, network.contains(ipv4) {
            if ipv4 == network.network { return .networkAddress(address, of: prefix, interface: interface) }
            if ipv4 == network.broadcast {
                return .broadcastAddress(address, of: prefix, interface: interface)
            }
        }
        guard interface == shared.interface, prefix.sharesNetwork(with: shared.prefix),
            present.scope != shared.scope.rawValue
        else { return nil }
        return .otherScope(shared.prefix, shared.scope, beside: prefix, interface: shared.interface)
    }
}
