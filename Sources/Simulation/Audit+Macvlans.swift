import Addressing
import FailoverCore
import VRRP

/// A macvlan is on for a master alone: on any other host it would tell the switches a wrong port.
extension Audit {
    /// The kernel is slow to switch macvlans off, and they wait for each other.
    var switchingTime: Duration { scenario.hasVirtualMACs ? .milliseconds(20) * scenario.addressCounts.count : .zero }

    mutating func examineMacvlans(_ number: Int, _ host: VirtualHost, at now: Instant) -> String? {
        guard scenario.hasVirtualMACs, host.isRunning, !host.isStalled, !host.losesEvents else { return nil }
        for router in scenario.addressCounts.indices {
            let key = number * 1000 + router
            let isOn = host.kernel.macvlan(of: router)?.isAdministrativelyUp == true
            let mayBeOn = host.masterSince[router] != nil || host.state(of: router) == .leaving
            guard isOn, !mayBeOn else {
                onSince[key] = nil
                continue
            }
            let since = onSince[key] ?? now
            onSince[key] = since
            if now - since > interval / 5 + Self.slack + switchingTime {
                return "the macvlan of virtual router \(router) is on, on host \(number), which is not its master"
            }
        }
        return nil
    }
}
