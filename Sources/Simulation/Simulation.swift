import Addressing
import FailoverCore
private import HeapModule
import VRRP

/// Runs a scenario: whole cores on a virtual network with a virtual clock, and the invariants beside them.
package struct Simulation {
    private struct Entry: Comparable {
        enum What {
            case faultBegins(Int)
            case faultEnds(Int)
            /// The other cluster's next advertisements.
            case strangers(Int)
            /// The place is among all copies of its flow.
            case arrival(VirtualNetwork.Flow, place: Int, VirtualHost.Waiting)
            /// Likewise, by ARP.
            case claim(VirtualNetwork.Flow, place: Int, AddressClaim)
            /// The next word of another machine that claims an address, or of another daemon on a host.
            case claimant(Int)
            case rival(Int)
            /// An address goes because it was not renewed.
            case expiry(host: Int)
            case wake(host: Int)
            case audit
        }

        /// What decides between events of one moment. It depends on no order in which they were planned.
        struct Rank: Comparable {
            var kind: Int
            /// A host, or the number of a fault.
            var subject: Int
            var sender = 0
            var flow = 0
            var place = 0

            static func < (left: Self, right: Self) -> Bool {
                (left.kind, left.subject, left.sender, left.flow, left.place)
                    < (right.kind, right.subject, right.sender, right.flow, right.place)
            }
        }

        var at: Instant
        var rank: Rank
        var what: What

        init(at: Instant, what: What) {
            self.at = at
            self.what = what
            rank =
                switch what {
                case .faultBegins(let index): Rank(kind: 0, subject: index)
                case .faultEnds(let index): Rank(kind: 1, subject: index)
                case .strangers(let index): Rank(kind: 2, subject: index)
                case .arrival(let flow, let place, _):
                    Rank(kind: 3, subject: flow.receiver, sender: flow.sender, flow: flow.kind, place: place)
                case .claim(let flow, let place, _):
                    Rank(kind: 4, subject: flow.receiver, sender: flow.sender, flow: flow.kind, place: place)
                case .claimant(let index): Rank(kind: 5, subject: index)
                case .rival(let index): Rank(kind: 6, subject: index)
                case .expiry(let host): Rank(kind: 7, subject: host)
                case .wake(let host): Rank(kind: 8, subject: host)
                case .audit: Rank(kind: 9, subject: 0)
                }
        }

        static func < (left: Self, right: Self) -> Bool { (left.at, left.rank) < (right.at, right.rank) }
        static func == (left: Self, right: Self) -> Bool { (left.at, left.rank) == (right.at, right.rank) }
    }

    package let scenario: Scenario
    private var now = Instant(sinceBoot: .seconds(1000))
    private let start = Instant(sinceBoot: .seconds(1000))
    private var queue = Heap<Entry>()
    private var expiries: [Instant?]
    private var wakes: [Instant?]
    private var hosts: [VirtualHost]
    private var network: VirtualNetwork
    /// The hosts to which their own packets come back.
    private var echoes: [Int] = []
    private var audit: Audit
    private let tells: Bool

    /// What happened, if it was to be told.
    package private(set) var story: [String] = []
    package private(set) var violation: String?
    private var trace: Trace
    private let traces: Bool
    /// Of everything that every host did, if it was to be traced: FNV-1a of the trace's lines.
    package var digest: UInt64 { trace.digest }
    /// Sixteen hexadecimal digits.
    package var digestText: String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
    /// Everything that every host did, if it was to be kept: `Trace` says in what order.
    package var traceLines: [String] { trace.lines }
    package private(set) var faultsInjected = 0
    package private(set) var packetsCarried = 0

    package enum Tracing {
        case none, digest, lines
    }

    /// - Parameters:
    ///   - tells: keep the story, for a person to read.
    ///   - tracing: whether to trace what the cores do.
    package init(_ scenario: Scenario, tells: Bool = false, tracing: Tracing = .none) {
        self.scenario = scenario
        self.tells = tells
        traces = tracing != .none
        trace = Trace(keepsLines: tracing == .lines)
        hosts = scenario.hosts.indices.map { VirtualHost($0, scenario, traces: tracing != .none) }
        wakes = hosts.map { _ in nil }
        expiries = wakes
        network = VirtualNetwork(scenario)
        audit = Audit(scenario, start: Instant(sinceBoot: .seconds(1000)))
    }

    /// How much virtual time has passed.
    package var duration: Duration { now - start }

    package mutating func run() {
        for index in scenario.faults.indices {
            schedule(start + scenario.faults[index].at, .faultBegins(index))
        }
        for host in hosts.indices {
            hosts[host].start(at: now)
            turn(host)
        }
        schedule(now, .audit)
        let end = start + scenario.end
        while violation == nil, let entry = queue.popMin(), entry.at <= end {
            now = entry.at
            take(entry.what)
        }
        trace.finish()
        if tells, let violation { tell("VIOLATION: \(violation)") }
    }

    private mutating func schedule(_ at: Instant, _ what: Entry.What) {
        queue.insert(Entry(at: at, what: what))
    }

    private mutating func take(_ what: Entry.What) {
        switch what {
        case .faultBegins(let index):
            faultsInjected += 1
            begin(scenario.faults[index].kind)
            switch scenario.faults[index].kind {
            case .strangers: schedule(now, .strangers(index))
            case .claims: schedule(now, .claimant(index))
            case .rival: schedule(now, .rival(index))
            default: break
            }
            schedule(now + scenario.faults[index].span, .faultEnds(index))
        case .faultEnds(let index):
            end(scenario.faults[index].kind)
        case .strangers(let index):
            let fault = scenario.faults[index]
            guard case .strangers(let priority) = fault.kind, now < start + fault.at + fault.span else { return }
            sendStrangers(priority)
            schedule(now + scenario.interval, .strangers(index))
        case .arrival(let flow, _, let packet):
            hosts[flow.receiver].receive(packet, at: now)
            turn(flow.receiver)
        case .claim(let flow, _, let claim):
            guard hosts[flow.receiver].kernel.isUp(claim.interface) else { return }
            hosts[flow.receiver].receive(claim)
            turn(flow.receiver)
        case .claimant(let index):
            guard isUnderWay(index) else { return }
            claim(index)
            schedule(now + .seconds(1), .claimant(index))
        case .rival(let index):
            guard isUnderWay(index), case .rival(let host, let router, let priority) = scenario.faults[index].kind
            else { return }
            sendRival(host, router, priority)
            schedule(now + scenario.interval, .rival(index))
        case .expiry(let host):
            guard expiries[host] == now else { return }
            expiries[host] = nil
            tellHost(host, hosts[host].kernel.expire(at: now))
            watchExpiries(host)
        case .wake(let host):
            guard wakes[host] == now else { return }
            wakes[host] = nil
            turn(host)
        case .audit:
            examine()
            schedule(now + scenario.interval / 10, .audit)
        }
    }

    private func isUnderWay(_ fault: Int) -> Bool {
        now < start + scenario.faults[fault].at + scenario.faults[fault].span
    }

    private mutating func watchExpiries(_ host: Int) {
        let next = hosts[host].kernel.nextExpiry
        guard expiries[host] != next else { return }
        expiries[host] = next
        if let next { schedule(max(next, now), .expiry(host: host)) }
    }

    private mutating func examine() {
        if let found = audit.examine(hosts, network, at: now) { violation = found }
    }

    // MARK: - Hosts

    private mutating func turn(_ host: Int) {
        let before = tells ? states(host) : []
        let mastersBefore = hosts[host].masterSince
        var turns = 0
        repeat {
            hosts[host].turn(at: now)
            for effect in hosts[host].takeOutput() { carry(effect, from: host) }
            if traces { trace.add(hosts[host].takeTrace(), of: host, at: now - start) }
            turns += 1
        } while turns < 1000 && !hosts[host].isStalled && !hosts[host].inbox.isEmpty
        if let complaint = hosts[host].complaint, violation == nil { violation = complaint }
        for router in mastersBefore.indices where mastersBefore[router] == nil && hosts[host].masterSince[router] != nil
        {
            if let found = audit.judgeClaim(of: router, by: host, hosts, network, at: now) {
                violation = violation ?? found
            }
        }
        guard turns < 1000 else {
            violation = "host \(host) does not come to rest"
            return
        }
        if tells {
            for (router, (old, new)) in zip(before, states(host)).enumerated() where old != new {
                tell("host \(host), virtual router \(router): \(old) → \(new)")
            }
        }
        watchExpiries(host)
        if let deadline = hosts[host].nextDeadline() {
            let at = max(deadline, now)
            if wakes[host] != at {
                wakes[host] = at
                schedule(at, .wake(host: host))
            }
        } else {
            wakes[host] = nil
        }
    }

    private func states(_ host: Int) -> [String] {
        scenario.addressCounts.indices.map { hosts[host].state(of: $0)?.rawValue ?? "not running" }
    }

    private mutating func tell(_ line: String) {
        story.append("\(seconds(now - start)): \(line)")
    }

    // MARK: - The network

    private mutating func carry(_ effect: Effect, from sender: Int) {
        if scenario.wide != nil { carryARP(effect, from: sender) }
        guard case .advertise(_, let interface, let destination, _, let bytes) = effect,
            hosts[sender].kernel.isUp(interface), !hosts[sender].isMute
        else { return }
        advertise(bytes, to: destination, on: interface, from: sender)
    }

    private mutating func advertise(
        _ bytes: [UInt8], to destination: IPAddress, on interface: InterfaceIndex, from sender: Int,
        isRival: Bool = false
    ) {
        let number = Int(interface.rawValue) - 2
        let router = Scenario.router(in: bytes)
        if echoes.contains(sender) {
            deliver(
                VirtualHost.Waiting(bytes: bytes, meaning: nil, interface: number),
                VirtualNetwork.Flow(sender: sender, receiver: sender, kind: router))
        }
        let meaning = VirtualHost.Meaning(
            router: router, priority: Int(bytes[22]), source: sourceAddress(bytes).number,
            interval: scenario.hosts[sender][router].interval.nanoseconds,
            destination: destination.isMulticast ? nil : destination)
        let kind = isRival ? Self.rivalKinds + router : router
        for receiver in hosts.indices where receiver != sender && hosts[receiver].kernel.isUp(interface) {
            if !destination.isMulticast, !hosts[receiver].kernel.answers(for: destination) { continue }
            deliver(
                VirtualHost.Waiting(bytes: bytes, meaning: meaning, interface: number),
                VirtualNetwork.Flow(sender: sender, receiver: receiver, kind: kind))
        }
    }

    private mutating func deliver(_ packet: VirtualHost.Waiting, _ flow: VirtualNetwork.Flow) {
        for copy in network.carry(flow, sent: now - start) {
            packetsCarried += 1
            schedule(now + copy.delay, .arrival(flow, place: copy.place, packet))
        }
    }

    /// The flows of those that are none of the hosts: advertisements of the other cluster by virtual router, junk behind them.
    private func outsider(_ kind: Int, to receiver: Int) -> VirtualNetwork.Flow {
        VirtualNetwork.Flow(sender: -1, receiver: receiver, kind: kind)
    }

    // What flows carry beside advertisements.
    private static let junkKinds = 1000
    private static let rivalKinds = 2000
    private static let claimKinds = 3000

    // MARK: - ARP

    /// Announcements and questions reach the others, where the scenario has it; a machine that claims addresses answers questions anyway.
    private mutating func carryARP(_ effect: Effect, from sender: Int) {
        switch effect {
        case .announce(let interface, let hardware, let addresses, _):
            guard scenario.wide?.carriesARP == true, canSpeak(sender, interface) else { return }
            for address in addresses {
                let claim = AddressClaim(interface: interface, address: address, hardwareAddress: hardware)
                for receiver in hosts.indices where receiver != sender { deliver(claim, from: sender, to: receiver) }
            }
        case .probe(let interface, _, let addresses):
            guard canSpeak(sender, interface) else { return }
            for address in addresses { answer(address, interface, to: sender) }
        default: break
        }
    }

    private func canSpeak(_ host: Int, _ interface: InterfaceIndex) -> Bool {
        hosts[host].kernel.isUp(interface) && !hosts[host].isMute
    }

    private mutating func answer(_ address: IPAddress, _ interface: InterfaceIndex, to asker: Int) {
        if scenario.wide?.carriesARP == true {
            for other in hosts.indices where other != asker && canSpeak(other, interface) {
                guard hosts[other].kernel.has(address, on: interface),
                    let hardware = hosts[other].kernel.link(Int(interface.rawValue) - 2).hardwareAddress
                else { continue }
                let claim = AddressClaim(
                    interface: interface, address: address, hardwareAddress: hardware, isReply: true)
                deliver(claim, from: other, to: asker)
            }
        }
        for index in scenario.faults.indices where scenario.faults[index].at <= now - start && isUnderWay(index) {
            guard let claim = claimed(index), claim.address == address, claim.interface == interface else { continue }
            deliver(claim, from: -1, to: asker)
        }
    }

    private mutating func deliver(_ claim: AddressClaim, from sender: Int, to receiver: Int) {
        let kind = Self.claimKinds + (claim.address.number & 0xFFFF)
        for copy in network.carry(
            VirtualNetwork.Flow(sender: sender, receiver: receiver, kind: kind), sent: now - start)
        {
            schedule(
                now + copy.delay,
                .claim(
                    VirtualNetwork.Flow(sender: sender, receiver: receiver, kind: kind), place: copy.place, claim))
        }
    }

    private func claimed(_ fault: Int) -> AddressClaim? {
        guard case .claims(let address, let isReply, let isVirtual) = scenario.faults[fault].kind else { return nil }
        return AddressClaim(
            interface: VirtualKernel.interface(scenario.interface(ofAddress: address)),
            address: scenario.sharedAddress(address).address,
            hardwareAddress: MACAddress(rawValue: isVirtual ? 0x00_005E_0001_63 : 0x02_0000_00AA_01), isReply: isReply)
    }

    /// What another machine says as the owner of an address.
    private mutating func claim(_ fault: Int) {
        guard let claim = claimed(fault) else { return }
        for receiver in hosts.indices { deliver(claim, from: -1, to: receiver) }
    }

    // MARK: - Another daemon on a host

    private mutating func sendRival(_ host: Int, _ router: Int, _ priority: UInt8) {
        guard scenario.addressCounts.indices.contains(router) else { return }
        let interface = VirtualKernel.interface(scenario.interface(of: router))
        let advertisement = Advertisement(
            version: scenario.version, virtualRouterID: UInt8(10 + router), priority: priority,
            interval: scenario.hosts[host][router].interval,
            addresses: scenario.addresses(of: router).map { scenario.sharedAddress($0).address })
        let source = Scenario.ownIPv4Address(host, interface: scenario.interface(of: router))
        let destinations =
            scenario.isUnicast
            ? hosts.indices.filter { $0 != host }.map {
                Scenario.ownIPv4Address($0, interface: scenario.interface(of: router))
            } : [Advertisement.ipv4Group]
        for destination in destinations {
            let bytes = advertisement.ipv4Packet(from: source, to: destination)
            hosts[host].overhear(
                VirtualHost.Waiting(bytes: bytes, meaning: nil, interface: scenario.interface(of: router)))
            guard hosts[host].kernel.isUp(interface) else { continue }
            advertise(bytes, to: IPAddress(destination), on: interface, from: host, isRival: true)
        }
        turn(host)
    }

    private func sourceAddress(_ bytes: [UInt8]) -> IPAddress {
        IPAddress(bytes[12], bytes[13], bytes[14], bytes[15])
    }

    /// One round of another cluster's advertisements.
    private mutating func sendStrangers(_ priority: UInt8) {
        for router in scenario.addressCounts.indices {
            let advertisement = Advertisement(
                version: scenario.version, virtualRouterID: UInt8(10 + router), priority: priority,
                interval: scenario.hosts[0][router].interval, addresses: [IPAddress(10, 8, 0, 1)])
            let interface = scenario.interface(of: router)
            for receiver in hosts.indices where hosts[receiver].kernel.isUp(VirtualKernel.interface(interface)) {
                let bytes = advertisement.ipv4Packet(
                    from: Scenario.stranger,
                    to: scenario.isUnicast
                        ? Scenario.ownIPv4Address(receiver, interface: interface) : Advertisement.ipv4Group)
                deliver(
                    VirtualHost.Waiting(bytes: bytes, meaning: nil, interface: interface),
                    outsider(router, to: receiver))
            }
        }
    }

    /// Packets that nobody may listen to.
    private mutating func sendJunk() {
        let advertisement = Advertisement(
            version: scenario.version, virtualRouterID: 10, priority: 255, interval: scenario.interval,
            addresses: [scenario.sharedAddress(0).address])
        let source = Scenario.stranger
        let good = advertisement.ipv4Packet(from: source)
        var wrongChecksum = good
        wrongChecksum[26] ^= 0x55
        var otherVersion = advertisement
        otherVersion.version = scenario.version == .v2 ? .v3 : .v2
        var wrongPassword = advertisement
        wrongPassword.version = .v2
        wrongPassword.authentication = .password(Password("guess".utf8))
        // Nothing but the version's number is wrong.
        var otherNumber = good
        otherNumber[20] ^= 0x10
        otherNumber.replaceSubrange(26..<28, with: [0, 0])
        var checksum = InternetChecksum()
        checksum.add(otherNumber.span.extracting(20..<otherNumber.count))
        otherNumber[26] = UInt8(checksum.value >> 8)
        otherNumber[27] = UInt8(checksum.value & 0xFF)
        var otherRouter = advertisement
        otherRouter.virtualRouterID = 99
        var junk = [
            otherNumber, wrongChecksum, Array(good.prefix(25)), otherVersion.ipv4Packet(from: source),
            wrongPassword.ipv4Packet(from: source),
            otherRouter.ipv4Packet(from: source), [UInt8](repeating: 0xFF, count: 60),
        ]
        if !scenario.isUnicast { junk.append(advertisement.ipv4Packet(from: source, timeToLive: 254)) }
        for (place, bytes) in junk.enumerated() {
            for receiver in hosts.indices {
                deliver(
                    VirtualHost.Waiting(bytes: bytes, meaning: nil), outsider(Self.junkKinds + place, to: receiver))
            }
        }
    }

    // MARK: - Faults

    private mutating func begin(_ kind: Fault.Kind) {
        if tells { tell("\(kind)") }
        audit.disturb(kind, begins: true, at: now)
        network.change(kind, begins: true)
        switch kind {
        case .stall(let host, let deaf):
            hosts[host].isStalled = true
            hosts[host].isDeaf = deaf
        case .crash(let host): hosts[host].crash()
        case .stop(let host):
            hosts[host].stop()
            turn(host)
        case .linkDown(let host): setLink(host, false)
        case .addressRemoved(let host, let address): remove(scenario.sharedAddress(address), from: host)
        case .addressAdded(let host, let address): add(address, to: host)
        case .leased(let host, let address): add(address, leased: true, to: host)
        case .ownAddressGone(let host): remove(own(host), from: host)
        case .secondOwnAddress(let host): add(own(host, second: true), to: host)
        case .sourceChanged(let host):
            add(own(host, second: true), to: host)
            remove(own(host), from: host)
        case .refusal(let host): hosts[host].kernel.refuses = true
        case .eventsLost(let host): hosts[host].losesEvents = true
        case .junk: sendJunk()
        case .mute(let host): hosts[host].isMute = true
        case .echoes(let host): echoes.append(host)
        case .handover(let host, let router):
            hosts[host].ask(router, handover: true)
            turn(host)
        case .reload(let host, let router, let edit):
            hosts[host].edit(router, edit, isOver: false)
            turn(host)
        case .secondLinkDown(let host): setLink(host, false, interface: 1)
        case .rival(let host, let router, _):
            guard scenario.addressCounts.indices.contains(router) else { break }
            hosts[host].rivals[router] += 1
            if let first = scenario.addresses(of: router).first { add(first, to: host) }
        case .loss, .delay, .duplication, .partition, .oneWay, .strangers, .claims: break
        }
    }

    private mutating func end(_ kind: Fault.Kind) {
        if tells { tell("over: \(kind)") }
        audit.disturb(kind, begins: false, at: now)
        network.change(kind, begins: false)
        switch kind {
        case .stall(let host, _):
            hosts[host].isStalled = false
            hosts[host].ranAt = now
            turn(host)
        case .crash(let host), .stop(let host):
            // A stop that is still under way is over by then: it is bounded.
            hosts[host].crash()
            hosts[host].start(at: now)
            turn(host)
        case .linkDown(let host): setLink(host, true)
        case .addressAdded(let host, let address), .leased(let host, let address):
            remove(scenario.sharedAddress(address), from: host)
        case .ownAddressGone(let host): add(own(host), to: host)
        case .secondOwnAddress(let host): remove(own(host, second: true), from: host)
        case .sourceChanged(let host):
            add(own(host), to: host)
            remove(own(host, second: true), from: host)
        case .refusal(let host): hosts[host].kernel.refuses = false
        case .eventsLost(let host):
            hosts[host].losesEvents = false
            hosts[host].readTable()
            turn(host)
        case .handover(let host, let router):
            hosts[host].ask(router, handover: false)
            turn(host)
        case .reload(let host, let router, let edit):
            hosts[host].edit(router, edit, isOver: true)
            turn(host)
        case .mute(let host):
            hosts[host].isMute = false
            hosts[host].unmutedAt = now
        case .echoes(let host): if let place = echoes.firstIndex(of: host) { echoes.remove(at: place) }
        case .secondLinkDown(let host): setLink(host, true, interface: 1)
        case .rival(let host, let router, let priority):
            guard scenario.addressCounts.indices.contains(router) else { break }
            // One of two says that it goes.
            if priority % 2 == 0 { sendRival(host, router, 0) }
            hosts[host].rivals[router] -= 1
            if let first = scenario.addresses(of: router).first { remove(scenario.sharedAddress(first), from: host) }
        case .addressRemoved, .loss, .delay, .duplication, .partition, .oneWay, .junk, .strangers, .claims: break
        }
    }

    private func own(_ host: Int, second: Bool = false) -> IPPrefix {
        let address = Scenario.ownAddress(host, second: second)
        return IPPrefix(address: address, length: 24) ?? IPPrefix(host: address)
    }

    private mutating func setLink(_ host: Int, _ isUp: Bool, interface: Int = 0) {
        guard hosts[host].kernel.areLinksUp.indices.contains(interface) else { return }
        hosts[host].kernel.areLinksUp[interface] = isUp
        tellHost(host, [.link(hosts[host].kernel.link(interface))])
    }

    private mutating func add(_ prefix: IPPrefix, to host: Int) {
        tellHost(host, hosts[host].kernel.add(prefix))
    }

    private mutating func add(_ address: Int, leased: Bool = false, to host: Int) {
        let interface = scenario.interface(ofAddress: address)
        tellHost(host, hosts[host].kernel.add(scenario.sharedAddress(address), on: interface, leased: leased))
    }

    private mutating func remove(_ prefix: IPPrefix, from host: Int) {
        tellHost(host, hosts[host].kernel.remove(prefix))
    }

    private mutating func tellHost(_ host: Int, _ events: [Input]) {
        guard hosts[host].isRunning, !hosts[host].losesEvents else { return }
        hosts[host].events += events
        turn(host)
    }
}
