import Addressing
import Configuration
import VRRP

/// The reconciliation: what should be on the interfaces against what the kernel's table says is there.
extension Core {
    // MARK: - What the kernel tells

    mutating func addressAppeared(_ address: InterfaceAddress, at now: Instant) {
        let key = address.key
        // Asked before anything else is: a host may have addresses by the thousand.
        let isOfInterest = hasSnapshot && !directory.isShared(key.address)
        let isFirstOfInterface =
            isOfInterest && !ledger.hasPrivate(key.family, on: key.interface)
        let wasTentative = table.address(key)?.detection == .tentative
        table.insert(address)
        ledger.file(key, isPrivate: isHostsOwn(address))
        if isFirstOfInterface {
            ledger.beginSettling(key.interface, at: now)
        }
        judge(address, cameWithInterface: !hasSnapshot || ledger.isSettling(key.interface, at: now), at: now)
        addressChanged(
            key, concernsSource: ledger.standing(of: key) == nil || ledger.standing(of: key) == .hosts, at: now)
        if wasTentative, address.detection == .done { detectionPassed(key, at: now) }
        // What was refused for want of it may be taken now.
        for id in routed.routers where instances.contains(id) && instances[id].routing?.isRefused == true {
            instances[id].routing?.tryAgain(at: now)
        }
    }

    mutating func addressVanished(_ key: AddressKey, at now: Instant) {
        guard let gone = table.address(key) else { return }
        table.remove(key)
        ledger.file(key, isPrivate: false)
        let concernsSource = ledger.standing(of: key) == nil || ledger.standing(of: key) == .hosts
        loseStanding(key)
        noteGoneFromRoutes(key.address)
        if gone.detection == .tentative, gone.hasFiniteLifetime { detectionFailedWithLease(key, at: now) }
        addressChanged(key, concernsSource: concernsSource, at: now)
        doubtRouting(at: now)
    }

    /// Shared addresses come and go by the thousand; only those of the host's own bear on who can take part.
    private mutating func addressChanged(_ key: AddressKey, concernsSource: Bool, at now: Instant) {
        for place in directory.places(of: key.address) {
            noteDisappearance(of: key, at: place, now)
            reconcile(place, at: now)
        }
        if concernsSource, let name = table.link(key.interface)?.name {
            evaluate(directory.routers(on: name), at: now)
        }
        evaluate(directory.routers(from: key.address), at: now)
        checkFinished()
    }

    private mutating func noteDisappearance(of key: AddressKey, at place: AddressPlace, _ now: Instant) {
        let address = instances[place.instance].placement[place.position]
        guard address.key == key, address.wasHeld, !table.isInUse(key), instances[place.instance].wantsAddresses,
            address.pending == nil, instances[place.instance].macvlan?.isGivenUp != true
        else { return }
        instances[place.instance].placement[place.position].noteTakenAway(at: now)
    }

    /// A master whose address is away more than it is there serves nobody: another host may do better.
    private mutating func giveUpIfContested(_ place: AddressPlace, at now: Instant) -> Bool {
        let address = instances[place.instance].placement[place.position]
        guard address.isMissingMostly(at: now), instances[place.instance].isMaster else { return false }
        instances[place.instance].participation.wait(until: now + Absences.window)
        fail(
            place.instance,
            .addressContested(address.configuration.prefix, interface: address.configuration.interface), of: .network,
            at: now)
        return true
    }

    // MARK: - Whose is it?

    /// Finds out whose a newly seen address is, if it is a shared one or marked as ours.
    mutating func judge(_ address: InterfaceAddress, cameWithInterface: Bool, at now: Instant) {
        let key = address.key
        let places = directory.places(of: key.address).filter { place in
            instances[place.instance].addresses[place.position].configuration.interface
                == table.link(key.interface)?.name
        }
        if address.origin == InterfaceAddress.ourOrigin {
            ledger.noteMark()
        }
        let isMarkedOurs = address.isMarkedOurs(stamp: ledger.remembered[key])
        guard !outgoing.isBridge(key) else {
            ledger.set(.ours, of: key)
            remember(key, createdAt: address.createdAt)
            return
        }
        guard !places.isEmpty else {
            if isMarkedOurs {
                ledger.set(.ours, of: key)
                removeLeftover(key)
            }
            return
        }
        // What this agent adds has no lifetime that ends.
        let isAwaited =
            !ledger.kernelMarks && address.hasFiniteLifetime == (lease != nil)
            && places.contains { place in
                switch instances[place.instance].addresses[place.position].pending {
                case .add, .refit: instances[place.instance].addresses[place.position].key == key
                case .remove, .promote, nil: false
                }
            }
        let old = ledger.standing(of: key)
        let standing = AddressStanding(
            StandingEvidence(
                isMarkedOurs: isMarkedOurs,
                isAwaited: isAwaited,
                hasFiniteLifetime: address.hasFiniteLifetime,
                origin: address.origin,
                cameWithInterface: cameWithInterface && old == nil,
                wasHosts: old == .hosts
                    || places.contains { instances[$0.instance].addresses[$0.position].wasHosts }
            ))
        ledger.set(standing, of: key)
        if isAwaited, !isMarkedOurs { ledger.presume(key) }
        switch standing {
        case .ours:
            remember(key, createdAt: address.createdAt)
            // Added by an earlier run, for another line of the file that has gone.
            if !places.contains(where: { instances[$0.instance].addresses[$0.position].key == key }) {
                removeLeftover(key)
            }
        case .hosts:
            for place in places where !instances[place.instance].addresses[place.position].wasHosts {
                instances[place.instance].placement[place.position].noteHostsOwn()
                record(
                    .addressIsHostsOwn(
                        instance: instances[place.instance].name, address: key.prefix,
                        interface: interfaceName(key)), about: place.instance)
            }
        case .stray:
            noteStray(address, at: places, now)
        }
    }

    /// Told once for each appearance.
    private mutating func noteStray(_ address: InterfaceAddress, at places: [AddressPlace], _ now: Instant) {
        guard let place = places.first(where: { instances[$0.instance].addresses[$0.position].key == address.key }),
            !instances[place.instance].wantsAddresses, !belongsToRival(address.key, at: now)
        else { return }
        let isKept = !AddressStanding.stray.mayRemove(
            isOnlyAddress: isOnlyAddress(address.key), hasFiniteLifetime: address.hasFiniteLifetime)
        record(
            .strayAddress(
                instance: instances[place.instance].name, address: address.key.prefix,
                interface: interfaceName(address.key), isKept: isKept), about: place.instance)
    }

    /// The kernel says that the address was there before this agent asked for it.
    mutating func disown(_ key: AddressKey) {
        if ledger.disown(key) { forget(key) }
    }

    mutating func loseStanding(_ key: AddressKey) {
        ledger.lose(key)
        forget(key)
    }

    mutating func remember(_ key: AddressKey, createdAt: UInt32) {
        if ledger.remember(key, createdAt: createdAt) { effects.append(.remember(key, createdAt: createdAt)) }
    }

    mutating func forget(_ key: AddressKey) {
        if ledger.forget(key) { effects.append(.forget(key)) }
    }

    /// Neither shared nor ours: an address that the host uses for itself alone.
    func isHostsOwn(_ address: InterfaceAddress) -> Bool {
        !directory.isShared(address.key.address) && address.origin != InterfaceAddress.ourOrigin
            && !ledger.isOurs(address.key)
    }

    /// Whether the interface would be left without an address of the host if this one went.
    private func isOnlyAddress(_ key: AddressKey) -> Bool {
        !ledger.hasPrivate(key.family, on: key.interface)
    }

    // MARK: - What should be

    mutating func reconcile(_ id: RouterID, at now: Instant) {
        removeRouting(id, at: now)
        reconcileMacvlan(id, at: now)
        for position in instances[id].placement.positions {
            reconcile(AddressPlace(instance: id, position: position), at: now)
        }
        concludeClaim(id, at: now)
        setRouting(id, at: now)
    }

    /// Asks the kernel for what is missing of one address, or too much. One request at a time for each.
    mutating func reconcile(_ place: AddressPlace, at now: Instant) {
        let address = instances[place.instance].addresses[place.position]
        guard hasSnapshot, let key = address.key, address.pending == nil else { return }
        if address.isWaiting(at: now) { return }
        // On its way out it neither defends nor gives up, but for what its successor has announced.
        if instances[place.instance].isLeaving {
            if isTakenOver(place) || mayFailDetection(at: place), mayRemove(key) {
                giveUpRouting(place.instance, at: now)
                instances[place.instance].placement[place.position].noteGivenUp()
                if goesWithMacvlan(key, of: place.instance) {
                    giveUpMacvlan(place.instance, at: now)
                } else {
                    requestRemoval(of: key, at: place)
                }
            }
            return
        }
        if instances[place.instance].wantsAddresses {
            if let present = table.address(key), present.detection != .done {
                mendDetection(of: key, at: place, present.detection, now)
            } else if !isHeld(address) {
                if !mayAddAddress(at: place) || giveUpIfContested(place, at: now) { return }
                requestAddition(of: key, at: place)
            } else {
                instances[place.instance].placement[place.position].noteHeld(at: now)
                refitIfNeeded(place, at: now)
                mendPreference(place, at: now)
            }
        } else {
            instances[place.instance].placement[place.position].noteUnwanted()
            if awaitsDecision(place.instance) { return }
            if mayRemove(key), !(ledger.standing(of: key) == .stray && belongsToRival(key, at: now)) {
                if goesWithMacvlan(key, of: place.instance) {
                    reconcileMacvlan(place.instance, at: now)
                } else {
                    requestRemoval(of: key, at: place)
                }
            }
        }
    }

    /// On the interface, by our doing or because the host has it anyway, perhaps with another prefix length.
    func isHeld(_ address: PlacedAddress) -> Bool {
        guard let key = address.key, !table.isSwitchedOff(key.interface) else { return false }
        return table.isInUse(key) || ledger.isHosts(key) && table.isInUse(key.address)
    }

    func mayRemove(_ key: AddressKey) -> Bool {
        guard let address = table.address(key), let standing = ledger.standing(of: key) else { return false }
        return standing.mayRemove(
            isOnlyAddress: isOnlyAddress(key), hasFiniteLifetime: address.hasFiniteLifetime)
    }

    private mutating func requestAddition(of key: AddressKey, at place: AddressPlace) {
        makeRoom(for: key)
        let address = instances[place.instance].addresses[place.position].configuration
        let request = requests.begin(.add(place.instance, key))
        instances[place.instance].placement[place.position].ask(.add(request))
        effects.append(.addAddress(request, assignment(of: address, at: key)))
    }

    func assignment(of address: SharedAddress, at key: AddressKey) -> AddressAssignment {
        var assignment = AddressAssignment(
            key: key, broadcast: address.broadcastAddress, label: address.label, scope: address.scope,
            lifetime: lease.map { UInt32(clamping: $0.components.seconds) })
        assignment.peer = address.peer
        assignment.preferredLifetime = address.preferredLifetime
        assignment.detectsDuplicates = address.detectsDuplicates
        assignment.addsNetworkRoute = address.addsNetworkRoute
        return assignment
    }

    /// The kernel removes the secondaries with their primary, unless promote_secondaries is set: so it is set first,
    /// and the removal waits for the answer.
    mutating func requestRemoval(of key: AddressKey, at place: AddressPlace) {
        if mayTakeOthersAlong(key) {
            let request = requests.begin(.promote(place.instance, key))
            instances[place.instance].placement[place.position].ask(.promote(request))
            notePromotion(of: key.interface)
            effects.append(.promoteSecondaries(request, key.interface))
        } else {
            let request = requests.begin(.remove(place.instance, key))
            instances[place.instance].placement[place.position].ask(.remove(request))
            effects.append(.removeAddress(request, key))
        }
    }

    /// It has secondaries, or one may be on its way.
    func mayTakeOthersAlong(_ key: AddressKey) -> Bool {
        table.hasSecondaries(key)
            || (key.family == .ipv4 && key.prefix.length < 32 && requests.areAdditionsOpen(on: key.interface))
    }

    /// An address of ours that no line of the file asks for.
    mutating func removeLeftover(_ key: AddressKey) {
        // It goes with its link: see `goesWithMacvlan`.
        if key.family == .ipv6, table.isOwnMacvlan(key.interface), !isMacvlanInUse(key.interface) { return }
        guard requests.claimLeftover(key) else { return }
        if mayTakeOthersAlong(key) {
            let request = requests.begin(.promoteForLeftover(key))
            notePromotion(of: key.interface)
            effects.append(.promoteSecondaries(request, key.interface))
        } else {
            let request = requests.begin(.removeLeftover(key))
            effects.append(.removeAddress(request, key))
        }
    }

    func interfaceName(_ key: AddressKey) -> String {
        table.link(key.interface)?.name ?? "interface \(key.interface)"
    }
}
