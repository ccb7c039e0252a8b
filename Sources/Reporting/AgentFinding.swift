package import FailoverCore

/// What is not as it should be about the agent as a whole.
package enum AgentFinding: Hashable, Sendable {
    /// The file has errors.
    case lastAcceptedInUse
    /// Nobody has confirmed a reload.
    case fileNotConfirmed
    case noSocketGroup(String)
    case socketGroupRefused(String, problem: String)
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
        case more
    }

    package var name: Name {
        switch self {
        case .lastAcceptedInUse: .lastAcceptedInUse
        case .fileNotConfirmed: .fileNotConfirmed
        case .noSocketGroup: .noSocketGroup
        case .socketGroupRefused: .socketGroupRefused
        case .more, .moreOfInstance: .more
        }
    }

    package var level: Health.Level {
        switch self {
        case .lastAcceptedInUse: .critical
        case .fileNotConfirmed, .noSocketGroup, .socketGroupRefused, .more: .warning
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
        case .more, .moreOfInstance: nil
        }
    }
}
