import Addressing
import Configuration
import VRRP

/// Leaving without a gap: a stop, or a handover to another host.
extension Core {
    /// Told to stop. A master leaves when its successor is there; a second time it goes at once.
    mutating func stop(at now: Instant) {
        guard stopDeadline == nil else {
            stopAtOnce(at: now)
            return
        }
        stopDeadline = now + Departure.limit + Self.stopLimit
        for index in instances.indices {
            touch(index)
            if instances[index].isLeaving {
                instances[index].isLeavingForGood = true
            } else if leave(index, at: now) {
                instances[index].isLeavingForGood = true
            } else {
                endStopped(index, at: now)
            }
        }
        checkFinished()
    }

    private mutating func stopAtOnce(at now: Instant) {
        stopDeadline = min(stopDeadline ?? now, now + Self.stopLimit)
        for index in instances.indices where !instances[index].isStopped {
            touch(index)
            endStopped(index, at: now)
        }
        checkFinished()
    }

    private mutating func endStopped(_ index: Int, at now: Instant) {
        let old = instances[index].state
        resign(index, at: now)
        instances[index].isStopped = true
        instances[index].retryAt = nil
        enter(index, from: old, .stopping, at: now)
        reconcile(index, at: now)
    }

    /// A master says priority 0 and waits for its successor.
    /// - Returns: false where there is nothing to wait for.
    mutating func leave(_ index: Int, at now: Instant) -> Bool {
        guard instances[index].isMaster, let interface = instances[index].interface,
            table.link(interface)?.isUp == true
        else { return false }
        sayResignation(index, instances[index].router.leave(at: now), at: now)
        instances[index].announceAgainAt = nil
        instances[index].echoAt = nil
        instances[index].settledEchoAt = nil
        instances[index].refreshAt = nil
        for position in instances[index].addresses.indices {
            instances[index].addresses[position].takenOverAt = nil
        }
        enter(index, from: .master, .leaving, at: now)
        return true
    }

    /// Another host has announced one of the addresses. Each goes when its successor has announced it: some announce many, or slowly.
    mutating func noteTakenOver(_ place: AddressPlace, at now: Instant) {
        guard instances[place.instance].addresses[place.position].takenOverAt == nil else { return }
        instances[place.instance].addresses[place.position].takenOverAt = now
        let isLast = instances[place.instance].addresses.allSatisfy { address in
            address.takenOverAt != nil || !isHeld(address) || !isWatched(address, of: place.instance)
        }
        instances[place.instance].router.noteAnnouncement(isLast: isLast, at: now)
        giveUpTakenOver(place.instance, at: now)
    }

    /// Whether its announcement would be heard: of others that are not advertised, or lie on another interface, nobody knows.
    private func isWatched(_ address: PlacedAddress, of index: Int) -> Bool {
        guard let key = address.key, key.interface == instances[index].interface,
            table.link(key.interface)?.hasNoARP == false
        else { return false }
        return instances[index].check.addresses.contains(key.address)
    }

    /// Its successor has it, and this host may let it go.
    func isTakenOver(_ place: AddressPlace) -> Bool {
        instances[place.instance].addresses[place.position].takenOverAt != nil
            && instances[place.instance].router.hasSuccessor
    }

    /// With the last one all of it ends; until then those go that are announced.
    mutating func giveUpTakenOver(_ index: Int, at now: Instant) {
        guard instances[index].router.hasSuccessor else { return }
        for position in instances[index].addresses.indices {
            let address = instances[index].addresses[position]
            guard let at = address.takenOverAt, isHeld(address), address.pending == nil, address.retryAt == nil else {
                continue
            }
            instances[index].addresses[position].retryAt = max(now, at + Departure.afterAnnouncement)
        }
        touch(index)
    }

    /// The router has found its successor, or nobody came.
    mutating func leavingEnded(_ index: Int, successor: VirtualRouter.KnownMaster?, at now: Instant) {
        // keepalived announces again when it hears a losing master: neighbours that asked while both hosts answered, and
        // believed the wrong one, learn better. A program like this one does so by itself.
        instances[index].owesFarewell = successor?.isAgent == false ? Priority.lowest : nil
        if instances[index].isLeavingForGood {
            instances[index].isStopped = true
            instances[index].retryAt = nil
            enter(index, from: .leaving, departing.contains(index) ? .removed : .stopping, at: now)
        } else if let fault = faultOfDeparture(index, at: now) {
            // A farewell would come from an address that this host has no more.
            fail(index, fault, from: .leaving, at: now)
            return
        } else if let source = instances[index].source {
            instances[index].handoverOutcome = .done
            instances[index].router.follow(successor: successor, source: source, at: now)
            enter(index, from: .leaving, .handedOver(to: successor?.address), at: now)
        }
        reconcile(index, at: now)
        sayFarewell(index, at: now)
        checkFinished()
    }

    /// Once its addresses are gone: an advertisement that loses against everybody's.
    mutating func sayFarewell(_ index: Int, at now: Instant) {
        guard let priority = instances[index].owesFarewell, let interface = instances[index].interface,
            let source = instances[index].source,
            instances[index].addresses.allSatisfy({ address in
                address.key.map { standings[$0] != .ours } ?? true
            })
        else { return }
        instances[index].owesFarewell = nil
        send(instances[index].packets(priority: priority, from: source), of: index, on: interface, at: now)
    }
}
