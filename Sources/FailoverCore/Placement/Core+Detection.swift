import Addressing
import Configuration
import VRRP

/// Duplicate address detection of IPv6 (RFC 4862, section 5.4): an address that it has not passed is not used, and not advertised.
///
/// This program adds addresses without detection, since a virtual router's may be on another host at the same moment; the file may want
/// it (`-nodad`), and another program may add an address with it.
extension Core {
    /// A shared address is on its interface, and the kernel does not use it.
    mutating func mendDetection(
        of key: AddressKey, at place: AddressPlace, _ detection: DuplicateDetection, _ now: Instant
    ) {
        // Its end is an event of its own.
        guard detection == .failed else { return }
        let (id, address) = (place.instance, instances[place.instance].addresses[place.position])
        noteDetectionFailure(of: key, in: id)
        guard !address.configuration.detectsDuplicates, mayRemove(key) else {
            standBackAfterDetection(of: key, in: id, at: now)
            return
        }
        // The kernel would never use it again: it comes back without detection.
        instances[id].placement[place.position].noteTakenAway(at: now)
        probeSoon(id, at: now)
        requestRemoval(of: key, at: place)
    }

    /// With `address_lease` the kernel takes off an address that fails detection, and says no more of it.
    mutating func detectionFailedWithLease(_ key: AddressKey, at now: Instant) {
        for place in directory.places(of: key.address) {
            let (id, address) = (place.instance, instances[place.instance].addresses[place.position])
            guard address.key == key, address.pending == nil, address.configuration.detectsDuplicates,
                instances[id].wantsAddresses, !instances[id].isLeaving
            else { continue }
            noteDetectionFailure(of: key, in: id)
            standBackAfterDetection(of: key, in: id, at: now)
        }
    }

    private mutating func noteDetectionFailure(of key: AddressKey, in id: RouterID) {
        record(
            .detectionFailed(instance: instances[id].name, address: key.prefix, interface: interfaceName(key)),
            about: id)
    }

    /// Another host has it: this one says so, and tries again after a pause.
    private mutating func standBackAfterDetection(of key: AddressKey, in id: RouterID, at now: Instant) {
        instances[id].participation.wait(until: now + pauseAfterDetection(of: id, at: now))
        fail(id, .addressInUse(key.prefix, interface: interfaceName(key)), of: .network, at: now)
    }

    /// Two hosts that detect at the same time both fail. So that they do not meet again each time, each waits for another span: 1 to 4 s,
    /// by the address from which it speaks and the moment.
    private func pauseAfterDetection(of id: RouterID, at now: Instant) -> Duration {
        var hash = StableHash()
        hash.add(instances[id].source ?? .unspecified)
        let (seconds, attoseconds) = now.sinceBoot.components
        hash.add(UInt64(bitPattern: seconds))
        hash.add(UInt64(bitPattern: attoseconds / 1_000_000_000_000_000))
        return Self.retryPause * Int(1 + hash.value % 4)
    }

    /// The kernel has added an address that it does not use yet: no event tells of it before its detection has ended.
    mutating func noteTentative(_ key: AddressKey, in router: RouterID, _ result: RequestResult, at now: Instant) {
        guard key.family == .ipv6, result == .done, !table.contains(key), let place = place(of: key, in: router) else {
            return
        }
        let wanted = instances[router].addresses[place.position].configuration
        guard wanted.detectsDuplicates else { return }
        addressAppeared(
            assignment(of: wanted, at: key).placed(origin: InterfaceAddress.ourOrigin, createdAt: 0), at: now)
    }

    /// Nor does an event tell of the link-local address that an interface gets when it comes up, before it is in use: to say what is waited
    /// for, the table is read.
    mutating func lookForLinkLocal(on link: Link) {
        guard ledger.sources(.ipv6, on: link.index).allSatisfy({ !$0.address.isLinkLocal }),
            directory.routers(on: link.name).contains(where: {
                instances[$0].configuration.family == .ipv6 && instances[$0].configuration.interface == link.name
            })
        else { return }
        effects.append(.requestSnapshot)
    }

    /// The kernel uses an address from now on that was tentative.
    mutating func detectionPassed(_ key: AddressKey, at now: Instant) {
        for place in directory.places(of: key.address)
        where instances[place.instance].addresses[place.position].key == key {
            if instances[place.instance].isMaster { announceNew(key, of: place.instance, at: now) }
            concludeClaim(place.instance, at: now)
            // A route may have waited for it.
            instances[place.instance].routing?.endPostponement()
            setRouting(place.instance, at: now)
        }
    }

    // MARK: - What else is IPv6's own

    /// Whether connections may choose the address as their source: the kernel changes that where the address is.
    mutating func mendPreference(_ place: AddressPlace, at now: Instant) {
        let address = instances[place.instance].addresses[place.position]
        guard let key = address.key, key.family == .ipv6, ledger.isOurs(key), let present = table.address(key) else {
            return
        }
        if present.peer != address.configuration.peer {
            // Nothing can stand beside it meanwhile: it is there once. It comes back when the kernel has answered.
            if instances[place.instance].placement[place.position].beginRefit(at: now) {
                instances[place.instance].placement[place.position].noteGivenUp()
                requestRemoval(of: key, at: place)
            }
            return
        }
        // One that counts down is deprecated in the end.
        let isPreferenceOther =
            address.hasOtherPreference
            || address.configuration.preferredLifetime.map { $0 == 0 && !present.isDeprecated } ?? present.isDeprecated
        guard isPreferenceOther || present.addsNetworkRoute != address.configuration.addsNetworkRoute,
            instances[place.instance].placement[place.position].beginRefit(at: now)
        else { return }
        instances[place.instance].placement[place.position].notePreference()
        effects.append(.renewAddress(assignment(of: address.configuration, at: key)))
    }

    /// IPv6 has an address on an interface once, with whatever prefix length: what a reload or somebody else has put there with another
    /// one goes in the same write.
    mutating func makeRoom(for key: AddressKey) {
        guard key.family == .ipv6 else { return }
        for other in table.copies(of: key.address).sorted()
        where other != key && other.interface == key.interface && mayRemove(other) { removeLeftover(other) }
    }
}
