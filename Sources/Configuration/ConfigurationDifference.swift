import Addressing

/// What changes when one configuration takes the place of another, for people to read before or after.
package struct ConfigurationDifference: Hashable, Sendable {
    /// One line for each change; empty when nothing that matters differs.
    package private(set) var lines: [String] = []

    package init(from old: Configuration, to new: Configuration) {
        let predecessors = new.predecessors(in: old)
        let staying = Set(predecessors.compactMap(\.self))
        for (index, instance) in old.instances.enumerated() where !staying.contains(index) {
            lines.append("- \(instance.name): leaves, with \(Self.list(instance.addresses))")
        }
        for (instance, predecessor) in zip(new.instances, predecessors) {
            guard let before = predecessor.map({ old.instances[$0] }) else {
                lines.append(
                    "+ \(instance.name): virtual router \(instance.virtualRouterID) on \(instance.interface), "
                        + "priority \(instance.priority), with \(Self.list(instance.addresses))")
                continue
            }
            if before.name != instance.name { lines.append("~ \(before.name) is called \(instance.name) from now on") }
            for change in Self.changes(from: before, to: instance) { lines.append("~ \(instance.name): \(change)") }
        }
        if old.pacing != new.pacing { lines.append("~ how far apart announcements leave") }
        if old.adminGroup != new.adminGroup || old.socketGroup != new.socketGroup {
            lines.append("~ who may ask, and who may change what the agent does")
        }
        if old.addressLease != new.addressLease || old.defendsAddresses != new.defendsAddresses {
            lines.append("~ the lease of the addresses, or whether they are defended")
        }
        if old.startupDelay != new.startupDelay || old.delayAfterBoot != new.delayAfterBoot {
            lines.append("~ the delays at the start (they count at the next start)")
        }
    }

    private static func list(_ addresses: [SharedAddress]) -> String {
        addresses.map { "\($0.prefix)" }.joined(separator: ", ")
    }

    private static func changes(from old: InstanceConfiguration, to new: InstanceConfiguration) -> [String] {
        var renamed = old
        renamed.name = new.name
        guard !renamed.isEquivalent(to: new) else { return [] }
        var changes: [String] = []
        func compare(_ name: String, _ before: some CustomStringConvertible, _ after: some CustomStringConvertible) {
            if before.description != after.description { changes.append("\(name) \(before) → \(after)") }
        }
        compare("interface", old.interface, new.interface)
        compare("virtual router", old.virtualRouterID, new.virtualRouterID)
        compare("version", old.version, new.version)
        compare("priority", old.priority, new.priority)
        compare("advertisement interval", "\(old.advertisementInterval)", "\(new.advertisementInterval)")
        if old.password != new.password { changes.append("another password") }
        let places = (old: Set(old.addresses.map(\.place)), new: Set(new.addresses.map(\.place)))
        for address in old.addresses where !places.new.contains(address.place) {
            changes.append("- \(address.prefix) on \(address.interface)")
        }
        for address in new.addresses where !places.old.contains(address.place) {
            changes.append("+ \(address.prefix) on \(address.interface)")
        }
        if changes.isEmpty { changes.append("other settings") }
        if !old.isSameRouter(as: new) { changes.append("it starts anew") }
        return changes
    }
}

extension Configuration {
    /// For each instance the place of the one in an older configuration that it is the successor of: the same virtual router,
    /// whatever its name, or else the one of the same name.
    package func predecessors(in old: Configuration) -> [Int?] {
        func router(_ instance: InstanceConfiguration) -> String { "\(instance.virtualRouterID) \(instance.interface)" }
        let routers = Dictionary(grouping: old.instances.indices) { router(old.instances[$0]) }
        let names = Dictionary(
            old.instances.indices.map { (old.instances[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        var result = instances.map { instance -> Int? in
            let candidates = (routers[router(instance)] ?? []).filter { old.instances[$0].isSameRouter(as: instance) }
            // Of several only the peers tell which one it is.
            guard candidates.count > 1 else { return candidates.first }
            return candidates.first { old.instances[$0].sharesNumber(with: instance) }
        }
        var taken = Set(result.compactMap(\.self))
        for (index, instance) in instances.enumerated() where result[index] == nil {
            guard let place = names[instance.name], taken.insert(place).inserted else { continue }
            result[index] = place
        }
        return result
    }

    /// The same but for where everything stands in the file.
    package func isEquivalent(to other: Configuration) -> Bool {
        guard instances.count == other.instances.count else { return false }
        var own = self
        own.instances = other.instances
        return own == other && zip(instances, other.instances).allSatisfy { $0.isEquivalent(to: $1) }
    }
}

extension InstanceConfiguration {
    /// The same but for where it stands in the file.
    package func isEquivalent(to other: InstanceConfiguration) -> Bool {
        withoutPlaces == other.withoutPlaces
    }

    private var withoutPlaces: InstanceConfiguration {
        let nowhere = SourceLocation(file: "", line: 0, column: 0)
        var copy = self
        copy.location = nowhere
        copy.sourceLine = nil
        for index in copy.addresses.indices { copy.addresses[index].location = nowhere }
        return copy
    }

    /// The other hosts see the same virtual router before and after: it goes on with other settings, perhaps under another name.
    /// Else it has to start anew.
    package func isSameRouter(as other: InstanceConfiguration) -> Bool {
        interface == other.interface && virtualRouterID == other.virtualRouterID
            && version == other.version && source == other.source && group == other.group
            && (unicast == nil) == (other.unicast == nil)
    }
}
