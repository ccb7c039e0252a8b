import Addressing
import Configuration
import VRRP

/// Routes and rules: set when all addresses of a master are there, and removed before the first of them goes. The kernel tells nothing
/// when it drops a route with its address or its link, so what it may have dropped is asked for again: it takes none twice.
extension Core {
    // MARK: - What should be

    /// What does not belong on this host any more goes, the rules first. Called before the addresses are looked at.
    mutating func removeRouting(_ id: RouterID, at now: Instant) {
        guard hasSnapshot, instances[id].routing?.hasSomethingToGo == true, !instances[id].wantsRouting,
            !awaitsDecision(id), var routing = instances[id].routing
        else { return }
        var leaving: [(object: RoutingObject, position: Int?)] = []
        for position in routing.lines.indices.reversed() {
            let isSure = routing.lines[position].isHeld
            routing.lines[position].noteUnwanted()
            if routing.lines[position].isToGo(at: now), let object = routing.lines[position].object {
                if handOn(object, isSure: isSure, by: id) {
                    routing.lines[position].noteRemoved()
                } else {
                    leaving.append((object, position))
                }
            }
            routing.lines[position].endPause(at: now)
        }
        for object in routing.takeOutgoing() where !handOn(object, isSure: false, by: id) {
            leaving.append((object, nil))
        }
        routing.endLooks()
        let aside = makeWay(for: leaving.map(\.object), beside: id)
        for (object, position) in RoutingObject.removalOrder(of: leaving.map(\.object)).map({ leaving[$0] }) {
            guard let position else {
                removeLeftover(object)
                continue
            }
            let request = routingRequests.begin(
                RoutingRequest(
                    router: id, object: object, isRemoval: true, words: routing.lines[position].wanted.words))
            routing.lines[position].ask(.removal(request))
            effects.append(.removeRouting(request, object))
        }
        instances[id].routing = routing.isEmpty ? nil : routing
        bringBack(aside)
    }

    /// What belongs on this host comes, the routes first. Called when the addresses have been looked at.
    mutating func setRouting(_ id: RouterID, at now: Instant) {
        guard hasSnapshot, instances[id].routing != nil, instances[id].wantsRouting, !instances[id].isLeaving,
            instances[id].routing?.hasWork(at: now) == true, var routing = instances[id].routing
        else { return }
        routing.beginTenure(at: now)
        guard hasAllAddresses(id) else {
            routing.postpone(at: now)
            instances[id].routing = routing
            return
        }
        let looks = routing.mayLook(at: now)
        let new = routing.lines.compactMap { $0.isDue(at: now, looks: looks) ? $0.object : nil }
        let inTheWay = routing.takeOutgoing(before: new)
        if !inTheWay.isEmpty {
            instances[id].routing = routing
            removeLeftovers(inTheWay, of: id)
            routing = instances[id].routing ?? routing
        }
        for position in routing.lines.indices {
            let line = routing.lines[position]
            if line.isDue(at: now, looks: looks), let object = line.object {
                if line.isHeld { routing.noteLook(at: now) }
                guard !line.hasLostSource else {
                    putOnAnew(&routing, position, object, of: id)
                    continue
                }
                let request = routingRequests.begin(
                    RoutingRequest(router: id, object: object, isRemoval: false, words: line.wanted.words))
                routing.lines[position].ask(.addition(request))
                effects.append(.setRouting(request, object))
            }
            routing.lines[position].endPause(at: now)
        }
        // What a reload has taken out goes when what may take its place has come.
        let outgoing = routing.takeOutgoing()
        instances[id].routing = routing.isEmpty ? nil : routing
        removeLeftovers(outgoing, of: id)
    }

    /// Off and on again, in one write.
    private mutating func putOnAnew(
        _ routing: inout RoutePlacement, _ position: Int, _ object: RoutingObject, of id: RouterID
    ) {
        let words = routing.lines[position].wanted.words
        let removal = routingRequests.begin(
            RoutingRequest(object: object, isRemoval: true, words: words, isAside: true))
        effects.append(.removeRouting(removal, object))
        let addition = routingRequests.begin(
            RoutingRequest(router: id, object: object, isRemoval: false, words: words))
        routing.lines[position].stepAside(addition)
        effects.append(.setRouting(addition, object))
    }

    /// The kernel has taken an address off: routes that prefer it as their source do so no more.
    mutating func noteGoneFromRoutes(_ address: IPAddress) {
        guard address.family == .ipv6 else { return }
        for id in routed.routers where instances.contains(id) { instances[id].routing?.noteGone(address) }
    }

    /// On its way out the host begins to give up its addresses: nothing goes through them any more.
    mutating func giveUpRouting(_ id: RouterID, at now: Instant) {
        guard instances[id].routing?.isGivenUp == false else { return }
        instances[id].routing?.isGivenUp = true
        removeRouting(id, at: now)
    }

    mutating func expireRouting(_ id: RouterID, at now: Instant) {
        instances[id].routing?.takeLook(at: now)
        removeRouting(id, at: now)
        setRouting(id, at: now)
        // What waits for something else than the time has its turn when that comes.
        instances[id].routing?.endPauses(at: now)
    }

    // MARK: - Its place

    /// Finds the interfaces of the routes in the table.
    mutating func locateRouting(_ id: RouterID) {
        guard let routing = instances[id].routing else { return }
        for (position, line) in routing.lines.enumerated() {
            let object = located(line.wanted)
            guard object != line.object else { continue }
            // What led over an interface that has gone has gone with it; one that has another name now still has it.
            let leaves = leadsSomewhere(line.object)
            instances[id].routing?.move(position, to: object, leaves: leaves)
        }
        instances[id].routing?.reclaim()
    }

    private func leadsSomewhere(_ object: RoutingObject?) -> Bool {
        guard case .route(let route)? = object, let interface = route.interface else { return false }
        return table.link(interface) != nil
    }

    private func located(_ wanted: VirtualRouting) -> RoutingObject? {
        guard case .route(var route) = wanted.object, let name = wanted.interface else { return wanted.object }
        guard let link = table.link(named: name) else { return nil }
        route.interface = link.index
        return .route(route)
    }

    // MARK: - The kernel's answers

    mutating func routingAnswered(_ id: RequestID, _ result: RequestResult, at now: Instant) {
        guard let request = routingRequests.end(id) else { return }
        defer { checkFinished() }
        guard !request.isAside else { return }
        guard let router = request.router, instances.contains(router),
            let position = instances[router].routing?.lines.firstIndex(where: { $0.isAsked(by: id) })
        else {
            answeredForNobody(request, result, at: now)
            return
        }
        let name = instances[router].name
        func tell(_ change: RoutingChange) {
            record(.routingChanged(instance: name, change, words: request.words), about: router)
        }
        if request.isRemoval {
            if case .refused(let refusal) = result, !refusal.saysNoRouting {
                instances[router].routing?.lines[position].noteKept(until: now + Self.retryPause)
                tell(.removalRefused(refusal))
            } else {
                instances[router].routing?.lines[position].noteRemoved()
                if result == .done { tell(.removed) }
            }
        } else {
            switch instances[router].routing?.lines[position].noteAnswer(result, at: now) {
            case .added: tell(.added)
            case .restored: tell(.restored)
            case .refused: if case .refused(let refusal) = result { tell(.refused(refusal)) }
            // It may be one of an earlier run.
            case .occupied: effects.append(.requestRouting)
            case .some(.none), nil: break
            }
        }
        removeRouting(router, at: now)
        setRouting(router, at: now)
    }

    // MARK: - What the kernel tells, and what it does not

    mutating func routingNews(_ news: RoutingNews, at now: Instant) {
        switch news {
        case .table(let found):
            hasRoutingTable = true
            foundRouting = found
            if hasSnapshot { takeStockOfRouting(at: now) }
        case .disturbed(let object):
            for id in routed.routers(with: object) where instances.contains(id) && instances[id].wantsRouting {
                for (position, line) in (instances[id].routing?.lines ?? []).enumerated()
                where line.isHeld && line.pending == nil && line.object?.isConcerned(by: object) == true {
                    instances[id].routing?.lines[position].noteTakenAway(at: now)
                }
                setRouting(id, at: now)
            }
        case .doubtful: doubtRouting(at: now)
        }
    }

    /// Something has happened with which the kernel may drop routes and tell nothing, or take one that it has refused.
    mutating func doubtRouting(at now: Instant) {
        guard hasSnapshot, !routed.isEmpty, routed.mayDoubt(at: now) else { return }
        for id in routed.routers where instances.contains(id) {
            locateRouting(id)
            guard instances[id].wantsRouting else {
                if instances[id].routing?.outgoing.isEmpty == false { removeRouting(id, at: now) }
                continue
            }
            instances[id].routing?.doubt(at: now)
            setRouting(id, at: now)
        }
    }

    /// Whose is what the kernel has: some virtual router's, or nobody's any more.
    mutating func takeStockOfRouting(at now: Instant) {
        for id in routed.routers where instances.contains(id) { locateRouting(id) }
        guard let found = foundRouting else { return }
        foundRouting = nil
        var claimed: Set<RoutingObject> = []
        let places = Dictionary(grouping: found, by: \.place)
        for id in routed.routers where instances.contains(id) {
            for (position, line) in (instances[id].routing?.lines ?? []).enumerated() where line.pending == nil {
                guard let object = line.object else { continue }
                if let present = places[object.place]?.first(where: { object.matches($0) }) {
                    claimed.insert(present)
                    if !line.isHeld { instances[id].routing?.lines[position].find() }
                } else if line.isHeld {
                    instances[id].routing?.lines[position].lose()
                }
            }
        }
        // What is under way is not settled, and what a reload has taken out goes in its turn.
        var outgoing: [RoutingObject] = []
        for id in routed.routers where instances.contains(id) { outgoing += instances[id].routing?.outgoing ?? [] }
        let underWay = Dictionary(grouping: routingRequests.all.map(\.object) + outgoing, by: \.place)
        let leftovers = found.filter { object in
            !claimed.contains(object) && underWay[object.place]?.contains { $0.matches(object) } != true
        }
        removeLeftovers(leftovers.filter(\.isRule) + leftovers.filter { !$0.isRule })
    }

    // MARK: - Reloads

    /// What virtual routers have had that the configuration names no more: another one may want it.
    mutating func bequeathRouting(_ objects: [RoutingObject]) {
        for id in routed.routers where instances.contains(id) { locateRouting(id) }
        let left = objects.filter { object in
            var isTaken = false
            for id in routed.routers(with: object) where instances.contains(id) {
                guard let position = instances[id].routing?.lines.firstIndex(where: { $0.object == object }) else {
                    continue
                }
                isTaken = true
                instances[id].routing?.lines[position].inherit(isSure: false)
            }
            return !isTaken
        }
        removeLeftovers(left.filter(\.isRule) + left.filter { !$0.isRule })
    }

    /// Whether the kernel may have something of ours.
    var holdsRouting: Bool {
        !routingRequests.isEmpty || !keptRouting.isEmpty
            || routed.routers.contains { instances.contains($0) && instances[$0].routing?.holdsSomething == true }
    }

    /// Whether routes or rules come and go here, so that somebody has to watch the kernel's.
    package var watchesRouting: Bool { !routed.isEmpty }
}

extension Instance {
    /// Whether the routes and rules belong on this host now.
    var wantsRouting: Bool {
        switch election.state {
        case .initialize, .backup, .claiming: false
        case .master, .lapsed: true
        case .leaving: routing?.isGivenUp == false
        }
    }
}

extension KernelRefusal {
    /// ESRCH, ENOENT, ENODEV: there is no such route or rule any more.
    var saysNoRouting: Bool { [3, 2, 19].contains(code) }
}
