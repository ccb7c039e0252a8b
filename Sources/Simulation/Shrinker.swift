/// Makes a failing scenario small enough to be read.
package enum Shrinker {
    /// - Returns: a scenario with as few faults as possible that still breaks a promise.
    package static func shrink(_ scenario: Scenario) -> Scenario {
        var best = scenario
        var progresses = true
        while progresses {
            progresses = false
            for index in best.faults.indices.reversed() {
                var smaller = best
                smaller.faults.remove(at: index)
                if fails(smaller) {
                    best = smaller
                    progresses = true
                    break
                }
            }
        }
        // The last host, the last virtual router, if nothing names them.
        return [withoutLastHost(best), withoutSecondRouter(best)].compactMap { $0 }.first(where: fails) ?? best
    }

    private static func fails(_ scenario: Scenario) -> Bool {
        var simulation = Simulation(scenario)
        simulation.run()
        return simulation.violation != nil
    }

    private static func withoutLastHost(_ scenario: Scenario) -> Scenario? {
        let last = scenario.hosts.count - 1
        guard last > 1, !scenario.faults.contains(where: { $0.kind.names(host: last) }) else { return nil }
        var smaller = scenario
        smaller.hosts.removeLast()
        return smaller
    }

    private static func withoutSecondRouter(_ scenario: Scenario) -> Scenario? {
        guard scenario.addressCounts.count > 1 else { return nil }
        var smaller = scenario
        smaller.addressCounts.removeLast()
        smaller.hosts = smaller.hosts.map { Array($0.dropLast()) }
        smaller.groups = smaller.groups.map { $0.filter { $0 < smaller.addressCounts.count } }.filter { !$0.isEmpty }
        guard !smaller.faults.contains(where: { $0.kind.names(routerFrom: smaller.addressCounts.count) }) else {
            return nil
        }
        let count = smaller.addressCounts.reduce(0, +)
        guard !smaller.faults.contains(where: { $0.kind.names(addressFrom: count) }) else { return nil }
        return smaller
    }
}

extension Fault.Kind {
    fileprivate func names(host: Int) -> Bool {
        switch self {
        case .partition(let hosts), .segment(_, let hosts): hosts.contains(host)
        case .oneWay(let from, let to): from == host || to == host
        case .handover(let other, _), .reload(let other, _, _): other == host
        case .stall(let other, _), .crash(let other), .stop(let other), .linkDown(let other),
            .addressRemoved(let other, _),
            .addressAdded(let other, _), .leased(let other, _), .ownAddressGone(let other),
            .secondOwnAddress(let other), .sourceChanged(let other),
            .refusal(let other), .eventsLost(let other), .mute(let other), .echoes(let other),
            .rival(let other, _, _), .secondLinkDown(let other), .trackedLinkDown(let other, _),
            .runnerGone(let other), .detectionFailed(let other, _),
            .routeRemoved(let other, _, _), .macvlanDeleted(let other, _), .macvlanOff(let other, _):
            other == host
        case .loss, .delay, .duplication, .junk, .strangers, .claims: false
        }
    }

    fileprivate func names(routerFrom first: Int) -> Bool {
        switch self {
        case .segment(let router, _), .handover(_, let router), .reload(_, let router, _),
            .routeRemoved(_, let router, _), .macvlanDeleted(_, let router), .macvlanOff(_, let router):
            router >= first
        default: false
        }
    }

    fileprivate func names(addressFrom first: Int) -> Bool {
        switch self {
        case .addressRemoved(_, let address), .addressAdded(_, let address), .leased(_, let address),
            .claims(let address, _, _), .detectionFailed(_, let address):
            address >= first
        default: false
        }
    }
}
