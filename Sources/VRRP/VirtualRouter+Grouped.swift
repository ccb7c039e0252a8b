/// A router in a group of which all are master here, or none. No RFC knows it: the group decides when its routers claim, and each says
/// how it stands.
extension VirtualRouter {
    package enum Standing: Hashable, Sendable {
        /// It takes no part.
        case out
        /// Somebody else is master, or this host is not to be.
        case objects
        /// Nobody better was heard yet, and the timer runs.
        case undecided
        case wishes
        case claims
        /// Master, also one that is silent after a stall.
        case holds
        case leaves
    }

    package var standing: Standing {
        switch state {
        case .initialize: .out
        case .backup where wishes && !grace.isDue: .wishes
        case .backup: isFollowing || neverClaims ? .objects : .undecided
        case .claiming: .claims
        case .master, .lapsed: .holds
        case .leaving: .leaves
        }
    }

    /// The timer has ended, and begins anew: each advertisement that is accepted withdraws the wish.
    mutating func wish(at now: Instant) {
        grace = Grace(expecting: masterInterval, from: now, grants: grace.grants)
        state = .backup(masterDownAt: now + patience)
        wishes = true
        isFollowing = false
    }

    /// All of the group can be master.
    /// - Returns: why; `nil` for one that does not wish it.
    package mutating func claim(at now: Instant) -> ClaimReason? {
        guard standing == .wishes else { return nil }
        let isOwner = parameters.priority == Priority.owner && master == nil
        state = .claiming
        return isOwner ? .addressOwner : claimReason(at: now)
    }

    /// Not all of the group can: it is a backup again, without a word. What it wished it wishes still.
    package mutating func standDown(at now: Instant) {
        switch state {
        case .claiming:
            wish(at: now)
        case .lapsed, .master:
            wait(patience, from: now)
            isFollowing = false
        case .initialize, .backup, .leaving:
            break
        }
    }

    /// It has left its group, and can be master by itself: its wish is due now.
    package mutating func leaveGroup(at now: Instant) {
        isGrouped = false
        guard wishes, case .backup = state else { return }
        wishes = false
        state = .backup(masterDownAt: now)
    }
}
