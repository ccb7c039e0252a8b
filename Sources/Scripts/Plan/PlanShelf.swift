/// The plans that the runner has read: the present one and the one before. The agent chooses between them by their digests, and can choose
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
    /// In use before: what a reload that nobody confirms goes back to.
    package private(set) var previous: ScriptPlan?

    /// The agent has chosen since the runner began: what an earlier run had in use is not in use by itself.
    package private(set) var isInUse = false

    package init() {}

    /// - Parameter earlier: what an earlier run had in use, and before that.
    package init(earlier: [ScriptPlan]) {
        present = earlier.first
        previous = earlier.dropFirst().first
    }

    /// The plan in use, or the one before.
    /// - Returns: `nil` for another digest, and while none is in use.
    package func plan(_ digest: SHA256.Digest) -> ScriptPlan? {
        guard isInUse else { return nil }
        return present?.digest == digest ? present : previous?.digest == digest ? previous : nil
    }

    /// The agent wants the plan of a digest.
    package mutating func choose(_ digest: SHA256.Digest) -> Choice {
        if present?.digest == digest {
            defer { isInUse = true }
            return .active(isNew: !isInUse)
        }
        guard previous?.digest == digest else { return .readAgain }
        swap(&present, &previous)
        isInUse = true
        return .active(isNew: true)
    }

    /// The files were read again for the agent's wish.
    /// - Returns: whether they are what the agent wants, and in use now. If not, nothing has changed.
    package mutating func offer(_ plan: ScriptPlan, for digest: SHA256.Digest) -> Bool {
        guard plan.digest == digest else { return false }
        previous = present
        present = plan
        isInUse = true
        return true
    }
}
