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
            case arrival(host: Int, VirtualHost.Waiting)
            case wake(host: Int)
            case audit
        }

        var at: Instant
        var order: Int
        var what: What

        static func < (left: Self, right: Self) -> Bool { (left.at, left.order) < (right.at, right.order) }
        static func == (left: Self, right: Self) -> Bool { left.order == right.order }
    }

    package let scenario: Scenario
    private var random: RandomSource
    private var now = Instant(sinceBoot: .seconds(1000))
    private let start = Instant(sinceBoot: .seconds(1000))
    private var queue = Heap<Entry>()
    private var order = 0
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
    /// Of everything that every host did, in order.
    package private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    package private(set) var faultsInjected = 0
    package private(set) var packetsCarried = 0

    /// - Parameter tells: keep the story, for a person to read.
    package init(_ scenario: Scenario, tells: Bool = false) {
        self.scenario = scenario
        self.tells = tells
        random = RandomSource(seed: scenario.seed ^ 0x5EED_0F_7E57)
        hosts = scenario.hosts.indices.map { VirtualHost($0, scenario) }
        wakes = hosts.map { _ in nil }
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
        if tells, let violation { tell("VIOLATION: \(violation)") }
    }

    private mutating func schedule(_ at: Instant, _ what: Entry.What) {
        order += 1
        queue.insert(Entry(at: at, order: order, what: what))
    }

    private mutating func take(_ what: Entry.What) {
        switch what {
        case .faultBegins(let index):
            faultsInjected += 1
            begin(scenario.faults[index].kind)
            if case .strangers = scenario.faults[index].kind { schedule(now, .strangers(index)) }
            schedule(now + scenario.faults[index].span, .faultEnds(index))
        case .faultEnds(let index):
            end(scenario.faults[index].kind)
        case .strangers(let index):
            let fault = scenario.faults[index]
            guard case .strangers(let priority) = fault.kind, now < start + fault.at + fault.span else { return }
            sendStrangers(priority)
            schedule(now + scenario.interval, .strangers(index))
        case .arrival(let host, let packet):
            hosts[host].receive(packet, at: now)
            turn(host)
        case .wake(let host):
            guard wakes[host] == now else { return }
            wakes[host] = nil
            turn(host)
        case .audit:
            examine()
            schedule(now + scenario.interval / 10, .audit)
        }
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
        note(effect, from: sender)
        guard case .advertise(_, _, let destination, let bytes) = effect, hosts[sender].kernel.isLinkUp,
            !hosts[sender].isMute
        else { return }
        if echoes.contains(sender) {
            deliver(VirtualHost.Waiting(bytes: bytes, meaning: nil), from: sender, to: sender)
        }
        let router = Scenario.router(in: bytes)
        let meaning = VirtualHost.Meaning(
            router: router, priority: Int(bytes[22]), source: Int(sourceAddress(bytes).rawValue),
            interval: scenario.hosts[sender][router].interval.nanoseconds,
            destination: destination.isMulticast ? nil : destination)
        for receiver in hosts.indices where receiver != sender && hosts[receiver].kernel.isLinkUp {
            if !destination.isMulticast, !hosts[receiver].kernel.answers(for: destination) { continue }
            deliver(VirtualHost.Waiting(bytes: bytes, meaning: meaning), from: sender, to: receiver)
        }
    }

    private mutating func deliver(_ packet: VirtualHost.Waiting, from sender: Int?, to receiver: Int) {
        for delay in network.delays(from: sender, to: receiver, sent: now - start, &random) {
            packetsCarried += 1
            schedule(now + delay, .arrival(host: receiver, packet))
        }
    }

    private func sourceAddress(_ bytes: [UInt8]) -> IPv4Address {
        IPv4Address(bytes[12], bytes[13], bytes[14], bytes[15])
    }

    /// Into the digest: which effect, by whom, when.
    private mutating func note(_ effect: Effect, from host: Int) {
        func mix(_ value: Int) {
            digest = (digest ^ UInt64(truncatingIfNeeded: value)) &* 0x0000_0100_0000_01B3
        }
        mix((now - start).nanoseconds)
        mix(host)
        switch effect {
        case .addAddress(_, let assignment): mix(1 << 40 | Int(assignment.key.address.rawValue))
        case .removeAddress(_, let key): mix(2 << 40 | Int(key.address.rawValue))
        case .advertise(let router, _, let destination, let packet):
            mix(3 << 40 | router.rawValue << 32 | Int(destination.rawValue))
            mix(Int(packet[22]))
        case .announce(_, _, let addresses, let rounds): mix(4 << 40 | addresses.count << 8 | rounds)
        case .record: mix(5)
        default: mix(6)
        }
    }

    /// One round of another cluster's advertisements.
    private mutating func sendStrangers(_ priority: UInt8) {
        for router in scenario.addressCounts.indices {
            let advertisement = Advertisement(
                version: scenario.version, virtualRouterID: UInt8(10 + router), priority: priority,
                interval: scenario.hosts[0][router].interval, addresses: [IPv4Address(10, 8, 0, 1)])
            for receiver in hosts.indices where hosts[receiver].kernel.isLinkUp {
                let bytes = advertisement.packet(
                    from: IPv4Address(10, 0, 0, 99),
                    to: scenario.isUnicast ? Scenario.ownAddress(receiver) : Scenario.group)
                deliver(VirtualHost.Waiting(bytes: bytes, meaning: nil), from: nil, to: receiver)
            }
        }
    }

    /// Packets that nobody may listen to.
    private mutating func sendJunk() {
        let advertisement = Advertisement(
            version: scenario.version, virtualRouterID: 10, priority: 255, interval: scenario.interval,
            addresses: [scenario.sharedAddress(0).address])
        let source = IPv4Address(10, 0, 0, 99)
        let good = advertisement.packet(from: source)
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
            otherNumber, wrongChecksum, Array(good.prefix(25)), otherVersion.packet(from: source),
            wrongPassword.packet(from: source),
            otherRouter.packet(from: source), [UInt8](repeating: 0xFF, count: 60),
        ]
        if !scenario.isUnicast { junk.append(advertisement.packet(from: source, timeToLive: 254)) }
        for bytes in junk {
            for receiver in hosts.indices {
                deliver(VirtualHost.Waiting(bytes: bytes, meaning: nil), from: nil, to: receiver)
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
        case .addressAdded(let host, let address): add(scenario.sharedAddress(address), to: host)
        case .leased(let host, let address): add(scenario.sharedAddress(address), leased: true, to: host)
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
        case .loss, .delay, .duplication, .partition, .oneWay, .strangers: break
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
        case .addressRemoved, .loss, .delay, .duplication, .partition, .oneWay, .junk, .strangers: break
        }
    }

    private func own(_ host: Int, second: Bool = false) -> IPv4Prefix {
        let address = Scenario.ownAddress(host, second: second)
        return IPv4Prefix(address: address, length: 24) ?? IPv4Prefix(host: address)
    }

    private mutating func setLink(_ host: Int, _ isUp: Bool) {
        hosts[host].kernel.isLinkUp = isUp
        tellHost(host, [.link(hosts[host].kernel.link)])
    }

    private mutating func add(_ prefix: IPv4Prefix, leased: Bool = false, to host: Int) {
        tellHost(host, hosts[host].kernel.add(prefix, leased: leased))
    }

    private mutating func remove(_ prefix: IPv4Prefix, from host: Int) {
        tellHost(host, hosts[host].kernel.remove(prefix))
    }

    private mutating func tellHost(_ host: Int, _ events: [Input]) {
        guard hosts[host].isRunning, !hosts[host].losesEvents else { return }
        hosts[host].events += events
        turn(host)
    }
}
