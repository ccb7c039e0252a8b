import Configuration
package import VRRP

/// Somebody wants another host to be master.
package struct HandoverOrder: Hashable, Sendable {
    /// Who asked, for people: a user's name or number.
    package var requestedBy: String
    /// When, for people: RFC 3339.
    package var requestedAt: String
    /// When it ends by itself; `nil` for not before `resume`.
    package var until: Instant?
    /// Let go also when nobody takes over.
    package var isForced: Bool
    /// Do not become master even when nobody else is there.
    package var neverClaims: Bool

    package init(
        requestedBy: String, requestedAt: String, until: Instant? = nil, isForced: Bool = false,
        neverClaims: Bool = false
    ) {
        self.requestedBy = requestedBy
        self.requestedAt = requestedAt
        self.until = until
        self.isForced = isForced
        self.neverClaims = neverClaims
    }
}

/// What became of an order.
package enum HandoverOutcome: Hashable, Sendable {
    case underWay
    /// Another host is master, or this one was not; it stands back from now on.
    case done
    /// Nobody took over, so this host went on; the order is void.
    case nobodyTookOver(after: Duration)
}

extension Core {
    package mutating func handOver(_ id: RouterID, _ order: HandoverOrder, at now: Instant) {
        guard instances.contains(id), !instances[id].isStopped else { return }
        for id in withGroup(id) where !instances[id].isStopped {
            instances[id].stand(back: order)
            instances[id].wayOut.endHandover()
            if leave(id, at: now) { instances[id].wayOut.beginHandover() }
        }
        settle()
        settleGroups(at: now)
    }

    /// Ends a handover: the instance takes part as its configuration says.
    package mutating func resume(_ id: RouterID, at now: Instant) {
        guard instances.contains(id) else { return }
        for id in withGroup(id) where instances[id].wayOut.order != nil {
            instances[id].stand(back: nil)
            record(.handoverEnded(instance: instances[id].name), about: id)
        }
        settle()
        // A member that let go for another one may go on from now, though no member stands differently.
        groupTable.touch(instances[id].group)
        settleGroups(at: now)
    }

    package func handoverOutcome(of id: RouterID) -> HandoverOutcome {
        instances.contains(id) ? instances[id].wayOut.outcome : .done
    }

    /// Orders of an earlier run.
    package mutating func restore(_ orders: [String: HandoverOrder]) {
        for (name, order) in orders {
            guard let id = directory.router(named: name) else { continue }
            for id in withGroup(id) { instances[id].stand(back: order) }
        }
        settle()
    }

    package func name(of id: RouterID) -> String { instances.contains(id) ? instances[id].name : "" }

    package func handover(of id: RouterID) -> HandoverOrder? {
        instances.contains(id) ? instances[id].wayOut.order : nil
    }

    mutating func endHandoverIfDue(_ id: RouterID, at now: Instant) {
        guard let until = instances[id].wayOut.order?.until, now >= until, !instances[id].isLeaving else { return }
        resume(id, at: now)
    }

    /// Leaving is over and nobody came.
    mutating func nobodyTookOver(_ id: RouterID, at now: Instant) {
        // An order that was taken back meanwhile ends the same way.
        guard !instances[id].wayOut.isForGood, instances[id].wayOut.order?.isForced != true else {
            leavingEnded(id, successor: nil, at: now)
            return
        }
        // Not master any more, it has handed over to whoever comes.
        let faults = faultsOfDeparture(id, at: now)
        guard faults.isEmpty else {
            fail(id, faults, from: .leaving, at: now)
            return
        }
        guard mayGoOn(id) else {
            leavingEnded(id, successor: nil, at: now)
            return
        }
        goOn(id, at: now)
        for other in withGroup(id) where instances[other].isLeaving && faultsOfDeparture(other, at: now).isEmpty {
            goOn(other, at: now)
        }
    }

    /// Whether the others of its group can be master with it: none has a successor, or follows another host.
    private func mayGoOn(_ id: RouterID) -> Bool {
        withGroup(id).allSatisfy { other in
            guard other != id else { return true }
            return switch instances[other].election.standing {
            case .objects, .out: false
            case .leaves: !instances[other].election.hasSuccessor && !instances[other].wayOut.isForGood
            case .undecided, .wishes, .claims, .holds: true
            }
        }
    }

    /// It is master again, as if it had never left.
    mutating func goOn(_ id: RouterID, at now: Instant) {
        let waited = now - instances[id].tenure.since
        if instances[id].wayOut.noteNobodyTookOver(after: waited) { instances[id].stand(back: nil) }
        instances[id].election.retake(at: now)
        enter(id, from: .leaving, .nobodyTookOver(after: waited), at: now)
        reconcile(id, at: now)
        announceTakeover(id, at: now)
    }
}

extension Instance {
    mutating func stand(back order: HandoverOrder?) {
        wayOut.stand(back: order)
        election.stand(back: order != nil || awaitsTrackers, neverClaims: order?.neverClaims ?? false)
    }
}
