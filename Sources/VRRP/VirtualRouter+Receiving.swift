import Addressing

/// What the state machine makes of an advertisement: RFC 3768, sections 6.4.2 and 6.4.3.
extension VirtualRouter {
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
        /// Master as the last resort: somebody else is there; leave to it.
        case standBack
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
            guard heard.priority != Priority.resigning, beats(heard) || !preemptsLower, !ignoresAll else {
                return .none
            }
            follow(heard, at: now)
            return .withdraw
        case .lapsed:
            guard heard.priority != Priority.resigning else { return .none }
            follow(heard, at: now)
            return .yield
        case .leaving(let departure):
            receiveWhileLeaving(heard, departure, at: now)
            return .none
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
            isFollowing = false
            let wished = wishes
            wait(min(masterDownAt - now, cannotSend ? patience : skew), from: now)
            // Nobody better is there.
            wishes = wished
            return .masterResigned
        }
        let isNew = master?.address != heard.source || master?.hasResigned == true
        if heard.priority < parameters.priority, preemptsLower, !sparesLower(at: now) {
            // Discarded: the timer runs on, and when it ends this router takes over.
            (isFollowing, isMasterHostDead) = (false, false)
            master = KnownMaster(
                address: heard.source, priority: heard.priority, heardAt: now, isAgent: heard.isFromAgent)
            return .discard(isNew: isNew)
        }
        if heard.priority >= parameters.priority {
            preemptionAt = nil
        }
        follow(heard, at: now)
        return .follow(isNew: isNew)
    }

    private mutating func receiveAsMaster(_ heard: HeardAdvertisement, at now: Instant) -> ReceiveAction {
        if ignoresAll { return .none }
        // RFC 3768, section 6.4.3: priority 0 is answered at once.
        if heard.priority == Priority.resigning {
            state = .master(nextAdvertisementAt: now)
            return .assert(contested: false)
        }
        if beats(heard) || cannotSend {
            follow(heard, at: now)
            return .yield
        }
        // The other one yields when it hears this router: so it has to be told to go on.
        if standsBack { return .standBack }
        // Same address, same priority: nothing decides between the two, and answers would go back and forth without end.
        if heard.source == source, heard.priority == parameters.priority { return .none }
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
        master = KnownMaster(
            address: heard.source, priority: heard.priority, heardAt: now, isAgent: heard.isFromAgent)
        isFollowing = true
        wait(patience, from: now)
    }

    /// The heard router has the better right to be master (section 6.4.3).
    func beats(_ heard: HeardAdvertisement) -> Bool {
        heard.priority > parameters.priority
            || (heard.priority == parameters.priority && heard.source > source)
    }

    /// RFC 3768, section 6.1: the owner preempts whatever Preempt_Mode says.
    var preemptsLower: Bool {
        !standsBack && !cannotSend && (parameters.preempts || parameters.priority == Priority.owner)
    }

    private var ignoresAll: Bool {
        !standsBack && !cannotSend && parameters.ownerIgnoresAdvertisements && parameters.priority == Priority.owner
    }

    /// Whether `preemptDelay` still protects a lower-priority master; the first one heard starts it.
    private mutating func sparesLower(at now: Instant) -> Bool {
        guard parameters.preemptDelay > .zero, parameters.priority != Priority.owner else { return false }
        let end = preemptionAt ?? now + parameters.preemptDelay
        preemptionAt = end
        return now < end
    }
}
