package import Addressing

/// A master on its way out (no RFC knows it: they let the address go at once, and the clients wait for the skew time).
///
/// It has said priority 0 and says nothing more, but the addresses stay and answer until a successor has announced them. Both
/// hosts answer for a moment; the successor's announcements tell the neighbours where to go.
package struct Departure: Hashable, Sendable {
    /// When it began.
    package internal(set) var begin: Instant
    /// When to look again.
    package internal(set) var deadline: Instant
    /// The first router heard that is master now.
    package internal(set) var successor: VirtualRouter.KnownMaster?
    /// Another host has announced every shared address.
    package internal(set) var isAnnounced = false
    /// How often priority 0 was said.
    package internal(set) var resignations = 1
    /// The longest that a backup may wait after a resignation: of the own virtual router, or of another one of the group.
    var longestSkew: Duration
    /// Its successor may have to wait for another one of the group, which has heard no resignation.
    var isPatient = false

    /// How long the addresses stay after the successor's first advertisement, unless it announces them earlier.
    static let afterAdvertisement = Duration.milliseconds(250)
    /// How long after its announcement: what is on its way to this host still gets its answer.
    package static let afterAnnouncement = Duration.milliseconds(10)
    /// How long after the announcement of one of several: a successor may pace them.
    static let betweenAnnouncements = Duration.seconds(1)
    /// Added to the largest skew time that a backup may have: it has to put the addresses in place, too.
    static let patience = Duration.milliseconds(200)
    /// A machine that is merely busy is late by less.
    static let punctuality = Duration.milliseconds(100)
    /// However long the skew time is.
    package static let limit = Duration.seconds(5)
}

extension VirtualRouter {
    /// The Shutdown event of a master that wants its addresses to be taken over without a gap. Anybody else just stops.
    /// - Parameters:
    ///   - groupSkew: the largest skew time in its group, if it has one.
    ///   - isPatient: wait as long as is allowed.
    package mutating func leave(
        at now: Instant, groupSkew: Duration = .zero, isPatient: Bool = false
    ) -> ShutdownAction {
        guard case .master = state else { return shutdown() }
        let skew = max(largestSkew, groupSkew)
        state = .leaving(
            Departure(
                begin: now, deadline: now + min(skew + Departure.patience, Departure.limit), longestSkew: skew,
                isPatient: isPatient))
        return .resign
    }

    /// The skew time of priority 1: nobody takes longer after a resignation.
    package var largestSkew: Duration {
        Timers.skew(
            version: parameters.version, priority: Priority.lowest, interval: parameters.advertisementInterval)
    }

    /// Another host has announced one of the shared addresses to the neighbours. Without an advertisement that says who is master that
    /// may be anybody.
    /// - Parameter isLast: no other one is still to be announced.
    package mutating func noteAnnouncement(isLast: Bool, at now: Instant) {
        guard case .leaving(var departure) = state, !departure.isAnnounced else { return }
        departure.isAnnounced = isLast
        if departure.successor != nil {
            departure.deadline =
                isLast
                ? now + Departure.afterAnnouncement
                : min(now + Departure.betweenAnnouncements, departure.begin + Departure.limit)
        }
        state = .leaving(departure)
    }

    /// On its way out, and another router advertises as master.
    package var hasSuccessor: Bool {
        guard case .leaving(let departure) = state else { return false }
        return departure.successor != nil
    }

    mutating func receiveWhileLeaving(_ heard: HeardAdvertisement, _ departure: Departure, at now: Instant) {
        guard heard.priority != Priority.resigning, departure.successor == nil else { return }
        var departure = departure
        guard departure.resignations > 1 || mayBeSuccessor(heard, departure, at: now) else {
            departure.deadline = min(departure.deadline, now + Departure.afterAdvertisement)
            state = .leaving(departure)
            return
        }
        departure.successor = KnownMaster(
            address: heard.source, priority: heard.priority, heardAt: now, isAgent: heard.isFromAgent)
        departure.deadline =
            now + (departure.isAnnounced ? Departure.afterAnnouncement : Departure.afterAdvertisement)
        state = .leaving(departure)
    }

    /// Whether the sender has become master by this router's resignation. A backup waits for its skew time first: who speaks long
    /// before that was master already, and yields for good to what this router said as master, if that arrives after the
    /// resignation; its last word is such an advertisement, too. It is asked by another resignation, which a master answers at
    /// once. Whoever beats this router yields to nothing that it has said.
    private func mayBeSuccessor(_ heard: HeardAdvertisement, _ departure: Departure, at now: Instant) -> Bool {
        let skew = Timers.skew(
            version: parameters.version, priority: heard.priority, interval: parameters.advertisementInterval)
        return beats(heard) || now - departure.begin >= skew / 2
    }

    mutating func fireWhileLeaving(_ departure: Departure, at now: Instant) -> TimerAction {
        // Stalled meanwhile, it may have missed its successor: it neither says anything more nor takes anything back.
        let wasStalled = now - departure.deadline > max(parameters.advertisementInterval / 2, Departure.punctuality)
        guard departure.successor == nil, !wasStalled else {
            state = .initialize
            return .left(departure.successor)
        }
        // Perhaps the first one was lost. Not more often: each one starts keepalived's timer afresh.
        let limit = departure.begin + Departure.limit
        let end = departure.isPatient ? limit : min(now + departure.longestSkew + Departure.patience, limit)
        guard departure.resignations == 1, end > now else {
            state = .initialize
            return .leftToNobody
        }
        var departure = departure
        departure.resignations += 1
        departure.deadline = end
        state = .leaving(departure)
        return .resignAgain
    }

    /// Nobody took over: master again, as if nothing had happened; an advertisement is due at once. Only legal right after
    /// `leftToNobody`, or with another one of the group for which it is.
    package mutating func retake(at now: Instant) {
        switch state {
        case .initialize: break
        case .leaving(let departure) where departure.successor == nil: break
        default: return
        }
        isFollowing = false
        state = .master(nextAdvertisementAt: now)
    }

    /// Master where an earlier run of the program left off. Only legal in `initialize`.
    package mutating func adopt(source: IPAddress, at now: Instant) {
        guard case .initialize = state else { return }
        self.source = source
        master = nil
        isFollowing = false
        preemptionAt = nil
        masterInterval = parameters.advertisementInterval
        state = .master(nextAdvertisementAt: now)
    }

    /// Right after `left`: a backup of the successor.
    package mutating func follow(successor: KnownMaster?, source: IPAddress, at now: Instant) {
        guard case .initialize = state else { return }
        self.source = source
        master = successor
        isFollowing = successor != nil
        preemptionAt = nil
        masterInterval = parameters.advertisementInterval
        wait(patience, from: now)
    }
}
