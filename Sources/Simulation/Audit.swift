import Addressing
import FailoverCore
import VRRP

/// What must hold, whatever happens.
struct Audit {
    let scenario: Scenario
    /// Virtual routers that the reference model can't follow: how long they may take is not known.
    private let unreferenced: Set<Int>
    // Of the scenario, reckoned once.
    let interval: Duration
    let masterDownInterval: Duration
    /// Faults under way that make promises impossible.
    private var active = 0
    /// The hosts that can't send.
    private var mutes: [Int] = []
    /// The last moment at which something was disturbed.
    private var disturbedAt: Instant
    /// The same for the network alone.
    private var networkActive = 0
    private var networkDisturbedAt: Instant
    /// The last two ends of stalls of each host.
    private var stallEnds: [[Instant]]
    // Since when something has been so that may be so only for a while.
    private var overlapSince: [Int: Instant] = [:]
    private var leftoverSince: [Int: Instant] = [:]
    private var missingSince: [Int: Instant] = [:]
    var splitSince: [Int: Instant] = [:]
    var leftRoutingSince: [Int: Instant] = [:]
    var missingRoutingSince: [Int: Instant] = [:]
    var onSince: [Int: Instant] = [:]

    /// For what a host has to do itself.
    static let slack = Duration.milliseconds(10)

    init(_ scenario: Scenario, start: Instant) {
        self.scenario = scenario
        unreferenced = scenario.hosts.indices.reduce([]) { $0.union(scenario.unreferenced(on: $1)) }
        interval = scenario.interval
        masterDownInterval = scenario.masterDownInterval
        disturbedAt = start
        networkDisturbedAt = start
        stallEnds = scenario.hosts.map { _ in [] }
    }

    mutating func disturb(_ kind: Fault.Kind, begins: Bool, at now: Instant) {
        disturbedAt = now
        switch kind {
        case .loss, .delay, .oneWay, .segment:
            active += begins ? 1 : -1
            networkActive += begins ? 1 : -1
            networkDisturbedAt = now
        case .partition, .linkDown, .trackedLinkDown, .ownAddressGone, .secondOwnAddress, .sourceChanged, .crash, .stop:
            networkDisturbedAt = now
        case .stall(let host, _):
            active += begins ? 1 : -1
            if !begins { stallEnds[host].append(now) }
        case .eventsLost, .refusal: active += begins ? 1 : -1
        case .handover, .reload: networkDisturbedAt = now
        case .mute(let host):
            active += begins ? 1 : -1
            networkActive += begins ? 1 : -1
            networkDisturbedAt = now
            mutes += begins ? [host] : []
            if !begins, let place = mutes.firstIndex(of: host) { mutes.remove(at: place) }
        case .duplication, .addressRemoved, .addressAdded, .leased, .junk, .strangers, .echoes, .claims, .rival,
            .secondLinkDown, .runnerGone, .detectionFailed, .routeRemoved, .macvlanDeleted, .macvlanOff:
            break
        }
    }

    /// A link counts as something else only now, because of its delays.
    mutating func disturb(at now: Instant) { (disturbedAt, networkDisturbedAt) = (now, now) }

    mutating func examine(_ hosts: [VirtualHost], _ network: VirtualNetwork, at now: Instant) -> String? {
        for router in scenario.addressCounts.indices {
            if let found = examineMasters(router, hosts, network, at: now) { return found }
        }
        for number in hosts.indices {
            let host = hosts[number]
            if let found = examineAddresses(number, host, at: now) { return found }
            if let found = examineRouting(number, host, at: now) { return found }
            if let found = examineMacvlans(number, host, at: now) { return found }
            if let found = examineGroups(number, host, at: now) { return found }
            if let found = host.flawOfNotifications() { return found }
        }
        return nil
    }

    // MARK: - Masters

    private mutating func examineMasters(
        _ router: Int, _ hosts: [VirtualHost], _ network: VirtualNetwork, at now: Instant
    ) -> String? {
        guard !unreferenced.contains(router) else { return nil }
        guard let parts = network.parts, active == 0 || active == mutes.count && Set(mutes).count == 1 else {
            overlapSince = [:]
            return nil
        }
        let isMute = active > 0
        // Whoever tries again after a refusal has to wait as after any other start; so has one that was on its way out when
        // something was disturbed, and that has answered until then: it, or another one of its group, for which it waits.
        var begin = disturbedAt
        for host in hosts.indices {
            begin = max(begin, hosts[host].startedAt)
            for member in hosts[host].withGroup(router) {
                if let way = hosts[host].wayOut[member], way.since <= disturbedAt, let until = way.until {
                    begin = max(begin, until)
                }
            }
        }
        let quiet = now - begin
        for part in parts {
            let having = part.filter { hosts[$0].isRunning && hosts[$0].routers[router].isConfigured }
            // One that can't send is no master beside another one, however it stands with it otherwise.
            let fit = having.filter {
                !isTrackedOut(router, hosts[$0])
                    && (isMute
                        ? hosts[$0].isRunning && !hosts[$0].isStopping && hosts[$0].hasOwnAddress : hosts[$0].isFit)
            }
            let masters = fit.filter { hosts[$0].state(of: router) == .master }
            let key = router * 100 + part[0]
            if masters.count > 1 {
                let since = max(overlapSince[key] ?? now, disturbedAt)
                overlapSince[key] = since
                // An interval to the first that does not leave, one more to notice, and one to hear the other.
                let skew = Timers.skew(version: scenario.version, priority: Priority.lowest, interval: interval)
                // Beside one that can't send, another that was stalled listens first; two that were stalled both do.
                var most = isMute ? interval * 4 + skew : interval
                if masters.count(where: { hosts[$0].isListening(router) }) > 1 { most += skew }
                if now - since > most + scenario.delay + Self.slack {
                    return "virtual router \(router) has the masters \(masters) for \(seconds(now - since))"
                }
            } else {
                overlapSince[key] = nil
            }
            if isMute { continue }
            var limit = masterDownInterval + interval + scenario.delay + Self.slack
            // What was lost on the host itself may have been the master's: it gets an interval and the skew time more.
            if hosts.contains(where: \.hasOverrun) {
                limit += Timers.skew(version: scenario.version, priority: Priority.lowest, interval: interval)
            }
            guard quiet > limit, !fit.isEmpty, fit.count == having.count, isEven(router, part, hosts) else { continue }
            // Whoever is on its way out still answers; how long, the reference model says.
            if masters.isEmpty, fit.contains(where: { hosts[$0].state(of: router) == .leaving }) { continue }
            guard !masters.isEmpty else {
                return "virtual router \(router) has no master among \(fit), \(seconds(quiet)) after the last fault"
            }
            // Two are there while one preempts the other, and no longer than is measured above.
            guard masters.count == 1 else { continue }
            for address in scenario.addresses(of: router) {
                let prefix = scenario.sharedAddress(address)
                for host in fit
                where hosts[host].addresses(of: router).contains(address)
                    && hosts[host].state(of: router) != .leaving
                    && hosts[host].kernel.has(prefix) != (host == masters[0]) && !isHosts(address, hosts[host])
                {
                    return "\(prefix) is \(host == masters[0] ? "missing on the master" : "left on") host \(host)"
                }
            }
        }
        return nil
    }

    private func isHosts(_ address: Int, _ host: VirtualHost) -> Bool {
        let wanted = scenario.sharedAddress(address)
        return host.isHostsOwn(address)
            || scenario.addressCounts.indices.contains { router in
                host.index(of: router).map { index in
                    host.program?.core.status(of: index).addresses.contains { $0.prefix == wanted && $0.isHostsOwn }
                        == true
                } == true
            }
    }

    /// A host that was only stalled must not take the address from a master that lives and has the better right.
    func judgeClaim(
        of router: Int, by host: Int, _ hosts: [VirtualHost], _ network: VirtualNetwork, at now: Instant
    ) -> String? {
        let patience = masterDownInterval + interval + scenario.delay
        guard !unreferenced.contains(router), networkActive == 0, now - networkDisturbedAt > patience,
            let parts = network.parts,
            let part = parts.first(where: { $0.contains(host) }), hosts[host].isFit,
            stallEnds[host].count(where: { now - $0 < patience * 2 }) <= 1
        else { return nil }
        // With different intervals in version 3 it may have heard another one's last: then it judges by that.
        guard Set(scenario.hosts.map { $0[router].interval }).count == 1 else { return nil }
        let own = hosts[host].routers[router]
        for other in part where other != host && hosts[other].isFit && !hosts[other].isTrackedOut(router) {
            guard let since = hosts[other].masterSince[router], now - since > patience,
                stallEnds[other].allSatisfy({ now - $0 > patience })
            else { continue }
            let (theirPriority, ownPriority) = (
                hosts[other].effectivePriority(of: router), hosts[host].effectivePriority(of: router)
            )
            let isBetter = theirPriority > ownPriority || (theirPriority == ownPriority && other > host)
            if isBetter || !(own.preempts || own.priority == 255) {
                return "host \(host) becomes master of virtual router \(router) although host \(other) is and was heard"
            }
        }
        return nil
    }

    // MARK: - Addresses

    private mutating func examineAddresses(_ number: Int, _ host: VirtualHost, at now: Instant) -> String? {
        guard host.isRunning, !host.isStalled, !host.losesEvents else { return nil }
        for router in scenario.addressCounts.indices {
            // Another daemon of the host may have put addresses there.
            let hasRival = host.rivals[router] > 0 || now <= host.rivalsUntil[router]
            let isMaster = host.masterSince[router] != nil
            let isLeaving = host.state(of: router) == .leaving
            let wanted = host.addresses(of: router)
            for address in scenario.addresses(of: router) {
                let key = number * 1000 + address
                let prefix = scenario.sharedAddress(address)
                let isWanted = wanted.contains(address)
                // Another virtual router may have it now.
                if hasRival || !isWanted && host.holder(of: address) != nil {
                    (leftoverSince[key], missingSince[key]) = (nil, nil)
                    continue
                }
                // Neither master nor leaving; or not in the configuration any more, but added by the agent.
                // What another daemon has left, and is the host's only address, stays: it may be the one by which the host is reached.
                let isOnly = host.knownOwn.isEmpty && host.rivalsUntil[router] > Instant(sinceBoot: .zero)
                let isLeft =
                    isWanted
                    ? !isMaster && host.kernel.has(prefix) && !isHosts(address, host) && !isOnly
                    : host.kernel.address(prefix)?.origin == InterfaceAddress.ourOrigin
                if !isLeaving, isLeft {
                    let since = leftoverSince[key] ?? now
                    leftoverSince[key] = since
                    if now - since > interval / 5 + Self.slack + switchingTime {
                        return "\(prefix) stays on host \(number), which is not master of virtual router \(router)"
                    }
                } else {
                    leftoverSince[key] = nil
                }
                // What somebody takes away is put back, after a pause of at most a second.
                if isMaster, isWanted, !host.kernel.refuses, !host.kernel.answers(for: prefix.address) {
                    let since = missingSince[key] ?? now
                    missingSince[key] = since
                    if now - since > .milliseconds(1100) + interval / 5 {
                        return "\(prefix) is missing on host \(number), the master of virtual router \(router)"
                    }
                } else {
                    missingSince[key] = nil
                }
            }
        }
        return nil
    }
}
