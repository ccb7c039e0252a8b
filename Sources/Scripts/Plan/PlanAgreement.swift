/// The agent's side of a reload: both programs have to have read the same files. Where they have not, because somebody was writing meanwhile,
/// both read again, three times in all.
package struct PlanAgreement: Hashable, Sendable {
    /// What the agent does next.
    package enum Step: Hashable, Sendable {
        /// Both have the same plan: the new configuration may come into use.
        case agreed
        /// Read the files again, and send the digest of what they say now.
        case readAgain
        /// The reload fails: both keep the plan that they have.
        case failed
        /// The answer belongs to a wish of before.
        case wait
    }

    /// So often the files are read.
    package static let attempts = 3

    /// What was asked for last.
    package private(set) var wanted: SHA256.Digest
    private var attempt = 1

    package init(wanting digest: SHA256.Digest) { wanted = digest }

    /// The files say this now.
    package mutating func readAgain(_ digest: SHA256.Digest) { wanted = digest }

    /// The runner has answered.
    package mutating func take(_ report: RunnerReport) -> Step {
        switch report {
        case .active(let digest): return digest == wanted ? .agreed : .wait
        case .differs, .noPlan:
            guard attempt < Self.attempts else { return .failed }
            attempt += 1
            return .readAgain
        case .check, .file, .process, .notification, .hook: return .wait
        }
    }
}
