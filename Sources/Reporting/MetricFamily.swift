import Addressing
import Configuration
package import FailoverCore
package import VRRP

/// A metric with all its samples, in OpenMetrics' text format.
package struct MetricFamily {
    package enum Kind: String, Sendable {
        case gauge
        case counter
        case stateset
        case info
    }

    package struct Sample {
        package var labels: [(String, String)] = []
        package var value: String

        init(_ value: some CustomStringConvertible, _ labels: (String, String)...) {
            self.value = value.description
            self.labels = labels
        }

        init(_ isSo: Bool, _ labels: (String, String)...) {
            value = isSo ? "1" : "0"
            self.labels = labels
        }
    }

    package let name: String
    package let kind: Kind
    package private(set) var unit: String?
    package let help: String
    /// Of an instance, and the boot clock.
    package let samples: (InstanceStatus, Instant) -> [Sample]

    /// What comes before the samples.
    package var header: String {
        "# TYPE \(name) \(kind.rawValue)\n" + (unit.map { "# UNIT \(name) \($0)\n" } ?? "") + "# HELP \(name) \(help)\n"
    }

    package func line(_ sample: Sample, labels: [(String, String)]) -> String {
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

    static func seconds(_ span: Duration) -> String { "\((span / .milliseconds(1)).rounded() / 1000)" }

    private static func gauge(
        _ name: String, _ help: String, unit: String? = nil,
        _ samples: @escaping (InstanceStatus, Instant) -> [Sample]
    ) -> MetricFamily {
        MetricFamily(name: "failover_instance_\(name)", kind: .gauge, unit: unit, help: help, samples: samples)
    }

    /// Those of each instance, in the order in which they are told.
    package static var all: [MetricFamily] { state + addresses + routes + counters + peers }

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
            gauge("priority", "The priority that counts: the configured one, and what trackers make of it.") {
                status, _ in
                [Sample(status.priority)]
            },
            gauge("configured_priority", "The configured priority.") { status, _ in
                [Sample(status.configuredPriority)]
            },
            gauge("tracker_up", "What is tracked is up, or a number other than 0.") { status, _ in
                status.trackers.compactMap { tracked in
                    tracked.isUp.map {
                        Sample($0, ("kind", tracked.tracker.kind.word), ("tracker", tracked.tracker.name))
                    }
                }
            },
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

    private static var routes: [MetricFamily] {
        func each(_ name: String, _ help: String, _ isSo: @escaping (RouteStatus) -> Bool) -> MetricFamily {
            gauge(name, help) { status, _ in status.routes.map { Sample(isSo($0), ("route", $0.words)) } }
        }
        return [
            each("route_present", "The kernel has the route or rule.", \.isPresent),
            each("route_contested", "Somebody keeps taking the route or rule away.", \.isContested),
        ]
    }

    private static var counters: [MetricFamily] {
        Counter.allCases.map { counter in
            MetricFamily(name: counter.metric.name, kind: .counter, help: counter.metric.help) { status, _ in
                [Sample(status.counters[counter])]
            }
        } + [
            MetricFamily(
                name: "failover_instance_dropped", kind: .counter, help: "Dropped advertisements by reason."
            ) { status, _ in
                status.counters.dropped.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    Sample($0.value, ("reason", $0.key.rawValue))
                }
            }
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
