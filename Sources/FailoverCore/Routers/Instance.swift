import Addressing
import Configuration
import VRRP

/// One virtual router with all that the core remembers about it.
struct Instance: Sendable {
    /// Given when it gets its place in the core.
    var id = RouterID(rawValue: 0)
    private(set) var configuration: InstanceConfiguration
    var election: VirtualRouter { didSet { unfiled.formUnion(.ofElection) } }
    var check: AdvertisementCheck

    var participation = Participation() { didSet { unfiled.formUnion(TimerKinds(.retry)) } }
    var wayOut = WayOut() { didSet { unfiled.formUnion(TimerKinds(.handoverEnd)) } }
    var tenure: Tenure
    var advertised: AdvertisedPackets
    /// What it has sent lately.
    var sent = SentAdvertisements()
    /// What is remembered of sends that failed; `nil` as a rule.
    @Seldom private var failedSending: Sending?
    var announcing = AnnouncementSchedule() { didSet { unfiled.formUnion(.ofAnnouncing) } }
    var claims = ClaimWatch() { didSet { unfiled.formUnion(.ofClaims) } }
    var placement: Placement { didSet { unfiled.formUnion(.ofPlacement) } }
    /// Its routes and rules.
    @Seldom var routing: RoutePlacement? { didSet { unfiled.formUnion(TimerKinds(.routing)) } }
    /// The link with its hardware address.
    @Seldom var macvlan: PlacedMacvlan? { didSet { unfiled.formUnion(TimerKinds(.macvlan)) } }
    /// Another host that has its addresses, too.
    @Seldom var split: Split? { didSet { unfiled.formUnion(TimerKinds(.splitEnd)) } }
    var observations = Observations()
    /// Its priority has risen a moment ago.
    @Seldom var dip: PriorityDip?
    /// A new configuration gives the name to another virtual router.
    var isSuperseded = false
    /// It has begun without a word of what it tracks, and stands back until there is one.
    var awaitsTrackers = false
    /// In a sync group: which, and what the file says of it alone.
    @Seldom var membership: Membership?
    /// The timers that may not be filed as they are now.
    private var unfiled = TimerKinds.all

    init(_ configuration: InstanceConfiguration, at now: Instant) {
        self.configuration = configuration
        let version = ProtocolVersion(rawValue: configuration.version) ?? .v2
        election = VirtualRouter(
            VirtualRouter.Parameters(
                version: version,
                priority: configuration.priority,
                advertisementInterval: configuration.advertisementInterval,
                preempts: configuration.preempts,
                preemptDelay: configuration.preemptDelay,
                answersLosingMaster: configuration.answersLosingMaster,
                downAdvertisements: configuration.downAdvertisements,
                ownerIgnoresAdvertisements: configuration.ownerIgnoresAdvertisements
            ))
        check = AdvertisementCheck(
            version: version,
            virtualRouterID: configuration.virtualRouterID,
            interval: configuration.advertisementInterval,
            authentication: configuration.password.map { .password(Password($0)) } ?? .none,
            addresses: configuration.advertisedAddresses,
            reach: Reach(configuration),
            comparesAddresses: configuration.comparesAddressLists
        )
        advertised = AdvertisedPackets(configuration.advertisedAddresses)
        placement = Placement(configuration.addresses)
        routing = RoutePlacement(configuration.routing)
        macvlan = PlacedMacvlan(configuration.virtualMAC)
        tenure = Tenure(since: now)
    }

    /// As in the configuration, unless another virtual router has got that name while this one leaves.
    var name: String {
        isSuperseded ? configuration.name + " (removed, VRID \(configuration.virtualRouterID))" : configuration.name
    }

    /// The configured source address, where the host must have it: by unicast nothing would be heard without.
    var requiredSource: IPAddress? {
        configuration.requiresSource || configuration.unicast != nil ? configuration.source : nil
    }

    var state: InstanceState {
        if wayOut.isOver { return .stopped }
        switch election.state {
        case .initialize: return .fault
        case .backup, .claiming: return election.cannotSend ? .fault : .backup
        case .master, .lapsed: return .master
        case .leaving: return .leaving
        }
    }

    /// Whether the shared addresses belong on this host now.
    var wantsAddresses: Bool {
        switch election.state {
        case .initialize, .backup: false
        case .claiming, .master, .lapsed, .leaving: true
        }
    }

    /// It has resigned and waits for its successor.
    var isLeaving: Bool {
        if case .leaving = election.state { return true }
        return false
    }

    var isClaiming: Bool { election.state == .claiming }

    /// Master, and advertising.
    var isMaster: Bool {
        if case .master = election.state { return true }
        return false
    }

    /// Whether what it sends leaves.
    var sending: Sending {
        get { failedSending ?? Sending() }
        set {
            failedSending = newValue.isQuiet ? nil : newValue
            unfiled.formUnion(.ofSending)
        }
    }

    // What is asked for everywhere.
    /// The place of its sync group; `GroupTable.none` for none.
    var group: Int32 { membership?.group ?? GroupTable.none }
    var interface: InterfaceIndex? { participation.interface }
    var source: IPAddress? { participation.source }
    var isStopped: Bool { wayOut.isOver }
    var addresses: [PlacedAddress] { placement.addresses }

    /// The advertisement for each destination, with a priority of its own, 0 for a resignation.
    /// - Parameters:
    ///   - virtualRouterID: `nil` for its own.
    ///   - addresses: `nil` for those that it advertises.
    func packets(
        priority: UInt8, from source: IPAddress, virtualRouterID: UInt8? = nil, addresses: [IPAddress]? = nil
    ) -> [OutgoingPacket] {
        let advertisement = Advertisement(
            version: check.version,
            virtualRouterID: virtualRouterID ?? check.virtualRouterID,
            priority: priority,
            interval: check.interval,
            addresses: addresses ?? advertised.addresses,
            authentication: check.authentication,
            checksumForm: configuration.sendsPlainChecksum ? .plain : .pseudoHeader
        )
        let timeToLive = configuration.unicast?.timeToLive ?? Advertisement.timeToLive
        return check.reach.destinations(from: source).compactMap { destination in
            guard let bytes = advertisement.packet(from: source, to: destination, timeToLive: timeToLive) else {
                return nil
            }
            return OutgoingPacket(source: source, destination: destination, priority: priority, bytes: bytes)
        }
    }

    /// Sends from this address from now on, and by unicast listens on it.
    mutating func use(source: IPAddress) {
        participation.use(source)
        election.changeSource(to: source)
        if case .unicast(var unicast) = check.reach {
            unicast.own = source
            check.reach = .unicast(unicast)
        }
        rebuildPackets()
    }

    /// The regular advertisement, after something that it says has changed.
    mutating func rebuildPackets() {
        guard let source else { return }
        advertised.prepare(packets(priority: election.parameters.priority, from: source))
    }

    /// Another configuration of the same virtual router. What is known of addresses that both have is kept.
    /// - Parameter priority: what trackers make of the configured one.
    mutating func change(to wanted: InstanceConfiguration, priority: UInt8, at now: Instant) {
        let isSameNumber = configuration.virtualRouterID == wanted.virtualRouterID
        // What no line here names stays what it is.
        let fresh = Instance(wanted, at: now)
        configuration = fresh.configuration
        check = fresh.check
        if case .unicast(var unicast) = check.reach, let source {
            unicast.own = source
            check.reach = .unicast(unicast)
        }
        var parameters = fresh.election.parameters
        parameters.priority = priority
        election.change(parameters, at: now)
        announcing.change(to: wanted.gratuitousARP, isMaster: isMaster, at: now)
        let old = placement
        placement = fresh.placement
        placement.adopt(old)
        routing = RoutePlacement(wanted.routing, after: routing)
        macvlan = PlacedMacvlan(wanted.virtualMAC, after: macvlan)
        claims.keep(only: Set(placement.addresses.compactMap(\.key)))
        observations.change(isSameNumber: isSameNumber)
        if !isSameNumber { split = nil }
        advertised.change(to: wanted.advertisedAddresses)
        rebuildPackets()
        unfiled = .all
    }

    /// Until when a timer runs; `nil` when it does not.
    func deadline(_ kind: TimerKind) -> Instant? {
        switch kind {
        case .advertisement: isMaster ? election.deadline : nil
        case .election: isMaster ? nil : election.deadline
        case .retry: participation.retryAt
        case .handoverEnd: isLeaving ? nil : wayOut.order?.until
        case .secondBurst, .echo, .settledEcho, .refresh: announcing.deadline(kind)
        case .probe: isMaster ? claims.probeAt : nil
        case .renewal: isMaster ? placement.renewAt : nil
        case .defence: isMaster ? claims.defendAt : nil
        case .resend: failedSending?.resendAt
        case .trial: failedSending?.trialAt
        case .splitEnd: split?.deadline
        case .addressRetry: placement.retryAt
        case .refit: isMaster ? placement.refitAt : nil
        case .macvlan: macvlan?.deadline
        case .routing: routing?.deadline(isWanted: wantsRouting && !isLeaving)
        }
    }

    /// A timer has run out and is filed no more: it is again where what it was for has not been done.
    mutating func noteFired(_ kind: TimerKind) { unfiled.formUnion(TimerKinds(kind)) }

    /// Takes out the timers that may not be filed as they are now.
    mutating func takeUnfiled() -> TimerKinds {
        defer { unfiled = [] }
        return unfiled
    }
}

extension Reach {
    fileprivate init(_ configuration: InstanceConfiguration) {
        if let unicast = configuration.unicast {
            self = .unicast(
                Unicast(
                    peers: unicast.peers.map { UnicastPeer(address: $0.address, timesToLive: $0.timesToLive) },
                    acceptsPeersOnly: unicast.acceptsPeersOnly))
        } else {
            self = .multicast(group: configuration.group)
        }
    }
}
