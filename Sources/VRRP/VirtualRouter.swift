package import Addressing

/// The state machine of one virtual router: RFC 3768, section 6.4; RFC 9568, section 6.4.
///
/// It is told what happened and when, and answers with what is to be done. Between the RFC's Backup and Master lies one
/// more state, `claiming`: the addresses are on their way to the interface, and until the kernel has acknowledged
/// them nothing is advertised. Towards the network a claiming router is a backup.
package struct VirtualRouter: Hashable, Sendable {
    /// What the election depends on.
    package struct Parameters: Hashable, Sendable {
        package var version: ProtocolVersion
        /// 1 to 255; 255 is the owner of the addresses.
        package var priority: UInt8
        package var advertisementInterval: Duration
        /// Preempt_Mode: whether a lower-priority master is replaced. The owner always preempts.
        package var preempts: Bool
        /// How long a lower-priority master is left alone once it has been heard. Never delays the answer to silence.
        package var preemptDelay: Duration
        /// Whether a losing master is answered at once (RFC 9568, section 6.4.3; keepalived in version 2, too).
        package var answersLosingMaster: Bool

        package init(
            version: ProtocolVersion = .v2, priority: UInt8 = Priority.standard,
            advertisementInterval: Duration = .seconds(1), preempts: Bool = true, preemptDelay: Duration = .zero,
            answersLosingMaster: Bool = true
        ) {
            self.version = version
            self.priority = priority
            self.advertisementInterval = advertisementInterval
            self.preempts = preempts
            self.preemptDelay = preemptDelay
            self.answersLosingMaster = answersLosingMaster
        }
    }

    package enum State: Hashable, Sendable {
        /// Takes no part (RFC 3768, section 6.4.1). Next: `backup`, or `claiming` for the owner.
        case initialize
        /// Waits for the master to fall silent (section 6.4.2). Next: `claiming`, `initialize`.
        case backup(masterDownAt: Instant)
        /// Puts the addresses on the interface. Next: `master`, `backup`, `initialize`.
        case claiming
        /// Advertises (section 6.4.3). Next: `backup`, `initialize`.
        case master(nextAdvertisementAt: Instant)
    }

    /// A master, as it was last heard.
    package struct KnownMaster: Hashable, Sendable {
        package var address: IPv4Address
        package var priority: UInt8
        package var heardAt: Instant
        /// Its last word was priority 0.
        package var hasResigned = false
    }

    /// Why the addresses are claimed.
    package enum ClaimReason: Hashable, Sendable {
        /// Priority 255.
        case addressOwner
        /// Nothing was heard for the whole master down interval; from `nil`, not even once.
        case masterSilent(KnownMaster?, after: Duration)
        /// The master said priority 0.
        case masterResigned(KnownMaster)
        /// The master has a lower priority than this router.
        case preempting(KnownMaster)
    }

    package private(set) var parameters: Parameters
    package private(set) var state: State = .initialize
    /// The master that this router follows, or followed last. A lower-priority one that is about to be replaced, too.
    package private(set) var master: KnownMaster?
    /// The interval by which the master is judged: version 3 adopts the advertised one (RFC 9568, section 6.1).
    package private(set) var masterInterval: Duration
    /// The primary address of the interface, which breaks ties.
    package private(set) var source: IPv4Address = .unspecified
    /// While a lower-priority master is spared by `preemptDelay`: until when.
    private var preemptionAt: Instant?

    package init(_ parameters: Parameters) {
        self.parameters = parameters
        masterInterval = parameters.advertisementInterval
    }

    /// The next point in time at which `fire` has something to do.
    package var deadline: Instant? {
        switch state {
        case .initialize, .claiming: nil
        case .backup(let masterDownAt): masterDownAt
        case .master(let nextAdvertisementAt): nextAdvertisementAt
        }
    }

    package var skew: Duration {
        Timers.skew(version: parameters.version, priority: parameters.priority, interval: masterInterval)
    }

    package var masterDownInterval: Duration {
        Timers.masterDownInterval(
            version: parameters.version, priority: parameters.priority, interval: masterInterval)
    }

    // MARK: - Startup and shutdown

    package enum StartupAction: Hashable, Sendable {
        case wait
        case claim(ClaimReason)
    }

    /// The Startup event: the interface can carry advertisements. Only legal in `initialize`.
    /// - Parameter source: the interface's primary address.
    package mutating func startup(source: IPv4Address, at now: Instant) -> StartupAction {
        guard case .initialize = state else { return .wait }
        self.source = source
        master = nil
        preemptionAt = nil
        masterInterval = parameters.advertisementInterval
        // RFC 3768, section 6.4.1: the owner does not wait.
        if parameters.priority == Priority.owner {
            state = .claiming
            return .claim(.addressOwner)
        }
        state = .backup(masterDownAt: now + masterDownInterval)
        return .wait
    }

    /// The interface's primary address is another one now; no timer is touched.
    package mutating func changeSource(to source: IPv4Address) {
        self.source = source
    }

    package enum ShutdownAction: Hashable, Sendable {
        case none
        /// Send an advertisement of priority 0, so that nobody waits (section 6.4.3).
        case resign
    }

    /// The Shutdown event, from any state.
    package mutating func shutdown() -> ShutdownAction {
        defer { state = .initialize }
        if case .master = state { return .resign }
        return .none
    }

    // MARK: - Claiming

    /// Every address is on the interface. The caller sends the first advertisement and announces, in the same breath.
    /// - Returns: whether this router is master now.
    package mutating func confirmClaim(at now: Instant) -> Bool {
        guard case .claiming = state else { return false }
        master = nil
        preemptionAt = nil
        state = .master(nextAdvertisementAt: now + parameters.advertisementInterval)
        return true
    }

    // MARK: - Timers

    package enum TimerAction: Hashable, Sendable {
        case none
        case claim(ClaimReason)
        case advertise
    }

    /// The timer that `deadline` names has run out; before that, nothing happens.
    package mutating func fire(at now: Instant) -> TimerAction {
        switch state {
        case .initialize, .claiming:
            return .none
        case .backup(let masterDownAt):
            guard now >= masterDownAt else { return .none }
            state = .claiming
            return .claim(claimReason(at: now))
        case .master(let due):
            guard now >= due else { return .none }
            // In step with the first advertisement, not with the moment at which this call came; but after a stall the
            // missed ones are not made up for.
            let next = due + parameters.advertisementInterval
            state = .master(
                nextAdvertisementAt: next > now ? next : now + parameters.advertisementInterval)
            return .advertise
        }
    }

    private func claimReason(at now: Instant) -> ClaimReason {
        guard let master else { return .masterSilent(nil, after: masterDownInterval) }
        if master.hasResigned { return .masterResigned(master) }
        // A lower-priority master does not reset the timer: it is alive if it was heard within its own down interval.
        if master.priority < parameters.priority, now - master.heardAt < masterDownInterval {
            return .preempting(master)
        }
        return .masterSilent(master, after: now - master.heardAt)
    }

    // MARK: - Receiving

    package enum ReceiveAction: Hashable, Sendable {
        case none
        /// Backup: the master is well. `isNew` when it is another one than before.
        case follow(isNew: Bool)
        /// Backup: the master resigned; the down timer is the skew time now.
        case masterResigned
        /// Backup: a lower-priority master; the down timer runs on.
        case discard(isNew: Bool)
        /// Claiming: somebody better is there; the addresses have to go again.
        case withdraw
        /// Master: somebody better is there; the addresses have to go.
        case yield
        /// Master: the sender should know better, or resigned; an advertisement is due at once.
        /// `contested` when the sender thinks that it is master, too.
        case assert(contested: Bool)
    }

    /// An advertisement that passed every check.
    package mutating func receive(_ heard: HeardAdvertisement, at now: Instant) -> ReceiveAction {
        switch state {
        case .initialize:
            return .none
        case .backup(let masterDownAt):
            return receiveAsBackup(heard, masterDownAt: masterDownAt, at: now)
        case .claiming:
            // To the network still a backup: one that does not preempt withdraws for any living master.
            guard heard.priority != Priority.resigning, beats(heard) || !preemptsLower else { return .none }
            follow(heard, at: now)
            return .withdraw
        case .master:
            return receiveAsMaster(heard, at: now)
        }
    }

    private mutating func receiveAsBackup(
        _ heard: HeardAdvertisement, masterDownAt: Instant, at now: Instant
    ) -> ReceiveAction {
        // RFC 3768, section 6.4.2: on priority 0 the down timer becomes the skew time. It is only ever brought
        // forward, so that no stream of resignations can hold a takeover off.
        if heard.priority == Priority.resigning {
            master = KnownMaster(
                address: heard.source, priority: heard.priority, heardAt: now, hasResigned: true)
            preemptionAt = nil
            state = .backup(masterDownAt: min(masterDownAt, now + skew))
            return .masterResigned
        }
        let isNew = master?.address != heard.source || master?.hasResigned == true
        if heard.priority < parameters.priority, preemptsLower, !sparesLower(at: now) {
            // Discarded: the timer runs on, and when it ends this router takes over.
            master = KnownMaster(address: heard.source, priority: heard.priority, heardAt: now)
            return .discard(isNew: isNew)
        }
        if heard.priority >= parameters.priority {
            preemptionAt = nil
        }
        follow(heard, at: now)
        return .follow(isNew: isNew)
    }

    private mutating func receiveAsMaster(_ heard: HeardAdvertisement, at now: Instant) -> ReceiveAction {
        // RFC 3768, section 6.4.3: priority 0 is answered at once.
        if heard.priority == Priority.resigning {
            state = .master(nextAdvertisementAt: now)
            return .assert(contested: false)
        }
        if beats(heard) {
            follow(heard, at: now)
            return .yield
        }
        // Somebody uses this router's own address; it can't be told apart from this router.
        if heard.source == source { return .none }
        if parameters.answersLosingMaster {
            state = .master(nextAdvertisementAt: now)
        }
        return .assert(contested: true)
    }

    /// Becomes, or stays, a backup of the router that was heard.
    private mutating func follow(_ heard: HeardAdvertisement, at now: Instant) {
        if parameters.version == .v3 {
            // RFC 9568, section 6.4.2: the master's interval is the one to judge it by.
            masterInterval = heard.interval
        }
        master = KnownMaster(address: heard.source, priority: heard.priority, heardAt: now)
        state = .backup(masterDownAt: now + masterDownInterval)
    }

    /// The heard router has the better right to be master (section 6.4.3).
    private func beats(_ heard: HeardAdvertisement) -> Bool {
        heard.priority > parameters.priority
            || (heard.priority == parameters.priority && heard.source > source)
    }

    /// RFC 3768, section 6.1: the owner preempts whatever Preempt_Mode says.
    private var preemptsLower: Bool {
        parameters.preempts || parameters.priority == Priority.owner
    }

    /// Whether `preemptDelay` still protects a lower-priority master; the first one heard starts it.
    private mutating func sparesLower(at now: Instant) -> Bool {
        guard parameters.preemptDelay > .zero, parameters.priority != Priority.owner else { return false }
        let end = preemptionAt ?? now + parameters.preemptDelay
        preemptionAt = end
        return now < end
    }
}
