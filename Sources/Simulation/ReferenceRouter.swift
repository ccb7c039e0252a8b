/// The RFC's state machine once more, small and by itself: RFC 3768 and RFC 9568, section 6.4, in whole nanoseconds.
///
/// It shares no code with the real one. Where the project departs from the RFC on purpose, the departure is marked.
struct ReferenceRouter {
    enum Phase: Equatable {
        case initialize
        case backup
        /// Departure: the addresses are put on the interface before the first advertisement.
        case claiming
        case master
        /// Departure: a nopreempt master that was silent for too long listens first.
        case listening
        /// Departure: a master that was stopped keeps its addresses until a successor is heard.
        case leaving
    }

    let isVersion3: Bool
    private(set) var priority: Int
    let interval: Int
    private var preemptsByItself: Bool
    var preempts: Bool { preemptsByItself && !standsBack && !cannotSend }
    let preemptDelay: Int
    let answers: Bool
    let lastWord: Bool
    /// Without an own address, by unicast or for too long: out of the election as soon as it is no master.
    var isDeaf = false
    let count: Int
    /// Departure: it has a hardware address of its own, which its successor uses, too.
    let hasVirtualMAC: Bool

    private(set) var phase = Phase.initialize
    /// Priorities that were advertised and not yet taken.
    var said: [Int] = []
    private var source = 0
    // Departure: what it sends does not leave.
    private(set) var cannotSend = false
    private var failingSince: Int?
    private var claimFailedAt: Int?
    private var hasAsked = false
    private var hasMasterResigned = false
    /// When each priority was said last: what equals it may be its own, come back.
    private var sentAt: [Int: Int] = [:]
    private var masterInterval = 0
    private var downTimer = 0
    private var adverTimer = 0
    private var spareUntil: Int?
    // Departure: on the way out.
    private var leavingSince = 0
    private var leaveTimer = 0
    private(set) var hasSuccessor = false
    /// It was heard, not only missed in a stall.
    private var heardSuccessor = false
    /// Departure: its way out began, or goes on, because this host has no own address.
    private var lacksSource = false
    /// Departure: the same for something that it tracks.
    private var lacksTracker = false
    /// Departure: the same for another one of its group.
    private var lacksGroup = false
    /// Departure: in a group, which claims together.
    var isGrouped = false
    private var wishes = false
    private var follows = false
    private var isPatient = false
    private var groupSkew = 0
    /// Nobody took over: so do the others of its group go on.
    var hasGoneOn = false
    private var resignations = 0
    /// Departure: handed over to somebody else; what the way out ends in.
    private(set) var standsBack = false
    /// Its way out is what the handover was asked for.
    private var isHandingOver = false
    // Departure: a stalled backup grants more time, once a stall and three times at most.
    private var nextLook = 0
    private var wasLate = false
    private var hasLostPackets = false
    private var grantsInARow = 0
    private(set) var grants: UInt64 = 0
    /// Departure: a new process that has said nothing has no last word either.
    private var isSilent = false

    init(_ router: Scenario.Router, isVersion3: Bool, preempts: Bool, hasVirtualMAC: Bool = false) {
        self.isVersion3 = isVersion3
        self.hasVirtualMAC = hasVirtualMAC
        priority = Int(router.priority)
        interval = router.interval.nanoseconds
        preemptsByItself = preempts || router.priority == 255
        preemptDelay = router.priority == 255 ? 0 : router.preemptDelay.nanoseconds
        answers = router.answersLosingMaster
        lastWord = router.lastWord
        count = router.downAdvertisements
    }

    private var skew: Int { (256 - priority) * (isVersion3 ? masterInterval : 1_000_000_000) / 256 }
    private var masterDownInterval: Int { count * masterInterval + skew }
    /// Departure: whoever can't send waits until all that can have had their turn.
    private var patience: Int {
        cannotSend
            ? (count + 1) * masterInterval + 255 * (isVersion3 ? masterInterval : 1_000_000_000) / 256
            : masterDownInterval
    }

    private mutating func waitForMaster(_ span: Int, _ now: Int) {
        phase = .backup
        hasAsked = false
        wishes = false
        isSilent = false
        downTimer = now + span
        nextLook = now + masterInterval + masterInterval / 2
        wasLate = false
        hasLostPackets = false
        grantsInARow = 0
    }

    mutating func startup(source: Int, at now: Int) {
        self.source = source
        masterInterval = interval
        spareUntil = nil
        hasMasterResigned = false
        follows = false
        forgetFailures()
        if priority == 255, !standsBack, !cannotSend {
            phase = .claiming
            if isGrouped { wish(now) }
        } else {
            waitForMaster(patience, now)
        }
    }

    /// Departure: a reload, after which its master is judged anew.
    mutating func change(preempts: Bool, at now: Int) {
        guard preempts != preemptsByItself else { return }
        preemptsByItself = preempts
        if phase == .backup { waitForMaster(patience, now) }
    }

    mutating func change(source: Int) { self.source = source }

    /// Departure: another priority. A backup's timer runs on; its skew time is another one.
    mutating func change(priority: Int) {
        let before = skew
        self.priority = priority
        if phase == .backup, !cannotSend { downTimer += skew - before }
    }

    mutating func shutdown(canSpeak: Bool) {
        if phase == .master, canSpeak { said.append(0) }
        phase = .initialize
        (lacksSource, lacksTracker, lacksGroup) = (false, false, false)
        isHandingOver = false
        forgetFailures()
    }

    private mutating func forgetFailures() { (cannotSend, failingSince) = (false, nil) }

    mutating func noteSent(priority: Int, at now: Int) { sentAt[priority] = now }

    /// The system did not send it.
    mutating func noteFailure(at now: Int) {
        // Departure: what was lost before a mastership says nothing about it.
        guard [.master, .claiming].contains(phase) else { return }
        if phase == .claiming, !cannotSend { claimFailedAt = now }
        failingSince = phase == .claiming && !cannotSend ? now : failingSince ?? now
        guard [.master, .claiming].contains(phase), let since = failingSince, now - since >= interval * 9 / 10 else {
            return
        }
        cannotSend = true
    }

    // MARK: - In a group

    enum Standing {
        case out, objects, undecided, wishes, claims, holds, leaves
    }

    struct GroupView {
        /// Another one's fault keeps it out.
        var holdsOut: Bool
        /// No other one has a successor, or follows another host.
        var mayGoOn: Bool
    }

    private var mayHaveMissed: Bool {
        grantsInARow == 0 ? wasLate || hasLostPackets : wasLate && grantsInARow < 3
    }

    var standing: Standing {
        switch phase {
        case .initialize: .out
        case .backup: wishes && !mayHaveMissed ? .wishes : follows ? .objects : .undecided
        case .claiming: .claims
        case .master, .listening: .holds
        case .leaving: .leaves
        }
    }

    /// It has left only for another one of its group, and has no successor.
    var mayComeBack: Bool {
        phase == .leaving && !hasSuccessor && !standsBack && !lacksSource && !lacksTracker
            && !lacksGroup
    }

    private mutating func wish(_ now: Int) {
        let before = (grantsInARow, hasAsked)
        waitForMaster(patience, now)
        (grantsInARow, hasAsked) = before
        (wishes, follows) = (true, false)
    }

    mutating func claimIfWished() { if phase == .backup { phase = .claiming } }

    mutating func leaveGroup(at now: Int) {
        guard phase == .backup, wishes else { return }
        wishes = false
        downTimer = now
    }

    /// Another one can't be master.
    mutating func giveUp(canSpeak: Bool, groupSkew: Int, at now: Int) {
        switch phase {
        case .master:
            leave(canSpeak: canSpeak, groupSkew: groupSkew, isPatient: true, at: now)
        case .claiming:
            wish(now)
        case .listening:
            waitForMaster(patience, now)
            follows = false
        case .initialize, .backup, .leaving: break
        }
    }

    /// Another one can't take part.
    mutating func loseGroup(canSpeak: Bool, groupSkew: Int, at now: Int) {
        leave(canSpeak: canSpeak, groupSkew: groupSkew, isPatient: true, at: now)
        if phase == .leaving { lacksGroup = true }
    }

    /// Another one goes on, because nobody has taken over.
    mutating func goOn(isTrackedOut: Bool, hasSource: Bool, isHeldOut: Bool, at now: Int) {
        guard !(lacksSource && !hasSource || lacksTracker && isTrackedOut || lacksGroup && isHeldOut) else { return }
        (lacksSource, lacksTracker, lacksGroup) = (false, false, false)
        if isHandingOver { standsBack = false }
        isHandingOver = false
        follows = false
        masterInterval = interval
        spareUntil = nil
        hasMasterResigned = false
        phase = .master
        adverTimer = now
    }

    // MARK: - Sending

    /// Something has left again.
    mutating func noteSuccess(at now: Int) {
        let could = !cannotSend
        forgetFailures()
        guard phase == .backup, !could else { return }
        hasAsked = false
        let mayHaveMissed = wasLate || hasLostPackets || grantsInARow > 0
        downTimer = min(downTimer, now + (hasMasterResigned && !mayHaveMissed ? skew : masterDownInterval))
    }

    /// Departure: without an own address a master leaves as at a stop, but for the fault that awaits it.
    mutating func loseSource(groupSkew: Int, at now: Int) {
        leave(canSpeak: true, groupSkew: groupSkew, at: now)
        lacksSource = phase == .leaving
    }

    /// Departure: without what it tracks it leaves likewise.
    mutating func loseTracker(canSpeak: Bool, groupSkew: Int, at now: Int) {
        leave(canSpeak: canSpeak, groupSkew: groupSkew, at: now)
        lacksTracker = phase == .leaving
    }

    mutating func leave(canSpeak: Bool, groupSkew: Int = 0, isPatient: Bool = false, at now: Int) {
        if phase == .leaving { return }
        guard phase == .master, canSpeak else { return shutdown(canSpeak: canSpeak) }
        said.append(0)
        phase = .leaving
        leavingSince = now
        (hasSuccessor, heardSuccessor) = (false, false)
        resignations = 1
        (self.groupSkew, self.isPatient) = (max(groupSkew, longestSkew), isPatient)
        leaveTimer = now + min(self.groupSkew + 200_000_000, 5_000_000_000)
    }

    mutating func handOver(canSpeak: Bool, groupSkew: Int, at now: Int) {
        standsBack = true
        isHandingOver = phase == .master && canSpeak
        if isHandingOver { leave(canSpeak: true, groupSkew: groupSkew, at: now) }
    }

    mutating func resume() { standsBack = false }

    /// Departure: a new process goes on where one that was killed left off.
    mutating func adopt(source: Int, at now: Int) {
        self.source = source
        masterInterval = interval
        spareUntil = nil
        hasMasterResigned = false
        follows = false
        phase = .master
        isSilent = true
        adverTimer = now + 2_000_000
    }

    /// Priority 1 of version 2, or of the own interval.
    var longestSkew: Int { 255 * (isVersion3 ? interval : 1_000_000_000) / 256 }

    mutating func claimSucceeded(at now: Int) {
        phase = .master
        (wishes, follows) = (false, false)
        if !cannotSend { failingSince = claimFailedAt }
        claimFailedAt = nil
        masterInterval = interval
        spareUntil = nil
        hasMasterResigned = false
        said.append(priority)
        adverTimer = now + interval
    }

    mutating func losePackets() { if phase == .backup { hasLostPackets = true } }

    /// Adver_Timer.
    mutating func advertiseIfDue(at now: Int) {
        guard phase == .master, now >= adverTimer else { return }
        if !preempts, now - adverTimer + interval >= count * interval {
            phase = .listening
            downTimer = now + interval + skew
            return
        }
        said.append(priority)
        isSilent = false
        adverTimer = adverTimer + interval > now ? adverTimer + interval : now + interval
    }

    /// Master_Down_Timer.
    /// - Parameters:
    ///   - stops: what a way out ends in.
    ///   - hasSource: whether this host has an address of its own.
    ///   - isTrackedOut: something that it tracks keeps it from taking part.
    ///   - group: what the others of its group say to it.
    mutating func expireIfDue(at now: Int, stops: Bool, hasSource: Bool, isTrackedOut: Bool, group: GroupView) {
        switch phase {
        case .listening where now >= downTimer:
            phase = .master
            said.append(priority)
            adverTimer = now + interval
        case .backup:
            let due = min(nextLook, downTimer)
            guard now >= due else { return }
            if now - due > masterInterval / 2 { wasLate = true }
            if now < downTimer, !(wishes && mayHaveMissed) {
                nextLook = now + masterInterval
            } else if mayHaveMissed {
                let before = (grantsInARow, hasAsked)
                waitForMaster(masterInterval + skew, now)
                (grantsInARow, hasAsked) = (before.0 + 1, before.1)
                grants += 1
            } else if cannotSend, !hasAsked {
                waitForMaster(500_000_000, now)
                hasAsked = true
            } else if isGrouped {
                wish(now)
            } else {
                phase = .claiming
            }
        case .leaving where now >= leaveTimer:
            let limit = leavingSince + 5_000_000_000
            let end = isPatient ? limit : min(now + groupSkew + 200_000_000, limit)
            // Departure: who was stalled meanwhile may have missed the successor.
            let wasStalled = now - leaveTimer > max(interval / 2, 100_000_000)
            if hasSuccessor || wasStalled || resignations > 1 || end <= now {
                hasSuccessor = hasSuccessor || wasStalled
                endLeaving(
                    stops: stops || (lacksSource && !hasSource) || (lacksTracker && isTrackedOut)
                        || (lacksGroup && group.holdsOut), mayGoOn: group.mayGoOn, at: now)
            } else {
                said.append(0)
                resignations += 1
                leaveTimer = end
            }
        default: break
        }
    }

    private mutating func endLeaving(stops: Bool, mayGoOn: Bool, at now: Int) {
        phase = .initialize
        (lacksSource, lacksTracker, lacksGroup) = (false, false, false)
        defer { isHandingOver = false }
        guard !stops else { return forgetFailures() }
        masterInterval = interval
        spareUntil = nil
        hasMasterResigned = false
        if hasSuccessor || !mayGoOn {
            waitForMaster(patience, now)
            follows = hasSuccessor && heardSuccessor
        } else {
            hasGoneOn = true
            // Nobody took over: it goes on, and the handover is void if this was it.
            if isHandingOver { standsBack = false }
            follows = false
            phase = .master
            adverTimer = now
        }
    }

    /// - Parameters:
    ///   - arrived: when it came to the socket.
    ///   - groupSkew: the longest that a backup of its group may wait, if it leaves to the sender.
    mutating func hear(
        priority heard: Int, source from: Int, interval heardInterval: Int, arrived: Int, groupSkew: Int, at now: Int
    ) {
        // Departure: it can't be told from an own one that has come back.
        if from == source, let at = sentAt[heard], at >= arrived - 3 * interval { return }
        let wins = heard > priority || (heard == priority && from > source)
        switch phase {
        case .initialize:
            break
        case .claiming:
            if heard != 0, wins || !preempts { follow(heardInterval, now) }
        case .backup:
            if heard == 0 {
                spareUntil = nil
                hasMasterResigned = true
                follows = false
                let wished = wishes
                defer { wishes = wished }
                // Departure: never later than the timer was anyway.
                waitForMaster(min(cannotSend ? patience : skew, downTimer - now), now)
            } else if heard >= priority || !preempts || spares(now) {
                if heard >= priority { spareUntil = nil }
                follow(heardInterval, now)
            } else {
                follows = false
            }
        case .master:
            if heard == 0 {
                adverTimer = now
            } else if wins || cannotSend {
                // Departure: before the addresses go, or after.
                if lastWord || (!isDeaf && !isSilent && !cannotSend) { said.append(priority) }
                follow(heardInterval, now)
            } else if standsBack {
                isHandingOver = false
                leave(canSpeak: true, groupSkew: groupSkew, at: now)
            } else if answers {
                adverTimer = now
            }
        case .listening:
            if heard != 0 { follow(heardInterval, now) }
        case .leaving:
            guard heard != 0, !hasSuccessor else { break }
            // Departure: who loses and speaks long before its skew time was master already, and may be none any more. It is asked.
            let earliest = leavingSince + (256 - heard) * (isVersion3 ? interval : 1_000_000_000) / 512
            if !wins, resignations == 1, now < earliest {
                leaveTimer = min(leaveTimer, now + 250_000_000)
            } else {
                (hasSuccessor, heardSuccessor) = (true, true)
                // With one hardware address for both there is no announcement to wait for.
                leaveTimer = now + (hasVirtualMAC ? 10_000_000 : 250_000_000)
            }
        }
    }

    private mutating func follow(_ heardInterval: Int, _ now: Int) {
        if isVersion3 { masterInterval = heardInterval }
        hasMasterResigned = false
        waitForMaster(patience, now)
        follows = true
    }

    private mutating func spares(_ now: Int) -> Bool {
        guard preemptDelay > 0 else { return false }
        let end = spareUntil ?? now + preemptDelay
        spareUntil = end
        return now < end
    }
}

extension Duration {
    /// Whole nanoseconds; the simulation's times are far from the ends of the range.
    var nanoseconds: Int {
        Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
    }
}
