import VRRP

/// Who is told what virtual routers become.
extension Simulation {
    mutating func pumpNotifications(_ host: Int) {
        guard hosts[host].notifications != nil else { return }
        let isStalled = hosts[host].isStalled
        hosts[host].notifications?.pump(isStalled: isStalled, at: now)
        if let complaint = hosts[host].notifications?.complaint {
            violation = violation ?? "host \(host): \(complaint)"
        }
        let next = hosts[host].notifications?.deadline.map { max($0, now) }
        guard notificationWakes[host] != next else { return }
        notificationWakes[host] = next
        if let next { schedule(next, .notifications(host: host)) }
    }
}

extension VirtualHost {
    /// What is not as it is promised of what scripts are told.
    func flawOfNotifications() -> String? {
        guard let program, !isStalled, !isNew, !hasFinished, events.isEmpty else { return nil }
        return notifications?.flaw(program.core).map { "host \(number): \($0)" }
    }
}
