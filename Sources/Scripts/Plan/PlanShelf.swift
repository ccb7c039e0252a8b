/// The plans that the runner has read: the present one, the one before, and the one to which the agent may go back. The agent chooses between them by their digests, and can choose
/// nothing else.
package struct PlanShelf: Hashable, Sendable {
    /// What becomes of the agent's wish.
    package enum Choice: Hashable, Sendable {
        /// The plan is in use; whether it was before.
        case active(isNew: Bool)
        /// No plan on the shelf has this digest: the files are to be read again.
        case readAgain
    }

    /// In use.
    package private(set) var present: ScriptPlan?
    /// In use before.
    package private(set) var previous: ScriptPlan?
    /// What the agent goes back to unless somebody confirms the present one; `nil` where it is the one before, or where there is none.
    package private(set) var base: ScriptPlan?

    /// The agent has chosen since the runner began: what an earlier run had in use is not in use by itself.
    package private(set) var isInUse = false

    package init() {}

    /// - Parameter earlier: what an earlier run had in use, before that, and what its agent might have gone back to.
    package init(earlier: [ScriptPlan]) {
        present = earlier.first
        previous = earlier.dropFirst().first
        base = earlier.dropFirst(2).first
    }

    /// All that are kept, the present one first.
    package var all: [ScriptPlan] { [present, previous, base].compactMap { $0 } }

    /// One of those that are kept.
    /// - Returns: `nil` for another digest, and while none is in use.
    package func plan(_ digest: SHA256.Digest) -> ScriptPlan? {
        isInUse ? all.first { $0.digest == digest } : nil
    }

    /// The agent wants the plan of a digest.
    /// - Parameter base: what it may come back to from now on; `nil` for none. One that is not on the shelf can't be kept.
    package mutating func choose(_ digest: SHA256.Digest, keeping base: SHA256.Digest?) -> Choice {
        // Also from what was kept until now: going back to that is how an unconfirmed reload ends.
        let kept = all
        self.base = kept.first { $0.digest == base }
        if present?.digest == digest {
            defer { isInUse = true }
            return .active(isNew: !isInUse)
        }
        guard let wanted = kept.first(where: { $0.digest == digest }) else { return .readAgain }
        (present, previous) = (wanted, present)
        isInUse = true
        return .active(isNew: true)
    }

    /// The files were read for the agent's wish.
    /// - Parameter base: as for `choose`.
    /// - Returns: `active` where they are what the agent wants; else nothing has changed.
    package mutating func offer(
        _ plan: ScriptPlan, for digest: SHA256.Digest, keeping base: SHA256.Digest?
    ) -> Choice {
        guard plan.digest == digest else { return .readAgain }
        let choice = choose(digest, keeping: base)
        guard choice == .readAgain else { return choice }
        (present, previous) = (plan, present)
        isInUse = true
        return .active(isNew: true)
    }
}
