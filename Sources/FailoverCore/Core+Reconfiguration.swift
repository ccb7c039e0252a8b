import Addressing
package import Configuration
package import VRRP

/// Another configuration while everything runs: only what differs changes.
extension Core {
    /// Takes the new configuration. An instance that is the same to the letter is not touched; one that is the same virtual router
    /// goes on with its new settings, in the role that it has; new ones begin as at a start. A master that is wanted no more leaves
    /// as at a stop, behind those of the configuration, and is forgotten then.
    /// One that has been told to stop does not begin anything new.
    package mutating func reconfigure(_ configuration: Configuration, at now: Instant) {
        guard stopDeadline == nil else { return }
        let old = instances
        var moved: [Int: Int] = [:]
        var next: [Instance] = []
        var inherited: [Int: Instant] = [:]
        let predecessors = configuration.predecessors(in: Configuration(instances: old.map(\.configuration)))
        for (wanted, predecessor) in zip(configuration.instances, predecessors) {
            guard let index = predecessor, !old[index].isStopped,
                old[index].configuration.goesOn(as: wanted, isMaster: old[index].isMaster)
            else {
                var instance = Instance(wanted, at: now)
                inherited[next.count] = inheritance(of: wanted)
                // Another virtual router under the same name: whoever asked for the handover meant the name.
                if let index = predecessor, old[index].name == wanted.name, !old[index].isStopped {
                    instance.stand(back: old[index].handover)
                }
                next.append(instance)
                continue
            }
            moved[index] = next.count
            var instance = old[index]
            if let split = instance.split, split.toldAt != nil,
                instance.configuration.virtualRouterID != wanted.virtualRouterID
            {
                record(
                    .splitEnded(
                        instance: instance.name, with: split.host, lasted: split.lasted))
            }
            if !instance.configuration.isEquivalent(to: wanted) { instance.change(to: wanted, at: now) }
            // Wanted again while it was on its way out.
            if departing.remove(index) != nil { instance.isLeavingForGood = false }
            instance.isSuperseded = false
            next.append(instance)
        }
        let wasDeparting = departing
        departing = []
        for index in old.indices where moved[index] == nil && mayDepart(index, to: configuration) {
            moved[index] = next.count
            departing.insert(next.count)
            var instance = old[index]
            instance.isSuperseded = configuration.instances.contains { $0.name == instance.configuration.name }
            next.append(instance)
        }
        for index in old.indices where moved[index] == nil {
            // It resigns under its old number; what it has on the interfaces is taken off below, unless another wants it.
            let state = instances[index].state
            resign(index, at: now)
            instances[index].isStopped = true
            if state != .stopped { enter(index, from: state, .removed, at: now) }
        }
        pacing = configuration.pacing
        let oldLease = lease
        lease = configuration.addressLease
        defendsAddresses = configuration.defendsAddresses
        install(next, moved, at: now)
        adoptable = inherited
        wasReconfigured = true
        if oldLease != lease { for index in instances.indices { instances[index].renewAt = now } }
        let onTheirWay = Set(wasDeparting.compactMap { moved[$0] })
        for index in departing.subtracting(onTheirWay).sorted()
        where instances[index].isLeaving || leave(index, at: now) {
            instances[index].isLeavingForGood = true
        }
        refreshReceivers()
        for index in instances.indices {
            evaluate(index, at: now)
            reconcile(index, at: now)
            // An address that another instance had before is there already.
            if instances[index].isMaster { advertiseWhole(index) }
        }
        releaseOutgoing()
        settle()
    }

    /// A virtual router that takes over nothing but what masters of this host have: nobody else can be its master, and it need not listen.
    /// - Returns: when the last of those masters advertised; `nil` where it has to listen.
    private func inheritance(of wanted: InstanceConfiguration) -> Instant? {
        var last: Instant?
        for address in wanted.addresses {
            let holder = (placesByAddress[address.prefix.address] ?? []).first { place in
                let instance = instances[place.instance]
                let held = instance.addresses[place.position]
                return instance.isMaster && !instance.router.standsBack && !instance.router.cannotSend
                    && held.configuration.place == address.place && isHeld(held)
                    && instance.configuration.interface == wanted.interface
            }
            guard let holder, let at = lastAdvertisement(of: holder.instance) else { return nil }
            last = max(last ?? at, at)
        }
        return last
    }

    /// - Parameter changes: how many things are different.
    package mutating func noteReload(changes: Int) { record(.reloaded(changes: changes)) }

    /// Whether a master can wait for its successor: nothing of the new configuration may use what it still uses.
    private func mayDepart(_ index: Int, to configuration: Configuration) -> Bool {
        let leaving = instances[index]
        guard !leaving.isStopped, leaving.isLeaving || leaving.isMaster,
            let link = leaving.interface.flatMap({ table.link($0) }), link.isUp
        else { return false }
        let places = Set(leaving.configuration.addresses.map(\.place))
        return !configuration.instances.contains { wanted in
            wanted.sharesNumber(with: leaving.configuration)
                || wanted.addresses.contains { places.contains($0.place) }
        }
    }

    /// Forgets those that have left. They are the last ones, so that the others keep their places.
    mutating func forgetDeparted(at now: Instant) {
        guard !departing.isEmpty else { return }
        let gone = departing.filter { index in
            instances[index].isStopped
                && (instances[index].owesFarewell == nil
                    || instances[index].addresses.allSatisfy { $0.key.map { standings[$0] != .ours } ?? true })
        }
        guard !gone.isEmpty else { return }
        var next: [Instance] = []
        var moved: [Int: Int] = [:]
        for index in instances.indices where !gone.contains(index) {
            moved[index] = next.count
            next.append(instances[index])
        }
        departing = Set(departing.compactMap { moved[$0] })
        install(next, moved, at: now)
        refreshReceivers()
        for index in instances.indices { reconcile(index, at: now) }
        releaseOutgoing()
        settle()
    }

    /// Puts another list of instances in the place of the present one.
    /// - Parameter moved: where those stand now that stay.
    private mutating func install(_ next: [Instance], _ moved: [Int: Int], at now: Instant) {
        instances = next
        // What a takeover has still to tell the neighbours is told.
        for place in pacedAnnouncements.indices { pacedAnnouncements[place].move(moved) }
        forgetPlaces()
        index(at: now)
        judgeAll(at: now)
    }

    /// What refers to instances by their place.
    private mutating func forgetPlaces() {
        advertisements = DeadlineQueue(count: instances.count)
        timers = DeadlineQueue(count: instances.count)
        adoptable = [:]
        // Requests that the kernel has not answered: their answers find no place any more, and the table says what came of them.
        for id in Array(requests.keys) {
            switch requests[id] {
            case .add, .remove, .promote, .refit: requests[id] = nil
            case .removeLeftover, .promoteForLeftover, nil: break
            }
        }
        pendingAdditions = [:]
        for index in instances.indices {
            touch(index)
            for position in instances[index].addresses.indices {
                instances[index].addresses[position].pending = nil
            }
        }
        touched = Array(instances.indices)
        outgoing.formUnion(bridges)
    }

    /// Whose is what, now that other addresses are shared.
    private mutating func judgeAll(at now: Instant) {
        for index in instances.indices { locate(index, at: now) }
        // In the same order each time: what is removed first may matter to the kernel.
        let concerned = table.allAddresses.filter {
            standings[$0.key] != nil || placesByAddress[$0.key.address] != nil
        }
        for address in concerned.sorted(by: { $0.key < $1.key }) {
            let isShared = placesByAddress[address.key.address] != nil
            if let standing = standings[address.key] {
                guard !isShared || !hasPlace(address.key) else { continue }
                if standing == .ours {
                    guard !bridges.contains(address.key) else { continue }
                    dismissed.insert(address.key)
                    outgoing.insert(address.key)
                } else {
                    standings[address.key] = nil
                    hostsOwn.remove(address.key)
                }
            } else if isShared {
                judge(address, cameWithInterface: true, at: now)
            }
        }
    }

    func hasPlace(_ key: AddressKey) -> Bool {
        (placesByAddress[key.address] ?? []).contains { place in
            instances[place.instance].addresses[place.position].key == key
        }
    }
}

extension Instance {
    /// The same virtual router with other settings.
    mutating func change(to wanted: InstanceConfiguration, at now: Instant) {
        var changed = Instance(wanted, at: now)
        changed.id = id
        changed.sent = sent
        changed.sending = sending
        changed.otherMasterAt = otherMasterAt
        router.change(changed.router.parameters, at: now)
        changed.router = router
        changed.interface = interface
        changed.source = source
        changed.fault = fault
        changed.since = since
        changed.reason = reason
        changed.claimReason = claimReason
        changed.handover = handover
        changed.handoverOutcome = handoverOutcome
        changed.isLeavingForGood = isLeavingForGood
        changed.leavesForFault = leavesForFault
        changed.owesFarewell = owesFarewell
        changed.retryAt = retryAt
        changed.rivalUntil = rivalUntil
        changed.sourceLostAt = sourceLostAt
        changed.announceAgainAt = announceAgainAt
        changed.echoAt = echoAt
        changed.settledEchoAt = settledEchoAt
        changed.echoRounds = echoRounds
        changed.announcesContest = announcesContest
        let refresh = wanted.gratuitousARP.refresh
        changed.refreshAt = refresh > .zero && isMaster ? refreshAt ?? now + refresh : nil
        changed.nextBurstAt = nextBurstAt
        changed.probeAt = probeAt
        changed.probedAt = probedAt
        changed.renewAt = renewAt
        changed.counters = counters
        // Whom this host heard of another virtual router is no host of this one.
        if configuration.virtualRouterID == wanted.virtualRouterID {
            changed.peers = peers
            changed.hearing = hearing
            changed.senders = senders
            changed.split = split
        }
        changed.otherNumber = otherNumber
        changed.warnings = warnings
        let known = Dictionary(addresses.map { ($0.configuration.place, $0) }, uniquingKeysWith: { first, _ in first })
        for position in changed.addresses.indices {
            guard let old = known[changed.addresses[position].configuration.place] else { continue }
            changed.addresses[position].adopt(old)
        }
        if case .unicast(var unicast) = changed.check.reach, let source {
            unicast.own = source
            changed.check.reach = .unicast(unicast)
        }
        // What is new is advertised once the kernel has acknowledged it.
        let before = Set(advertised)
        changed.advertised = wanted.advertisedAddresses.filter(before.contains)
        if changed.advertised.isEmpty { changed.advertised = wanted.advertisedAddresses }
        self = changed
        if let source { packets = packets(priority: wanted.priority, from: source) }
    }
}
