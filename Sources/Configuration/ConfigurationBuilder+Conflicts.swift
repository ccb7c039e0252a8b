import Addressing

/// What instances must not have in common.
extension ConfigurationBuilder {
    /// What a socket can join (igmp_max_memberships).
    private static let mostGroups = 20

    mutating func checkInstances() {
        struct Router: Hashable {
            var interface: String
            var family: IPFamily
            var id: UInt8
        }
        var names: [String: SourceLocation] = [:]
        var routers: [Router: [InstanceConfiguration]] = [:]
        var holders: [SharedAddress.Place: (instance: InstanceConfiguration, interface: String)] = [:]
        var lengths: [SharedAddress.Place: (holder: InstanceConfiguration, address: SharedAddress)] = [:]
        var groups: [String: Set<IPAddress>] = [:]
        var scopes: [SharedAddress.Place: SharedAddress] = [:]
        let parents = macvlanParents
        for instance in configuration.instances {
            if instance.unicast == nil, instance.family == .ipv4,
                groups[instance.interface, default: []].insert(instance.group).inserted,
                groups[instance.interface]?.count == Self.mostGroups + 1
            {
                failInstance(
                    "the instances on \(instance.interface) use more than \(Self.mostGroups) multicast groups", instance
                )
            }
            if let other = names.updateValue(instance.location, forKey: instance.name) {
                failInstance("another vrrp_instance has the same name, at \(other)", instance)
            }
            // Nobody knows yet where it will be.
            guard !instance.interface.isEmpty else { continue }
            let router = Router(
                interface: instance.interface, family: instance.family, id: instance.virtualRouterID)
            if let other = routers[router]?.last(where: { $0.sharesNumber(with: instance) }) {
                failInstance(
                    "'\(other.name)' has the same virtual_router_id \(instance.virtualRouterID) on the same interface"
                        + (instance.unicast == nil ? "" : ", and a unicast peer in common"), instance)
            }
            routers[router, default: []].append(instance)
            for address in instance.addresses {
                // A macvlan is on the network of its parent.
                let wire = parents[address.interface] ?? address.interface
                let place = SharedAddress.Place(interface: wire, prefix: address.prefix)
                if let other = holders.updateValue((instance, address.interface), forKey: place) {
                    let isSame = other.interface == address.interface
                    failInstance(
                        "'\(other.instance.name)' has the address \(address.prefix) on "
                            + (isSame ? "the same interface" : "\(other.interface), on the same network"), instance)
                }
                // The kernel takes one scope in a network of an interface.
                let network = SharedAddress.Place(
                    interface: address.interface,
                    prefix: IPPrefix(address: address.prefix.network, length: Int(address.prefix.length))
                        ?? address.prefix
                )
                let first = scopes[network, default: address]
                scopes[network] = first
                if first.scope != address.scope, address.prefix.address.isIPv4 { warnOfScopes(address, first) }
                // The prefix's length apart, it is the same address.
                let host = SharedAddress.Place(
                    interface: wire, prefix: IPPrefix(host: address.prefix.address))
                if let other = lengths[host], other.address.prefix != address.prefix {
                    // IPv6 has an address on an interface once.
                    if address.prefix.address.isIPv4 || other.address.interface != address.interface {
                        warnOfLengths(address, instance, other.address.prefix, other.holder)
                    } else {
                        failLengths(address, other.address, other.holder)
                    }
                } else {
                    lengths[host] = (instance, address)
                }
            }
        }
    }

    private mutating func warnOfScopes(_ address: SharedAddress, _ first: SharedAddress) {
        findings.append(
            Finding(
                severity: .warning,
                message:
                    "\(address.prefix) has scope \(address.scope) and \(first.prefix), of the same network, scope \(first.scope): the kernel "
                    + "refuses the second one, and the instance is in fault; give both the same scope",
                location: address.location, line: addressLines[address.location], width: "\(address.prefix)".count))
    }

    private mutating func warnOfLengths(
        _ address: SharedAddress, _ instance: InstanceConfiguration, _ other: IPPrefix,
        _ holder: InstanceConfiguration
    ) {
        let effect =
            holder.name == instance.name
            ? "it is put on \(address.interface) twice; write it once"
            : "'\(holder.name)' has it as \(other), so it stays on this host while either instance is master here, and another host "
                + "may be master of the other one: two hosts would answer for it; write it in one instance"
        findings.append(
            Finding(
                severity: .warning, message: "\(address.prefix) and \(other) are the same address: \(effect)",
                location: address.location, line: addressLines[address.location], width: "\(address.prefix)".count))
    }

    /// The kernel has an IPv6 address on an interface once: each of the two would take the other's place without end.
    private mutating func failLengths(
        _ address: SharedAddress, _ other: SharedAddress, _ holder: InstanceConfiguration
    ) {
        findings.append(
            Finding(
                severity: .error,
                message:
                    "\(address.prefix) and \(other.prefix), which '\(holder.name)' has at \(other.location), are the same address: "
                    + "\(address.interface) takes an IPv6 address once, with one prefix length; write it once",
                location: address.location, line: addressLines[address.location], width: "\(address.prefix)".count))
    }

    private mutating func failInstance(_ message: String, _ instance: InstanceConfiguration) {
        findings.append(
            Finding(
                severity: .error, message: message, location: instance.location, line: instance.sourceLine,
                width: instance.name.count))
    }
}
