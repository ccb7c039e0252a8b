import Addressing
import Configuration
import VRRP

/// The kernel's answers.
extension Core {
    mutating func requestCompleted(_ id: RequestID, _ result: RequestResult, at now: Instant) {
        switch id.subject {
        case .routing: return routingAnswered(id, result, at: now)
        case .link: return macvlanAnswered(id, result, at: now)
        case .address, nil: break
        }
        guard let request = requests.end(id) else { return }
        switch request {
        case .add(let router, let key):
            noteTentative(key, in: router, result, at: now)
            let isNew = result == .done && own(key)
            guard let place = answeredPlace(of: key, in: router) else {
                if isNew { addedForNobody(key, at: now) }
                break
            }
            added(key, at: place, result, now)
        case .remove(let router, let key):
            guard let place = answeredPlace(of: key, in: router) else { break }
            removed(key, at: place, result, now)
        case .promote(let router, let key):
            guard let place = answeredPlace(of: key, in: router) else { break }
            promoted(key, at: place, result, now)
        case .removeLeftover(let key):
            leftoverRemoved(key, result)
            // It may be what kept the macvlan on.
            if table.isOwnMacvlan(key.interface) {
                for id in directory.routers(on: interfaceName(key)) { reconcileMacvlan(id, at: now) }
            }
        case .promoteForLeftover(let key):
            if case .refused(let refusal) = result {
                report(refusal, .promoteSecondaries, key)
            } else if table.contains(key), requests.claimLeftover(key) {
                effects.append(.removeAddress(requests.begin(.removeLeftover(key)), key))
            }
        case .refit(let router, let key, let step):
            let isNew = step.putsBack && result == .done && own(key)
            guard let place = place(of: key, in: router) else {
                if let bridge = step.bridge { outgoing.releaseBridge(bridge) }
                if isNew { addedForNobody(key, at: now) }
                break
            }
            if instances[router].addresses[place.position].pending == .refit(id) { clearPending(place) }
            refitAnswered(step, key, at: place, result, now)
        }
        releaseOutgoing(of: request.key.address)
        restorePromotions()
        checkFinished()
    }

    /// Where an address stands in a router's list now; `nil` where a reload has taken it out, or the router has gone.
    func place(of key: AddressKey, in router: RouterID) -> AddressPlace? {
        guard instances.contains(router) else { return nil }
        return directory.places(of: key.address).first { place in
            place.instance == router && instances[router].addresses[place.position].key == key
        }
    }

    /// The place of an address about which the kernel has answered: another request may follow.
    private mutating func answeredPlace(of key: AddressKey, in router: RouterID) -> AddressPlace? {
        guard let place = place(of: key, in: router) else { return nil }
        clearPending(place)
        return place
    }

    private mutating func clearPending(_ place: AddressPlace) {
        instances[place.instance].placement[place.position].noteAnswer()
    }

    private mutating func added(_ key: AddressKey, at place: AddressPlace, _ result: RequestResult, _ now: Instant) {
        let instance = place.instance
        if case .refused(let refusal) = result, refusal.saysAlreadyThere {
            disown(key)
        } else {
            ledger.confirm(key)
        }
        if case .refused(let refusal) = result, !(refusal.saysAlreadyThere && table.address(key) != nil) {
            if refusal.saysAlreadyThere {
                // It is there and the table does not know: the table is wrong. With the new one the claim goes on.
                effects.append(.requestSnapshot)
                if instances[instance].placement[place.position].noteDoubt(retryAt: now + Self.retryPause) { return }
            }
            report(refusal, .add, key)
            instances[instance].placement[place.position].noteRefusal()
            guard instances[instance].wantsAddresses else {
                reconcile(place, at: now)
                return
            }
            instances[instance].participation.wait(until: now + Self.retryPause)
            let interface = interfaceName(key)
            fail(
                instance, .addressRefused(key.prefix, interface: interface, reason: refusal.text), of: .network, at: now
            )
            return
        }
        instances[instance].placement[place.position].noteAdded()
        let interface = interfaceName(key)
        if result == .done {
            if instances[instance].addresses[place.position].wasHeld {
                instances[instance].placement[place.position].noteRestored(at: now)
                record(
                    .addressRestored(instance: instances[instance].name, address: key.prefix, interface: interface),
                    about: instance)
                if instances[instance].isMaster, table.isInUse(key) {
                    announce(
                        [key.address], of: instance, on: key.interface,
                        rounds: instances[instance].configuration.gratuitousARP.rounds, at: now)
                    instances[instance].announcing.planSecondBurst(
                        after: instances[instance].configuration.gratuitousARP.delay, at: now)
                }
            } else {
                record(
                    .addressAdded(instance: instances[instance].name, address: key.prefix, interface: interface),
                    about: instance)
                if instances[instance].isMaster, table.isInUse(key) { announceNew(key, of: instance, at: now) }
            }
        }
        reconcile(place, at: now)
        concludeClaim(instance, at: now)
        instances[instance].routing?.endPostponement()
        setRouting(instance, at: now)
    }

    /// The kernel has added it for this program. On a kernel that marks no addresses nothing else may tell: when it came it was not
    /// expected any more, or not so.
    /// - Returns: whether it was not taken for this program's until now.
    private mutating func own(_ key: AddressKey) -> Bool {
        ledger.confirm(key)
        guard let address = table.address(key), !ledger.isOurs(key) else { return false }
        ledger.set(.ours, of: key)
        ledger.file(key, isPrivate: false)
        remember(key, createdAt: address.createdAt)
        return true
    }

    /// Whoever asked for it has gone, or wants it no more.
    private mutating func addedForNobody(_ key: AddressKey, at now: Instant) {
        guard hasPlace(key) else {
            outgoing.wait(key)
            return
        }
        for place in directory.places(of: key.address) { reconcile(place, at: now) }
    }

    /// An address that a new configuration gave to a master.
    mutating func announceNew(_ key: AddressKey, of instance: RouterID, at now: Instant) {
        let settings = instances[instance].configuration.gratuitousARP
        announce([key.address], of: instance, on: key.interface, rounds: settings.rounds, at: now)
        instances[instance].announcing.planSecondBurst(after: settings.delay, at: now)
        advertiseWhole(instance)
    }

    /// Once the kernel has acknowledged all of them, advertisements name all addresses of the configuration.
    mutating func advertiseWhole(_ instance: RouterID) {
        guard instances[instance].source != nil, instances[instance].addresses.allSatisfy({ isHeld($0) }) else {
            return
        }
        instances[instance].advertised.complete(with: instances[instance].configuration.advertisedAddresses)
        instances[instance].rebuildPackets()
    }

    private mutating func removed(_ key: AddressKey, at place: AddressPlace, _ result: RequestResult, _ now: Instant) {
        switch result {
        case .done:
            record(
                .addressRemoved(
                    instance: instances[place.instance].name, address: key.prefix, interface: interfaceName(key)),
                about: place.instance)
        case .refused(let refusal):
            if refusal.saysNotThere {
                if table.address(key) != nil { effects.append(.requestSnapshot) }
            } else {
                report(refusal, .remove, key)
                instances[place.instance].placement[place.position].wait(until: now + Self.retryPause)
            }
        }
        reconcile(place, at: now)
        reconcileMacvlan(place.instance, at: now)
        sayFarewell(place.instance, at: now)
        concludeClaim(place.instance, at: now)
    }

    private mutating func promoted(_ key: AddressKey, at place: AddressPlace, _ result: RequestResult, _ now: Instant) {
        if case .refused(let refusal) = result {
            report(refusal, .promoteSecondaries, key)
            instances[place.instance].placement[place.position].wait(until: now + Self.retryPause)
            return
        }
        guard !instances[place.instance].wantsAddresses || isTakenOver(place), table.address(key) != nil else {
            reconcile(place, at: now)
            concludeClaim(place.instance, at: now)
            return
        }
        let request = requests.begin(.remove(place.instance, key))
        instances[place.instance].placement[place.position].ask(.remove(request))
        effects.append(.removeAddress(request, key))
    }

    private mutating func leftoverRemoved(_ key: AddressKey, _ result: RequestResult) {
        // It was never more than a help.
        if outgoing.dropBridge(key), result == .done { return }
        switch result {
        case .done:
            record(
                .leftoverRemoved(
                    address: key.prefix, interface: interfaceName(key), isFromThisRun: outgoing.endDismissal(key)))
        case .refused(let refusal) where refusal.saysNotThere: break
        case .refused(let refusal): report(refusal, .remove, key)
        }
    }

    private mutating func report(_ refusal: KernelRefusal, _ change: KernelChange, _ key: AddressKey) {
        record(.refused(change, address: key.prefix, interface: interfaceName(key), refusal: refusal))
    }

    // MARK: - The end

    /// After `stop`: done as soon as nothing of ours is left and nothing is under way.
    mutating func checkFinished() {
        restorePromotions()
        guard stopDeadline != nil, !isFinished, requests.isEmpty, ledger.ownCount == 0, !holdsRouting,
            macvlans.requests.isEmpty, table.ownMacvlans.isEmpty,
            instances.order.allSatisfy({ instances[$0].isStopped })
        else { return }
        finish()
    }

    mutating func finish() {
        guard !isFinished else { return }
        isFinished = true
        effects.append(.finished)
    }
}
