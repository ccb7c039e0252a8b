import Addressing
import Control
import FailoverCore
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
            return MetricFamily.aboutAgent(agent, agent.status(survey))
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

/// A metric with all its samples.
struct MetricFamily {
    enum Kind: String {
        case gauge
        case counter
        case stateset
        case info
    }

    struct Sample {
        var labels: [(String, String)] = []
        var value: String

        init(_ value: some CustomStringConvertible, _ labels: (String, String)...) {
            self.value = value.description
            self.labels = labels
        }

        init(_ isSo: Bool, _ labels: (String, String)...) {
            value = isSo ? "1" : "0"
            self.labels = labels
        }
    }

    let name: String
    let kind: Kind
    var unit: String?
    let help: String
    let samples: (InstanceStatus, Instant) -> [Sample]

    var header: String {
        "# TYPE \(name) \(kind.rawValue)\n" + (unit.map { "# UNIT \(name) \($0)\n" } ?? "") + "# HELP \(name) \(help)\n"
    }

    func line(_ sample: Sample, labels: [(String, String)]) -> String {
        let suffix = kind == .counter ? "_total" : kind == .info ? "_info" : ""
        let text = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        return "\(name)\(suffix)\(text.isEmpty ? "" : "{\(text)}") \(sample.value)\n"
    }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == 10 }) else {
            return text
        }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func seconds(_ span: Duration) -> String { "\((span / .milliseconds(1)).rounded() / 1000)" }

    /// The families that are not about an instance.
    static func aboutAgent(_ agent: Agent, _ status: StatusReport) -> String {
        func family(_ name: String, _ kind: Kind, _ help: String, unit: String? = nil, _ samples: [Sample]) -> String {
            let family = MetricFamily(name: name, kind: kind, unit: unit, help: help) { _, _ in [] }
            return family.header + samples.map { family.line($0, labels: $0.labels) }.joined()
        }
        let label = "failover_agent_health"
        return family(
            "failover_agent_build", .info, "The version of the agent.", [Sample(1, ("version", status.version))])
            + family(
                "failover_agent_uptime_seconds", .gauge, "How long the agent has been running.", unit: "seconds",
                [Sample(seconds(.seconds(status.uptime)))])
            + family(
                label, .stateset, "The worst of what is found.",
                ["ok", "warning", "critical"].map { Sample($0 == status.health, (label, $0)) })
            + family(
                "failover_agent_instances", .gauge, "Instances by state.",
                status.states.sorted { $0.key < $1.key }.map { Sample($0.value, ("state", $0.key)) })
            + family(
                "failover_agent_stray_packets", .counter, "Packets that belong to no instance, by reason.",
                status.strays.sorted { $0.key < $1.key }.map { Sample($0.value, ("reason", $0.key)) })
            + family(
                "failover_agent_last_accepted", .gauge,
                "The file has errors: the last accepted configuration is in use.",
                [Sample(status.onLastAccepted)])
            + family(
                "failover_agent_events", .counter, "Events since the agent started.", [Sample(agent.history.count)])
            + family(
                "failover_agent_clients", .gauge, "Connections to the control socket.",
                [Sample(agent.control?.clientCount ?? 0)])
    }

    private static func counter(
        _ name: String, _ help: String, _ path: @escaping (InstanceCounters) -> UInt64
    ) -> MetricFamily {
        MetricFamily(name: "failover_instance_\(name)", kind: .counter, help: help) { status, _ in
            [Sample(path(status.counters))]
        }
    }

    private static func gauge(
        _ name: String, _ help: String, unit: String? = nil,
        _ samples: @escaping (InstanceStatus, Instant) -> [Sample]
    ) -> MetricFamily {
        MetricFamily(name: "failover_instance_\(name)", kind: .gauge, unit: unit, help: help, samples: samples)
    }

    /// Those of each instance, in the order in which they are told.
    static var all: [MetricFamily] { state + addresses + counters + peers }

    private static var state: [MetricFamily] {
        let label = "failover_instance_state"
        return [
            MetricFamily(name: "failover_instance", kind: .info, help: "The virtual router.") { status, _ in
                [
                    Sample(
                        1, ("interface", status.interface), ("virtual_router_id", "\(status.virtualRouterID)"),
                        ("version", "\(status.version)"))
                ]
            },
            MetricFamily(name: label, kind: .stateset, help: "The state.") { status, _ in
                [InstanceState.fault, .backup, .master, .leaving, .stopped].map {
                    Sample($0 == status.state, (label, $0.rawValue))
                }
            },
            gauge("state_age_seconds", "How long it has been in its state.", unit: "seconds") { status, now in
                [Sample(seconds(now - status.since))]
            },
            gauge("priority", "The configured priority.") { status, _ in [Sample(status.priority)] },
            gauge("master_priority", "The priority of the master that is known.") { status, _ in
                status.master.map { [Sample($0.priority, ("address", $0.address.description))] } ?? []
            },
            gauge("handed_over", "It stands back for another host.") { status, _ in [Sample(status.handover != nil)] },
            gauge("inbound_filtered", "A firewall on this host keeps advertisements away.") { status, _ in
                [Sample(status.isInboundFiltered)]
            },
        ]
    }

    private static var addresses: [MetricFamily] {
        func each(_ name: String, _ help: String, _ isSo: @escaping (AddressStatus) -> Bool) -> MetricFamily {
            gauge(name, help) { status, _ in
                status.addresses.map {
                    Sample(isSo($0), ("address", $0.prefix.description), ("interface", $0.interface))
                }
            }
        }
        return [
            each("address_present", "The kernel has the address on the interface.", \.isPresent),
            each("address_contested", "Somebody keeps taking the address away.", \.isContested),
            each("address_conflict", "Another host answers for the address.") { $0.conflict != nil },
        ]
    }

    private static var counters: [MetricFamily] {
        [
            counter("advertisements_sent", "Advertisements sent.", \.advertisementsSent),
            counter("advertisements_received", "Advertisements accepted.", \.advertisementsReceived),
            counter("resignations_sent", "Advertisements of priority 0 sent.", \.resignationsSent),
            counter("resignations_received", "Advertisements of priority 0 accepted.", \.resignationsReceived),
            counter("became_master", "How often this host became master.", \.becameMaster),
            counter("send_errors", "Advertisements that the system refused to send.", \.sendErrors),
            counter("takeovers_postponed", "Takeovers put off after a stall or lost packets.", \.takeoversPostponed),
            counter("address_list_differences", "Advertisements with another list.", \.addressListDifferences),
            counter("defences", "Answers to other hosts that claimed an address.", \.defences),
            MetricFamily(
                name: "failover_instance_dropped", kind: .counter, help: "Dropped advertisements by reason."
            ) { status, _ in
                status.counters.dropped.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    Sample($0.value, ("reason", $0.key.rawValue))
                }
            },
        ]
    }

    private static var peers: [MetricFamily] {
        [
            gauge("other_masters", "Other hosts that advertise as master while this one is master.") { status, _ in
                [Sample(status.otherMasters.count)]
            },
            gauge("peer_priority", "The priority in a peer's last good advertisement.") { status, _ in
                status.peers.compactMap { peer in
                    peer.priority.map { Sample($0, ("peer", peer.address.description)) }
                }
            },
            gauge("peer_silence_seconds", "Time since a peer's last good advertisement.", unit: "seconds") {
                status, now in
                status.peers.compactMap { peer in
                    peer.heardAt.map { Sample(seconds(now - $0), ("peer", peer.address.description)) }
                }
            },
            gauge("peer_addresses_differ", "The peer advertises another list of addresses.") { status, _ in
                status.peers.map { Sample($0.addressesDiffer, ("peer", $0.address.description)) }
            },
            gauge("peer_interval_differs", "The peer advertises another interval.") { status, _ in
                status.peers.map { Sample($0.intervalDiffers, ("peer", $0.address.description)) }
            },
            MetricFamily(
                name: "failover_instance_peer_dropped", kind: .counter,
                help: "A peer's dropped advertisements by reason."
            ) { status, _ in
                status.peers.flatMap { peer in
                    peer.dropped.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        Sample($0.value.total, ("peer", peer.address.description), ("reason", $0.key.rawValue))
                    }
                }
            },
        ]
    }
}
