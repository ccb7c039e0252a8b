package import FailoverCore

/// What the metrics tell about the agent as a whole.
package struct AgentFigures {
    package var version: String
    package var uptime: Duration
    package var health: Health.Level
    /// How many instances are in each state.
    package var states: [String: Int]
    /// Packets that belong to no instance, by reason.
    package var strays: [String: UInt64]
    package var isOnLastAccepted: Bool
    /// Since the agent started.
    package var events: Int
    /// Connections to the control socket.
    package var clients: Int

    package init(
        version: String, uptime: Duration, health: Health.Level, states: [String: Int], strays: [String: UInt64],
        isOnLastAccepted: Bool, events: Int, clients: Int
    ) {
        self.version = version
        self.uptime = uptime
        self.health = health
        self.states = states
        self.strays = strays
        self.isOnLastAccepted = isOnLastAccepted
        self.events = events
        self.clients = clients
    }
}

extension MetricFamily {
    /// The families that are about no instance, whole.
    package static func text(about agent: AgentFigures) -> String {
        func family(_ name: String, _ kind: Kind, _ help: String, unit: String? = nil, _ samples: [Sample]) -> String {
            let family = MetricFamily(name: name, kind: kind, unit: unit, help: help) { _, _ in [] }
            return family.header + samples.map { family.line($0, labels: $0.labels) }.joined()
        }
        let label = "failover_agent_health"
        return family(
            "failover_agent_build", .info, "The version of the agent.", [Sample(1, ("version", agent.version))])
            + family(
                "failover_agent_uptime_seconds", .gauge, "How long the agent has been running.", unit: "seconds",
                [Sample(seconds(agent.uptime))])
            + family(
                label, .stateset, "The worst of what is found.",
                [Health.Level.ok, .warning, .critical].map { Sample($0 == agent.health, (label, $0.rawValue)) })
            + family(
                "failover_agent_instances", .gauge, "Instances by state.",
                agent.states.sorted { $0.key < $1.key }.map { Sample($0.value, ("state", $0.key)) })
            + family(
                "failover_agent_stray_packets", .counter, "Packets that belong to no instance, by reason.",
                agent.strays.sorted { $0.key < $1.key }.map { Sample($0.value, ("reason", $0.key)) })
            + family(
                "failover_agent_last_accepted", .gauge,
                "The file has errors: the last accepted configuration is in use.",
                [Sample(agent.isOnLastAccepted)])
            + family("failover_agent_events", .counter, "Events since the agent started.", [Sample(agent.events)])
            + family(
                "failover_agent_clients", .gauge, "Connections to the control socket.", [Sample(agent.clients)])
    }
}
