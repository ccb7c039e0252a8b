import Configuration
import VRRP

/// Sync groups. They are drawn from a stream of their own, and only where the seed is greater than those whose digests are kept, so that
/// these are what they were.
extension Scenario {
    private static let lastWithoutGroups: UInt64 = 2000
    private static let groupSalt: UInt64 = 0x6_A0_0B5

    mutating func drawGroups() {
        guard seed > Self.lastWithoutGroups, !hasEqualSources else { return }
        var random = RandomSource(seed: seed ^ Self.groupSalt)
        if addressCounts.count == 1 {
            guard random.chance(15) else { return }
            addMember(&random)
        } else {
            guard random.chance(35) else { return }
        }
        var rest = Array(addressCounts.indices)
        for _ in 0..<(rest.count > 3 ? random.integer(1...2) : 1) where rest.count > 1 {
            let count = random.integer(2...min(rest.count, 4))
            groups.append(Array(rest.prefix(count)))
            rest.removeFirst(count)
        }
        // Mostly, people give all of a group the same priority.
        if random.chance(60) {
            for host in hosts.indices {
                for group in groups where !group.contains(where: { hosts[host][$0].priority == 255 }) {
                    for router in group { hosts[host][router].priority = hosts[host][group[0]].priority }
                }
            }
        }
        for _ in 0..<random.integer(0...4) { drawGroupFault(&random) }
    }

    private mutating func addMember(_ random: inout RandomSource) {
        addressCounts.append(random.integer(1...2))
        for host in hosts.indices {
            var router = hosts[host][0]
            router.tracked = []
            if random.chance(30) { router.preempts.toggle() }
            if router.priority != 255, random.chance(30) { router.priority = UInt8(random.integer(1...254)) }
            hosts[host].append(router)
        }
        wide?.routerInterfaces.append(0)
        wide?.addressInterfaces += Array(repeating: 0, count: addressCounts.last ?? 0)
    }

    private mutating func drawGroupFault(_ random: inout RandomSource) {
        let at = interval * 2 + random.part(of: interval * 25, from: 0, to: 1000)
        let length = random.part(of: interval, from: 50, to: 9000)
        let host = random.integer(0...hosts.count - 1)
        let router = random.pick(groups.flatMap { $0 })
        let isEdited = faults.contains { fault in
            switch fault.kind {
            case .reload(host, router, _): true
            case .reload(host, _, .move(to: router)): true
            default: false
            }
        }
        let kind: Fault.Kind? =
            switch random.integer(0...5) {
            case 0, 1:
                .segment(
                    router: router, hosts.indices.filter { _ in random.chance(50) }.reduce(into: []) { $0.insert($1) })
            case 2: .handover(host: host, router: router)
            case 3: isEdited ? nil : .reload(host: host, router: router, .ungrouped)
            case 4: isEdited ? nil : .reload(host: host, router: router, .without)
            default: .crash(host: host)
            }
        guard let kind else { return }
        faults.append(Fault(at: at, span: length, kind: kind))
    }

    // MARK: - As configurations

    /// The groups as a host has them: only with members that it has, and none without.
    /// - Parameter routers: the virtual routers as the host has them.
    func groups(of routers: [Router]) -> [[Int]] {
        groups.map { group in
            group.filter { routers.indices.contains($0) && routers[$0].isConfigured && !routers[$0].isUngrouped }
        }.filter { !$0.isEmpty }
    }

    func groupConfigurations(of routers: [Router], _ place: SourceLocation) -> [SyncGroupConfiguration] {
        groups(of: routers).map { group in
            SyncGroupConfiguration(
                name: "group \(groups.firstIndex { $0.contains(group[0]) } ?? 0)", location: place,
                members: group.map { name(of: $0, as: routers) })
        }
    }

    /// Those that are in a group with one that the reference model can't follow can't be followed either.
    func withGroups(_ routers: Set<Int>) -> Set<Int> {
        groups.reduce(into: routers) { all, group in
            if group.contains(where: all.contains) { all.formUnion(group) }
        }
    }
}
