import Addressing
import Configuration
import VRRP

/// Removing routes and rules. The kernel takes the first one that a request does not contradict, and a route that says less than another
/// one contradicts nothing of it: so those that say more go before, and those that stay are put on again.
extension Core {
    /// What steps aside: a line of a virtual router.
    struct RoutingLine: Hashable, Sendable {
        var router: RouterID
        var position: Int
    }

    // MARK: - What nobody has

    /// Removes some that no line asks for any more; what another virtual router wants is that one's from now on.
    /// - Parameter id: whose they were.
    mutating func removeLeftovers(_ objects: [RoutingObject], of id: RouterID? = nil) {
        let leaving = objects.filter { !handOn($0, isSure: false, by: id) }
        let aside = makeWay(for: leaving)
        for position in RoutingObject.removalOrder(of: leaving) { removeLeftover(leaving[position]) }
        bringBack(aside)
    }

    mutating func removeLeftover(_ object: RoutingObject) {
        let request = routingRequests.begin(
            RoutingRequest(object: object, isRemoval: true, words: words(object)))
        effects.append(.removeRouting(request, object))
    }

    private func words(_ object: RoutingObject) -> String {
        guard case .route(let route) = object else { return object.words(interface: nil) }
        return object.words(interface: route.interface.map { table.link($0)?.name ?? "interface \($0)" })
    }

    /// Whoever asked for it has gone, or wants it no more.
    mutating func answeredForNobody(_ request: RoutingRequest, _ result: RequestResult, at now: Instant) {
        switch result {
        case .done where request.isRemoval:
            keptRouting.end(request.object)
            record(.routingChanged(instance: nil, .leftoverRemoved, words: request.words))
        case .done:
            // Where its removal has been asked for, too, that comes behind it.
            if !routingRequests.isRemoving(request.object) { removeLeftovers([request.object]) }
        case .refused(let refusal) where request.isRemoval && !refusal.saysNoRouting:
            if keptRouting.note(request.object, refusal, at: now) {
                record(.routingChanged(instance: nil, .removalRefused(refusal), words: request.words))
            }
        case .refused: if request.isRemoval { keptRouting.end(request.object) }
        }
    }

    /// What the kernel has not removed is asked for again.
    mutating func retryKeptRouting(at now: Instant) {
        let due = keptRouting.takeDue(at: now)
        guard !due.isEmpty else { return }
        removeLeftovers(due)
        checkFinished()
    }

    // MARK: - Of two virtual routers

    /// Another virtual router of this host has the same one, and is master: it keeps it.
    /// - Parameters:
    ///   - isSure: the kernel has it as far as is known.
    ///   - id: who leaves it.
    /// - Returns: whether there is such a one.
    mutating func handOn(_ object: RoutingObject, isSure: Bool, by id: RouterID?) -> Bool {
        var isTaken = false
        for other in routed.routers(with: object)
        where other != id && instances.contains(other) && instances[other].wantsRouting {
            for (position, line) in (instances[other].routing?.lines ?? []).enumerated() where line.object == object {
                isTaken = true
                instances[other].routing?.lines[position].inherit(isSure: isSure)
            }
        }
        if isTaken { keptRouting.end(object) }
        return isTaken
    }

    // MARK: - What might be taken instead

    /// Takes off what stays, and might be taken instead of one that goes.
    /// - Parameter id: a virtual router whose own lines all go.
    mutating func makeWay(for leaving: [RoutingObject], beside id: RouterID? = nil) -> [RoutingLine] {
        let goes = Set(leaving)
        var found: Set<RoutingLine> = []
        var aside: [(line: RoutingLine, object: RoutingObject)] = []
        for gone in leaving {
            for other in routed.routers(with: gone) where other != id && instances.contains(other) {
                for (position, line) in (instances[other].routing?.lines ?? []).enumerated() where line.mayStay {
                    // An earlier run's may be one of several virtual routers, of which some go on as master.
                    if line.object == gone { instances[other].routing?.lines[position].noteRemovedByOther() }
                    let place = RoutingLine(router: other, position: position)
                    guard let object = line.object, gone.removalMayTake(object), !goes.contains(object),
                        found.insert(place).inserted
                    else { continue }
                    aside.append((place, object))
                }
            }
        }
        for position in RoutingObject.removalOrder(of: aside.map(\.object)) {
            let object = aside[position].object
            let request = routingRequests.begin(
                RoutingRequest(object: object, isRemoval: true, words: words(object), isAside: true))
            effects.append(.removeRouting(request, object))
        }
        return aside.map(\.line)
    }

    /// Puts on again what has stepped aside.
    mutating func bringBack(_ aside: [RoutingLine]) {
        for place in aside {
            guard let line = instances[place.router].routing?.lines[place.position], let object = line.object else {
                continue
            }
            let request = routingRequests.begin(
                RoutingRequest(
                    router: place.router, object: object, isRemoval: false, words: line.wanted.words))
            instances[place.router].routing?.lines[place.position].stepAside(request)
            effects.append(.setRouting(request, object))
        }
    }
}
