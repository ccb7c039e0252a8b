package import Configuration

/// What a session says of the runner, and wants done.
extension RunnerSession {
    /// Whether the runner is there, and what it says of the plan.
    package enum Presence: Hashable, Sendable {
        /// There is nothing that it is needed for.
        case unneeded
        /// Nobody answers.
        case away
        /// It has been asked to use the plan.
        case asked
        /// Both use the same plan.
        case active
        /// It has read other files than the agent.
        case differs
        case noPlan(RunnerReport.NoPlan)
        /// It is there, and says nothing.
        case silent

        /// Whether an operator has the same to do about both.
        func isLike(_ other: Presence) -> Bool {
            switch (self, other) {
            case (.away, .asked), (.away, .silent), (.asked, .away), (.asked, .silent), (.silent, .away),
                (.silent, .asked),
                (.noPlan, .noPlan):
                true
            default: self == other
            }
        }

        /// What it reports can be relied on, or it is not needed.
        package var isGood: Bool { self == .active || self == .unneeded }
    }

    /// What is to be done.
    package enum Step: Hashable, Sendable {
        case connect
        case send(RunnerOrder)
        /// Something that virtual routers track has reported.
        case report(TrackerName, TrackerReport)
        /// A call of a notify script.
        case notification(NotificationDesk.Key, RunnerReport.NotificationReport)
        case hook(Hook, RunnerReport.HookReport)
        /// What was proposed may come into use.
        case agreed
        /// The files are to be read again, and proposed again.
        case readAgain
        /// The runner uses another plan, or none; both keep what they have.
        case refused(RunnerReport.NoPlan?, OutputExcerpt)
        /// Nobody has answered in time.
        case unanswered
        /// The runner has been away for longer than an upgrade of it takes, or something else is wrong with it than before.
        case missed(Presence)
        /// It is there again, and had been missed.
        case back
        /// `startup_script` is over, or has had its time: virtual routers may take part.
        case startupOver
    }

    /// What a tracker has reported last.
    package enum TrackerReport: Hashable, Sendable {
        case check(RunnerReport.CheckReport)
        case file(RunnerReport.FileReport)
        case process(RunnerReport.ProcessReport)
    }

    /// What virtual routers are to make of trackers that have said nothing yet.
    package enum Outlook: Hashable, Sendable {
        /// The runner is there, or not needed: it will say what they are.
        case present
        /// It may come in a moment.
        case awaited
        /// It has been away for `patience`: nobody waits any longer.
        case missing
    }
}
