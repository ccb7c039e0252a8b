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
        let written = configuration
        let configuration = written.grouped
        let old = instances.order
        let plan = plan(for: configuration, among: old)
        adoptable = [:]
        track(configuration, at: now)
        var order: [RouterID] = []
        for (wanted, step) in zip(configuration.instances, plan) {
            switch step {
            case .continues(let id):
                change(id, to: wanted, at: now)
                order.append(id)
            case .begins(let handover, let inherited):
                var instance = Instance(wanted, at: now)
                if let handover { instance.stand(back: handover) }
                let id = instances.insert(instance)
                adoptable[id] = inherited
                order.append(id)
            }
        }
        let staying = Set(order)
        let names = Set(configuration.instances.map(\.name))
        let wasDeparting = departing
        departing = []
        var routing: [RoutingObject] = []
        for id in old where !staying.contains(id) {
            if mayDepart(id, to: configuration) {
                departing.insert(id)
                instances[id].isSuperseded = names.contains(instances[id].configuration.name)
            } else {
                // It resigns under its old number; what it has on the interfaces is taken off below, unless another wants it.
                let state = instances[id].state
                resign(id, at: now)
                instances[id].wayOut.end()
                if state != .stopped { enter(id, from: state, .removed, at: now) }
                routing += instances[id].routing?.estate ?? []
                remove(id)
            }
        }
        pacer.change(to: configuration.pacing)
        let oldLease = lease
        lease = configuration.addressLease
        defendsAddresses = configuration.defendsAddresses
        wasReconfigured = true
        arrange(order, departing: old.filter { departing.contains($0) })
        bequeathRouting(routing)
        arrangeGroups(written, at: now)
        judgeAll(at: now)
        if oldLease != lease { for id in instances.order { instances[id].placement.planRenewal(at: now) } }
        for id in instances.order
        where departing.contains(id) && !wasDeparting.contains(id) && (instances[id].isLeaving || leave(id, at: now)) {
            instances[id].wayOut.leaveForGood()
        }
        refreshReceivers()
        // What the lines of before tracked, and those of now do not.
        forgetTrackers()
        noteFaultsOfGroups(at: now)
        for id in instances.order {
            evaluate(id, at: now)
            reconcile(id, at: now)
            // An address that another instance had before is there already.
            if instances[id].isMaster { advertiseWhole(id) }
        }
        releaseOutgoing()
        removeLeftoverMacvlans(at: now)
        settle()
        settleGroups(at: now)
    }

    /// What becomes of an instance of a new configuration.
    private enum ReloadStep {
        /// It is one that is there.
        case continues(RouterID)
        /// It begins as at a start: with the handover that somebody wanted of that name, and as the heir of masters of this host that
        /// advertised last then.
        case begins(HandoverOrder?, inherited: Instant?)
    }

    /// - Parameter present: those that are there, in their order.
    private func plan(for configuration: Configuration, among present: [RouterID]) -> [ReloadStep] {
        let predecessors = configuration.predecessors(
            in: Configuration(instances: present.map { instances[$0].configuration }))
        return zip(configuration.instances, predecessors).map { wanted, predecessor in
            let id = predecessor.map { present[$0] }
            if let id, !instances[id].isStopped,
                instances[id].configuration.goesOn(as: wanted, isMaster: instances[id].isMaster)
            {
                return .continues(id)
            }
            // Another virtual router under the same name: whoever asked for the handover meant the name.
            var order: HandoverOrder?
            if let id, instances[id].name == wanted.name, !instances[id].isStopped {
                order = instances[id].wayOut.order
            }
            return .begins(order, inherited: inheritance(of: wanted))
        }
    }

    /// The same virtual router with what a new configuration says of it. One that is the same to the letter is not touched.
    private mutating func change(_ id: RouterID, to wanted: InstanceConfiguration, at now: Instant) {
        if let split = instances[id].split, split.toldAt != nil,
            instances[id].configuration.virtualRouterID != wanted.virtualRouterID
        {
            record(.splitEnded(instance: instances[id].name, with: split.host, lasted: split.lasted), about: id)
        }
        if !instances[id].configuration.isEquivalent(to: wanted) { changeSettings(of: id, to: wanted, at: now) }
        // Wanted again while it was on its way out.
        if departing.remove(id) != nil { instances[id].wayOut.stay() }
        instances[id].isSuperseded = false
    }

    private mutating func changeSettings(of id: RouterID, to wanted: InstanceConfiguration, at now: Instant) {
        let tracks = !instances[id].configuration.tracked.isEmpty || !wanted.tracked.isEmpty
        let old = instances[id].election.parameters.priority
        let priority = priority(of: wanted)
        instances[id].change(to: wanted, priority: priority.effective, at: now)
        notePriority(of: id, was: old, is: priority.effective, at: now)
        if tracks, priority.effective != old {
            record(.priorityChanged(instance: instances[id].name, from: old, priority), about: id)
        }
    }

    /// A virtual router that takes over nothing but what masters of this host have: nobody else can be its master, and it need not listen.
    /// - Returns: when the last of those masters advertised; `nil` where it has to listen.
    private func inheritance(of wanted: InstanceConfiguration) -> Instant? {
        var last: Instant?
        for address in wanted.addresses {
            let holder = directory.places(of: address.prefix.address).first { place in
                let instance = instances[place.instance]
                let held = instance.addresses[place.position]
                return instance.isMaster && !instance.election.standsBack && !instance.election.cannotSend
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
    private func mayDepart(_ id: RouterID, to configuration: Configuration) -> Bool {
        let leaving = instances[id]
        guard !leaving.isStopped, leaving.isLeaving || leaving.isMaster,
            let link = leaving.interface.flatMap({ table.link($0) }), link.isUp
        else { return false }
        let places = Set(leaving.configuration.addresses.map(\.place))
        return !configuration.instances.contains { wanted in
            wanted.sharesNumber(with: leaving.configuration)
                || wanted.virtualMAC.map { $0.interface == leaving.configuration.virtualMAC?.interface } == true
                || wanted.addresses.contains { places.contains($0.place) }
        }
    }

    /// Forgets those that have left.
    mutating func forgetDeparted(at now: Instant) {
        guard !departingTouched.isEmpty else { return }
        let gone = departingTouched.filter { hasDeparted($0) }
        departingTouched = []
        guard !gone.isEmpty else { return }
        var concerned: Set<IPAddress> = []
        var interfaces: Set<InterfaceIndex> = []
        var routing: [RoutingObject] = []
        for id in gone.sorted() {
            // Its last address may have gone before the kernel has said so.
            sayFarewell(id, at: now)
            concerned.formUnion(instances[id].addresses.map(\.configuration.prefix.address))
            if let interface = instances[id].interface { interfaces.insert(interface) }
            directory.remove(id, instances[id])
            routing += instances[id].routing?.estate ?? []
            remove(id)
        }
        instances.arrange(instances.order.filter { !gone.contains($0) })
        if !routing.isEmpty {
            bequeathRouting(routing)
            for id in routed.routers where instances.contains(id) { removeRouting(id, at: now) }
        }
        forgetTrackers()
        for address in concerned.sorted() { judgeCopies(of: address, at: now) }
        for interface in interfaces.sorted() { refreshReceivers(on: interface) }
        for place in concerned.sorted().flatMap({ directory.places(of: $0) }) { reconcile(place, at: now) }
        releaseOutgoing()
        removeLeftoverMacvlans(at: now)
        settle()
    }

    /// One that the configuration names no more, and that has nothing left to do or to say.
    private func hasDeparted(_ id: RouterID) -> Bool {
        departing.contains(id) && instances[id].isStopped
            && (instances[id].wayOut.farewell == nil
                || instances[id].addresses.allSatisfy { $0.key.map { !ledger.isOurs($0) } ?? true })
    }

    /// Whose the copies of an address are, now that it is shared by others, or by nobody.
    private mutating func judgeCopies(of address: IPAddress, at now: Instant) {
        for key in table.copies(of: address).sorted() {
            guard let present = table.address(key) else { continue }
            ledger.file(key, isPrivate: isHostsOwn(present))
            judgeAnew(present, at: now)
        }
    }

    /// Whose is what, now that other addresses are shared.
    private mutating func judgeAll(at now: Instant) {
        for id in instances.order { locate(id, at: now) }
        ledger.forgetPrivate()
        for address in table.allAddresses { ledger.file(address.key, isPrivate: isHostsOwn(address)) }
        // In the same order each time: what is removed first may matter to the kernel.
        let concerned = table.allAddresses.filter {
            ledger.standing(of: $0.key) != nil || directory.isShared($0.key.address)
        }
        for address in concerned.sorted(by: { $0.key < $1.key }) { judgeAnew(address, at: now) }
    }

    private mutating func judgeAnew(_ address: InterfaceAddress, at now: Instant) {
        let isShared = directory.isShared(address.key.address)
        if let standing = ledger.standing(of: address.key) {
            guard !isShared || !hasPlace(address.key) else { return }
            if standing == .ours {
                guard !outgoing.isBridge(address.key) else { return }
                outgoing.dismiss(address.key)
                outgoing.wait(address.key)
            } else {
                ledger.set(nil, of: address.key)
            }
        } else if isShared {
            judge(address, cameWithInterface: true, at: now)
        }
    }

    func hasPlace(_ key: AddressKey) -> Bool {
        directory.places(of: key.address).contains { place in
            instances[place.instance].addresses[place.position].key == key
        }
    }
}
