import Addressing
import Configuration
import FailoverCore
import VRRP

/// A master has its routes and rules soon, and nobody else has them.
extension Audit {
    mutating func examineRouting(_ number: Int, _ host: VirtualHost, at now: Instant) -> String? {
        guard scenario.hasRouting, host.isRunning, !host.isStalled, !host.losesEvents else { return nil }
        for router in scenario.addressCounts.indices {
            let lines = host.routingAtFirst[router]
            let isMaster = host.masterSince[router] != nil
            let isLeaving = host.state(of: router) == .leaving
            let isWhole = host.addresses(of: router).allSatisfy {
                host.kernel.answers(for: scenario.sharedAddress($0).address)
            }
            for (place, line) in lines.enumerated() {
                let key = (number * 1000 + router) * 10 + place
                let isThere = host.kernel.routing.contains { line.object.matches($0) }
                if isThere, !isMaster, !isLeaving, !isOthers(line, than: router, host) {
                    let since = leftRoutingSince[key] ?? now
                    leftRoutingSince[key] = since
                    if now - since > interval / 5 + Self.slack {
                        return "\(line.words) stays on host \(number), which is not master of virtual router \(router)"
                    }
                } else {
                    leftRoutingSince[key] = nil
                }
                // What somebody takes away is put back, after a pause of at most a second.
                if !isThere, isMaster, isWhole, host.kernel.takes(line.object),
                    host.routers[router].isConfigured,
                    host.routing[router].contains(line)
                {
                    let since = missingRoutingSince[key] ?? now
                    missingRoutingSince[key] = since
                    if now - since > .milliseconds(1200) + interval / 5 {
                        return "\(line.words) is missing on host \(number), the master of virtual router \(router)"
                    }
                } else {
                    missingRoutingSince[key] = nil
                }
            }
        }
        return nil
    }

    /// Whether another virtual router has a line. One that a reload takes out has its own until it has left.
    private func isOthers(_ line: VirtualRouting, than router: Int, _ host: VirtualHost) -> Bool {
        scenario.addressCounts.indices.contains { other in
            other != router && (host.masterSince[other] != nil || host.state(of: other) == .leaving)
                && (host.routing[other].contains(line) || host.routingAtFirst[other].contains(line))
        }
    }
}
