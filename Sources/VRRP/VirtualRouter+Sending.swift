package import Addressing

/// A router whose advertisements do not leave its host. No RFC knows it: there a router that is silent is dead.
extension VirtualRouter {
    /// How long the answers to a question by ARP are waited for.
    package static let answerTime = Duration.milliseconds(500)

    /// How long a backup waits for a master: the master down interval, or, where it can't send, so long that every backup that can
    /// has taken over and was heard.
    var patience: Duration {
        guard cannotSend else { return masterDownInterval }
        return masterInterval * (parameters.downAdvertisements + 1)
            + Timers.skew(version: parameters.version, priority: Priority.lowest, interval: masterInterval)
    }

    /// What this router sends reaches nobody, or reaches the others again.
    package mutating func change(cannotSend: Bool, at now: Instant) {
        guard self.cannotSend != cannotSend else { return }
        self.cannotSend = cannotSend
        guard case .backup(let masterDownAt) = state else { return }
        // Whoever can send goes first; whoever can again waits no longer than anybody else.
        if cannotSend { wishes = false }
        // What may have been missed meanwhile still counts.
        let mayHaveMissed = grace.mayHaveMissed || grace.grants > 0
        let span = master?.hasResigned == true && !mayHaveMissed ? skew : masterDownInterval
        hasAsked = false
        state = .backup(masterDownAt: cannotSend ? now + patience : min(masterDownAt, now + span))
    }

    /// A host that has advertised this virtual router answers for one of its addresses: that counts as an advertisement of it.
    /// - Returns: whether this router was master, and is no more.
    package mutating func heardAnswer(from address: IPAddress, at now: Instant) -> Bool {
        guard cannotSend else { return false }
        switch state {
        case .backup:
            if hasAsked { wait(patience, from: now) }
            return false
        case .master, .lapsed, .claiming:
            master = KnownMaster(address: address, priority: Priority.lowest, heardAt: now)
            isFollowing = true
            wait(patience, from: now)
            return true
        case .initialize, .leaving:
            return false
        }
    }
}
