import Reporting
import Testing

@testable import FailoverCore

@Suite("Counters: declared once, told everywhere")
struct CounterTests {
    @Test("Each counter of an instance is declared")
    func declared() {
        let labels = Mirror(reflecting: InstanceCounters()).children.filter { $0.value is UInt64 }.compactMap(\.label)
        #expect(Set(labels) == Set(Counter.allCases.map { "\($0)" }))
    }

    @Test("A counter's place is the one that has its name", arguments: Counter.allCases)
    func place(counter: Counter) {
        var counters = InstanceCounters()
        counters[keyPath: counter.place] = 7
        let changed = Mirror(reflecting: counters).children.filter { $0.value as? UInt64 == 7 }.compactMap(\.label)
        #expect(changed == ["\(counter)"])
        #expect(counters[counter] == 7)
    }

    @Test("Each is a metric of its own, with words, and no family is told twice")
    func metrics() {
        let families = MetricFamily.all
        #expect(Set(families.map(\.name)).count == families.count)
        for counter in Counter.allCases {
            let family = families.filter { $0.name == counter.metric.name }
            #expect(family.count == 1, "\(counter)")
            #expect(family.first?.kind == .counter)
            #expect(family.first?.help.hasSuffix(".") == true)
        }
    }

    @Test("The alerts for Prometheus ask for metrics that there are, by the labels and values that they have")
    func alerts() throws {
        let rules = try Repository.text("contrib/prometheus/failover-agent.rules.yml")
        let own = MetricFamily.text(
            about: AgentFigures(
                version: "1", uptime: .zero, health: .ok, states: [:], strays: [:], isOnLastAccepted: false, events: 0,
                clients: 0))
        let names = Set(
            MetricFamily.all.map { $0.name + ($0.kind == .counter ? "_total" : "") }
                + own.matches(of: /# TYPE ([a-z_]+)/).map { String($0.1) })
        let asked = rules.split(separator: "\n").filter { !$0.contains("#") }
            .flatMap { $0.matches(of: /failover_[a-z_]+/).map { String($0.0) } }
        #expect(Set(asked).isSubset(of: names), "\(Set(asked).subtracting(names))")
        #expect(asked.count >= 9)
        let values = rules.matches(of: /failover_(instance_state|agent_health)=~?"([a-z|]+)"/)
            .flatMap { $0.2.split(separator: "|").map(String.init) }
        let states: [InstanceState] = [.fault, .backup, .master, .leaving, .stopped]
        let known = states.map(\.rawValue) + [Health.Level.ok, .warning, .critical].map(\.rawValue)
        #expect(!values.isEmpty && Set(values).isSubset(of: known))
    }

    @Test("What the agent tells of itself, in OpenMetrics' format")
    func aboutAgent() {
        let text = MetricFamily.text(
            about: AgentFigures(
                version: "1.2", uptime: .milliseconds(1500), health: .warning, states: ["master": 2, "backup": 1],
                strays: ["unknown-vrid": 3], isOnLastAccepted: false, events: 9, clients: 4))
        #expect(text.contains("failover_agent_build_info{version=\"1.2\"} 1\n"))
        #expect(text.contains("# UNIT failover_agent_uptime_seconds seconds\n"))
        #expect(text.contains("failover_agent_uptime_seconds 1.5\n"))
        #expect(text.contains("failover_agent_health{failover_agent_health=\"warning\"} 1\n"))
        #expect(text.contains("failover_agent_instances{state=\"backup\"} 1\n"))
        #expect(text.contains("failover_agent_stray_packets_total{reason=\"unknown-vrid\"} 3\n"))
        #expect(text.contains("failover_agent_events_total 9\n"))
        #expect(text.contains("failover_agent_clients 4\n"))
    }
}
