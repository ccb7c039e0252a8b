import Addressing

/// What changes when one configuration takes the place of another, for people to read before or after.
package struct ConfigurationDifference: Hashable, Sendable {
    /// One line for each change; empty when nothing that matters differs.
    package private(set) var lines: [String] = []
    /// What the changes cost where this host is master, by `RoleSetting`'s table: a line at least when anything differs.
    package private(set) var costs: [String] = []
    /// The changes and what they cost, for people.
    package var report: [String] { report() }

    /// - Parameter isHindered: something on this host keeps an instance from taking part: what that costs is told elsewhere.
    package func report(isHindered: Bool = false) -> [String] {
        lines + (isHindered && isFree ? ["cost: see the warnings"] : costs)
    }

    /// Nothing that this table knows of becomes unreachable.
    private var isFree = false

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
            if let cost = Self.cost(from: before, to: instance) { costs.append("\(instance.name): \(cost)") }
        }
        lines += Self.groupLines(from: old, to: new)
        lines += Self.changes(ofScriptsFrom: old.scripting, to: new.scripting)
        if old.pacing != new.pacing { lines.append("~ how far apart announcements leave") }
        if old.adminGroup != new.adminGroup || old.socketGroup != new.socketGroup {
            lines.append("~ who may ask, and who may change what the agent does")
        }
        if old.linkDelays != new.linkDelays { lines.append("~ how long interfaces have to be down, or up again") }
        if old.addressLease != new.addressLease || old.defendsAddresses != new.defendsAddresses {
            lines.append("~ the lease of the addresses, or whether they are defended")
        }
        if old.startupDelay != new.startupDelay || old.delayAfterBoot != new.delayAfterBoot {
            lines.append("~ the delays at the start (they count at the next start)")
        }
        // What a virtual router that begins takes from another one, beside something new, is nowhere until it has listened.
        let before = Set(old.instances.flatMap { instance in instance.addresses.map(instance.located) })
        for (instance, predecessor) in zip(new.instances, predecessors) where predecessor == nil {
            let moved = instance.addresses.filter { before.contains(instance.located($0)) }
            // A master of all of them stays one.
            guard !moved.isEmpty, moved.count < instance.addresses.count else { continue }
            costs.append(
                "\(instance.name): cost: \(Self.list(moved)) move to a virtual router that begins: unreachable for up to "
                    + "\(instance.masterDownInterval.roundedUp), for which it listens")
        }
        isFree = costs.isEmpty && !lines.isEmpty
        let grouped = (old: old.grouped.instances, new: new.grouped.instances)
        costs += Self.provisos(
            zip(grouped.new, predecessors).compactMap { new, place in place.map { (grouped.old[$0], new) } },
            from: old.scripting, to: new.scripting)
        if isFree, costs.isEmpty { costs = ["cost: none: no address that stays becomes unreachable"] }
    }

    private static func cost(from old: InstanceConfiguration, to new: InstanceConfiguration) -> String? {
        let concerned = RoleSetting.concerned(old, new)
        if let setting = concerned.first(where: { $0.consequence == .startsAnew }) {
            let (alone, withPeer) = old.outage(until: new)
            return "cost: it starts anew: the addresses are unreachable for up to \(alone.roundedUp) when it is alone, "
                + "\(withPeer.roundedUp) with a host that takes over, because \(setting.reason)"
        }
        let move = moveCost(from: old, to: new)
        guard !concerned.isEmpty else { return move.map { "cost: \($0)" } }
        return
            "cost: \(move ?? "none"): a master stays master; but hosts without this change do not hear it, and after "
            + "up to \((old.advertisementInterval * old.downAdvertisements + .seconds(1)).roundedUp) one is master, too, until it "
            + "has it: \(concerned.map(\.reason).joined(separator: "; "))"
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
        compare("interface", old.interfaceText, new.interfaceText)
        compare("virtual router", old.virtualRouterID, new.virtualRouterID)
        compare("version", old.version, new.version)
        compare("group", old.group, new.group)
        compare("source address", old.sourceText, new.sourceText)
        compare("virtual MAC address", old.virtualMACText, new.virtualMACText)
        if let before = old.virtualMAC, let after = new.virtualMAC, before.sendsFromParent != after.sendsFromParent {
            changes.append("advertisements leave from \(old.senderText) → \(new.senderText)")
        }
        compare("priority", old.priority, new.priority)
        compare("advertisement interval", "\(old.advertisementInterval)", "\(new.advertisementInterval)")
        for line in old.tracked where !new.tracked.contains(where: { $0.tracker == line.tracker }) {
            changes.append("- tracked: \(line.text)")
        }
        for line in new.tracked {
            guard let before = old.tracked.first(where: { $0.tracker == line.tracker }) else {
                changes.append("+ tracked: \(line.text)")
                continue
            }
            if before.text != line.text { changes.append("tracked: \(before.text) → \(line.text)") }
        }
        if old.password != new.password { changes.append("another password") }
        let places = (old: Set(old.addresses.map(\.place)), new: Set(new.addresses.map(\.place)))
        for address in old.addresses where !places.new.contains(address.place) {
            changes.append("- \(address.prefix) on \(address.interface)")
        }
        for address in new.addresses where !places.old.contains(address.place) {
            changes.append("+ \(address.prefix) on \(address.interface)")
        }
        let before = Dictionary(old.addresses.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
        for address in new.addresses {
            guard let old = before[address.place], old.attributes != address.attributes else { continue }
            changes.append(
                "\(address.prefix) on \(address.interface): \(old.attributes) → \(address.attributes) "
                    + (address.prefix.address.isIPv4
                        ? "(put there anew; it answers all the while)"
                        : old.peer == address.peer ? "(changed where it is)" : "(put there anew)"))
        }
        for line in old.routing where !new.routing.contains(where: { $0.isSame(as: line) }) {
            changes.append("- \(line.words)")
        }
        for line in new.routing where !old.routing.contains(where: { $0.isSame(as: line) }) {
            changes.append("+ \(line.words)")
        }
        if changes.isEmpty { changes.append("other settings") }
        return changes
    }
}

extension InstanceConfiguration {
    fileprivate var interfaceText: String { interface.isEmpty ? "none" : interface }
    fileprivate var sourceText: String { source?.description ?? "the interface's" }
}

extension SharedAddress {
    /// What the kernel keeps beside an address, for people to compare.
    fileprivate var attributes: String {
        let own =
            prefix.address.isIPv4
            ? "label \(label ?? interface), broadcast \(broadcastAddress?.description ?? "none"), scope \(scope)"
            : "preferred_lft \(preferredLifetime.map { "\($0)" } ?? "forever")"
        return own + (peer.map { ", peer \($0)" } ?? "") + (addsNetworkRoute ? "" : ", noprefixroute")
    }
}

extension Configuration {
    /// For each instance the place of the one in an older configuration that it is the successor of: the same virtual router,
    /// whatever its name, or else the one of the same name, or one with an address of it on its interface.
    package func predecessors(in old: Configuration) -> [Int?] {
        func router(_ instance: InstanceConfiguration) -> String { "\(instance.virtualRouterID) \(instance.interface)" }
        let routers = Dictionary(grouping: old.instances.indices) { router(old.instances[$0]) }
        let names = Dictionary(
            old.instances.indices.map { (old.instances[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        let wanted = Dictionary(grouping: instances.indices) { router(instances[$0]) }
        var taken: Set<Int> = []
        var result = instances.map { instance -> Int? in
            let key = router(instance)
            let candidates = routers[key] ?? []
            // Where there are several, before or after, only the peers tell which one it is.
            let isAlone = candidates.count == 1 && wanted[key]?.count == 1
            return candidates.first { place in
                (isAlone || old.instances[place].sharesNumber(with: instance)) && taken.insert(place).inserted
            }
        }
        for (index, instance) in instances.enumerated() where result[index] == nil {
            guard let place = names[instance.name], taken.insert(place).inserted else { continue }
            result[index] = place
        }
        guard result.contains(nil) else { return result }
        var holders: [LocatedAddress: Int] = [:]
        for (place, instance) in old.instances.enumerated() where !taken.contains(place) {
            for address in instance.addresses { holders[instance.located(address)] = place }
        }
        for (index, instance) in instances.enumerated() where result[index] == nil {
            let place = instance.addresses.lazy.compactMap { holders[instance.located($0)] }.first { place in
                !taken.contains(place) && old.instances[place].interface == instance.interface
            }
            guard let place else { continue }
            taken.insert(place)
            result[index] = place
        }
        return result
    }
}
