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
    /// - Parameter index: 0 up to `instanceCount`.
    package mutating func handOver(_ index: Int, _ order: HandoverOrder, at now: Instant) {
        guard instances.indices.contains(index), !instances[index].isStopped else { return }
        touch(index)
        instances[index].stand(back: order)
        instances[index].handoverOutcome = .done
        if leave(index, at: now) { instances[index].handoverOutcome = .underWay }
        settle()
    }

    /// Ends a handover: the instance takes part as its configuration says.
    package mutating func resume(_ index: Int, at now: Instant) {
        guard instances.indices.contains(index), instances[index].handover != nil else { return }
        touch(index)
        instances[index].stand(back: nil)
        record(.handoverEnded(instance: instances[index].name))
        settle()
    }

    package func handoverOutcome(of index: Int) -> HandoverOutcome {
        instances.indices.contains(index) ? instances[index].handoverOutcome : .done
    }

    /// Orders of an earlier run.
    package mutating func restore(_ orders: [String: HandoverOrder]) {
        for (name, order) in orders {
            guard let index = indexByName[name] else { continue }
            instances[index].stand(back: order)
            touch(index)
        }
        settle()
    }

    /// - Parameter index: 0 up to `instanceCount`.
    package func name(of index: Int) -> String { instances.indices.contains(index) ? instances[index].name : "" }

    package func handover(of index: Int) -> HandoverOrder? { instances[index].handover }

    mutating func endHandoverIfDue(_ index: Int, at now: Instant) {
        guard let until = instances[index].handover?.until, now >= until, !instances[index].isLeaving else { return }
        resume(index, at: now)
    }

    /// Leaving is over and nobody came.
    mutating func nobodyTookOver(_ index: Int, at now: Instant) {
        // An order that was taken back meanwhile ends the same way.
        guard !instances[index].isLeavingForGood, instances[index].handover?.isForced != true else {
            leavingEnded(index, successor: nil, at: now)
            return
        }
        // Not master any more, it has handed over to whoever comes.
        if let fault = faultOfDeparture(index, at: now) {
            fail(index, fault, from: .leaving, at: now)
            return
        }
        let waited = now - instances[index].since
        // An order that was not carried out is void; one by which this host is only the last resort stands.
        if instances[index].handoverOutcome == .underWay {
            instances[index].stand(back: nil)
            instances[index].handoverOutcome = .nobodyTookOver(after: waited)
        }
        instances[index].router.retake(at: now)
        enter(index, from: .leaving, .nobodyTookOver(after: waited), at: now)
        reconcile(index, at: now)
        announceTakeover(index, at: now)
    }
}

extension Instance {
    mutating func stand(back order: HandoverOrder?) {
        handover = order
        router.standsBack = order != nil
        router.neverClaims = order?.neverClaims ?? false
    }
}
