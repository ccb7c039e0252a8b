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
    /// Those of the beginning, by the names that they had then: a family tells each once, whatever a reload makes of it in between.
    private var instances: [(id: RouterID, name: String)] = []
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
            instances = agent.core.routers.map { ($0, agent.core.name(of: $0)) }
            return MetricFamily.text(about: AgentFigures(agent, agent.status(survey)))
        }
        guard family <= families.count else {
            isOver = true
            return "# EOF\n"
        }
        let current = families[family - 1]
        var text = instance == 0 ? current.header : ""
        let end = min(instance + Self.chunk, instances.count)
        let now = Agent.now()
        for (id, name) in instances[instance..<end] where agent.core.contains(id) {
            let status = agent.core.status(of: id, at: now)
            let own = ("instance", name)
            for sample in current.samples(status, now) {
                text += current.line(sample, labels: [own] + sample.labels)
            }
        }
        instance = end
        if instance >= instances.count {
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
