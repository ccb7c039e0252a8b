import Control
import FailoverCore
import Reporting
import VRRP

/// The metrics in OpenMetrics' text format, made in pieces: some instances of one family at a time.
struct MetricsText {
    /// Instances in a piece.
    private static let chunk = 16

    private let families = MetricFamily.all
    /// The agent's own come before the first one.
    private var family = 0
    private var instance = 0
    private(set) var isOver = false
    private var survey = StatusSurvey()

    /// - Returns: `nil` while the next piece is not ready yet.
    mutating func next(from agent: Agent) -> String? {
        if family == 0, instance == 0 {
            guard survey.isOver else {
                survey.advance(with: agent)
                return nil
            }
            family = 1
            return MetricFamily.text(about: AgentFigures(agent, agent.status(survey)))
        }
        guard family <= families.count else {
            isOver = true
            return "# EOF\n"
        }
        let current = families[family - 1]
        var text = instance == 0 ? current.header : ""
        let end = min(instance + Self.chunk, agent.instanceCount)
        let now = Agent.now()
        for index in instance..<max(end, instance) {
            let status = agent.core.status(of: agent.core.routers[index], at: now)
            let own = ("instance", status.name)
            for sample in current.samples(status, now) {
                text += current.line(sample, labels: [own] + sample.labels)
            }
        }
        instance = end
        if instance >= agent.instanceCount {
            instance = 0
            family += 1
        }
        return text
    }
}

extension AgentFigures {
    fileprivate init(_ agent: Agent, _ status: StatusReport) {
        self.init(
            version: status.version, uptime: .seconds(status.uptime),
            health: Health.Level(rawValue: status.health) ?? .ok, states: status.states, strays: status.strays,
            isOnLastAccepted: status.onLastAccepted, events: agent.history.count,
            clients: agent.control?.clientCount ?? 0)
    }
}
