package import Addressing
import Configuration
package import VRRP

/// Another host that answers for a shared address.
package struct AddressConflict: Hashable, Sendable {
    package var hardwareAddress: MACAddress
    package var since: Instant
    package internal(set) var lastSeen: Instant
    var defendedAt: Instant?
    /// When the latest claims are answered.
    var defendAt: Instant?
}

/// What other hosts say by ARP (RFC 5227) and neighbour discovery (RFC 4861) about the shared addresses.
extension Core {
    /// A conflict that was seen lately, and answered when it was asked last.
    func presentConflict(_ address: PlacedAddress, of instance: Instance, at now: Instant?) -> AddressConflict? {
        address.key.flatMap { instance.claims.conflict(over: $0, at: now) }
    }

    /// Another host has spoken as the owner of an address.
    mutating func addressClaimed(_ claim: AddressClaim, at now: Instant) {
        guard !table.isLocal(claim.hardwareAddress) else { return }
        for place in directory.places(of: claim.address) {
            guard let key = instances[place.instance].addresses[place.position].key,
                table.parent(of: key.interface) == claim.interface
            else { continue }
            if instances[place.instance].isLeaving { noteTakenOver(place, at: now) }
            heardAnswer(from: claim, about: place.instance, at: now)
            noteConflict(claim, at: place, now)
        }
    }

    private mutating func noteConflict(_ claim: AddressClaim, at place: AddressPlace, _ now: Instant) {
        let instance = instances[place.instance]
        guard instance.isMaster, let key = instance.placement[place.position].key else { return }
        let mayDefend = mayDefend(against: claim.hardwareAddress)
        if now - instance.tenure.since < ClaimWatch.settled {
            // Perhaps another one that has become master, and that will hear of this one: whoever has learnt its hardware
            // address learns better once things are settled.
            if mayDefend {
                instances[place.instance].announcing.planSettledEcho(at: instance.tenure.since + ClaimWatch.settled)
            }
            return
        }
        if instances[place.instance].claims.note(claim.hardwareAddress, over: key, mayDefend: mayDefend, at: now) {
            record(
                .addressConflict(
                    instance: instance.name, address: claim.address, interface: interfaceName(key),
                    hardwareAddress: claim.hardwareAddress), about: place.instance)
        }
        noteOtherHolder(of: place.instance, .holder(claim.hardwareAddress), at: now)
    }

    /// RFC 5227, section 2.4 (b): says again where the address is.
    mutating func defendIfDue(_ id: RouterID, at now: Instant) {
        guard instances[id].isMaster, defendsAddresses else {
            instances[id].claims.dropDefences(at: now)
            return
        }
        let due = Set(
            instances[id].claims.takeDefences(
                interval: instances[id].configuration.advertisementInterval, at: now))
        guard !due.isEmpty else { return }
        for case let key? in instances[id].addresses.map(\.key) where due.contains(key) {
            instances[id].observations.counters.defences &+= 1
            announce([key.address], of: id, on: key.interface, rounds: 1, at: now)
        }
    }

    /// Never against another VRRP's virtual MAC.
    private func mayDefend(against hardwareAddress: MACAddress) -> Bool {
        defendsAddresses && !hardwareAddress.isVirtualRouter
    }

    /// Plans the next question, soon after a takeover or a heal.
    mutating func probeSoon(_ id: RouterID, at now: Instant) {
        instances[id].claims.probeSoon(spread: .milliseconds((directory.rank(of: id) ?? 0) % 100 * 20), at: now)
    }

    mutating func probeIfDue(_ id: RouterID, at now: Instant) {
        guard instances[id].isMaster, instances[id].claims.takeProbe(at: now) else { return }
        var byPlace: [InterfaceFamily: [IPAddress]] = [:]
        for address in instances[id].addresses {
            guard let key = address.key, isHeld(address) else { continue }
            // From a macvlan it would ask itself.
            byPlace[InterfaceFamily(table.parent(of: key.interface), key.family), default: []].append(key.address)
        }
        for (place, addresses) in byPlace.sorted(by: { $0.key < $1.key }) { probe(addresses, at: place) }
    }

    /// Asks who else has addresses of a family. Neighbours answer an IPv6 question to the address from which it comes.
    mutating func probe(_ addresses: [IPAddress], at place: InterfaceFamily) {
        guard let link = table.link(place.interface), !link.hasNoARP, let hardwareAddress = link.hardwareAddress else {
            return
        }
        var source: IPAddress?
        if place.family == .ipv6 {
            source = selectSource(.ipv6, on: place.interface, present: nil)
            guard source != nil else { return }
        }
        effects.append(
            .probe(
                interface: place.interface, hardwareAddress: hardwareAddress, source: source, addresses: addresses))
    }
}
