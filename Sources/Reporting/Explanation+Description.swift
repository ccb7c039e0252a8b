import Addressing
package import FailoverCore

extension Explanation {
    /// The state and its reason.
    package var summary: String { "\(instance) has been \(state.rawValue) for \(lasted.inSeconds): \(reason)" }

    package var next: String { "\(nextStep)" }
}

extension InstanceStatus {
    /// What comes next; empty where that was not asked for.
    package var next: String { nextStep.map { "\($0)" } ?? "" }
}

extension Explanation.Cause {
    /// A sentence for people.
    package var text: String {
        switch self {
        case .finding(let finding): finding.text
        case .priority(let priority, let now): "priority \(priority.text(at: now))"
        case .echo(let lately):
            "what this host sends comes back to it (\(lately) in the last minute), and changes nothing: a hairpin or a mirror port "
                + "reflects it, or another host has the same address and the same priority"
        case .masterIsBetter(let master, let priority, let own, _):
            "\(master) is master with priority \(priority), which is not lower than \(own) here"
        case .noPreemption(let master, let priority, _):
            "nopreempt: \(master) is master with the lower priority \(priority), and this host takes "
                + "over from no living master"
        case .preemptionDelayed(let master, let priority, let left):
            "preempt_delay: \(master), with the lower priority \(priority), is spared for \(left.inSeconds) more"
        }
    }

    /// What to type, or what to change in which file; `nil` where that depends.
    package var advice: String? {
        switch self {
        case .finding(let finding): finding.advice
        case .priority(let priority, _): priority.parts.lazy.compactMap(\.advice).first
        case .echo: "where another host has both: 'mcast_src_ip' or 'priority' has to differ"
        case .masterIsBetter(let master, _, _, let instance):
            "to change that, on \(master): failoverctl handover \(instance.asShellWord)"
        case .noPreemption(let master, _, let instance):
            "on \(master): failoverctl handover \(instance.asShellWord); or take 'nopreempt' out, then: "
                + "failoverctl reload"
        case .preemptionDelayed: nil
        }
    }
}

extension NextStep: CustomStringConvertible {
    package var description: String {
        switch self {
        case .advertisement(let left): "the next advertisement in \(left.inSeconds)"
        case .claim: "it claims the addresses"
        case .staysBackup(let instance, let left):
            "stays backup until 'failoverctl resume \(instance.asShellWord)'"
                + (left.map { ", or for \($0.inSeconds) more" } ?? "")
        case .becomesMaster(let left, let master):
            "becomes master in \(left.inSeconds), unless \(master?.description ?? "another master") is heard"
        case .preempts(let left, let master, let priority):
            "becomes master in \(left.inSeconds): \(master) has the lower priority \(priority)"
        case .preemptsLater(let most, let left, let master):
            "becomes master in at most \(most.inSeconds), or in \(left.inSeconds) if \(master) falls silent"
        case .waitsForGroup(let group, let members):
            "becomes master when the whole sync group \(group) can: it waits for \(members.joined(separator: ", "))"
        case .successor: "waits for its successor"
        case .nothing: "nothing"
        case .lastResort: "takes over only if no other host answers for the addresses"
        case .recovery: "takes part again as soon as it can"
        }
    }
}
