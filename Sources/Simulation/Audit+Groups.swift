import FailoverCore
import VRRP

/// Sync groups: all on one host.
extension Audit {
    /// Something that it, or another one of its group, tracks keeps it out.
    func isTrackedOut(_ router: Int, _ host: VirtualHost) -> Bool {
        host.withGroup(router).contains { host.isTrackedOut($0) }
    }

    /// The hosts have the same group. Where they do not, one may wait for another one's member for ever.
    func isEven(_ router: Int, _ part: [Int], _ hosts: [VirtualHost]) -> Bool {
        Set(part.filter { hosts[$0].isRunning }.map { hosts[$0].group(of: router) ?? [] }).count <= 1
            && part.allSatisfy { host in
                scenario.groups.first { $0.contains(router) }?.allSatisfy { hosts[host].routers[$0].isConfigured }
                    ?? true
            }
    }

    /// A host has all of a group, or none; a member that waits for its timer, or whose successor is waited for, makes it whole soon.
    mutating func examineGroups(_ number: Int, _ host: VirtualHost, at now: Instant) -> String? {
        guard host.isRunning, !host.isStalled, !host.losesEvents, !host.hasWork else { return nil }
        for (place, group) in host.groups.enumerated() {
            let key = number * 100 + place
            let states = group.map { host.state(of: $0) }
            let isSplit = states.contains(.master) && states.contains { $0 != .master }
            guard isSplit else {
                splitSince[key] = nil
                continue
            }
            // One that can't take part takes the others with it in the same turn; one that can't send is in no fault of that kind.
            if states.contains(.fault), !host.isMute, now - host.unmutedAt > .seconds(10), !host.hasOverrun,
                group.contains(where: { host.state(of: $0) == .fault && !host.cannotSend($0) })
            {
                return "host \(number) is master of some of \(group), and another one of the group is in fault"
            }
            let since = splitSince[key] ?? now
            splitSince[key] = since
            // Its timer, and as much again for what may have been missed in a stall.
            guard now - since <= (masterDownInterval + interval) * 4 + .seconds(1) + Self.slack else {
                return "host \(number) is master of some of \(group) for \(seconds(now - since)), and not of all"
            }
        }
        return nil
    }
}
