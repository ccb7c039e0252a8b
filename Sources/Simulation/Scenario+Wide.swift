import Addressing
import Configuration
import VRRP

/// What about a third of the seeds have beyond the plain ones. It is drawn from a stream of its own, so that a seed that has none of it
/// is what it was.
extension Scenario {
    /// Two interfaces, and what the configuration says for the whole host.
    package struct Wide: Hashable, Sendable {
        /// By virtual router: on which interface it is, 0 for eth0 or 1 for eth1.
        package var routerInterfaces: [Int]
        /// By shared address: on which interface it is put.
        package var addressInterfaces: [Int]
        /// `address_lease`.
        package var lease: Duration?
        /// `vrrp_garp_interval`, or the interval of a `garp_group` of both interfaces.
        package var pace: Duration?
        package var sharesPace = false
        /// `no_address_defense` is not there.
        package var defends = true
        /// Announcements of the hosts reach each other, and questions about addresses are answered.
        package var carriesARP = false
        /// Each virtual router's addresses are of a network of their own: then the kernel's order between them does not matter.
        package var separatesNetworks = false

        var hasSecondInterface: Bool { (routerInterfaces + addressInterfaces).contains(1) }
    }

    private static let wideSalt: UInt64 = 0xE7_41DE

    mutating func widen(standard: Duration, downAdvertisements: Int) {
        var random = RandomSource(seed: seed ^ Self.wideSalt)
        guard random.chance(33) else { return }
        if random.chance(60) { addRouters(&random, standard, downAdvertisements) }
        let hasTwo = random.chance(50)
        let interfaces = addressCounts.map { _ in hasTwo && random.chance(40) ? 1 : 0 }
        var shape = Wide(
            routerInterfaces: interfaces,
            addressInterfaces: addressCounts.indices.flatMap { router in
                (0..<addressCounts[router]).map { _ in
                    hasTwo && random.chance(15) ? 1 - interfaces[router] : interfaces[router]
                }
            })
        if random.chance(25) { shape.lease = .seconds(random.integer(2...10)) }
        if random.chance(30) {
            shape.pace = .milliseconds(random.integer(1...80))
            shape.sharesPace = random.chance(50)
        }
        shape.defends = !random.chance(20)
        shape.carriesARP = random.chance(40)
        shape.separatesNetworks = random.chance(60)
        wide = shape
        for _ in 0..<random.integer(1...5) {
            let at = standard * 2 + random.part(of: standard * 25, from: 0, to: 1000)
            let length = random.part(of: standard, from: 50, to: 9000)
            let kind =
                random.chance(35)
                ? Self.drawKind(&random, hosts.count, addressCounts, standard)
                : drawWideKind(&random)
            faults.append(Fault(at: at, span: length, kind: kind))
        }
    }

    private mutating func addRouters(_ random: inout RandomSource, _ standard: Duration, _ downAdvertisements: Int) {
        for _ in 0..<random.integer(1...10 - addressCounts.count) {
            addressCounts.append(random.integer(1...3))
            for host in hosts.indices {
                var router = Router(
                    priority: random.chance(30) ? 100 : UInt8(random.integer(1...254)), interval: standard)
                router.preempts = !random.chance(30)
                if random.chance(15) { router.preemptDelay = standard * random.integer(1...6) }
                router.answersLosingMaster = !random.chance(15)
                router.lastWord = random.chance(15)
                router.downAdvertisements = downAdvertisements
                hosts[host].append(router)
            }
        }
    }

    private func drawWideKind(_ random: inout RandomSource) -> Fault.Kind {
        let host = random.integer(0...hosts.count - 1)
        let router = random.integer(0...addressCounts.count - 1)
        let address = random.integer(0...addressCounts.reduce(0, +) - 1)
        switch random.integer(0...11) {
        case 0, 1: return .claims(address: address, isReply: random.chance(50), isVirtual: random.chance(30))
        case 2: return .rival(host: host, router: router, priority: UInt8(random.integer(1...254)))
        case 3: return .secondLinkDown(host: host)
        case 4: return .handover(host: host, router: router)
        case 5: return .reload(host: host, router: router, .rename)
        case 6: return .reload(host: host, router: router, .reorder)
        case 7: return .reload(host: host, router: router, .priority(UInt8(random.integer(1...254))))
        case 8, 9:
            let other = random.integer(0...addressCounts.count - 1)
            return .reload(host: host, router: router, other == router ? .rename : .move(to: other))
        case 10: return .reload(host: host, router: router, .without)
        default: return .stall(host: host, deaf: random.chance(50))
        }
    }

    // MARK: - Where things are

    /// The interface of a virtual router: 0 for eth0, 1 for eth1.
    func interface(of router: Int) -> Int {
        guard let wide, wide.routerInterfaces.indices.contains(router) else { return 0 }
        return wide.routerInterfaces[router]
    }

    /// The interface on which a shared address is put.
    func interface(ofAddress address: Int) -> Int {
        guard let wide, wide.addressInterfaces.indices.contains(address) else { return 0 }
        return wide.addressInterfaces[address]
    }

    /// The third octet of a shared address.
    func network(ofAddress address: Int) -> Int {
        guard wide?.separatesNetworks == true else { return interface(ofAddress: address) }
        let router = addressCounts.indices.first { addresses(of: $0).contains(address) } ?? 0
        return 2 * (router + 1) + interface(ofAddress: address)
    }

    /// How many interfaces each host has.
    var interfaceCount: Int { wide?.hasSecondInterface == true ? 2 : 1 }

    /// The virtual routers that the reference model, which knows one interface, no ARP and no other program of the host, can't follow.
    /// Invariants that need no model are checked for them, too.
    var unreferenced: Set<Int> {
        guard let wide else { return [] }
        return withGroups(unfollowed(wide))
    }

    /// The same on one host: where another daemon puts a shared address beside a host's only own one, and that one goes, the host speaks
    /// from the shared one, also when it has been left there. The reference model knows no such source.
    func unreferenced(on host: Int) -> Set<Int> {
        let hasRival = faults.contains { if case .rival(host, _, _) = $0.kind { true } else { false } }
        let losesSource = faults.contains {
            $0.kind == .ownAddressGone(host: host) || $0.kind == .sourceChanged(host: host)
        }
        return hasRival && losesSource ? Set(addressCounts.indices) : unreferenced
    }

    private func unfollowed(_ wide: Wide) -> Set<Int> {
        if wide.carriesARP { return Set(addressCounts.indices) }
        var routers = Set(addressCounts.indices.filter { interface(of: $0) == 1 })
        for router in addressCounts.indices
        where addresses(of: router).contains(where: { interface(ofAddress: $0) == 1 }) {
            routers.insert(router)
        }
        for fault in faults {
            switch fault.kind {
            case .rival(_, let router, _): routers.insert(router)
            case .claims(let address, _, _):
                routers.formUnion(addressCounts.indices.filter { addresses(of: $0).contains(address) })
            case .reload(_, let router, .move(let other)): routers.formUnion([router, other])
            default: break
            }
        }
        return routers
    }

    var pacing: AnnouncementPacing {
        var pacing = AnnouncementPacing()
        guard let wide, let pace = wide.pace else { return pacing }
        if wide.sharesPace {
            var group = AnnouncementPacing.Group()
            group.interfaces = ["eth0", "eth1"]
            group.interval = pace
            pacing.groups = [group]
        } else {
            pacing.interval = pace
        }
        return pacing
    }
}
