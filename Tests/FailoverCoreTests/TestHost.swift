import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// One host: a core, a virtual clock, and a kernel that does what it is asked unless a test says otherwise.
final class TestHost {
    var core: Core
    private(set) var now = Instant(sinceBoot: .seconds(100))
    /// What the kernel has.
    var addresses: [InterfaceAddress] = []
    var links: [Link] = []
    /// How many links the core has made.
    var madeLinks: Int32 = 0
    var refuseLink: (LinkOrder) -> KernelRefusal? = { _ in nil }
    /// The agent's routes and rules that the kernel has.
    var routing: [RoutingObject] = []
    var refuseRouting: (RoutingObject) -> KernelRefusal? = { _ in nil }
    var refuseRoutingRemoval: (RoutingObject) -> KernelRefusal? = { _ in nil }
    /// Everything the core wanted, with the time.
    fileprivate(set) var log: [(at: Instant, effect: Effect)] = []
    /// The kernel's answer to an addition; `nil` adds it.
    var refuseAddition: (AddressKey) -> KernelRefusal? = { _ in nil }
    var refuseRemoval: (AddressKey) -> KernelRefusal? = { _ in nil }
    /// Whether the kernel stores IFA_PROTO, as since 5.18.
    var marksAddresses = true
    /// Addresses that the host should have all the while, and those of them that were missing at a time.
    var watched: Set<IPAddress> = []
    var missed: Set<IPAddress> = []
    /// Requests are left unanswered.
    var isSlow = false
    /// Which requests it does not answer yet.
    var holds: (SystemRequest) -> Bool = { _ in false }
    /// What arrives is read, and nothing is carried out before the turn is over.
    var isReading = false
    fileprivate var unanswered: [SystemRequest] = []
    var duties = TurnDuties(readsTable: false)
    /// What happens when the program next reads its sockets.
    fileprivate var waiting: () -> Void = {}
    private var stamp: UInt32 = 1000

    static let eth0 = InterfaceIndex(rawValue: 2)
    static let start = Instant(sinceBoot: .seconds(100))

    init(
        _ configuration: Configuration, own: [String] = ["192.0.2.12/24"], remembered: [AddressKey: UInt32] = [:],
        links: [Link]? = nil, extra: [InterfaceAddress] = [], adoptable: [Int: Instant] = [:], starts: Bool = true
    ) {
        core = Core(configuration, remembered: remembered, adoptable: adoptable, at: now)
        self.links = links ?? [Self.link()]
        for text in own { addresses.append(InterfaceAddress(key: Self.key(text), createdAt: 1)) }
        addresses += extra
        if starts { snapshot() }
    }

    static func link(up: Bool = true, running: Bool = true, mac: UInt64 = 0x02_0000_0000_0C) -> Link {
        Link(
            index: eth0, name: "eth0", isAdministrativelyUp: up, isRunning: running,
            hardwareAddress: MACAddress(rawValue: mac))
    }

    static func key(_ text: String, on interface: InterfaceIndex = eth0) -> AddressKey {
        guard let prefix = IPPrefix(text) else { preconditionFailure("bad prefix in a test") }
        return AddressKey(interface: interface, prefix: prefix)
    }

    // MARK: - What happens

    func snapshot() {
        core.handle(.snapshot(links: links, addresses: addresses), at: now)
        carryOut()
    }

    func give(_ input: Input) {
        switch input {
        case .link(let link):
            links.removeAll { $0.index == link.index }
            links.append(link)
        case .linkRemoved(let index):
            links.removeAll { $0.index == index }
            addresses.removeAll { $0.key.interface == index }
        case .address(let address):
            addresses.removeAll { $0.key == address.key }
            addresses.append(address)
        case .addressRemoved(let key):
            addresses.removeAll { $0.key == key }
        default: break
        }
        core.handle(input, at: now)
        carryOut()
    }

    /// An advertisement of another router arrives.
    func hear(
        _ priority: UInt8, from source: String = "192.0.2.13", vrid: UInt8 = 10, password: String? = "s3cret",
        interval: Duration = .seconds(1), addresses: [String] = ["192.0.2.1"], tapped: Bool = false,
        isAgent: Bool = true, arrived: Instant? = nil
    ) {
        let advertisement = Advertisement(
            version: .v2, virtualRouterID: vrid, priority: priority, interval: interval,
            addresses: addresses.compactMap { IPAddress($0) },
            authentication: password.map { .password(Password($0.utf8)) } ?? .none)
        var packet = advertisement.ipv4Packet(from: IPv4Address(source) ?? .unspecified)
        // keepalived counts its packets in the identification.
        if !isAgent { packet.replaceSubrange(4..<6, with: [0, 7]) }
        hear(packet, tapped: tapped, arrived: arrived)
    }

    func hear(_ packet: [UInt8], tapped: Bool = false, arrived: Instant? = nil) {
        core.receive(packet.span, on: Self.eth0, tapped: tapped, arrived: arrived, at: now)
        if isReading { return }
        core.sendDue(at: now)
        carryOut()
    }

    /// Another host broadcasts a gratuitous ARP.
    func hearAnnouncement(_ address: String, from hardwareAddress: UInt64 = 0x02_0000_0000_0D) {
        give(
            .addressClaimed(
                AddressClaim(
                    interface: Self.eth0, address: IPAddress(address) ?? .unspecified,
                    hardwareAddress: MACAddress(rawValue: hardwareAddress))))
    }

    /// Another program of this host sends a packet.
    func overhear(_ packet: [UInt8]) {
        core.overhear(packet.span, leaving: Self.eth0, at: now)
        carryOut()
    }

    func reconfigure(_ configuration: Configuration) {
        core.reconfigure(configuration, at: now)
        carryOut()
    }

    func handOver(_ order: HandoverOrder) {
        core.handOver(core.routers[0], order, at: now)
        carryOut()
    }

    func resume() {
        core.resume(core.routers[0], at: now)
        carryOut()
    }

    /// Something else is asked of the core.
    func ask(_ question: (inout Core, Instant) -> Void) {
        question(&core, now)
        carryOut()
    }

    func restore(_ orders: [String: HandoverOrder]) { core.restore(orders) }

    /// What the kernel says of its reverse path filter.
    var reversePathFilter: Bool? = false
    /// Why nothing that is sent leaves; `nil` when it does.
    var sendFailure: SendFailure?
    /// The same of one interface.
    var sendFailureOn: (InterfaceIndex) -> SendFailure? = { _ in nil }

    /// The program listens beside the firewall for a while, in which packets arrive.
    func see(
        vrid: UInt8, times: Int, from source: String = "192.0.2.13", priority: UInt8 = 99, password: String = "s3cret",
        during: () -> Void = {}
    ) {
        let advertisement = Advertisement(
            version: .v2, virtualRouterID: vrid, priority: priority, interval: .seconds(1),
            addresses: [IPAddress(192, 0, 2, 1)], authentication: .password(Password(password.utf8)))
        let packet = advertisement.ipv4Packet(from: IPv4Address(source) ?? .unspecified)
        core.beginListening()
        for _ in 0..<times {
            core.see(packet.span, on: Self.eth0, from: MACAddress(rawValue: 0x02_0000_0000_0D), at: now)
        }
        during()
        core.endListening { _, _ in reversePathFilter }
        carryOut()
    }

    func audit() {
        core.audit(at: now)
        carryOut()
    }

    /// A fault of the program: the core believes that nobody listens any more.
    func loseReceiver() { core.receivers = Receivers() }

    /// Lets time pass, deadline by deadline.
    func pass(_ span: Duration) {
        let end = now + span
        while let deadline = core.nextDeadline(), deadline <= end {
            now = max(now, deadline)
            takeTurn()
        }
        now = end
    }

    /// The program does not run for a while; then one turn of its loop.
    /// - Parameter priority: of an advertisement that waits in the socket.
    func stall(_ span: Duration, hearing priority: UInt8? = nil, reading: @escaping () -> Void = {}) {
        now = now + span
        waiting = { [unowned self] in
            if let priority { hear(priority) }
            reading()
        }
        takeTurn()
    }

    private func takeTurn() {
        var driver = self
        driver.turn()
    }

    func carryOut() {
        var driver = self
        driver.carryOutEffects()
    }

    /// Duplicate address detection of an address ends.
    func endDetection(of text: String, _ result: DuplicateDetection = .done) {
        guard var address = addresses.first(where: { $0.key == Self.key(text) }) else { return }
        address.detection = result
        give(.address(address))
    }

    // MARK: - A slow kernel

    /// The kernel gets round to what it was asked for while it was slow.
    func answerAll() {
        for request in unanswered { answerLate(request) }
        unanswered = []
        carryOut()
    }

    /// The first request that has no answer yet.
    func answerOne() {
        guard !unanswered.isEmpty else { return }
        answerLate(unanswered.removeFirst())
        carryOut()
    }

    private func answerLate(_ request: SystemRequest) {
        core.handle(.completed(request.id, answer(request)), at: now)
    }

    fileprivate func answer(_ request: SystemRequest) -> RequestResult {
        switch request.kind {
        case .add(let assignment):
            if let refusal = refuseAddition(assignment.key) { return .refused(refusal) }
            // IPv6 has an address on an interface once, with whatever prefix length.
            guard
                !addresses.contains(where: {
                    $0.key == assignment.key
                        || !assignment.key.address.isIPv4 && $0.key.address == assignment.key.address
                            && $0.key.interface == assignment.key.interface
                })
            else {
                return .refused(KernelRefusal(code: 17, text: "File exists"))
            }
            stamp += 1
            let address = assignment.placed(
                origin: marksAddresses ? InterfaceAddress.ourOrigin : 0, createdAt: stamp)
            addresses.append(address)
            // Linux tells of it when its detection has ended.
            if address.detection == .done { core.handle(.address(address), at: now) }
            return .done
        case .remove(let key):
            if let refusal = refuseRemoval(key) { return .refused(refusal) }
            guard addresses.contains(where: { $0.key == key }) else {
                return .refused(KernelRefusal(code: 99, text: "Cannot assign requested address"))
            }
            addresses.removeAll { $0.key == key }
            if watched.contains(key.address), !addresses.contains(where: { $0.key.address == key.address }) {
                missed.insert(key.address)
            }
            core.handle(.addressRemoved(key), at: now)
            return .done
        case .promoteSecondaries(let index):
            for place in links.indices where links[place].index == index && links[place].promotesSecondaries == false {
                links[place].promotesSecondaries = true
                core.handle(.link(links[place]), at: now)
            }
            return .done
        case .setRouting(let object):
            if let refusal = refuseRouting(object) { return .refused(refusal) }
            guard !routing.contains(where: { object.matches($0) }) else {
                return .refused(KernelRefusal(code: 17, text: "File exists"))
            }
            // IPv4 puts one before others to the same destination.
            let place = routing.firstIndex { object.isConcerned(by: $0) && !object.isRule && !object.excludes($0) }
            routing.insert(object, at: place ?? routing.endIndex)
            return .done
        case .removeRouting(let object):
            if let refusal = refuseRoutingRemoval(object) { return .refused(refusal) }
            // The first one that the request does not contradict.
            guard let place = routing.firstIndex(where: { object.removalMayTake($0) }) else {
                return .refused(KernelRefusal(code: 3, text: "No such process"))
            }
            routing.remove(at: place)
            return .done
        case .link(let order): return answer(order)
        }
    }

    // MARK: - Questions

    var state: InstanceState { core.status(of: core.routers[0]).state }
    var status: InstanceStatus { core.status(of: core.routers[0]) }
    /// What keeps it from taking part.
    var fault: Fault? { core.instances[core.routers[0]].participation.fault }

    /// Whose advertisement was the last one.
    var lastSender: RouterID? {
        log.lazy.reversed().compactMap { entry in
            if case .advertise(let id, _, _, _, _) = entry.effect { id } else { nil }
        }.first
    }

    func has(_ text: String) -> Bool { addresses.contains { $0.key == Self.key(text) } }

    /// The priorities of the advertisements sent since a moment, with their times since the start.
    func advertisements(since: Instant = start) -> [(at: Duration, priority: UInt8)] {
        log.compactMap { entry in
            guard case .advertise(_, _, _, _, let packet) = entry.effect, entry.at >= since else { return nil }
            return (entry.at - Self.start, packet[packet[0] >> 4 == 6 ? 42 : 22])
        }
    }

    func announcements(since: Instant = start) -> [Duration] {
        log.compactMap { entry in
            guard case .announce = entry.effect, entry.at >= since else { return nil }
            return entry.at - Self.start
        }
    }

    var requests: [Effect] {
        log.map(\.effect).filter { effect in
            switch effect {
            case .addAddress, .removeAddress, .promoteSecondaries, .setRouting, .removeRouting, .link: true
            default: false
            }
        }
    }

    var events: [Event] {
        log.compactMap { entry in
            if case .record(let recorded) = entry.effect { return recorded.event }
            return nil
        }
    }

    func forgetLog() { log = [] }

    /// The kernel's table changes without an event.
    func replaceSilently(_ addresses: [InterfaceAddress]) { self.addresses = addresses }
}

/// A kernel that answers at once, and packets that arrive when a test says so.
extension TestHost: CoreDriver {
    func withCore<Result>(_ body: (inout Core) -> Result) -> Result { body(&core) }
    func readClock() -> Instant { now }
    func readEvents(at now: Instant) -> Bool { false }
    /// A test hands in the table itself.
    func readTable(at now: Instant) -> Bool { false }

    func readPackets(at now: Instant) -> [InterfaceIndex: Instant] {
        let arrive = waiting
        waiting = {}
        arrive()
        return [:]
    }

    func readLosses(at now: Instant) {}

    func see(_ effects: [Effect]) { log += effects.map { (now, $0) } }

    func perform(_ requests: ArraySlice<SystemRequest>) -> [RequestResult?] {
        requests.map { request in
            guard !isSlow, !holds(request) else {
                unanswered.append(request)
                return nil
            }
            return answer(request)
        }
    }

    func send(_ packets: [AdvertisementOrder]) -> [SendFailure?] {
        packets.map { sendFailure ?? sendFailureOn($0.interface) }
    }
    func announce(_ announcements: ArraySlice<Announcement>) {}
    func renew(_ assignments: ArraySlice<AddressAssignment>) {
        for assignment in assignments {
            guard let place = addresses.firstIndex(where: { $0.key == assignment.key }) else {
                // Linux puts one on that is not there.
                addresses.append(InterfaceAddress(key: assignment.key))
                core.handle(.address(addresses[addresses.count - 1]), at: now)
                continue
            }
            guard !assignment.key.address.isIPv4 else { continue }
            addresses[place].hasFiniteLifetime = assignment.lifetime != nil
            addresses[place].isDeprecated = assignment.preferredLifetime == 0
            core.handle(.address(addresses[place]), at: now)
        }
    }
    func carryOut(_ effect: Effect) {
        if effect == .requestRouting { core.handle(.routing(.table(routing)), at: now) }
    }
    func record(_ events: [RecordedEvent]) {}
    func finish() {}
}
