import Addressing
import Configuration
import FailoverCore
import VRRP

/// Arbitrary bytes as a story: each step is something that happens to a host, and after each the invariants must hold.
@c(LLVMFuzzerTestOneInput)
public func fuzzCore(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var story = Story(bytes: unsafe Array(UnsafeBufferPointer(start: start, count: count)))
    var host = FuzzedHost(isOwner: story.next() & 7 == 7)
    while !story.isOver {
        host.step(&story)
        host.checkInvariants()
    }
    return 0
}

/// Bytes to be drawn one by one.
struct Story {
    var bytes: [UInt8]
    var index = 0

    var isOver: Bool { index >= bytes.count }

    mutating func next() -> UInt8 {
        guard !isOver else { return 0 }
        defer { index += 1 }
        return bytes[index]
    }

    mutating func take(_ count: Int) -> [UInt8] {
        defer { index = min(index + count, bytes.count) }
        return Array(bytes[min(index, bytes.count)..<min(index + count, bytes.count)])
    }
}

/// A core with a kernel that obeys, refuses, delays or lies, as the story says.
struct FuzzedHost: ~Copyable {
    private var core: Core
    private let configuration: Configuration
    private var now = Instant(sinceBoot: .seconds(10))
    private var kernel: [AddressKey: InterfaceAddress] = [:]
    private var routing: [RoutingObject] = []
    private var pending: [SystemRequest] = []
    var duties = TurnDuties(readsTable: false)
    /// Of the kernel: bit 0 it refuses, bit 1 it does not answer yet, bit 2 it says that it is there already.
    private var mood: UInt8 = 0
    /// How often in a row it was asked.
    private var rounds = 0
    private var hosts: Set<AddressKey> = []
    private static let indexes = [InterfaceIndex(rawValue: 2), InterfaceIndex(rawValue: 3)]
    private static let shared = [
        IPAddress(192, 0, 2, 1), IPAddress(192, 0, 2, 2), IPAddress(198, 51, 100, 1), ipv6(1), ipv6(2),
    ]
    /// The macvlans that the core has made.
    private var macvlans: [Link] = []
    private var made: Int32 = 100

    init(isOwner: Bool) {
        var one = InstanceConfiguration(
            name: "one", location: SourceLocation(file: "f", line: 1, column: 1), interface: "eth0", virtualRouterID: 10
        )
        one.priority = isOwner ? 255 : 100
        one.addresses = [Self.place(0, "eth0", 32), Self.place(1, "eth0", 24)]
        one.advertisedAddresses = one.addresses.map(\.prefix.address)
        one.routing = Self.lines(at: one.location)
        var two = InstanceConfiguration(
            name: "two", location: one.location, interface: "eth1", virtualRouterID: 20)
        two.version = 3
        two.preempts = false
        two.addresses = [Self.place(2, "eth0", 32)]
        two.advertisedAddresses = two.addresses.map(\.prefix.address)
        two.tracked = [Self.track(.interface, "eth0", -30), Self.track(.file, "n", 3), Self.track(.script, "s", 0)]
        configuration = Configuration(instances: [one, two, Self.six(at: one.location)])
        core = Core(configuration, at: now)
        core.handle(
            .snapshot(links: [Self.link(0, true), Self.link(1, true)], addresses: [own(0), own(1), linkLocal()]),
            at: now)
        carryOut(0)
    }

    private static func ipv6(_ number: UInt64) -> IPAddress {
        IPAddress(IPv6Address(high: 0x2001_0DB8 << 32, low: number))
    }

    /// With a virtual MAC address, and an address on another interface that is to pass detection.
    private static func six(at location: SourceLocation) -> InstanceConfiguration {
        var six = InstanceConfiguration(name: "six", location: location, interface: "eth0", virtualRouterID: 30)
        six.version = 3
        six.group = InstanceConfiguration.ipv6Group
        six.virtualMAC = VirtualMAC(interface: "vrrp.30", hardwareAddress: MACAddress(rawValue: 0x00_005E_0002_1E))
        six.addresses = [place(3, "vrrp.30", 64), place(4, "eth1", 64)]
        six.addresses[1].detectsDuplicates = true
        six.advertisedAddresses = six.addresses.map(\.prefix.address)
        return six
    }

    private mutating func linkLocal() -> InterfaceAddress {
        let address = IPAddress(IPv6Address(high: 0xFE80 << 48, low: 11))
        let prefix = IPPrefix(address: address, length: 64) ?? IPPrefix(host: address)
        let found = InterfaceAddress(
            key: AddressKey(interface: Self.indexes[0], prefix: prefix), scope: AddressScope.link.rawValue)
        kernel[found.key] = found
        hosts.insert(found.key)
        return found
    }

    /// Of IPv4, of IPv6, over an interface that comes and goes, and a rule.
    private static func lines(at location: SourceLocation) -> [VirtualRouting] {
        var direct = Route(to: IPPrefix(host: IPAddress(10, 0, 0, 1)))
        direct.source = shared[0]
        var other = Route(to: IPPrefix(host: IPAddress(IPv6Address(high: 1, low: 1))))
        other.gateway = IPAddress(IPv6Address(high: 1, low: 2))
        return [
            VirtualRouting(location: location, object: .route(direct), interface: "eth1"),
            VirtualRouting(location: location, object: .route(other)),
            VirtualRouting(location: location, object: .rule(RoutingRule(priority: 7, action: .lookUp(9)))),
        ]
    }

    private static func place(_ number: Int, _ interface: String, _ length: Int) -> SharedAddress {
        let prefix = IPPrefix(address: shared[number], length: length) ?? IPPrefix(host: shared[number])
        return SharedAddress(
            location: SourceLocation(file: "f", line: 1, column: 1), prefix: prefix, interface: interface)
    }

    private static func track(_ kind: TrackerName.Kind, _ name: String, _ weight: Int) -> TrackLine {
        TrackLine(
            location: SourceLocation(file: "f", line: 1, column: 1), tracker: TrackerName(kind, name), weight: weight)
    }

    /// What a script or a file says.
    private static func word(_ detail: UInt8) -> (TrackerName, TrackerState) {
        switch detail % 8 {
        case 0: (TrackerName(.script, "s"), .unknown)
        case 1, 2: (TrackerName(.script, "s"), .up)
        case 3: (TrackerName(.script, "s"), .down(.failed("no")))
        case 4: (TrackerName(.file, "n"), .number(.max))
        case 5: (TrackerName(.file, "n"), .number(.min))
        case 6: (TrackerName(.file, "n"), .number(Int(detail) - 230))
        default: (TrackerName(.process, "nobody"), .up)
        }
    }

    private static func link(_ number: Int, _ up: Bool) -> Link {
        Link(index: indexes[number], name: "eth\(number)", isRunning: up, hardwareAddress: MACAddress(rawValue: 7))
    }

    private mutating func own(_ number: Int) -> InterfaceAddress {
        let prefix = IPPrefix(address: IPAddress(192, 0, UInt8(2 + number), 11), length: 24)
        let key = AddressKey(interface: Self.indexes[number], prefix: prefix ?? IPPrefix(host: Self.shared[0]))
        let address = InterfaceAddress(key: key)
        kernel[key] = address
        hosts.insert(key)
        return address
    }

    mutating func step(_ story: inout Story) {
        let kind = story.next()
        let detail = story.next()
        let number = Int(detail & 1)
        // The kernel carries out what it is asked at once: only its answers may be late, and not behind its later events.
        if (1...5).contains(kind % 16) || kind % 16 == 8 { carryOut(0) }
        switch kind % 16 {
        case 0: pass(.milliseconds(Int(detail) * 20))
        case 1: core.handle(.link(Self.link(number, detail & 2 == 0)), at: now)
        case 2 where detail >= 192:
            if let link = macvlans.first {
                if detail & 1 == 0 { _ = perform(.switchOff(link.index)) } else { _ = perform(.delete(link.index)) }
            }
        case 2:
            core.handle(.linkRemoved(Self.indexes[number]), at: now)
            kernel = kernel.filter { $0.key.interface != Self.indexes[number] }
            hosts = hosts.filter { $0.interface != Self.indexes[number] }
        case 3 where detail >= 192: core.handle(.address(linkLocal()), at: now)
        case 3: core.handle(.address(own(number)), at: now)
        case 4:
            if let key = kernel.keys.sorted(by: { "\($0)" < "\($1)" }).dropFirst(Int(detail) % max(kernel.count, 1))
                .first
            {
                kernel[key] = nil
                hosts.remove(key)
                core.handle(.addressRemoved(key), at: now)
            }
        case 5:
            // A copy of a shared address that the host, or somebody, adds.
            let address = Self.shared[Int(detail >> 2) % Self.shared.count]
            let length = address.isIPv4 ? detail & 2 == 0 ? 32 : 24 : detail & 2 == 0 ? 128 : 64
            if let prefix = IPPrefix(address: address, length: length) {
                let key = AddressKey(interface: Self.indexes[number], prefix: prefix)
                let copy = InterfaceAddress(
                    key: key, hasFiniteLifetime: detail & 0x80 != 0, origin: detail & 0x40 != 0 ? 18 : 0)
                if kernel[key] == nil {
                    kernel[key] = copy
                    core.handle(.address(copy), at: now)
                }
            }
        case 6: hear(priority: detail, &story)
        case 7: core.receive(story.take(Int(detail)).span, on: Self.indexes[number], tapped: detail & 2 != 0, at: now)
        case 8:
            core.handle(
                .snapshot(
                    links: [Self.link(0, true), Self.link(1, detail & 4 == 0)] + macvlans,
                    addresses: Array(kernel.values)),
                at: now)
        case 9 where detail >= 64:
            let place = Int(detail) % 4
            if routing.indices.contains(place) {
                let gone = detail & 16 == 0 ? routing.remove(at: place) : routing[place]
                core.handle(.routing(.disturbed(gone)), at: now)
            } else {
                core.handle(.routing(detail & 16 == 0 ? .doubtful : .table(routing)), at: now)
            }
        case 9: core.handle(.receiverFailed(InterfaceFamily(Self.indexes[number], .ipv4), reason: "no"), at: now)
        case 10:
            core.handle(
                .completed(RequestID(rawValue: UInt64(detail)), .refused(KernelRefusal(code: 17, text: "no"))), at: now)
        case 11: change(detail)
        case 12:
            let address = Self.shared[Int(detail >> 2) % Self.shared.count]
            core.handle(
                .addressClaimed(
                    AddressClaim(
                        interface: Self.indexes[number], address: address,
                        hardwareAddress: MACAddress(rawValue: UInt64(detail)))), at: now)
        case 13:
            let order = HandoverOrder(
                requestedBy: "f", requestedAt: "t", until: detail & 4 == 0 ? nil : now + .seconds(Int(detail)),
                isForced: detail & 8 != 0, neverClaims: detail & 16 != 0)
            let routers = core.routers
            guard routers.indices.contains(number) else { break }
            if detail & 2 == 0 {
                core.handOver(routers[number], order, at: now)
            } else {
                core.resume(routers[number], at: now)
            }
        case 14:
            let packet = story.take(Int(detail))
            core.overhear(packet.span, leaving: Self.indexes[number], at: now)
            core.beginListening()
            core.see(
                packet.span, on: Self.indexes[number], from: MACAddress(rawValue: 0x02_0000_0000_0D), at: now)
            core.endListening()
            core.audit(at: now)
        case 15 where (200..<255).contains(detail):
            let (tracker, state) = Self.word(detail)
            core.handle(.tracker(tracker, state), at: now)
        default:
            core.handle(
                detail == 255
                    ? .stop
                    : .sendFailed(
                        instance: RouterID(rawValue: Int(detail)),
                        SendFailure(code: [1, 90, 105][Int(detail) % 3], text: "no")), at: now)
        }
        carryOut(story.next())
    }

    /// Another configuration: an instance more or less, an address more or less, another number.
    private mutating func change(_ detail: UInt8) {
        carryOut(0)
        var configuration = self.configuration
        if detail & 1 != 0 { configuration.instances[0].addresses.removeLast() }
        if detail & 5 != 0 { configuration.instances[0].routing.removeFirst() }
        if detail & 2 != 0 { configuration.instances.remove(at: detail & 4 != 0 ? 0 : 1) }
        if detail & 8 != 0 { configuration.instances[0].virtualRouterID = 77 }
        if detail & 16 != 0 { configuration.instances[0].priority = 50 }
        if detail & 32 != 0 { configuration.addressLease = .seconds(3) }
        if detail & 128 != 0 {
            configuration.instances[configuration.instances.count - 1].tracked = [Self.track(.interface, "eth1", 0)]
            configuration.linkDelays = ["eth0": LinkDelay(down: .milliseconds(300), up: .seconds(1))]
        }
        if detail & 64 != 0 { configuration.instances[0].advertisementInterval = .seconds(2) }
        for index in configuration.instances.indices {
            configuration.instances[index].advertisedAddresses = configuration.instances[index].addresses.map(
                \.prefix.address)
        }
        core.reconfigure(configuration, at: now)
    }

    private mutating func hear(priority: UInt8, _ story: inout Story) {
        let who = story.next()
        guard who & 6 != 6 else { return hearSix(priority: priority, &story) }
        let isTwo = who & 1 == 1
        let source = IPv4Address(rawValue: (isTwo ? 0xC000_0300 : 0xC000_0200) + UInt32(story.next()))
        let advertisement = Advertisement(
            version: isTwo ? .v3 : .v2, virtualRouterID: isTwo ? 20 : 10, priority: priority,
            interval: isTwo ? .milliseconds(10 * (1 + Int(story.next()))) : .seconds(1), addresses: [Self.shared[0]])
        core.receive(advertisement.ipv4Packet(from: source).span, on: Self.indexes[isTwo ? 1 : 0], at: now)
    }

    private mutating func hearSix(priority: UInt8, _ story: inout Story) {
        let source = IPv6Address(high: 0xFE80 << 48, low: UInt64(story.next()))
        let advertisement = Advertisement(
            version: .v3, virtualRouterID: 30, priority: priority,
            interval: .milliseconds(10 * (1 + Int(story.next()))), addresses: [Self.shared[3], Self.shared[4]])
        core.receive(advertisement.ipv6Packet(from: source).span, on: Self.indexes[0], at: now)
    }

    private mutating func pass(_ span: Duration) {
        let end = now + span
        var turns = 0
        while let deadline = core.nextDeadline(), deadline <= end {
            now = max(now, deadline)
            (mood, rounds) = (0, 0)
            turn()
            turns += 1
            precondition(turns < 10_000, "the deadlines do not move on")
        }
        now = end
    }

    /// - Parameter mood: the kernel's.
    private mutating func carryOut(_ mood: UInt8) {
        (self.mood, rounds) = (mood, 0)
        carryOutEffects()
        // What was asked for while it did not answer.
        while mood & 2 == 0, !pending.isEmpty {
            let late = pending
            pending = []
            for request in late { core.handle(.completed(request.id, answer(request)), at: now) }
            carryOutEffects()
        }
    }

    private mutating func answer(_ request: SystemRequest) -> RequestResult {
        if rounds < 4, mood & 5 != 0 {
            return .refused(KernelRefusal(code: mood & 4 != 0 ? 17 : 1, text: "no"))
        }
        switch request.kind {
        case .add(let assignment):
            let address = assignment.placed(origin: InterfaceAddress.ourOrigin, createdAt: 5)
            kernel[assignment.key] = address
            // Linux tells of it when its detection has ended.
            if address.detection == .done { core.handle(.address(address), at: now) }
        case .remove(let key):
            precondition(!hosts.contains(key), "an address of the host was removed")
            guard let address = kernel[key] else { return .refused(KernelRefusal(code: 99, text: "EADDRNOTAVAIL")) }
            precondition(
                !address.hasFiniteLifetime || address.origin == InterfaceAddress.ourOrigin,
                "a leased address was removed")
            kernel[key] = nil
            core.handle(.addressRemoved(key), at: now)
        case .setRouting(let object):
            guard !routing.contains(where: { object.matches($0) }) else {
                return .refused(KernelRefusal(code: 17, text: "EEXIST"))
            }
            routing.append(object)
        case .removeRouting(let object):
            guard let place = routing.firstIndex(where: { object.matches($0) }) else {
                return .refused(KernelRefusal(code: 3, text: "ESRCH"))
            }
            routing.remove(at: place)
        case .link(let order): return perform(order)
        case .promoteSecondaries: break
        }
        return .done
    }

    private mutating func perform(_ order: LinkOrder) -> RequestResult {
        switch order {
        case .make(let macvlan):
            guard !macvlans.contains(where: { $0.name == macvlan.name }) else {
                return .refused(KernelRefusal(code: 17, text: "EEXIST"))
            }
            made += 1
            var link = Link(
                index: InterfaceIndex(rawValue: made), name: macvlan.name, isAdministrativelyUp: false,
                isRunning: false,
                hardwareAddress: macvlan.hardwareAddress)
            link.isMacvlan = true
            link.isPrivate = true
            core.handle(.link(link), at: now)
            link.alias = macvlan.mark.text
            macvlans.append(link)
        case .switchOn(let index), .switchOff(let index):
            guard let place = macvlans.firstIndex(where: { $0.index == index }) else {
                return .refused(KernelRefusal(code: 19, text: "ENODEV"))
            }
            let isOn = order == .switchOn(index)
            macvlans[place].isAdministrativelyUp = isOn
            macvlans[place].isRunning = isOn
            if !isOn { loseAddresses(of: index) { $0.family == .ipv6 } }
            core.handle(.link(macvlans[place]), at: now)
        case .delete, .deleteAll:
            let indices = order.deletion.links.filter { index in macvlans.contains { $0.index == index } }
            guard !indices.isEmpty else { return .refused(KernelRefusal(code: 19, text: "ENODEV")) }
            for index in indices {
                macvlans.removeAll { $0.index == index }
                loseAddresses(of: index) { _ in true }
                core.handle(.linkRemoved(index), at: now)
            }
        case .set, .setMTU, .setPromotion: break
        }
        return .done
    }

    private mutating func loseAddresses(of interface: InterfaceIndex, where isLost: (AddressKey) -> Bool) {
        for key in kernel.keys.filter({ $0.interface == interface && isLost($0) }).sorted() {
            kernel[key] = nil
            hosts.remove(key)
            core.handle(.addressRemoved(key), at: now)
        }
    }

    mutating func checkInvariants() {
        for id in core.routers {
            let status = core.status(of: id)
            if status.state == .master {
                precondition(status.master != nil)
            }
        }
        if let deadline = core.nextDeadline() {
            precondition(deadline - now < .seconds(3600), "a deadline lies beyond every timer")
        }
    }
}

/// The system is as good and as bad as the story says.
extension FuzzedHost: CoreDriver {
    mutating func withCore<Result>(_ body: (inout Core) -> Result) -> Result { body(&core) }
    mutating func readClock() -> Instant { now }
    mutating func readEvents(at now: Instant) -> Bool { false }
    mutating func readTable(at now: Instant) -> Bool { false }
    mutating func readPackets(at now: Instant) -> [InterfaceIndex: Instant] { [:] }
    mutating func readLosses(at now: Instant) {}

    mutating func perform(_ requests: ArraySlice<SystemRequest>) -> [RequestResult?] {
        rounds += 1
        precondition(rounds < 1000, "core and kernel do not come to rest")
        guard mood & 2 == 0 else {
            pending += requests
            return requests.map { _ in nil }
        }
        return requests.map { answer($0) }
    }

    mutating func send(_ packets: [AdvertisementOrder]) -> [SendFailure?] {
        for packet in packets { precondition(packet.packet.count >= 32) }
        return packets.map { _ in nil }
    }

    mutating func announce(_ announcements: ArraySlice<Announcement>) {
        for announcement in announcements {
            precondition(!announcement.addresses.isEmpty && announcement.rounds > 0)
        }
    }

    mutating func renew(_ assignments: ArraySlice<AddressAssignment>) {}
    mutating func carryOut(_ effect: Effect) {
        if effect == .requestRouting { core.handle(.routing(.table(routing)), at: now) }
    }
    mutating func record(_ events: [RecordedEvent]) {}
    mutating func finish() {}
}
