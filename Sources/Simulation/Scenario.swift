package import Addressing
import Configuration
package import VRRP

/// A network and what happens to it: all of it follows from the seed, or is written out.
package struct Scenario: Hashable, Sendable {
    /// One virtual router as one host has it.
    package struct Router: Hashable, Sendable {
        package var priority: UInt8
        package var interval: Duration
        package var preempts = true
        package var preemptDelay: Duration = .zero
        package var answersLosingMaster = true
        package var lastWord = false
        package var downAdvertisements = 3
        /// In the configuration now.
        package var isConfigured = true
        /// How many of its addresses are not.
        package var addressesLess = 0
        /// Its addresses are to have a label.
        package var isLabelled = false
        /// It has another name.
        package var isRenamed = false
        /// Numbers of addresses that it has from other virtual routers.
        package var addressesMore: [Int] = []
        package var tracked: [TrackedLink] = []
        /// None of that is in the configuration now.
        package var tracksNothing = false
        /// It is in no group now.
        package var isUngrouped = false

        package init(
            priority: UInt8, interval: Duration, preempts: Bool = true, preemptDelay: Duration = .zero,
            answersLosingMaster: Bool = true, lastWord: Bool = false, downAdvertisements: Int = 3,
            tracked: [TrackedLink] = []
        ) {
            self.priority = priority
            self.interval = interval
            self.preempts = preempts
            self.preemptDelay = preemptDelay
            self.answersLosingMaster = answersLosingMaster
            self.lastWord = lastWord
            self.downAdvertisements = downAdvertisements
            self.tracked = tracked
        }
    }

    /// How long packets take.
    package enum Timing: Hashable, Sendable {
        /// The dice say how much of `delay`.
        case drawn
        /// All of `delay`, but for those that are written out.
        case told([Lag])
    }

    /// What one host sends to another in a part of the story takes another time.
    package struct Lag: Hashable, Sendable {
        package var from: Int
        package var to: Int
        package var sent: Range<Duration>
        package var takes: Duration

        package init(from: Int, to: Int, sent: Range<Duration>, takes: Duration) {
            self.from = from
            self.to = to
            self.sent = sent
            self.takes = takes
        }
    }

    package var seed: UInt64
    package var version: ProtocolVersion
    package var isUnicast: Bool
    /// Routers by host, then by number of the virtual router.
    package var hosts: [[Router]]
    /// How many addresses each virtual router shares.
    package var addressCounts: [Int]
    /// Kernels before 5.18 store no IFA_PROTO.
    package var marksAddresses: Bool
    /// Whether removing a primary address takes its secondaries along.
    package var promotesSecondaries: Bool
    /// What a packet needs at most when nothing is wrong.
    package var delay: Duration
    package var timing = Timing.drawn
    /// All hosts send from the first one's address; their priorities differ.
    package var hasEqualSources = false
    package var faults: [Fault]
    /// What only some seeds have.
    package var wide: Wide?
    /// The sync groups, on each host: numbers of virtual routers.
    package var groups: [[Int]] = []
    /// By virtual router; empty where all are of IPv4.
    package var families: [IPFamily] = []
    /// By host and tracked link.
    package var linkDelays: [[LinkDelays?]] = []
    /// Where scripts are told what virtual routers become: how long a call takes at most.
    package var longestCall: Duration?
    /// Whether routes and rules move with the addresses.
    package var hasRouting = false
    /// Whether each virtual router has a hardware address of its own.
    package var hasVirtualMACs = false

    /// The longest interval that anybody advertises.
    package var interval: Duration { hosts.joined().map(\.interval).max() ?? .seconds(1) }

    /// The longest that any backup waits.
    package var masterDownInterval: Duration {
        hosts.joined().map {
            Timers.masterDownInterval(
                version: version, priority: lowestPriority ?? $0.priority, interval: interval,
                advertisements: $0.downAdvertisements)
        }.max() ?? interval * 4
    }

    /// Of those that reloads give, or trackers.
    private var lowestPriority: UInt8? {
        guard !tracks else { return Priority.lowest }
        let given = faults.compactMap { fault -> UInt8? in
            if case .reload(_, _, .priority(let priority)) = fault.kind { priority } else { nil }
        }
        return given.isEmpty ? nil : (given + hosts.joined().map(\.priority)).min()
    }

    /// When the last fault is over.
    package var calm: Duration { faults.map { $0.at + $0.span }.max() ?? .zero }
    /// Long enough after it for everything to be settled: a host may still have to start, and to try again.
    package var end: Duration {
        calm + longestLinkDelay + masterDownInterval + interval * 3 + delay + .milliseconds(1500)
    }

    package init(seed: UInt64) {
        var random = RandomSource(seed: seed)
        self.seed = seed
        version = random.chance(50) ? .v2 : .v3
        isUnicast = random.chance(20)
        marksAddresses = random.chance(80)
        promotesSecondaries = random.chance(30)
        delay = .microseconds(random.integer(50...3000))
        let standard =
            version == .v2
            ? Duration.seconds(random.integer(1...2))
            : random.pick([.milliseconds(100), .milliseconds(500), .seconds(1)])
        let routers = random.chance(70) ? 1 : 2
        addressCounts = (0..<routers).map { _ in random.integer(1...3) }
        let downAdvertisements = random.chance(85) ? 3 : random.integer(2...5)
        hosts = []
        faults = []
        let hasOwner = random.chance(10)
        for host in 0..<random.integer(2...4) {
            hosts.append(
                (0..<routers).map { _ in
                    var router = Router(priority: UInt8(random.integer(1...254)), interval: standard)
                    if random.chance(40) { router.priority = 100 }
                    if version == .v3, random.chance(15) { router.interval = standard * 2 }
                    router.preempts = !random.chance(30)
                    if random.chance(15) { router.preemptDelay = standard * random.integer(1...6) }
                    router.answersLosingMaster = !random.chance(15)
                    router.lastWord = random.chance(15)
                    router.downAdvertisements = downAdvertisements
                    if hasOwner, host == 0 { router.priority = 255 }
                    return router
                })
        }
        let span = standard * 25
        for _ in 0..<random.integer(0...6) {
            let at = standard * 2 + random.part(of: span, from: 0, to: 1000)
            let length = random.part(of: standard, from: 50, to: 9000)
            faults.append(
                Fault(at: at, span: length, kind: Self.drawKind(&random, hosts.count, addressCounts, standard)))
        }
        widen(standard: standard, downAdvertisements: downAdvertisements)
        // A host whose only address is a shared one of its own sends from it: the reference model knows nothing of that.
        let bare = faults.compactMap { fault -> Int? in
            switch fault.kind {
            case .ownAddressGone(let host), .sourceChanged(let host): host
            default: nil
            }
        }
        faults.removeAll { fault in
            switch fault.kind {
            case .leased(let host, _), .addressAdded(let host, _): bare.contains(host)
            default: false
            }
        }
        // One edit of a virtual router at a time: the end of one would undo the other.
        var edited: Set<[Int]> = []
        faults.removeAll { fault in
            guard case .reload(let host, let router, let edit) = fault.kind else { return false }
            if case .priority = edit, hosts[host][router].priority == 255 { return true }
            if edit == .fewerAddresses, addressCounts[router] < 2 { return true }
            if case .move(let other) = edit {
                // A virtual router without an address is none.
                if addressCounts[router] < 2 || edited.contains([host, router]) { return true }
                return !edited.insert([host, other]).inserted || !edited.insert([host, router]).inserted
            }
            return !edited.insert([host, router]).inserted
        }
        if !isUnicast, random.chance(8) { equalizeSources() }
        // Who begins anew does not know what it sent before.
        let echoing = Set(faults.compactMap { if case .echoes(let host) = $0.kind { host } else { nil } })
        faults.removeAll { fault in
            switch fault.kind {
            case .reload(let host, _, .without), .crash(let host), .stop(let host): echoing.contains(host)
            default: false
            }
        }
        drawTracking()
        drawGroups()
        drawDelays()
        drawNotifications()
        drawFamilies()
        drawRouting()
        drawVirtualMACs()
        faults.sort { ($0.at, $0.span) < ($1.at, $1.span) }
    }

    /// A copied `mcast_src_ip`. Two of one priority could not be told apart by anybody.
    private mutating func equalizeSources() {
        hasEqualSources = true
        for host in hosts.indices {
            for router in hosts[host].indices {
                let isOwner = hosts[host][router].priority == 255
                if !isOwner { hosts[host][router].priority = UInt8(40 + 50 * ((host + router) % hosts.count)) }
                hosts[host][router].interval = hosts[0][router].interval
            }
        }
        faults.removeAll { fault in
            switch fault.kind {
            case .ownAddressGone, .secondOwnAddress, .sourceChanged, .reload(_, _, .priority),
                .reload(_, _, .fewerAddresses), .reload(_, _, .without):
                true
            default: false
            }
        }
    }

    static func drawKind(
        _ random: inout RandomSource, _ hosts: Int, _ addresses: [Int], _ interval: Duration
    ) -> Fault.Kind {
        let host = random.integer(0...hosts - 1)
        let address = random.integer(0...addresses.reduce(0, +) - 1)
        switch random.integer(0...30) {
        case 0: return .loss(percent: random.integer(5...100))
        case 1: return .delay(random.part(of: interval, from: 10, to: 900))
        case 2: return .duplication
        case 3, 4: return .partition(Set((0..<hosts).filter { _ in random.chance(50) }))
        case 5: return .oneWay(from: host, to: (host + random.integer(1...max(hosts - 1, 1))) % hosts)
        case 6, 7, 8: return .stall(host: host, deaf: random.chance(50))
        case 9: return .crash(host: host)
        case 10: return .stop(host: host)
        case 11: return .linkDown(host: host)
        case 12: return .addressRemoved(host: host, address: address)
        case 13: return .addressAdded(host: host, address: address)
        case 14: return .leased(host: host, address: address)
        case 15: return .ownAddressGone(host: host)
        case 16: return .secondOwnAddress(host: host)
        case 17: return .refusal(host: host)
        case 18: return .eventsLost(host: host)
        case 19: return .sourceChanged(host: host)
        case 20, 21: return .handover(host: host, router: random.integer(0...addresses.count - 1))
        case 22, 23, 24:
            let edit = random.pick([
                .nothing, Fault.Edit.priority(UInt8(random.integer(1...254))), .fewerAddresses, .without, .without,
            ])
            // Drawn from nothing, so that a seed means what it meant before there were labels.
            return .reload(
                host: host, router: random.integer(0...addresses.count - 1),
                edit == .nothing && host % 2 == 0 ? .label : edit)
        case 25: return .junk
        case 26: return .strangers(priority: UInt8(random.integer(0...255)))
        case 27: return .echoes(host: host)
        default: return .mute(host: host)
        }
    }

    // MARK: - As configurations

    /// Who is no host of the scenario.
    static func stranger(_ family: IPFamily) -> IPAddress {
        let address = IPv4Address(10, 0, 0, 99)
        return family == .ipv4 ? IPAddress(address) : ipv6(address, isLinkLocal: true)
    }

    /// - Parameter interface: 1 for eth1.
    static func ownAddress(
        _ host: Int, second: Bool = false, interface: Int = 0, _ family: IPFamily
    ) -> IPAddress {
        let address = ownIPv4Address(host, second: second, interface: interface)
        return family == .ipv4 ? IPAddress(address) : ipv6(address, isLinkLocal: true)
    }

    private static func ownIPv4Address(_ host: Int, second: Bool = false, interface: Int = 0) -> IPv4Address {
        IPv4Address(10, interface == 0 ? 0 : 2, second ? 1 : 0, UInt8(11 + host))
    }

    /// The shared addresses, numbered through all virtual routers; three prefixes of one network, so that there are
    /// primary and secondary ones.
    func sharedAddress(_ number: Int) -> IPPrefix {
        let address = IPv4Address(10, 9, UInt8(network(ofAddress: number)), UInt8(1 + number))
        let isIPv4 = family(ofAddress: number) == .ipv4
        let shared = isIPv4 ? IPAddress(address) : Self.ipv6(address, isLinkLocal: false)
        return IPPrefix(address: shared, length: isIPv4 ? 24 : 64) ?? IPPrefix(host: shared)
    }

    /// The numbers of a virtual router's addresses.
    func addresses(of router: Int) -> Range<Int> {
        let first = addressCounts[..<router].reduce(0, +)
        return first..<first + addressCounts[router]
    }

    /// The name of a virtual router in a host's configuration.
    /// - Parameter routers: the virtual routers as the host has them.
    func name(of router: Int, as routers: [Router]) -> String {
        routers.indices.contains(router) && routers[router].isRenamed ? "router \(router) anew" : "router \(router)"
    }

    /// The numbers of the addresses that a virtual router has in a host's configuration.
    /// - Parameter routers: the virtual routers as the host has them.
    func addresses(of router: Int, as routers: [Router]) -> [Int] {
        guard routers[router].isConfigured else { return [] }
        return addresses(of: router).dropLast(routers[router].addressesLess) + routers[router].addressesMore
    }

    /// The places of virtual routers in a host's configuration.
    func order(of routers: [Router], isReversed: Bool) -> [Int] {
        let places = routers.indices.filter { routers[$0].isConfigured }
        return isReversed ? places.reversed() : places
    }

    /// The virtual router that an advertisement is about.
    static func router(in packet: [UInt8]) -> Int { Int(packet[messageStart(in: packet) + 1]) - 10 }

    /// - Parameter routers: the virtual routers as the host has them now.
    func configuration(of routers: [Router], on host: Int, isReversed: Bool = false) -> Configuration {
        let place = SourceLocation(file: "simulation", line: 1, column: 1)
        var configuration = Configuration(
            instances: order(of: routers, isReversed: isReversed).map { number in
                let router = routers[number]
                let interface = interface(of: number)
                var instance = InstanceConfiguration(
                    name: name(of: number, as: routers), location: place, interface: "eth\(interface)",
                    virtualRouterID: UInt8(10 + number))
                instance.version = version.rawValue
                instance.priority = router.priority
                instance.advertisementInterval = router.interval
                instance.preempts = router.preempts
                instance.preemptDelay = router.preemptDelay
                instance.answersLosingMaster = router.answersLosingMaster
                instance.advertisesBeforeYielding = router.lastWord
                instance.downAdvertisements = router.downAdvertisements
                instance.tracked = trackLines(of: router, place)
                instance.virtualMAC = virtualMAC(of: number)
                instance.addresses = addresses(of: number, as: routers).map {
                    let device = instance.virtualMAC?.interface ?? "eth\(self.interface(ofAddress: $0))"
                    var address = SharedAddress(location: place, prefix: sharedAddress($0), interface: device)
                    if family(of: number) == .ipv4 {
                        address.label = router.isLabelled ? "\(device):vip" : nil
                    } else {
                        address.preferredLifetime = router.isLabelled ? 0 : nil
                    }
                    return address
                }
                instance.advertisedAddresses = instance.addresses.map(\.prefix.address)
                instance.routing = routing(of: number, as: routers)
                instance.group = Self.group(family(of: number))
                if hasEqualSources, interface == 0 { instance.source = Self.ownAddress(0, .ipv4) }
                if isUnicast {
                    instance.unicast = UnicastConfiguration(
                        peers: hosts.indices.flatMap { peer in
                            [false, true].map {
                                .init(
                                    address: Self.ownAddress(
                                        peer, second: $0, interface: interface, family(of: number)))
                            }
                        })
                }
                return instance
            })
        configuration.groups = groupConfigurations(of: routers, place)
        configuration.linkDelays = linkDelayConfiguration(of: host)
        configuration.addressLease = wide?.lease
        configuration.pacing = pacing
        configuration.defendsAddresses = wide?.defends ?? true
        return configuration
    }
}

extension Scenario: CustomStringConvertible {
    package var description: String {
        var lines = [
            "seed \(seed): \(version), \(isUnicast ? "unicast" : "multicast"), packets take up to \(seconds(delay))"
                + (marksAddresses ? "" : ", the kernels mark no addresses")
                + (hasEqualSources ? ", all send from \(Self.ownAddress(0, .ipv4))" : "")
        ]
        for (number, routers) in hosts.enumerated() {
            for (index, router) in routers.enumerated() {
                var line =
                    "  host \(number) (\(Self.ownAddress(number, family(of: index)))), virtual router \(index): priority \(router.priority), "
                line += "interval \(seconds(router.interval)), \(addressCounts[index]) addresses"
                if !router.preempts { line += ", nopreempt" }
                if router.preemptDelay > .zero { line += ", preempt_delay \(seconds(router.preemptDelay))" }
                if !router.answersLosingMaster { line += ", lower_prio_no_advert" }
                if router.lastWord { line += ", higher_prio_send_advert" }
                if interface(of: index) == 1 { line += ", on eth1" }
                if !router.tracked.isEmpty {
                    line += ", tracks \(router.tracked.map(\.description).joined(separator: " and "))"
                }
                if router.downAdvertisements != 3 { line += ", down_timer_adverts \(router.downAdvertisements)" }
                lines.append(line)
            }
        }
        for group in groups {
            lines.append("  a sync group of virtual routers \(group.map { "\($0)" }.joined(separator: ", "))")
        }
        for host in linkDelays.indices {
            for link in linkDelays[host].indices {
                guard let delays = linkDelays[host][link] else { continue }
                lines.append(
                    "  host \(host): link up\(link) counts as down after \(seconds(delays.down)), as up after \(seconds(delays.up))"
                )
            }
        }
        if hasRouting { lines.append("  routes and rules move with the addresses") }
        if hasVirtualMACs { lines.append("  each virtual router has a virtual MAC address") }
        if let longestCall { lines.append("  notify scripts take up to \(seconds(longestCall))") }
        if let wide {
            var words = ["  wide: addresses on \(wide.addressInterfaces.map { "eth\($0)" }.joined(separator: " "))"]
            if let lease = wide.lease { words.append("leased for \(seconds(lease))") }
            if let pace = wide.pace {
                words.append("announced every \(seconds(pace))\(wide.sharesPace ? " together" : "")")
            }
            if wide.separatesNetworks { words.append("a network each") }
            if !wide.defends { words.append("not defended") }
            if wide.carriesARP { words.append("hosts hear each other's ARP") }
            lines.append(words.joined(separator: ", "))
        }
        lines += faults.map { "  at \($0)" }
        return lines.joined(separator: "\n")
    }
}

extension IPAddress {
    /// The number that an address of the virtual network is; an IPv6 one has that of an IPv4 one in its last 32 bits.
    var number: Int { Int(ipv4?.rawValue ?? UInt32(truncatingIfNeeded: ipv6?.low ?? 0)) }
}
