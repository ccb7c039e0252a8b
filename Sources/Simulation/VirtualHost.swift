import Addressing
import Configuration
import FailoverCore
import VRRP

/// One host: a whole core, its kernel, and the reference model that has to agree with it. A class, for it is large and looked at often.
final class VirtualHost {
    /// A packet in the receive socket, with what it means to a router that may listen to it.
    struct Waiting {
        var bytes: [UInt8]
        var meaning: Meaning?
        /// 1 for eth1.
        var interface = 0
        /// When it came to the socket.
        var arrived: Instant?
    }

    /// An advertisement that every check lets pass.
    struct Meaning {
        var router: Int
        var priority: Int
        var source: Int
        var interval: Int
        /// By unicast: whom it was sent to.
        var destination: IPAddress?
    }

    let number: Int
    var kernel: VirtualKernel
    var program: Program?
    var duties = TurnDuties(readsTable: false)
    /// The time of the turn that is under way.
    var time = Instant(sinceBoot: .zero)
    /// The program has left; the host knows when its turn is over.
    var hasFinished = false
    var references: [ReferenceRouter] = []
    let scenario: Scenario
    /// The virtual routers as the configuration file has them, and as the program has read it.
    var file: [Scenario.Router]
    var routers: [Scenario.Router] { didSet { reckon() } }
    // What follows from them, reckoned once: it is asked for in every turn.
    private(set) var names: [String] = []
    private(set) var groups: [[Int]] = []
    /// By virtual router.
    private(set) var routing: [[VirtualRouting]] = []
    /// What each virtual router has in the file at the start.
    private(set) var routingAtFirst: [[VirtualRouting]] = []
    /// The virtual routers stand in it the other way round.
    var isFileReversed = false
    private(set) var isReversed = false
    /// Virtual routers that the reference model can't follow.
    let unreferenced: Set<Int>
    /// All shared addresses.
    private let shared: Set<IPAddress>
    /// By virtual router: how many other daemons of this host advertise it.
    var rivals: [Int]
    /// Until when the last of them counts as running.
    var rivalsUntil: [Instant]
    /// Somebody has told the program to read the file.
    var isToReload = false
    /// On the way out for good: they are not in the configuration any more.
    var leavesForGood: Set<Int> = []

    // What waits for the program to run.
    var orders: [(router: Int, handover: Bool)] = []
    var events: [Input] = []
    var inbox: [Waiting] = []
    /// What others say by ARP, and what other programs of this host send.
    var claims: [AddressClaim] = []
    var overheard: [Waiting] = []
    var overrun: UInt32 = 0
    var (hasOverrun, readsSeveral) = (false, false)

    // What the program knows of its kernel: what the reference model's startup and shutdown depend on.
    private(set) var knowsLinkUp = false
    var knownOwn: [IPAddress] = []
    /// By tracked link.
    var tracked: [CountedLink] = []
    /// Whose each macvlan is.
    var macvlanRouters: [InterfaceIndex: Int] = [:]
    /// A tracked link counts as something else since the last look.
    var hasOtherLinks = false
    /// Of those who are told what virtual routers become; `nil` where nobody is.
    var notifications: HostNotifications?
    /// The states are to be told as they are.
    private var tellsStates = false
    var usedSource: IPAddress?
    /// Its last own address is gone, and is not missed before this.
    var missedAt: Instant?
    var refusedUntil: [Instant?]
    /// By virtual router: something keeps it from taking part by itself, as last judged.
    var ownFaults: [Bool] = []
    /// Whether it had a fault of its own when its group was last looked at.
    var settledFaults: [Bool] = []
    /// When each virtual router last advertised as master: a new process finds it.
    var advertisedAt: [Instant?]
    var adoptable: [Int: Instant] = [:]
    /// Addresses that the program remembers in its state file.
    var remembered: [AddressKey: UInt32] = [:]

    // Faults under way.
    var (isStalled, isDeaf) = (false, false)
    var isMute = false
    /// When the last stall was over, and when something could leave again.
    var (ranAt, unmutedAt) = (Instant(sinceBoot: .zero), Instant(sinceBoot: .zero))
    var losesEvents = false
    private(set) var isStopping = false
    /// It has not had its first turn.
    var isNew = true
    private var turns: UInt = 0

    /// When each virtual router became master here; `nil` while it is not.
    var masterSince: [Instant?]
    /// Where it went on as master after an earlier run.
    var goesOn: Set<Int> = []
    /// The state of each virtual router after the last turn; `nil` for one that is not in the configuration.
    var states: [InstanceState?]
    /// When a virtual router last took part again after a fault.
    var startedAt = Instant(sinceBoot: .zero)
    /// The last way out of each virtual router; `until` is `nil` while it lasts.
    var wayOut: [(since: Instant, until: Instant?)?]
    var output: [Effect] = []
    /// What the program did, if it is to be traced.
    var trace: [TraceLine] = []
    let traces: Bool
    var complaint: String?

    init(_ number: Int, _ scenario: Scenario, traces: Bool) {
        self.traces = traces
        self.number = number
        self.scenario = scenario
        file = scenario.hosts[number]
        routers = file
        unreferenced = scenario.unreferenced(on: number)
        shared = Set((0..<scenario.addressCounts.reduce(0, +)).map { scenario.sharedAddress($0).address })
        kernel = VirtualKernel(
            host: number,
            own: (0..<scenario.interfaceCount).map { scenario.ownPrefixes(number, interface: $0) },
            trackedLinks: scenario.tracks ? Scenario.trackedLinks : 0, marksAddresses: scenario.marksAddresses,
            promotesSecondaries: scenario.promotesSecondaries)
        masterSince = Array(repeating: nil, count: scenario.addressCounts.count)
        refusedUntil = masterSince
        advertisedAt = masterSince
        wayOut = masterSince.map { _ in nil }
        states = masterSince.map { _ in nil }
        tracked = kernel.areTrackedLinksUp.indices.map { CountedLink(scenario.delays(of: $0, on: number)) }
        if scenario.longestCall != nil { notifications = HostNotifications(number, scenario) }
        rivals = masterSince.map { _ in 0 }
        rivalsUntil = masterSince.map { _ in Instant(sinceBoot: .zero) }
        reckon()
        routingAtFirst = routing
    }

    private func reckon() {
        names = routers.indices.map { scenario.name(of: $0, as: routers) }
        groups = scenario.groups(of: routers)
        routing = routers.indices.map { scenario.routing(of: $0, as: routers) }
    }

    var isRunning: Bool { program != nil }
    /// By unicast it hears nobody without one.
    var hasOwnAddress: Bool { !knownOwn.isEmpty && kernel.isLinkUp }
    /// It could be a master, so far as its own state goes.
    var isFit: Bool {
        isRunning && !isStopping && !isStalled && !losesEvents && kernel.isLinkUp && !kernel.refuses && knowsLinkUp
            && !knownOwn.isEmpty && refusedUntil.allSatisfy { $0 == nil } && !isMute
            && !references.contains { $0.cannotSend }
    }

    /// The place of a virtual router in the program's list.
    func index(of router: Int) -> RouterID? { program?.core.router(named: names[router]) }

    // MARK: - Starting and ending

    func start(at now: Instant) {
        adoptable = [:]
        // Only what was the same under the last run.
        for (router, at) in advertisedAt.enumerated() where routers[router] == file[router] { adoptable[router] = at }
        (routers, isReversed) = (file, isFileReversed)
        (orders, isToReload, leavesForGood) = ([], false, [])
        let places = scenario.order(of: routers, isReversed: isReversed)
        program = Program(
            Core(
                scenario.configuration(of: routers, on: number, isReversed: isReversed), remembered: remembered,
                adoptable: Dictionary(
                    uniqueKeysWithValues: places.enumerated().compactMap { place, router in
                        adoptable[router].map { (place, $0) }
                    }), at: now))
        references = routers.indices.map { router in
            ReferenceRouter(
                routers[router], isVersion3: scenario.version == .v3, preempts: preempts(router),
                hasVirtualMAC: scenario.hasVirtualMACs)
        }
        ownFaults = references.map { _ in false }
        settledFaults = ownFaults
        arrangeGroups(at: now)
        refusedUntil = refusedUntil.map { _ in nil }
        (usedSource, missedAt, knowsLinkUp, knownOwn) = (nil, nil, false, [])
        (isStopping, isNew) = (false, true)
        for link in tracked.indices { tracked[link].forget() }
        notifications?.start(routers, at: now)
        tellsStates = true
        events = [.snapshot(links: kernel.links, addresses: kernel.addresses)]
        (inbox, claims, overheard) = ([], [], [])
        for router in places { states[router] = .fault }
    }

    func crash() {
        if hasFinished { notifications?.finish(at: time) } else { notifications?.crash() }
        program = nil
        hasFinished = false
        references = []
        (inbox, claims, overheard) = ([], [], [])
        events = []
        masterSince = masterSince.map { _ in nil }
        states = states.map { _ in nil }
    }

    func stop() {
        guard program != nil, !isStopping else { return }
        isStopping = true
        events.append(.stop)
    }

    func readFile(at now: Instant) {
        (routers, isReversed) = (file, isFileReversed)
        adoptable = [:]
        if let program { notifications?.use(routers, with: program.core, at: now) }
        program?.core.reconfigure(
            scenario.configuration(of: routers, on: number, isReversed: isReversed), at: now)
        noteStates()
    }

    private func noteStates() {
        if let program { notifications?.noteStates(of: program.core) }
    }

    func clearRefusal(of router: Int) { refusedUntil[router] = nil }

    /// The whole table is read again.
    func readTable() {
        events = [.snapshot(links: kernel.links, addresses: kernel.addresses)] + events.filter { $0 == .stop }
        // What an earlier run has left, before the links are known.
        if isNew, scenario.hasRouting { events.insert(.routing(.table(kernel.routing)), at: 0) }
    }

    // MARK: - A turn of the loop

    /// As the real program does it: own advertisements, kernel events, a batch of packets, timers.
    func turn(at now: Instant) {
        guard program != nil, !isStalled else { return }
        time = now
        readsSeveral = false
        advertise(at: now)
        var driver = self
        driver.turn()
        concludeClaims(at: now)
        if hasFinished { crash() }
        takeOrders(at: now)
        reloadIfTold(at: now)
        // A few times a minute elsewhere: here there is nothing to be put right, ever.
        turns &+= 1
        if turns.isMultiple(of: 4) { program?.core.audit(at: now) }
        carryOut(at: now)
        compare(at: now)
        if tellsStates {
            tellsStates = false
            noteStates()
        }
    }

    /// What follows from an order that came between two turns.
    func carryOut(at now: Instant) {
        time = now
        var driver = self
        driver.carryOutEffects()
        concludeClaims(at: now)
        if hasFinished { crash() }
    }

    /// Everything that came while the program was stalled, if it could be kept.
    func receive(_ packet: Waiting, at now: Instant) {
        guard program != nil, !(isStalled && isDeaf) else { return }
        // The socket's buffer.
        guard inbox.count < 10 else {
            (overrun, hasOverrun) = (overrun + 1, true)
            return
        }
        var packet = packet
        packet.arrived = now
        inbox.append(packet)
    }

    func receive(_ claim: AddressClaim) {
        if program != nil, !(isStalled && isDeaf) { claims.append(claim) }
    }

    func overhear(_ packet: Waiting) {
        if program != nil, !(isStalled && isDeaf) { overheard.append(packet) }
    }

    /// The interfaces whose packets have not all been read.
    var undrained: [InterfaceIndex: Instant] {
        guard !inbox.isEmpty else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: kernel.areLinksUp.indices.map {
                (VirtualKernel.interface($0), Instant(sinceBoot: .zero))
            })
    }

    /// What others say by ARP, and what other programs of this host send.
    func hearNeighbours(at now: Instant) {
        for packet in overheard {
            // One that is heard late, after a stall, counts from then on.
            rivalsUntil[Scenario.router(in: packet.bytes)] = now + max(.seconds(4), scenario.interval * 4)
            program?.core.overhear(packet.bytes.span, leaving: VirtualKernel.interface(packet.interface), at: now)
        }
        for claim in claims { program?.core.handle(.addressClaimed(claim), at: now) }
        if !claims.isEmpty || !overheard.isEmpty { settleGroups(at: now) }
        (claims, overheard) = ([], [])
    }

    func hear(_ packet: Waiting, at now: Instant) {
        program?.core.receive(
            packet.bytes.span, on: VirtualKernel.interface(packet.interface), arrived: packet.arrived, at: now)
        if let meaning = packet.meaning, meaning.destination == nil || meaning.destination == usedSource {
            let before = references[meaning.router].phase
            references[meaning.router].isDeaf = missedAt.map { scenario.isUnicast || now >= $0 } ?? false
            references[meaning.router].hear(
                priority: meaning.priority, source: meaning.source, interval: meaning.interval,
                arrived: (packet.arrived ?? now).sinceBoot.nanoseconds, groupSkew: groupSkew(meaning.router),
                at: now.sinceBoot.nanoseconds)
            // What a master may do for a while without an own address, a backup may not.
            let yields = [.master, .listening].contains(before) && references[meaning.router].phase == .backup
            if missedAt != nil, !isStopping, yields { judgeAbility(of: [meaning.router], at: now) }
        }
    }

    // MARK: - The kernel's events, for both

    func take(_ event: Input, at now: Instant) {
        program?.core.handle(event, at: now)
        if case .routing = event { return }
        // `nil` for all.
        var concerned: [Int]?
        switch event {
        case .link(let link) where link.index == VirtualKernel.eth0: knowsLinkUp = link.isUp
        case .link(let link): concerned = hear(link, at: now)
        case .linkRemoved(let index): concerned = macvlanRouters[index].map { [$0] } ?? []
        case .address(let address)
        where address.key.interface == VirtualKernel.eth0 && !shared.contains(address.key.address)
            && address.key.family == scenario.ownFamily && !knownOwn.contains(address.key.address):
            knownOwn.append(address.key.address)
        case .addressRemoved(let key): knownOwn.removeAll { $0 == key.address }
        case .snapshot(let links, let addresses):
            knowsLinkUp = links.contains { $0.isUp && $0.index == VirtualKernel.eth0 }
            for link in links { hear(link, at: now) }
            knownOwn = addresses.map(\.key)
                .filter { $0.interface == VirtualKernel.eth0 && $0.family == scenario.ownFamily }.map(\.address)
                .filter { !shared.contains($0) }
        default: break
        }
        judgePriorities()
        defer { settleGroups(at: now) }
        if case .stop = event {
            for index in references.indices {
                references[index].leave(
                    canSpeak: knowsLinkUp, groupSkew: groupSkew(index), at: now.sinceBoot.nanoseconds)
            }
            return
        }
        guard !isStopping else {
            // Without a carrier there is nobody to wait for.
            if !knowsLinkUp {
                for index in references.indices { references[index].shutdown(canSpeak: false) }
            }
            if let used = usedSource, !knownOwn.contains(used), let other = knownOwn.first {
                usedSource = other
                for index in references.indices { references[index].change(source: other.number) }
            }
            if concernsSource(event) { loseSourceWhileStopping(of: concerned, at: now) }
            return
        }
        if concernsSource(event) { judgeAbility(of: concerned, at: now) }
    }

    // MARK: - Effects

    func takeOutput() -> [Effect] {
        defer { output = [] }
        return output
    }

    func takeTrace() -> [TraceLine] {
        defer { trace = [] }
        return trace
    }

    func nextDeadline() -> Instant? {
        guard !isStalled else { return nil }
        return program?.core.nextDeadline()
    }
}
