package import FailoverCore
package import Scripts

/// What is not as it should be about the agent as a whole.
package enum AgentFinding: Hashable, Sendable {
    /// The file has errors.
    case lastAcceptedInUse
    /// Nobody has confirmed a reload.
    case fileNotConfirmed
    case noSocketGroup(String)
    case socketGroupRefused(String, problem: String)
    /// `failover-scripts` does not answer, or nobody is there.
    case runnerGone(reason: String)
    case runnerSilent
    /// It ends again and again.
    case runnerUnsteady
    /// It has read other files than the agent.
    case runnerReadsOtherFiles
    case runnerHasNoPlan(RunnerReport.NoPlan)
    /// A check never ends by itself: so long its last run took.
    case checkAlwaysCutOff(String, milliseconds: Int)
    case trackFile(String, problem: String)
    case notifyHangs(String, seconds: Int)
    /// Somebody's notify scripts wait for so long, because there were so many events within a minute.
    case notifyWaits(String, seconds: Int)
    /// The last call of somebody's notify scripts went wrong, as these words say.
    case notifyFailed(String)
    /// Of all findings more than are told.
    case more(Int)
    /// Of an instance's findings more than are told; the worst of them is of this level.
    case moreOfInstance(Int, Health.Level)

    /// As `FindingName`.
    package enum Name: String, Hashable, Sendable, CaseIterable {
        case lastAcceptedInUse
        case fileNotConfirmed
        case noSocketGroup
        case socketGroupRefused
        case runnerGone
        case checkAlwaysCutOff
        case trackFileFault
        case notifyHangs
        case notifyWaits
        case notifyFailed
        case more
    }

    package var name: Name {
        switch self {
        case .lastAcceptedInUse: .lastAcceptedInUse
        case .fileNotConfirmed: .fileNotConfirmed
        case .noSocketGroup: .noSocketGroup
        case .socketGroupRefused: .socketGroupRefused
        case .runnerGone, .runnerSilent, .runnerUnsteady, .runnerReadsOtherFiles, .runnerHasNoPlan: .runnerGone
        case .checkAlwaysCutOff: .checkAlwaysCutOff
        case .trackFile: .trackFileFault
        case .notifyHangs: .notifyHangs
        case .notifyWaits: .notifyWaits
        case .notifyFailed: .notifyFailed
        case .more, .moreOfInstance: .more
        }
    }

    package var level: Health.Level {
        switch self {
        case .lastAcceptedInUse, .runnerGone, .runnerSilent, .runnerUnsteady, .runnerReadsOtherFiles, .runnerHasNoPlan:
            .critical
        case .fileNotConfirmed, .noSocketGroup, .socketGroupRefused, .checkAlwaysCutOff, .trackFile, .notifyHangs,
            .notifyWaits, .notifyFailed, .more:
            .warning
        case .moreOfInstance(_, let level): level
        }
    }

    /// A sentence for people.
    package var text: String {
        switch self {
        case .lastAcceptedInUse:
            "the configuration has errors: the last accepted one is in use; see failover-agent --check"
        case .fileNotConfirmed: "nobody has confirmed what the file says: the configuration before is in use"
        case .noSocketGroup(let name): "socket_group: there is no group '\(name)'"
        case .socketGroupRefused(let name, let problem):
            "socket_group: the agent may not give its socket to the group '\(name)': \(problem)"
        case .runnerGone(let reason):
            "failover-scripts is not there\(reason.isEmpty ? "" : " (\(reason))"); \(Self.consequence)"
        case .runnerSilent: "failover-scripts does not answer; \(Self.consequence)"
        case .runnerUnsteady:
            "failover-scripts has ended \(RunnerSession.lossesToTell) times within a minute: its checks begin anew each time, and what they said last "
                + "counts until they have decided again"
        case .runnerReadsOtherFiles:
            "failover-scripts has read other files than the agent, because they were changed and not reloaded; \(Self.consequence)"
        case .runnerHasNoPlan(let why): "\(PlanRefusal.text(why)); \(Self.consequence)"
        case .checkAlwaysCutOff(let name, let milliseconds):
            "script \(name) never ends within its timeout (it was ended after \(milliseconds) ms), and so it always fails"
        case .trackFile(let name, let problem): "track_file \(name): \(problem)"
        case .notifyHangs(let name, let seconds):
            "\(name): a notify script has been running for \(seconds) s; later states wait, the newest one only"
        case .notifyWaits(let name, let seconds):
            "\(name): its notify scripts wait for \(seconds) s more, because there were \(StartWindow.most) events within a minute; then the newest state is told"
        case .notifyFailed(let text): text
        case .more(let count): "and \(count) more: see 'failoverctl status --json'"
        case .moreOfInstance(let count, _): "and \(count) more of that kind"
        }
    }

    /// What to type, or what to change in which file; `nil` where that depends.
    package var advice: String? {
        switch self {
        case .lastAcceptedInUse: "failover-agent --check, and when it is silent: failoverctl reload"
        case .fileNotConfirmed: "put the file right, then: failoverctl reload"
        case .noSocketGroup:
            "make the group, or name another one in 'socket_group', then: failoverctl reload"
        case .socketGroupRefused(let name, _):
            "systemctl edit failover-agent: [Service] SupplementaryGroups=\(name)"
        case .runnerGone, .runnerSilent, .runnerUnsteady:
            "systemctl status failover-scripts.socket failover-scripts; journalctl -u failover-scripts"
        case .runnerReadsOtherFiles: "failoverctl reload"
        case .runnerHasNoPlan: "journalctl -u failover-scripts, and when that is mended: failoverctl reload"
        case .checkAlwaysCutOff: "give it a longer 'timeout' in its vrrp_script block, or find out what it waits for"
        case .trackFile: nil
        case .notifyHangs: "end it, or give it a limit: notify_timeout"
        case .notifyWaits: "find out why its state changes so often: failoverctl events"
        case .notifyFailed:
            "do by hand what it should have done, and mend it (journalctl -u failover-scripts); this warning goes away when a later call succeeds"
        case .more, .moreOfInstance: nil
        }
    }

    /// What it means that nobody reports.
    private static let consequence =
        "until that is mended, checks, track files and processes keep what they said last, if anything, and no notify script is run"
}
