import FailoverCore
import VRRP

/// What is found about all virtual routers, for `GetStatus` and the metrics, gathered a few at a time: the protocol has its turn in between.
/// What is told of one virtual router is of one moment; two may be told of as they were some milliseconds apart.
struct StatusSurvey {
    /// Virtual routers in a turn.
    private static let chunk = 16
    /// Nobody reads more, and a reply has to be made in one go.
    static let mostFindings = 100

    private(set) var findingCount = 0
    private var criticals: [Health.Finding] = []
    private var warnings: [Health.Finding] = []
    /// Those of the beginning, or of the last reload.
    private var routers: [RouterID] = []
    private var next = 0
    private var generation: Int?
    private(set) var isOver = false

    /// The first ones, the critical ones before the others.
    var findings: [Health.Finding] { Array((criticals + warnings).prefix(Self.mostFindings)) }

    /// Goes on, from the beginning where a reload has made the virtual routers others.
    mutating func advance(with agent: Agent) {
        if generation != agent.generation {
            self = StatusSurvey()
            generation = agent.generation
            routers = agent.core.routers
        }
        let routers = routers
        advance(of: routers.count) { index in
            agent.core.contains(routers[index]) ? agent.core.findings(about: routers[index], at: Agent.now()) : []
        }
    }

    /// - Parameters:
    ///   - count: how many virtual routers there are.
    ///   - look: the findings of one.
    mutating func advance(of count: Int, _ look: (Int) -> [Health.Finding]) {
        let end = min(next + Self.chunk, count)
        while next < end {
            let findings = look(next)
            findingCount += findings.count
            for finding in findings {
                if finding.level == .critical {
                    if criticals.count < Self.mostFindings { criticals.append(finding) }
                } else if warnings.count < Self.mostFindings {
                    warnings.append(finding)
                }
            }
            next += 1
        }
        isOver = next >= count
    }
}
