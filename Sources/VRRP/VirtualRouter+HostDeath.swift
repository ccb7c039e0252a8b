package import Addressing

/// The master's host is dead, as somebody has found out sooner than its silence would show it (`fast_takeover`). No RFC knows this: the master
/// down timer ends early, and what follows is a takeover like any other. It is only ever brought forward.
extension VirtualRouter {
    /// After the last advertisement, of its intervals: so late no living master is with the next one.
    private static let overdue = (11, 10)

    /// The host of a master answers nothing any more.
    ///
    /// Where this router's advertisement would lose against a living master (RFC 9568, section 6.4.3) it takes over at once: were the verdict
    /// wrong, the first exchange would end it. Where it would win, it waits until an advertisement is overdue, for nothing would end it then.
    /// - Parameter address: the master that was judged.
    /// - Returns: when it takes over, if nothing is heard before; `nil` for a router that does not follow this master, or may not take over
    ///   for another reason, and whose timers run as before.
    package mutating func masterHostDied(_ address: IPAddress, at now: Instant) -> Instant? {
        guard case .backup(let masterDownAt) = state, isFollowing, let master, master.address == address,
            !master.hasResigned, !standsBack, !cannotSend, !wishes
        else { return nil }
        let overdueAt = master.heardAt + masterInterval * Self.overdue.0 / Self.overdue.1
        let at = min(masterDownAt, losesAgainst(master) ? now : max(now, overdueAt))
        isMasterHostDead = true
        state = .backup(masterDownAt: at)
        return at
    }

    /// It has answered after all: the protocol decides again. Only of use before the timer has ended.
    package mutating func masterHostLives(_ address: IPAddress) {
        guard case .backup = state, let master, master.address == address, isMasterHostDead else { return }
        isMasterHostDead = false
        state = .backup(masterDownAt: master.heardAt + masterDownInterval)
    }

    private func losesAgainst(_ master: KnownMaster) -> Bool {
        master.priority > parameters.priority || master.priority == parameters.priority && master.address > source
    }
}
