package import Scripts

/// Why a reload comes to nothing, or to less than it should, on the side of `failover-scripts`.
package enum PlanRefusal {
    /// - Parameter why: `nil` where it has read other files.
    package static func text(_ why: RunnerReport.NoPlan?) -> String {
        switch why {
        case nil:
            "failover-scripts reads other files than the agent, three times in a row: does somebody change them again and again?"
        case .unreadable: "failover-scripts can't read the configuration (see its journal)"
        case .exposed:
            "somebody besides root can change a file of the configuration, or a folder above it, and failover-scripts takes only "
                + "what root alone can change"
        case .errors: "failover-scripts finds errors in the configuration (see its journal)"
        case .ending: "failover-scripts has been told to stop, and waits for notify scripts: try again when it is back"
        case .unusable: "failover-scripts can't run what the configuration names"
        }
    }

    package static let unanswered =
        "failover-scripts does not answer: the new configuration is in use, its scripts are not run until it is there"
}
