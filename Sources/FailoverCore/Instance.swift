import Addressing
import Configuration
package import VRRP

/// One virtual router with all that the core remembers about it.
struct Instance: Sendable {
    /// Given when it gets its place in the core.
    var id = RouterID(rawValue: 0)
    let configuration: InstanceConfiguration
    var election: VirtualRouter
    var check: AdvertisementCheck

    /// Where the interface is now; `nil` while there is none of its name.
    var interface: InterfaceIndex?
    /// The address to send from; `nil` while there is none.
    var source: IPv4Address?
    /// When the interface lost its last address to send from; until it is missed for good, the old one stays in use.
    var sourceLostAt: Instant?
    /// What keeps the instance in fault; `nil` while it takes part.
    var fault: Fault?
    var isStopped = false
    /// Somebody wants another host to be master.
    var handover: HandoverOrder?
    var handoverOutcome = HandoverOutcome.done
    /// The way out that is under way ends in a stop.
    var isLeavingForGood = false
    /// A fault awaits it where its leaving ends.
    var leavesForFault = false
    /// When the addresses are gone, one more advertisement is due, of this priority, which loses: the winner announces again.
    var owesFarewell: UInt8?
    /// The addresses that advertisements name: those of the configuration, but none before the kernel has acknowledged it.
    var advertised: [IPv4Address]
    /// The advertisement as it is sent to each destination, rebuilt when the source changes.
    var packets: [OutgoingPacket] = []

    var addresses: [PlacedAddress]

    /// When the state was entered, and why.
    var since: Instant
    var reason: Reason = .started
    /// Why the addresses are claimed, while they are.
    var claimReason: VirtualRouter.ClaimReason?
    /// After a refusal: when to take part again.
    var retryAt: Instant?
    /// Another VRRP daemon on this host uses the same virtual router; until when it counts as running.
    var rivalUntil: Instant?
    /// The second burst of gratuitous ARPs.
    var announceAgainAt: Instant?
    /// The announcements right after a takeover, once more: while the old master still answered, a neighbour may have believed it.
    var echoAt: Instant?
    /// When a new master answers those who have spoken as owners since it became one.
    var settledEchoAt: Instant?
    /// How often then; as at a takeover unless given.
    var echoRounds: Int?
    /// It follows a losing master's advertisement, not the takeover.
    var announcesContest = false
    /// When to ask who else has the addresses.
    var probeAt: Instant?
    /// When that was done last.
    var probedAt: Instant?
    /// When the addresses' lifetimes have to begin anew.
    var renewAt: Instant?
    /// When another master was last heard while this host is one.
    var otherMasterAt: Instant?
    /// Advertisements that reached the host, and those that this program got, while it listened beside the firewall.
    var hearing = Hearing()
    /// The periodic announcement.
    var refreshAt: Instant?
    /// Before this, a losing master does not cause another burst.
    var nextBurstAt: Instant?

    var counters = InstanceCounters()
    var peers = Peers()
    /// Another host that advertises one of the addresses as those of another virtual election.
    var otherNumber: OtherNumber?
    var warnings = WarningLimiter()
    /// The router whose address list differs, so that it is reported once.
    var addressesDifferFrom: IPv4Address?
    /// What it has sent lately.
    var sent = SentAdvertisements()
    /// Whether what it sends leaves.
    var sending = Sending()
    /// Who has sent advertisements of it.
    var senders = Senders()
    /// Another host that has its addresses, too.
    var split: Split?

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
        advertised = configuration.advertisedAddresses
        addresses = configuration.addresses.map { PlacedAddress(configuration: $0) }
        since = now
    }

    /// As in the configuration, unless another virtual router has got that name while this one leaves.
    var name: String {
        isSuperseded ? configuration.name + " (removed, VRID \(configuration.virtualRouterID))" : configuration.name
    }
    /// A new configuration gives the name to another virtual election.
    var isSuperseded = false

    /// The configured source address, where the host must have it: by unicast nothing would be heard without.
    var requiredSource: IPv4Address? {
        configuration.requiresSource || configuration.unicast != nil ? configuration.source : nil
    }

    var state: InstanceState {
        if isStopped { return .stopped }
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

    /// The advertisement for each destination, with a priority of its own, 0 for a resignation.
    /// - Parameters:
    ///   - virtualRouterID: `nil` for its own.
    ///   - addresses: `nil` for those that it advertises.
    func packets(
        priority: UInt8, from source: IPv4Address, virtualRouterID: UInt8? = nil, addresses: [IPv4Address]? = nil
    ) -> [OutgoingPacket] {
        let advertisement = Advertisement(
            version: check.version,
            virtualRouterID: virtualRouterID ?? check.virtualRouterID,
            priority: priority,
            interval: check.interval,
            addresses: addresses ?? advertised,
            authentication: check.authentication,
            checksumForm: configuration.sendsPlainChecksum ? .plain : .pseudoHeader
        )
        let timeToLive = configuration.unicast?.timeToLive ?? Advertisement.timeToLive
        return check.reach.destinations(from: source).map { destination in
            OutgoingPacket(
                source: source, destination: destination, priority: priority,
                bytes: advertisement.packet(from: source, to: destination, timeToLive: timeToLive))
        }
    }

    /// Sends from this address from now on, and by unicast listens on it.
    mutating func use(source: IPv4Address) {
        self.source = source
        election.changeSource(to: source)
        if case .unicast(var unicast) = check.reach {
            unicast.own = source
            check.reach = .unicast(unicast)
        }
        packets = packets(priority: configuration.priority, from: source)
    }

    /// Until when a timer runs; `nil` when it does not.
    func deadline(_ kind: TimerKind) -> Instant? {
        switch kind {
        case .advertisement: isMaster ? election.deadline : nil
        case .election: isMaster ? nil : election.deadline
        case .retry: retryAt
        case .handoverEnd: isLeaving ? nil : handover?.until
        case .secondBurst: announceAgainAt
        case .echo: echoAt
        case .settledEcho: settledEchoAt
        case .refresh: refreshAt
        case .probe: isMaster ? probeAt : nil
        case .renewal: isMaster ? renewAt : nil
        case .defence: isMaster ? earliest { $0.conflict?.defendAt } : nil
        case .resend: sending.resendAt
        case .trial: sending.trialAt
        case .splitEnd: split?.deadline
        case .addressRetry: earliest { $0.retryAt }
        case .refit: isMaster ? earliest { $0.refitAt } : nil
        }
    }

    private func earliest(_ deadline: (PlacedAddress) -> Instant?) -> Instant? {
        addresses.lazy.compactMap(deadline).min()
    }

    /// The timers that may not be filed as they are now.
    mutating func takeUnfiled() -> TimerKinds { .all }
}

/// An advertisement on its way to one destination.
struct OutgoingPacket: Hashable, Sendable {
    let source: IPv4Address
    let destination: IPv4Address
    let priority: UInt8
    let bytes: [UInt8]
    /// By which it is recognised when it comes back.
    let identity: UInt64

    init(source: IPv4Address, destination: IPv4Address, priority: UInt8, bytes: [UInt8]) {
        self.source = source
        self.destination = destination
        self.priority = priority
        self.bytes = bytes
        identity = (try? ReceivedPacket(bytes.span))?.identity(in: bytes.span) ?? 0
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

/// A shared address and where it stands.
struct PlacedAddress: Sendable {
    let configuration: SharedAddress
    /// Where it belongs; `nil` while there is no interface of that name.
    var key: AddressKey?
    /// A request that the kernel has not answered yet.
    var pending: PendingRequest?
    /// After refusals: how many in a row, and when to try again.
    var failures = 0
    var retryAt: Instant?
    /// It was on the interface while this host was master: if it is missing now, somebody took it away.
    var wasHeld = false
    /// How often in a row it was put back, and when last: one that keeps disappearing is put back with growing pauses.
    var restorations = 0
    var restoredAt: Instant?
    var absences = Absences()
    /// How often in a row it was put on with another label, broadcast address or scope, when last, and when it is due again.
    var refits = 0
    var refittedAt: Instant?
    var refitAt: Instant?
    /// What the kernel did not take.
    var refusedFit: AddressFit?
    /// Another host that answers for it.
    var conflict: AddressConflict?
    /// The host had it of its own at some time.
    var wasHosts = false
    /// While this host leaves: when another one announced it.
    var takenOverAt: Instant?

    /// What is known of the same place under an older configuration.
    mutating func adopt(_ old: PlacedAddress) {
        key = old.key
        pending = old.pending
        failures = old.failures
        retryAt = old.retryAt
        wasHeld = old.wasHeld
        restorations = old.restorations
        restoredAt = old.restoredAt
        absences = old.absences
        wasHosts = old.wasHosts
        takenOverAt = old.takenOverAt
        conflict = old.conflict
        refusedFit = old.refusedFit
        // Who wants another form by a reload does not wait for it.
        guard AddressFit(configuration) == AddressFit(old.configuration) else { return }
        refits = old.refits
        refittedAt = old.refittedAt
    }

    /// - Parameter now: `nil` for the moment of the last change.
    func isContested(at now: Instant?) -> Bool {
        guard restorations > 0, let restoredAt else { return false }
        return now.map { $0 - restoredAt < Absences.window } ?? true
    }

    enum PendingRequest: Hashable, Sendable {
        case add(RequestID)
        case remove(RequestID)
        case promote(RequestID)
        case refit(RequestID)
    }
}

/// Counts since the start. They wrap rather than trap, after some hundred years.
package struct InstanceCounters: Hashable, Sendable {
    package var advertisementsSent: UInt64 = 0
    package var advertisementsReceived: UInt64 = 0
    package var resignationsSent: UInt64 = 0
    package var resignationsReceived: UInt64 = 0
    package var becameMaster: UInt64 = 0
    package var sendErrors: UInt64 = 0
    /// Accepted advertisements with another address list.
    package var addressListDifferences: UInt64 = 0
    /// Version 3: accepted advertisements whose checksum covers the pseudo-header, and those whose does not.
    package var pseudoHeaderChecksums: UInt64 = 0
    package var plainChecksums: UInt64 = 0
    /// Takeovers put off because this host may have missed the master's advertisements.
    package var takeoversPostponed: UInt64 = 0
    package var dropped: [DropReason: UInt64] = [:]
    /// Times that another host was answered that claimed a shared address.
    package var defences: UInt64 = 0

    /// Packets of this virtual router that came, good or bad.
    var heard: UInt64 { dropped.values.reduce(advertisementsReceived, &+) }
}
