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
        /// Preempt_Mode: whether a lower-priority master is replaced. The owner always preempts.
        package var preempts: Bool
        /// Whether a losing master is answered at once (RFC 9568, section 6.4.3; keepalived in version 2, too).
        package var answersLosingMaster: Bool
        /// Whether the owner of the addresses stays master whatever it hears.
        package var ownerIgnoresAdvertisements: Bool
        /// How many advertisements may be missed before the master is called dead; the RFCs say 3. 1 to 100.
        package var downAdvertisements: Int
        package var advertisementInterval: Duration
        /// How long a lower-priority master is left alone once it has been heard. Never delays the answer to silence.
        package var preemptDelay: Duration

        package init(
            version: ProtocolVersion = .v2, priority: UInt8 = Priority.standard,
            advertisementInterval: Duration = .seconds(1), preempts: Bool = true, preemptDelay: Duration = .zero,
            answersLosingMaster: Bool = true, downAdvertisements: Int = Timers.standardDownAdvertisements,
            ownerIgnoresAdvertisements: Bool = false
        ) {
            self.version = version
            self.priority = priority
            self.advertisementInterval = advertisementInterval
            self.preempts = preempts
            self.preemptDelay = preemptDelay
            self.answersLosingMaster = answersLosingMaster
            self.downAdvertisements = downAdvertisements
            self.ownerIgnoresAdvertisements = ownerIgnoresAdvertisements
        }
    }

    package enum State: Hashable, Sendable {
        /// Takes no part (RFC 3768, section 6.4.1). Next: `backup`, or `claiming` for the owner.
        case initialize
        /// Waits for the master to fall silent (section 6.4.2). Next: `claiming`, `initialize`.
        case backup(masterDownAt: Instant)
        /// Puts the addresses on the interface. Next: `master`, `backup`, `initialize`.
        case claiming
        /// Advertises (section 6.4.3). Next: `backup`, `lapsed`, `initialize`.
        case master(nextAdvertisementAt: Instant)
        /// A master that does not preempt and was stalled for so long that another may have taken over. It keeps the
        /// addresses and its silence, and yields to whomever it hears. Next: `backup`, `master`, `initialize`.
        case lapsed(until: Instant)
        /// A master that has resigned and waits for its successor. Next: `initialize`.
        indirect case leaving(Departure)
    }

    /// A master, as it was last heard.
    package struct KnownMaster: Hashable, Sendable {
        package var address: IPAddress
        package var priority: UInt8
        package var heardAt: Instant
        /// Its last word was priority 0.
        package var hasResigned = false
        /// It is a program like this one.
        package var isAgent = false
    }

    /// Why the addresses are claimed.
    package enum ClaimReason: Hashable, Sendable {
        /// Priority 255.
        case addressOwner
        /// Nothing was heard for the whole master down interval; from `nil`, not even once.
        case masterSilent(KnownMaster?, after: Duration)
        /// The master's host answers nothing any more (`fast_takeover`); its last advertisement was heard so long before.
        case masterHostDead(KnownMaster, after: Duration)
        /// The master said priority 0.
        case masterResigned(KnownMaster)
        /// The master has a lower priority than this router.
        case preempting(KnownMaster)
    }

    package internal(set) var parameters: Parameters
    package internal(set) var state: State = .initialize
    /// The master that this router follows, or followed last. A lower-priority one that is about to be replaced, too.
    package internal(set) var master: KnownMaster?
    /// The interval by which the master is judged: version 3 adopts the advertised one (RFC 9568, section 6.1).
    package internal(set) var masterInterval: Duration
    /// The primary address of the interface, which breaks ties.
    package internal(set) var source: IPAddress = .unspecified
    /// While a lower-priority master is spared by `preemptDelay`: until when.
    package internal(set) var preemptionAt: Instant?
    /// What a backup that was stalled, or whose packets were lost on this host, allows a silent master.
    var grace = Grace()
    /// Handed over: it preempts nobody, yields to everybody, and becomes master only when nobody else is there.
    package private(set) var standsBack = false
    /// With `standsBack`: not even then.
    package private(set) var neverClaims = false
    /// What it sends reaches nobody: it yields to everybody, preempts nobody, and takes over as the last resort.
    package internal(set) var cannotSend = false
    /// With `cannotSend`: whether it has asked who has the addresses since somebody was heard.
    var hasAsked = false
    /// It is one of a group of which all are master here, or none: it claims when it is told to (`claim`), not by itself.
    package var isGrouped = false
    /// In a group: its master down timer has ended, and no better master was heard since.
    package internal(set) var wishes = false
    /// The advertisement that was heard last is one that it accepts: somebody else is master.
    package internal(set) var isFollowing = false
    /// The host of the master that it follows answers nothing any more: `masterHostDied`.
    package internal(set) var isMasterHostDead = false

    package init(_ parameters: Parameters) {
        self.parameters = parameters
        masterInterval = parameters.advertisementInterval
    }

    /// The next point in time at which `fire` has something to do.
    package var deadline: Instant? {
        switch state {
        case .initialize, .claiming: nil
        case .backup(let masterDownAt): grace.lookAt.map { min($0, masterDownAt) } ?? masterDownAt
        case .master(let nextAdvertisementAt): nextAdvertisementAt
        case .lapsed(let until): until
        case .leaving(let departure): departure.deadline
        }
    }

    /// When it takes over, as a backup that hears nothing; or advertises next, as a master.
    package var nextStepAt: Instant? {
        switch state {
        case .backup(let masterDownAt): masterDownAt
        case .master(let nextAdvertisementAt): nextAdvertisementAt
        case .initialize, .claiming, .lapsed, .leaving: nil
        }
    }

    package var skew: Duration {
        Timers.skew(version: parameters.version, priority: parameters.priority, interval: masterInterval)
    }

    package var masterDownInterval: Duration {
        Timers.masterDownInterval(
            version: parameters.version, priority: parameters.priority, interval: masterInterval,
            advertisements: parameters.downAdvertisements)
    }

    // MARK: - Startup and shutdown

    package enum StartupAction: Hashable, Sendable {
        case wait
        case claim(ClaimReason)
    }

    /// The Startup event: the interface can carry advertisements. Only legal in `initialize`.
    /// - Parameter source: the interface's primary address.
    package mutating func startup(source: IPAddress, at now: Instant) -> StartupAction {
        guard case .initialize = state else { return .wait }
        self.source = source
        master = nil
        isFollowing = false
        preemptionAt = nil
        masterInterval = parameters.advertisementInterval
        // RFC 3768, section 6.4.1: the owner does not wait.
        if parameters.priority == Priority.owner, !standsBack, !cannotSend {
            guard !isGrouped else {
                wait(patience, from: now)
                wishes = true
                return .wait
            }
            state = .claiming
            return .claim(.addressOwner)
        }
        wait(patience, from: now)
        return .wait
    }

    /// Starts the master down timer afresh.
    mutating func wait(_ span: Duration, from now: Instant) {
        grace = Grace(expecting: masterInterval, from: now)
        hasAsked = false
        wishes = false
        isMasterHostDead = false
        state = .backup(masterDownAt: now + span)
    }

    /// Other settings for the same virtual router; it keeps its role.
    package mutating func change(_ parameters: Parameters, at now: Instant) {
        let old = self.parameters
        var likeOld = parameters
        likeOld.priority = old.priority
        // The owner preempts whatever Preempt_Mode says.
        if parameters.priority == Priority.owner, old.priority == Priority.owner { likeOld.preempts = old.preempts }
        guard likeOld != old else {
            self.parameters.preempts = parameters.preempts
            return change(priority: parameters.priority)
        }
        self.parameters = parameters
        switch state {
        case .backup:
            if parameters.version == .v2 { masterInterval = parameters.advertisementInterval }
            // Whom it follows is judged by the new settings from now on.
            wait(patience, from: now)
        case .master(let next):
            masterInterval = parameters.advertisementInterval
            state = .master(nextAdvertisementAt: min(next, now + parameters.advertisementInterval))
        case .initialize, .claiming, .lapsed, .leaving:
            break
        }
    }

    /// Handed over, or no more.
    /// - Parameter neverClaims: while it stands back, it does not become master either when nobody else is there.
    package mutating func stand(back standsBack: Bool, neverClaims: Bool) {
        self.standsBack = standsBack
        self.neverClaims = standsBack && neverClaims
    }

    /// The effective priority: the configured one, or what a tracker makes of it. A backup's deadline moves by the difference of the
    /// skew times (RFC 9568, section 6.1): what it has waited until now is not lost, and a priority that changes again and again does
    /// not keep it from taking over.
    /// - Parameter priority: 1 to 255.
    package mutating func change(priority: UInt8) {
        let old = parameters.priority
        guard priority != old else { return }
        parameters.priority = priority
        // Whoever can't send waits as long as the lowest priority would, whatever its own is.
        guard case .backup(let masterDownAt) = state, !cannotSend else { return }
        let before = Timers.skew(version: parameters.version, priority: old, interval: masterInterval)
        state = .backup(masterDownAt: masterDownAt + skew - before)
    }

    /// The interface's primary address is another one now; no timer is touched.
    package mutating func changeSource(to source: IPAddress) {
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
        switch state {
        case .master: return .resign
        // Said nothing for long: another may be master, and would only be disturbed.
        case .initialize, .backup, .claiming, .lapsed, .leaving: return .none
        }
    }

    // MARK: - Claiming

    /// Every address is on the interface. The caller sends the first advertisement and announces, in the same breath.
    /// - Returns: whether this router is master now.
    package mutating func confirmClaim(at now: Instant) -> Bool {
        guard case .claiming = state else { return false }
        master = nil
        (wishes, isFollowing) = (false, false)
        preemptionAt = nil
        masterInterval = parameters.advertisementInterval
        state = .master(nextAdvertisementAt: now + parameters.advertisementInterval)
        return true
    }

    // MARK: - Timers

    package enum TimerAction: Hashable, Sendable {
        case none
        /// Backup: the master is silent, but this host may not have listened; it gets another interval and skew time.
        case postpone(until: Instant)
        case claim(ClaimReason)
        /// Backup in a group: it could be master now, if the others can.
        case wish
        /// Backup that can't send: before it takes over, see by ARP whether somebody who has advertised still answers.
        case ask
        case advertise
        /// Master: it did not preempt anybody and was silent for `span`; it says nothing before it has listened.
        case lapse(span: Duration)
        /// Lapsed: nobody else is there. An advertisement is due, and the announcements of a new master.
        case resume
        /// Leaving: nobody has taken over yet; say priority 0 once more.
        case resignAgain
        /// Leaving is over: the successor has the addresses. It is `nil` if only its announcement was heard.
        case left(KnownMaster?)
        /// Leaving is over, and nobody has taken over.
        case leftToNobody
    }

    /// The timer that `deadline` names has run out; before that, nothing happens.
    package mutating func fire(at now: Instant) -> TimerAction {
        guard let deadline, now >= deadline else { return .none }
        switch state {
        case .initialize, .claiming:
            return .none
        case .backup(let masterDownAt):
            return fireAsBackup(masterDownAt: masterDownAt, deadline: deadline, at: now)
        case .master(let due):
            return fireAsMaster(due: due, at: now)
        case .lapsed:
            state = .master(nextAdvertisementAt: now + parameters.advertisementInterval)
            return .resume
        case .leaving(let departure):
            return fireWhileLeaving(departure, at: now)
        }
    }

    private mutating func fireAsBackup(masterDownAt: Instant, deadline: Instant, at now: Instant) -> TimerAction {
        if now - deadline > masterInterval / 2 {
            grace.noteStall()
        }
        guard now >= masterDownAt || wishes && grace.isDue else {
            grace.lookAgain(after: now, expecting: masterInterval)
            return .none
        }
        if grace.isDue {
            let end = now + masterInterval + skew
            state = .backup(masterDownAt: end)
            grace = Grace(expecting: masterInterval, from: now, grants: grace.grants + 1)
            wishes = false
            return .postpone(until: end)
        }
        if neverClaims {
            master = nil
            wait(patience, from: now)
            return .none
        }
        if cannotSend, !hasAsked {
            wait(Self.answerTime, from: now)
            hasAsked = true
            return .ask
        }
        if isGrouped {
            wish(at: now)
            return .wish
        }
        state = .claiming
        return .claim(claimReason(at: now))
    }

    private mutating func fireAsMaster(due: Instant, at now: Instant) -> TimerAction {
        let interval = parameters.advertisementInterval
        let silence = now - due + interval
        if !preemptsLower, silence >= interval * parameters.downAdvertisements {
            state = .lapsed(until: now + interval + skew)
            return .lapse(span: silence)
        }
        // In step with the first advertisement, not with the moment at which this call came; but after a stall the
        // missed ones are not made up for.
        let next = due + interval
        state = .master(nextAdvertisementAt: next > now ? next : now + interval)
        return .advertise
    }

    /// The host lost packets before this router could hear them: the receive socket was full.
    package mutating func noteLostPackets() {
        grace.mayHaveMissed = true
    }

    func claimReason(at now: Instant) -> ClaimReason {
        guard let master else { return .masterSilent(nil, after: masterDownInterval) }
        if master.hasResigned { return .masterResigned(master) }
        if isMasterHostDead { return .masterHostDead(master, after: now - master.heardAt) }
        // A lower-priority master does not reset the timer: it is alive if it was heard within its own down interval.
        if master.priority < parameters.priority, now - master.heardAt < masterDownInterval {
            return .preempting(master)
        }
        return .masterSilent(master, after: now - master.heardAt)
    }
}
