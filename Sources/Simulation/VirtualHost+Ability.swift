import Addressing
import FailoverCore
import VRRP

/// What the reference model makes of links, addresses and trackers: who can take part, and with which priority.
extension VirtualHost {
    /// Whoever is on the way out goes on with it, except by unicast: a look at it finds that it is deaf.
    /// - Parameter only: the virtual routers that are looked at; `nil` for each.
    func loseSourceWhileStopping(of only: [Int]? = nil, at now: Instant) {
        _ = isMissed(at: now)
        guard scenario.isUnicast, knownOwn.isEmpty else { return }
        for index in only ?? Array(references.indices) { references[index].shutdown(canSpeak: knowsLinkUp) }
    }

    /// A moment without an own address is no fault.
    private func isMissed(at now: Instant) -> Bool {
        guard knownOwn.isEmpty, knowsLinkUp, usedSource != nil else {
            missedAt = nil
            return knownOwn.isEmpty
        }
        missedAt = missedAt ?? now + .seconds(2)
        return missedAt.map { now >= $0 } ?? false
    }

    /// For the end of a way out: it has answered all the while, and a moment without an own address is no fault, as for a master.
    func hasSource(at now: Instant) -> Bool {
        !knownOwn.isEmpty || !scenario.isUnicast && missedAt.map { now < $0 } ?? false
    }

    /// - Parameter only: the virtual routers that are looked at; `nil` for each.
    func judgeAbility(of only: [Int]? = nil, at now: Instant) {
        if only?.isEmpty == true { return }
        let isMissed = isMissed(at: now)
        let own =
            usedSource.flatMap { knownOwn.contains($0) ? $0 : nil } ?? knownOwn.first ?? (isMissed ? nil : usedSource)
        let source = scenario.hasEqualSources ? own.map { _ in Scenario.ownAddress(0, .ipv4) } : own
        var isAnyAble = false
        for index in references.indices where routers[index].isConfigured || leavesForGood.contains(index) {
            // By unicast a backup without an address is deaf, and who takes no part has none to miss.
            let isAble =
                knowsLinkUp && source != nil
                && (!knownOwn.isEmpty || references[index].phase == .master
                    || !scenario.isUnicast && references[index].phase != .initialize)
            isAnyAble = isAnyAble || isAble
            if only?.contains(index) == false { continue }
            ownFaults[index] = !isAble || isTrackedOut(index)
            if !isAble {
                refusedUntil[index] = nil
                if knowsLinkUp, !scenario.isUnicast, [.master, .leaving].contains(references[index].phase) {
                    references[index].loseSource(groupSkew: groupSkew(index), at: now.sinceBoot.nanoseconds)
                } else {
                    references[index].shutdown(canSpeak: knowsLinkUp)
                }
            } else {
                if let source, source != usedSource { references[index].change(source: source.number) }
                if isTrackedOut(index), scenario.isUnicast, knownOwn.isEmpty {
                    // It would not hear its successor.
                    references[index].shutdown(canSpeak: knowsLinkUp)
                } else if isTrackedOut(index) {
                    references[index].loseTracker(
                        canSpeak: knowsLinkUp, groupSkew: groupSkew(index), at: now.sinceBoot.nanoseconds)
                }
            }
        }
        // The others go on with what they have until they are looked at.
        if only == nil || source != nil { usedSource = isAnyAble ? source : nil }
        for index in references.indices { startIfPossible(index, at: now) }
    }

    /// The priority by which a virtual router takes part, as far as the program knows.
    func effectivePriority(of router: Int) -> Int { routers[router].effectivePriority(tracked.map(\.isUp)) }

    /// Whether something that it tracks keeps a virtual router out, as far as the program knows.
    func isTrackedOut(_ router: Int) -> Bool { routers[router].isTrackedOut(tracked.map(\.isUp)) }

    func judgePriorities() {
        for index in references.indices where references[index].priority != effectivePriority(of: index) {
            references[index].change(priority: effectivePriority(of: index))
        }
    }

    func startIfPossible(_ index: Int, at now: Instant) {
        guard let usedSource, !unreferenced.contains(index), !knownOwn.isEmpty, refusedUntil[index] == nil,
            references[index].phase == .initialize, !isTrackedOut(index), !isHeldOut(index),
            routers[index].isConfigured, !isStopping
        else {
            return
        }
        startedAt = now
        if let at = adoptable.removeValue(forKey: index), now - at < scenario.hosts[number][index].interval * 3,
            addresses(of: index).contains(where: { kernel.answers(for: scenario.sharedAddress($0).address) })
        {
            references[index].adopt(source: usedSource.number, at: now.sinceBoot.nanoseconds)
            return
        }
        references[index].startup(source: usedSource.number, at: now.sinceBoot.nanoseconds)
        // What an owner left on the interface when it was killed need not be asked for: it is master at once.
        if isNew, references[index].phase == .claiming,
            addresses(of: index).allSatisfy({ kernel.answers(for: scenario.sharedAddress($0).address) })
        {
            references[index].claimSucceeded(at: now.sinceBoot.nanoseconds)
        }
    }

    // MARK: - Other links than eth0

    /// - Returns: the virtual routers that are looked at because of it. After a stall that matters: an own address that is missed for good
    ///   by then may be there again in what has not been read yet, and who is not looked at before never misses it.
    @discardableResult
    func hear(_ link: Link, at now: Instant) -> [Int] {
        if let router = references.indices.first(where: { Scenario.macvlan(of: $0) == link.name }) {
            macvlanRouters[link.index] = router
            return [router]
        }
        guard let number = VirtualKernel.trackedNumber(of: link.index) else { return [] }
        let before = tracked[number].isUp
        tracked[number].hear(link.isUp, at: now)
        let isUp = tracked[number].isUp
        if isUp != before, tracked[number].delays != nil { hasOtherLinks = true }
        // What goes on to count as up is no news; why something does not is.
        return before && isUp ? [] : routersTracking(number)
    }

    private func routersTracking(_ link: Int) -> [Int] { routers.indices.filter { routers[$0].tracks(link) } }

    /// Links that have been down, or up, for long enough.
    func passLinkDelays(at now: Instant) {
        for link in tracked.indices where tracked[link].pass(now) {
            hasOtherLinks = true
            judgePriorities()
            if !isStopping { judgeAbility(of: routersTracking(link), at: now) }
        }
    }
}
