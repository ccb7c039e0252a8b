package import Addressing
package import Configuration
package import VRRP

/// The brain: every virtual router of a host, the kernel's table, and what is to be done about the difference.
///
/// Pure: it reads no clock and touches no system. It is told what happened (`handle`, `receive`) and when a deadline
/// has come (`sendDue`, `expire`), and answers with effects, which the caller carries out in order (`takeEffects`).
/// The same inputs give the same effects.
package struct Core: ~Copyable, Sendable {
    var instances = InstanceTable()
    package internal(set) var table = KernelTable()
    var effects: [Effect] = []

    var directory = Directory()
    var timers = TimerTable()
    /// How many instances are in each state.
    private(set) var counts: [InstanceState: Int] = [:]
    /// How many stand back for another daemon of this host.
    private(set) var rivalCount = 0

    // The kernel.
    var ledger: AddressLedger
    var requests = KernelRequests()
    var outgoing = OutgoingAddresses()
    var hasSnapshot = false
    var routingRequests = OpenRequests<RoutingRequest>(about: .routing)
    /// The links that virtual routers have for themselves.
    var macvlans = Macvlans()
    /// What of ours nobody has any more, and the kernel would not remove.
    var keptRouting = KeptRouting()
    /// Those that have routes or rules, or have some to take away.
    var routed = RoutingDirectory()
    /// What of ours the kernel has, until its links are known.
    var foundRouting: [RoutingObject]?
    /// Whether an earlier run's routes and rules are known.
    package internal(set) var hasRoutingTable = false
    var receivers = Receivers()

    /// Addresses leave by themselves when they are not renewed for so long.
    var lease: Duration?
    /// Whether to answer other hosts that claim a shared address.
    var defendsAddresses: Bool
    var pacer: AnnouncementPacer
    /// What the virtual routers track, and how long an interface has to be down before it counts as that.
    var trackers = Trackers()
    var delays = LinkDelays()
    /// Whether somebody is there who says what scripts, files and processes are.
    package internal(set) var reporter = TrackerReporter.present
    /// Virtual routers of which all are master here, or none.
    var groupTable = GroupTable()

    /// Virtual routers of which an earlier run of this program was master: when it last advertised. Each is looked at once.
    var adoptable: [RouterID: Instant] = [:]
    /// Since the start: what can be adopted now is another virtual router's of this run.
    var wasReconfigured = false

    /// Before this no instance takes part.
    var startAt: Instant { max(earliestStart, heldUntil ?? earliestStart) }
    private let earliestStart: Instant
    /// Something that is to come before all else takes its time.
    private var heldUntil: Instant?
    /// How far the look at what must hold has come.
    var audited = 0
    /// Packets that could not be given to any instance.
    package internal(set) var strays: [DropReason: UInt64] = [:]

    /// Masters that the configuration wants no more, on their way out; behind those that it wants.
    var departing: Set<RouterID> = []
    /// Those among them that have changed since it was last looked whether they have left.
    var departingTouched: Set<RouterID> = []

    var stopDeadline: Instant?
    /// The time for a stop is over.
    private var isOverdue = false
    package internal(set) var isFinished = false

    /// How long a stop waits for the kernel to take the addresses off.
    static let stopLimit = Duration.seconds(1)
    /// More effects at a time are no reason to keep the room for them.
    private static let usualEffects = 64
    /// How often in a row what has run out is looked at before the caller has its turn again.
    private static let rounds = 4
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
        ledger = AddressLedger(remembered: remembered)
        pacer = AnnouncementPacer(configuration.pacing)
        lease = configuration.addressLease
        defendsAddresses = configuration.defendsAddresses
        earliestStart = max(now + configuration.startupDelay, Instant(sinceBoot: configuration.delayAfterBoot))
        let written = configuration
        let configuration = written.grouped
        let order = configuration.instances.map { instances.insert(Instance($0, at: now)) }
        for (position, at) in adoptable where order.indices.contains(position) { self.adoptable[order[position]] = at }
        arrange(order)
        track(configuration, at: now)
        arrangeGroups(written, at: now)
    }

    /// Puts the routers in order and makes the directories of who has to be looked at when something changes.
    /// - Parameters:
    ///   - order: the configuration's.
    ///   - departing: behind it.
    mutating func arrange(_ order: [RouterID], departing: [RouterID] = []) {
        instances.arrange(order + departing)
        directory = Directory(instances, order: order)
        routed = RoutingDirectory(instances, after: routed)
    }

    /// The virtual router that a packet is for. Two of one number on an interface are told apart by their unicast peers.
    /// - Parameter peer: the other host: the packet's source, or its destination where it leaves this one.
    func router(_ key: RouterKey, with peer: IPAddress, isMulticast: Bool) -> RouterID? {
        if let only = directory.onlyRouter(key) { return only }
        let all = directory.routers(key)
        guard all.count > 1 else { return all.first }
        return all.first { id in
            guard let unicast = instances[id].configuration.unicast else { return isMulticast }
            return !isMulticast && unicast.peers.contains { $0.address == peer }
        } ?? all.first
    }

    // MARK: - The start

    /// No instance takes part before this; `nil` to hold nobody up any more. For the start, before the first turn, and its end.
    package mutating func hold(until due: Instant?) { heldUntil = due }

    /// Looks at every instance anew.
    package mutating func reevaluate(at now: Instant) {
        evaluate(instances.order, at: now)
        settle()
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
        case .macvlanReceiverFailed(let macvlan, let reason): macvlanReceiverFailed(macvlan, reason: reason)
        case .packetsLost(let interface, let count): packetsLost(on: interface, count: count, at: now)
        case .addressClaimed(let claim): addressClaimed(claim, at: now)
        case .sendFailed(let instance, let failure): sendFailed(instance, failure, at: now)
        case .sendFailedInPart(let instance, let failure, let destination):
            sendFailedInPart(instance, failure, to: destination, at: now)
        case .sent(let instance): sendSucceeded(instance, at: now)
        case .tracker(let name, let state): trackerChanged(name, state, at: now)
        case .routing(let news): routingNews(news, at: now)
        case .reporter(let reporter): reporterChanged(reporter, at: now)
        case .stop: stop(at: now)
        }
        settle()
        settleGroups(at: now)
        forgetDeparted(at: now)
    }

    /// Sends the advertisements that are due. Called before anything is read: a master must not fall silent because
    /// packets keep coming.
    package mutating func sendDue(at now: Instant) {
        while let id = timers.popDueAdvertisement(at: now) {
            switch instances[id].election.fire(at: now) {
            case .advertise: advertise(id, at: now)
            case .lapse(let span): record(.lapsed(instance: instances[id].name, after: span), about: id)
            case .none, .claim, .wish, .ask, .postpone, .resume, .resignAgain, .left, .leftToNobody: break
            }
            settle()
        }
    }

    /// Everything else that is due.
    /// - Parameter undrained: interfaces whose packets have not all been read, and when the last one that was read had arrived. A
    ///   master that seems silent there may have spoken: its backups wait until what came before their deadline is read.
    package mutating func expire(at now: Instant, undrained: [InterfaceIndex: Instant] = [:]) {
        // What is set for this very moment by what has run out is done in the same call, but not without end.
        var rounds = 0
        endLinkDelays(at: now)
        if let due = routed.doubtDue, now >= due { doubtRouting(at: now) }
        removeLeftoverMacvlansIfDue(at: now)
        retryKeptRouting(at: now)
        while rounds < Self.rounds, expireDue(at: now, undrained: undrained) { rounds += 1 }
        settleGroups(undrained: undrained, at: now)
        announcePaced(at: now)
        if let deadline = stopDeadline, now >= deadline {
            // Once: what the kernel does not do then is left to --release.
            if !isOverdue, endRemaining(at: now) { stopDeadline = now + Self.stopLimit } else { finish() }
            isOverdue = true
        }
        settle()
        forgetDeparted(at: now)
    }

    /// - Returns: whether anything was due.
    private mutating func expireDue(at now: Instant, undrained: [InterfaceIndex: Instant]) -> Bool {
        var due: [RouterID] = []
        while let alarm = timers.popDue(at: now) {
            if instances.noteDue(alarm.kind, of: alarm.router) { due.append(alarm.router) }
        }
        for id in due {
            var kinds = instances.takeDue(of: id)
            while let kind = kinds.popFirst(), instances.contains(id) {
                expire(kind, of: id, at: now, undrained: undrained)
            }
        }
        settle()
        return !due.isEmpty
    }

    /// When `sendDue` and `expire` next have something to do.
    package mutating func nextDeadline() -> Instant? {
        [
            timers.nextAdvertisement()?.at, timers.next()?.at, pacer.nextAt, delays.nextAt,
            routed.doubtDue, macvlans.leftoversDue, keptRouting.nextAt,
            isFinished ? nil : stopDeadline, groupTable.hasWork && hasSnapshot ? Instant(sinceBoot: .zero) : nil,
        ].compactMap { $0 }.min()
    }

    /// When an instance next has to be looked at for another reason than its own advertisement: a takeover, mostly.
    package mutating func nextTimer() -> Instant? { timers.next()?.at }

    /// When an instance next takes over, if nothing else comes before that.
    package mutating func nextTakeover() -> Instant? {
        guard let alarm = timers.next(), alarm.kind == .election else { return nil }
        return alarm.at
    }

    /// The effects since the last call, in order.
    package mutating func takeEffects() -> [Effect] {
        guard !effects.isEmpty else { return [] }
        defer {
            // Room for as many again, but not for as many as a takeover of all has.
            let usual = min(effects.count, Self.usualEffects)
            effects = []
            effects.reserveCapacity(usual)
        }
        return effects
    }

    // MARK: - Housekeeping

    /// The virtual routers in the configuration's order; behind them those that it names no more and that wait for their
    /// successors.
    package var routers: [RouterID] { instances.order }

    package func contains(_ id: RouterID) -> Bool { instances.contains(id) }

    /// The priority that counts and is advertised, 1 to 255.
    package func effectivePriority(of id: RouterID) -> UInt8 { instances[id].election.parameters.priority }

    package func state(of id: RouterID) -> InstanceState { instances[id].state }

    package func counters(of id: RouterID) -> InstanceCounters { instances[id].observations.counters }

    /// What the configuration says of a virtual router that is there, as its group has it.
    package func configuration(of id: RouterID) -> InstanceConfiguration { instances[id].configuration }

    /// What the configuration says, in its order.
    package var configuredInstances: [InstanceConfiguration] {
        instances.order.filter { directory.rank(of: $0) != nil }
            .map { instances[$0].membership?.written ?? instances[$0].configuration }
    }

    /// The longest interval at which an instance advertises; 0 without instances.
    package var longestInterval: Duration {
        instances.order.reduce(.zero) { max($0, instances[$1].configuration.advertisementInterval) }
    }

    /// The rank of a virtual router in the configuration; `nil` where that names it no more.
    package func position(of id: RouterID) -> Int? { directory.rank(of: id) }

    /// Files the timers of all that have changed.
    mutating func settle() {
        while let id = instances.popTouched() {
            let (changed, old, new) = instances.file(id)
            count(old, new)
            if old?.standing != new.standing { groupTable.touch(instances.group(of: id)) }
            if departing.contains(id) { departingTouched.insert(id) }
            var kinds = changed
            while let kind = kinds.popFirst() { timers.set(kind, of: id, to: instances.deadline(kind, of: id)) }
        }
    }

    /// The end of a virtual router: nothing finds it any more.
    mutating func remove(_ id: RouterID) {
        guard let filed = instances.remove(id) else { return }
        count(filed, nil)
        timers.stopAll(of: id)
        adoptable[id] = nil
        departing.remove(id)
    }

    private mutating func count(_ old: InstanceTable.Filed?, _ new: InstanceTable.Filed?) {
        guard old != new else { return }
        if let old { counts[old.state, default: 0] -= 1 }
        if let new { counts[new.state, default: 0] += 1 }
        rivalCount += (new?.hasRival == true ? 1 : 0) - (old?.hasRival == true ? 1 : 0)
    }

    /// - Parameter id: of the virtual router that it is about.
    mutating func record(_ event: Event, about id: RouterID? = nil) {
        effects.append(.record(recorded(event, about: id)))
    }

    /// With its place as it is now: a reload may give the name to another virtual router before anybody is told.
    func recorded(_ event: Event, about id: RouterID?) -> RecordedEvent {
        RecordedEvent(event: event, place: id.map { EventPlace(instances[$0].configuration) })
    }
}
