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
        keptRouting.endPauses(at: now)
        for id in instances.order {
            if instances[id].isLeaving {
                instances[id].wayOut.leaveForGood()
            } else if leave(id, at: now) {
                instances[id].wayOut.leaveForGood()
            } else {
                endStopped(id, at: now)
            }
        }
        checkFinished()
    }

    private mutating func stopAtOnce(at now: Instant) {
        stopDeadline = min(stopDeadline ?? now, now + Self.stopLimit)
        for id in instances.order where !instances[id].isStopped {
            endStopped(id, at: now)
        }
        checkFinished()
    }

    /// The time for a stop is over, and not all have left: this host was stalled, or macvlans are slow to go.
    /// - Returns: whether the kernel has something to do about it.
    mutating func endRemaining(at now: Instant) -> Bool {
        let remaining = instances.order.filter { !instances[$0].isStopped }
        for id in remaining { endStopped(id, at: now) }
        return deleteRemainingMacvlans() || !remaining.isEmpty
    }

    private mutating func endStopped(_ id: RouterID, at now: Instant) {
        let old = instances[id].state
        resign(id, at: now)
        instances[id].wayOut.end()
        instances[id].participation.stopWaiting()
        enter(id, from: old, .stopping, at: now)
        reconcile(id, at: now)
    }

    /// A master says priority 0 and waits for its successor.
    /// - Parameter isPatient: its successor may have to wait, for another one of its group or for the detection of duplicates.
    /// - Returns: false where there is nothing to wait for.
    mutating func leave(
        _ id: RouterID, _ reason: Reason = .leaving, isPatient: Bool = false, at now: Instant
    ) -> Bool {
        guard instances[id].isMaster, let interface = instances[id].interface,
            table.link(interface)?.isUp == true
        else { return false }
        // The kernel asks for 1 to 2 s, and only then the successor says that it is master.
        let isPatient =
            isPatient
            || withGroup(id).contains { instances[$0].configuration.addresses.contains(where: \.detectsDuplicates) }
        let skew = withGroup(id).reduce(Duration.zero) { max($0, instances[$1].election.largestSkew) }
        sayResignation(id, instances[id].election.leave(at: now, groupSkew: skew, isPatient: isPatient), at: now)
        _ = instances[id].wayOut.trustSuccessor()
        instances[id].announcing.stop()
        instances[id].placement.beginLeaving()
        enter(id, from: .master, reason, at: now)
        letGoBeforeDetection(id, at: now)
        awaitSuccessor(of: id, at: now)
        return true
    }

    /// A successor that asks first whether another host has an address (`-nodad`, which its file has, too) would fail for good while this
    /// one answers: such addresses go right after priority 0.
    private mutating func letGoBeforeDetection(_ id: RouterID, at now: Instant) {
        for position in instances[id].placement.positions
        where instances[id].placement[position].configuration.detectsDuplicates {
            reconcile(AddressPlace(instance: id, position: position), at: now)
        }
    }

    /// Another host has announced one of the addresses. Each goes when its successor has announced it: some announce many, or slowly.
    mutating func noteTakenOver(_ place: AddressPlace, at now: Instant) {
        guard instances[place.instance].placement[place.position].takenOverAt == nil else { return }
        instances[place.instance].placement[place.position].noteTakenOver(at: now)
        let hadSuccessor = instances[place.instance].election.hasSuccessor
        instances[place.instance].election.noteAnnouncement(isLast: isAnnounced(place.instance), at: now)
        if hadSuccessor {
            giveUpTakenOver(place, at: now)
        } else {
            giveUpTakenOver(place.instance, at: now)
        }
    }

    /// Whether no announcement of any of its addresses is awaited any more.
    func isAnnounced(_ id: RouterID) -> Bool {
        // From the last one on: they are announced in their order, mostly.
        instances[id].addresses.reversed().allSatisfy { address in
            address.takenOverAt != nil || !isHeld(address) || !isWatched(address, of: id)
        }
    }

    /// Whether its announcement would be heard: of others that are not advertised, or lie on another interface, nobody knows.
    private func isWatched(_ address: PlacedAddress, of id: RouterID) -> Bool {
        guard let key = address.key, key.interface == instances[id].interface,
            table.link(key.interface)?.hasNoARP == false
        else { return false }
        return instances[id].check.addresses.contains(key.address)
    }

    /// Its successor has it, and this host may let it go.
    func isTakenOver(_ place: AddressPlace) -> Bool {
        instances[place.instance].placement[place.position].takenOverAt != nil
            && instances[place.instance].election.hasSuccessor
    }

    /// With the last one all of it ends; until then those go that are announced.
    mutating func giveUpTakenOver(_ id: RouterID, at now: Instant) {
        guard instances[id].election.hasSuccessor else { return }
        for position in instances[id].placement.positions {
            giveUpTakenOver(AddressPlace(instance: id, position: position), at: now)
        }
    }

    private mutating func giveUpTakenOver(_ place: AddressPlace, at now: Instant) {
        let address = instances[place.instance].placement[place.position]
        guard let at = address.takenOverAt, isHeld(address), address.pending == nil, address.retryAt == nil else {
            return
        }
        instances[place.instance].placement[place.position].wait(until: max(now, at + Departure.afterAnnouncement))
    }

    /// The router has found its successor, or nobody came.
    mutating func leavingEnded(_ id: RouterID, successor: VirtualRouter.KnownMaster?, at now: Instant) {
        // keepalived announces again when it hears a losing master: neighbours that asked while both hosts answered, and
        // believed the wrong one, learn better. A program like this one does so by itself.
        let farewell: UInt8? = successor?.isAgent == false ? Priority.lowest : nil
        instances[id].wayOut.oweFarewell(farewell)
        let faults = instances[id].wayOut.isForGood ? FaultSet() : faultsOfDeparture(id, at: now)
        if instances[id].wayOut.isForGood {
            instances[id].wayOut.end()
            instances[id].participation.stopWaiting()
            enter(id, from: .leaving, departing.contains(id) ? .removed : .stopping, at: now)
        } else if !faults.isEmpty {
            fail(id, faults, from: .leaving, at: now)
            // It would come from an address that this host has no more.
            guard faults[.network] == nil else { return }
        } else if let source = instances[id].source {
            instances[id].wayOut.endHandover()
            instances[id].election.follow(successor: successor, source: source, at: now)
            enter(id, from: .leaving, .handedOver(to: successor?.address), at: now)
        }
        reconcile(id, at: now)
        sayFarewell(id, at: now)
        checkFinished()
    }

    /// Once its addresses are gone: an advertisement that loses against everybody's.
    mutating func sayFarewell(_ id: RouterID, at now: Instant) {
        guard let priority = instances[id].wayOut.farewell, let interface = instances[id].interface,
            let source = instances[id].source,
            // From the last one on: they go in their order.
            instances[id].addresses.reversed().allSatisfy({ address in
                address.key.map { !ledger.isOurs($0) } ?? true
            })
        else { return }
        instances[id].wayOut.oweFarewell(nil)
        send(instances[id].packets(priority: priority, from: source), of: id, on: interface, at: now)
    }
}
