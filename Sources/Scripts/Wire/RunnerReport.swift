/// What the runner tells the agent.
package enum RunnerReport: Hashable, Sendable {
    /// The plan of this digest is in use.
    case active(SHA256.Digest)
    /// The files were read again, and make another plan: this one.
    case differs(SHA256.Digest)
    /// There is no plan: the files can't be read, are not root's alone, or have errors. The first problem, as it is in the journal.
    case noPlan(NoPlan, OutputExcerpt = OutputExcerpt())
    /// A check has a result, or its verdict is another one.
    case check(plan: SHA256.Digest, object: UInt32, CheckReport)
    /// A track file holds something else, or is not as it should be.
    case file(plan: SHA256.Digest, object: UInt32, FileReport)
    /// Processes come up to their quorum, or do not any more.
    case process(plan: SHA256.Digest, object: UInt32, ProcessReport)
    /// Something has become of the calls for an event.
    case notification(plan: SHA256.Digest, object: UInt32, NotificationReport)
    /// A hook has ended, or hangs.
    case hook(plan: SHA256.Digest, Hook, HookReport)

    package enum NoPlan: UInt8, Hashable, Sendable, CaseIterable {
        case unreadable = 1
        /// Somebody besides root can change a file, or a folder above it.
        case exposed = 2
        case errors = 3
        /// A reload that names what can't be run.
        case unusable = 4
        /// It has been told to stop, and waits for notify scripts.
        case ending = 5
    }

    /// How a run ended, as a number goes with it: an exit status, a signal, or errno.
    package enum Outcome: UInt8, Hashable, Sendable, CaseIterable {
        case exited = 1
        case signalled = 2
        case notStarted = 3
        /// It ran into its timeout.
        case cutOff = 4
        /// It still runs.
        case running = 5
    }

    package enum Progress: UInt8, Hashable, Sendable, CaseIterable {
        case exited = 1
        case signalled = 2
        case notStarted = 3
        /// It was ended at its `notify_timeout`.
        case cutOff = 4
        /// It runs for longer than it should.
        case hanging = 5
        /// It was not made: a newer event came first.
        case replaced = 6
        /// It waits: so many events of the same object have begun within a minute. The duration is how long, from now on.
        case delayed = 7
    }
}
