package import Addressing
package import Configuration
package import VRRP

/// The brain: every virtual router of a host, the kernel's table, and what is to be done about the difference.
///
/// Pure: it reads no clock and touches no system. It is told what happened (`handle`, `receive`) and when a deadline
/// has come (`sendDue`, `expire`), and answers with effects, which the caller carries out in order (`takeEffects`).
/// The same inputs give the same effects.
package struct Core: Sendable {
    var instances: [Instance]
    package internal(set) var table = KernelTable()
    var effects: [Effect] = []

    // Who has to be looked at when something changes.
    private(set) var instancesByInterface: [String: [Int]] = [:]
    /// The instances that can't do without an address that the configuration names as their source.
    private(set) var instancesBySource: [IPv4Address: [Int]] = [:]
    private(set) var placesByAddress: [IPv4Address: [AddressPlace]] = [:]
    private(set) var indexByName: [String: Int] = [:]
    private var indexByID: [RouterID: Int] = [:]
    private var lastRouter = 0
    /// More than one where unicast peers tell them apart.
    var instancesByRouter: [RouterKey: [Int]] = [:]
    var touched: [Int] = []

    // Deadlines: the masters' advertisements apart, because they go before everything else.
    var advertisements: DeadlineQueue
    var timers: DeadlineQueue

    // The kernel.
    var standings: [AddressKey: AddressStanding] = [:]
    /// Addresses taken for ours because they came while one was asked for, on a kernel that marks none; until the answer.
    var presumedOurs: Set<AddressKey> = []
    /// The host's own copies of shared addresses; few.
    var hostsOwn: Set<AddressKey> = []
    /// Until when an interface is being set up: what appears meanwhile is the host's configuration.
    var settlingUntil: [InterfaceIndex: Instant] = [:]
    /// The state file: addresses that this program added, and the kernel's creation stamp of each; 0 for not known.
    var remembered: [AddressKey: UInt32]
    /// Whether this kernel stores IFA_PROTO; not known before the first address of ours was seen.
    var kernelMarksAddresses = false
    var leftovers: [AddressKey: RequestID] = [:]
    /// Those among them that a reload has made so.
    var dismissed: Set<AddressKey> = []
    /// What goes as soon as the same address is in its new place.
    var outgoing: Set<AddressKey> = []
    /// Copies of shared addresses that answer while their originals are put on anew.
    var bridges: Set<AddressKey> = []
    var requests: [RequestID: Request] = [:]
    var lastRequest: UInt64 = 0
    /// How many additions the kernel has not answered yet.
    var pendingAdditions: [InterfaceIndex: Int] = [:]
    var hasSnapshot = false

    var receivers: Set<InterfaceIndex> = []
    var receiverSetups: [InterfaceIndex: ReceiverSetup] = [:]
    /// The sources in use on an interface.
    var taps: [InterfaceIndex: Set<IPv4Address>] = [:]
    /// Packets lost on an interface that were not reported yet, and until when to be quiet about more.
    var lostPackets: [InterfaceIndex: (count: UInt64, quietUntil: Instant)] = [:]

    /// Addresses leave by themselves when they are not renewed for so long.
    var lease: Duration?
    /// Whether to answer other hosts that claim a shared address.
    var defendsAddresses: Bool

    // Gratuitous ARPs that wait for their turn.
    var pacing: AnnouncementPacing
    var pacedAnnouncements: [PacedAnnouncements] = []

    /// Virtual routers of which an earlier run of this program was master: when it last advertised. Each is looked at once.
    var adoptable: [Int: Instant]
    /// Since the start: what can be adopted now is another virtual router's of this run.
    var wasReconfigured = false

    /// Before this no instance takes part.
    let startAt: Instant
    /// Packets that could not be given to any instance.
    package internal(set) var strays: [DropReason: UInt64] = [:]

    /// Masters that the configuration wants no more, on their way out; behind those that it wants.
    var departing: Set<Int> = []

    var stopDeadline: Instant?
    package internal(set) var isFinished = false

    /// How long an interface counts as being set up after it came up or got its first address.
    static let settlingTime = Duration.seconds(3)
    /// How long an interface may be without an address to send from before that is a fault.
    static let sourceGrace = Duration.seconds(2)
    /// How long a stop waits for the kernel to take the addresses off.
    static let stopLimit = Duration.seconds(1)
    /// The pause after something was refused.
    static let retryPause = Duration.seconds(1)

    /// - Parameters:
    ///   - remembered: what the state file says about addresses that an earlier run added.
    ///   - adoptable: by the instance's place in the configuration, when an earlier run last advertised as its master. The
    ///     instance's configuration has not changed since.
    package init(
        _ configuration: Configuration, remembered: [AddressKey: UInt32] = [:], adoptable: [Int: Instant] = [:],
        at now: Instant
    ) {
        self.adoptable = adoptable
        instances = configuration.instances.map { Instance($0, at: now) }
        self.remembered = remembered
        advertisements = DeadlineQueue(count: instances.count)
        timers = DeadlineQueue(count: instances.count)
        pacing = configuration.pacing
        lease = configuration.addressLease
        defendsAddresses = configuration.defendsAddresses
        startAt = max(now + configuration.startupDelay, Instant(sinceBoot: configuration.delayAfterBoot))
        index(at: now)
    }

    /// Makes the directories of who has to be looked at when something changes.
    mutating func index(at now: Instant) {
        var byInterface: [String: [Int]] = [:]
        var byAddress: [IPv4Address: [AddressPlace]] = [:]
        var bySource: [IPv4Address: [Int]] = [:]
        instancesByRouter = [:]
        indexByID = [:]
        for (index, instance) in instances.enumerated() {
            if instance.id.rawValue == 0 {
                lastRouter &+= 1
                instances[index].id = RouterID(rawValue: lastRouter)
            }
            indexByID[instances[index].id] = index
            let configuration = instance.configuration
            for name in Set([configuration.interface] + configuration.addresses.map(\.interface)) {
                byInterface[name, default: []].append(index)
            }
            if let source = instance.requiredSource {
                bySource[source, default: []].append(index)
            }
            for (position, address) in configuration.addresses.enumerated() {
                byAddress[address.prefix.address, default: []].append(
                    AddressPlace(instance: index, position: position))
            }
            if let interface = instance.interface {
                instancesByRouter[
                    RouterKey(interface: interface, virtualRouterID: configuration.virtualRouterID), default: []
                ].append(index)
            }
        }
        instancesByInterface = byInterface
        instancesBySource = bySource
        placesByAddress = byAddress
        indexByName = Dictionary(
            instances.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The virtual router that a packet is for. Two of one number on an interface are told apart by their unicast peers.
    /// - Parameter peer: the other host: the packet's source, or its destination where it leaves this one.
    func router(_ key: RouterKey, with peer: IPv4Address, isMulticast: Bool) -> Int? {
        guard let all = instancesByRouter[key], all.count > 1 else { return instancesByRouter[key]?.first }
        return all.first { index in
            guard let unicast = instances[index].configuration.unicast else { return isMulticast }
            return !isMulticast && unicast.peers.contains { $0.address == peer }
        } ?? all.first
    }

    // MARK: - The way in

    /// Takes in one thing that happened.
    package mutating func handle(_ input: Input, at now: Instant) {
        switch input {
        case .link(let link): linkChanged(link, at: now)
        case .linkRemoved(let index): linkRemoved(index, at: now)
        case .address(let address): addressAppeared(address, at: now)
        case .addressRemoved(let key): addressVanished(key, at: now)
        case .snapshot(let links, let addresses): replaceTable(links: links, addresses: addresses, at: now)
        case .completed(let request, let result): requestCompleted(request, result, at: now)
        case .receiverFailed(let interface, let reason): receiverFailed(interface, reason: reason, at: now)
        case .packetsLost(let interface, let count): packetsLost(on: interface, count: count, at: now)
        case .addressClaimed(let claim): addressClaimed(claim, at: now)
        case .sendFailed(let instance, let failure): sendFailed(instance, failure, at: now)
        case .sendFailedInPart(let instance, let failure, let destination):
            sendFailedInPart(instance, failure, to: destination, at: now)
        case .sent(let instance): sendSucceeded(instance, at: now)
        case .stop: stop(at: now)
        }
        settle()
        forgetDeparted(at: now)
    }

    /// Sends the advertisements that are due. Called before anything is read: a master must not fall silent because
    /// packets keep coming.
    package mutating func sendDue(at now: Instant) {
        while let index = advertisements.popDue(at: now) {
            switch instances[index].router.fire(at: now) {
            case .advertise: advertise(index, at: now)
            case .lapse(let span): record(.lapsed(instance: instances[index].name, after: span))
            case .none, .claim, .ask, .postpone, .resume, .resignAgain, .left, .leftToNobody: break
            }
            touch(index)
            settle()
        }
    }

    /// Everything else that is due.
    /// - Parameter undrained: interfaces whose packets have not all been read, and when the last one that was read had arrived. A
    ///   master that seems silent there may have spoken: its backups wait until what came before their deadline is read.
    package mutating func expire(at now: Instant, undrained: [InterfaceIndex: Instant] = [:]) {
        var due: [Int] = []
        while let index = timers.popDue(at: now) {
            due.append(index)
            touch(index)
        }
        for index in due {
            expire(index, at: now, undrained: undrained)
        }
        announcePaced(at: now)
        if let deadline = stopDeadline, now >= deadline {
            finish()
        }
        settle()
        forgetDeparted(at: now)
    }

    /// When `sendDue` and `expire` next have something to do.
    package mutating func nextDeadline() -> Instant? {
        [advertisements.next(), timers.next(), nextPacedAnnouncement, isFinished ? nil : stopDeadline]
            .compactMap { $0 }.min()
    }

    /// When an instance next has to be looked at for another reason than its own advertisement: a takeover, mostly.
    package mutating func nextTimer() -> Instant? { timers.next() }

    /// When an instance next takes over, if nothing else comes before that.
    package mutating func nextTakeover() -> Instant? {
        guard let (deadline, index) = timers.first(), !instances[index].isMaster,
            instances[index].router.deadline == deadline
        else { return nil }
        return deadline
    }

    package var hasEffects: Bool { !effects.isEmpty }

    /// The effects since the last call, in order.
    package mutating func takeEffects() -> [Effect] {
        guard !effects.isEmpty else { return [] }
        defer { effects.removeAll(keepingCapacity: true) }
        return effects
    }

    // MARK: - Housekeeping

    /// Where a virtual router stands now; `nil` once it has gone.
    package func index(of id: RouterID) -> Int? { indexByID[id] }

    /// Marks an instance whose deadlines may have changed.
    mutating func touch(_ index: Int) {
        touched.append(index)
    }

    /// Files the deadlines of all that was touched.
    mutating func settle() {
        for index in touched {
            let instance = instances[index]
            advertisements.set(instance.isMaster ? instance.router.deadline : nil, for: index)
            timers.set(instance.nextTimer, for: index)
        }
        touched.removeAll(keepingCapacity: true)
    }

    mutating func record(_ event: Event) {
        effects.append(.record(event))
    }

    mutating func newRequest(_ request: Request) -> RequestID {
        lastRequest &+= 1
        let id = RequestID(rawValue: lastRequest)
        requests[id] = request
        switch request {
        case .add(_, let key), .refit(_, let key, .add): pendingAdditions[key.interface, default: 0] += 1
        default: break
        }
        return id
    }
}

/// One shared address of one instance.
struct AddressPlace: Hashable, Sendable {
    var instance: Int
    var position: Int
}

/// What a received packet is for.
struct RouterKey: Hashable, Sendable {
    var interface: InterfaceIndex
    var virtualRouterID: UInt8
}

/// What the kernel was asked for.
enum Request: Hashable, Sendable {
    /// The address that it is about.
    var key: AddressKey {
        switch self {
        case .add(_, let key), .remove(_, let key), .promote(_, let key), .removeLeftover(let key),
            .promoteForLeftover(let key), .refit(_, let key, _):
            key
        }
    }

    case add(AddressPlace, AddressKey)
    case remove(AddressPlace, AddressKey)
    /// promote_secondaries; the removal follows.
    case promote(AddressPlace, AddressKey)
    case removeLeftover(AddressKey)
    case promoteForLeftover(AddressKey)
    /// A step of putting an address on with another label, broadcast address or scope.
    case refit(AddressPlace, AddressKey, RefitStep)
}
