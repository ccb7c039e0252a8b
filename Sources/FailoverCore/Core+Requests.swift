import Addressing
import Configuration
import VRRP

/// The kernel's answers.
extension Core {
    mutating func requestCompleted(_ id: RequestID, _ result: RequestResult, at now: Instant) {
        guard let request = requests.removeValue(forKey: id) else { return }
        switch request {
        case .add(let place, let key):
            pendingAdditions[key.interface] = max((pendingAdditions[key.interface] ?? 0) - 1, 0)
            guard clearPending(place) else { return }
            added(key, at: place, result, now)
        case .remove(let place, let key):
            guard clearPending(place) else { return }
            removed(key, at: place, result, now)
        case .promote(let place, let key):
            guard clearPending(place) else { return }
            promoted(key, at: place, result, now)
        case .removeLeftover(let key):
            leftovers[key] = nil
            leftoverRemoved(key, result)
        case .promoteForLeftover(let key):
            leftovers[key] = nil
            if case .refused(let refusal) = result {
                report(refusal, .promoteSecondaries, key)
            } else if table.address(key) != nil {
                let removal = newRequest(.removeLeftover(key))
                leftovers[key] = removal
                effects.append(.removeAddress(removal, key))
            }
        case .refit(let place, let key, let step):
            guard instances.indices.contains(place.instance) else { break }
            if instances[place.instance].addresses[place.position].pending == .refit(id) { _ = clearPending(place) }
            refitAnswered(step, key, at: place, result, now)
        }
        releaseOutgoing(of: request.key.address)
        checkFinished()
    }

    private mutating func clearPending(_ place: AddressPlace) -> Bool {
        guard instances.indices.contains(place.instance) else { return false }
        instances[place.instance].addresses[place.position].pending = nil
        touch(place.instance)
        return true
    }

    private mutating func added(_ key: AddressKey, at place: AddressPlace, _ result: RequestResult, _ now: Instant) {
        let instance = place.instance
        if case .refused(let refusal) = result, refusal.saysAlreadyThere {
            disown(key)
        } else {
            presumedOurs.remove(key)
        }
        if case .refused(let refusal) = result, !(refusal.saysAlreadyThere && table.address(key) != nil) {
            if refusal.saysAlreadyThere {
                // It is there and the table does not know: the table is wrong. With the new one the claim goes on.
                effects.append(.requestSnapshot)
                if instances[instance].addresses[place.position].failures == 0 {
                    instances[instance].addresses[place.position].failures = 1
                    instances[instance].addresses[place.position].retryAt = now + Self.retryPause
                    return
                }
            }
            report(refusal, .add, key)
            instances[instance].addresses[place.position].failures += 1
            guard instances[instance].wantsAddresses else {
                reconcile(place, at: now)
                return
            }
            instances[instance].retryAt = now + Self.retryPause
            let interface = interfaceName(key)
            fail(instance, .addressRefused(key.prefix, interface: interface, reason: refusal.text), at: now)
            return
        }
        instances[instance].addresses[place.position].failures = 0
        let interface = interfaceName(key)
        if result == .done {
            if instances[instance].addresses[place.position].wasHeld {
                instances[instance].addresses[place.position].restoredAt = now
                record(.addressRestored(instance: instances[instance].name, address: key.prefix, interface: interface))
                if instances[instance].isMaster {
                    announce(
                        [key.address], of: instance, on: key.interface,
                        rounds: instances[instance].configuration.gratuitousARP.rounds, at: now)
                    announceAgain(
                        instance, after: instances[instance].configuration.gratuitousARP.delay, isContest: false,
                        at: now)
                }
            } else {
                record(.addressAdded(instance: instances[instance].name, address: key.prefix, interface: interface))
                if instances[instance].isMaster { announceNew(key, of: instance, at: now) }
            }
        }
        reconcile(place, at: now)
        concludeClaim(instance, at: now)
    }

    /// An address that a new configuration gave to a master.
    private mutating func announceNew(_ key: AddressKey, of instance: Int, at now: Instant) {
        let settings = instances[instance].configuration.gratuitousARP
        announce([key.address], of: instance, on: key.interface, rounds: settings.rounds, at: now)
        announceAgain(instance, after: settings.delay, isContest: false, at: now)
        advertiseWhole(instance)
    }

    /// Once the kernel has acknowledged all of them, advertisements name all addresses of the configuration.
    mutating func advertiseWhole(_ instance: Int) {
        guard instances[instance].addresses.allSatisfy({ isHeld($0) }), let source = instances[instance].source else {
            return
        }
        instances[instance].advertised = instances[instance].configuration.advertisedAddresses
        instances[instance].packets = instances[instance].packets(
            priority: instances[instance].configuration.priority, from: source)
    }

    private mutating func removed(_ key: AddressKey, at place: AddressPlace, _ result: RequestResult, _ now: Instant) {
        switch result {
        case .done:
            record(
                .addressRemoved(
                    instance: instances[place.instance].name, address: key.prefix, interface: interfaceName(key)))
        case .refused(let refusal):
            if refusal.saysNotThere {
                if table.address(key) != nil { effects.append(.requestSnapshot) }
            } else {
                report(refusal, .remove, key)
                instances[place.instance].addresses[place.position].retryAt = now + Self.retryPause
            }
        }
        reconcile(place, at: now)
        sayFarewell(place.instance, at: now)
        concludeClaim(place.instance, at: now)
    }

    private mutating func promoted(_ key: AddressKey, at place: AddressPlace, _ result: RequestResult, _ now: Instant) {
        if case .refused(let refusal) = result {
            report(refusal, .promoteSecondaries, key)
            instances[place.instance].addresses[place.position].retryAt = now + Self.retryPause
            return
        }
        guard !instances[place.instance].wantsAddresses || isTakenOver(place), table.address(key) != nil else {
            reconcile(place, at: now)
            concludeClaim(place.instance, at: now)
            return
        }
        let id = newRequest(.remove(place, key))
        instances[place.instance].addresses[place.position].pending = .remove(id)
        effects.append(.removeAddress(id, key))
    }

    private mutating func leftoverRemoved(_ key: AddressKey, _ result: RequestResult) {
        // It was never more than a help.
        if bridges.remove(key) != nil, result == .done { return }
        switch result {
        case .done:
            record(
                .leftoverRemoved(
                    address: key.prefix, interface: interfaceName(key), isFromThisRun: dismissed.remove(key) != nil))
        case .refused(let refusal) where refusal.saysNotThere: break
        case .refused(let refusal): report(refusal, .remove, key)
        }
    }

    private mutating func report(_ refusal: Refusal, _ change: KernelChange, _ key: AddressKey) {
        record(.refused(change, address: key.prefix, interface: interfaceName(key), refusal: refusal))
    }

    // MARK: - The end

    /// After `stop`: done as soon as nothing of ours is left and nothing is under way.
    mutating func checkFinished() {
        guard stopDeadline != nil, !isFinished, requests.isEmpty, !standings.values.contains(.ours),
            instances.allSatisfy(\.isStopped)
        else { return }
        finish()
    }

    mutating func finish() {
        guard !isFinished else { return }
        isFinished = true
        effects.append(.finished)
    }
}
