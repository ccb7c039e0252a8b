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

/// What other hosts say by ARP about the shared addresses (RFC 5227).
extension Core {
    /// A master that old is settled: what its predecessor said is over.
    private static let settled = Duration.seconds(2)
    /// How often to ask.
    private static let probePeriod = Duration.seconds(30)
    /// RFC 5227, section 2.4: DEFEND_INTERVAL.
    private static let defendPause = Duration.seconds(10)
    /// How long after a claim it is answered: it may be the first of a burst, and the last one who speaks is believed.
    private static let defendDelay = Duration.milliseconds(100)
    /// While somebody else answers.
    private static let conflictProbePeriod = Duration.seconds(5)
    /// A conflict that was not seen for so long is over.
    private static let conflictMemory = Duration.seconds(35)
    /// So is one that does not answer a question within this time.
    private static let answerTime = Duration.seconds(1)

    /// A conflict that was seen lately, and answered when it was asked last.
    func presentConflict(_ address: PlacedAddress, of instance: Instance, at now: Instant?) -> AddressConflict? {
        guard let conflict = address.conflict, let now else { return address.conflict }
        if now - conflict.lastSeen >= Self.conflictMemory { return nil }
        if let asked = instance.probedAt, asked > conflict.lastSeen, now - asked >= Self.answerTime { return nil }
        return conflict
    }

    /// Another host has spoken as the owner of an address.
    mutating func addressClaimed(_ claim: AddressClaim, at now: Instant) {
        guard !table.allLinks.contains(where: { $0.hardwareAddress == claim.hardwareAddress }) else { return }
        for place in placesByAddress[claim.address] ?? [] {
            guard instances[place.instance].addresses[place.position].key?.interface == claim.interface else {
                continue
            }
            if instances[place.instance].isLeaving { noteTakenOver(place, at: now) }
            heardAnswer(from: claim, about: place.instance, at: now)
            noteConflict(claim, at: place, now)
        }
    }

    private mutating func noteConflict(_ claim: AddressClaim, at place: AddressPlace, _ now: Instant) {
        let instance = instances[place.instance]
        guard instance.isMaster else { return }
        if now - instance.since < Self.settled {
            // Perhaps another one that has become master, and that will hear of this one: whoever has learnt its hardware
            // address learns better once things are settled.
            if mayDefend(against: claim.hardwareAddress) {
                instances[place.instance].settledEchoAt = instance.since + Self.settled
            }
            return
        }
        let old = instance.addresses[place.position].conflict
        var conflict = AddressConflict(hardwareAddress: claim.hardwareAddress, since: now, lastSeen: now)
        if let old, old.hardwareAddress == claim.hardwareAddress, now - old.lastSeen < Self.conflictMemory {
            conflict.since = old.since
        } else if !instance.addresses.contains(where: { isAnswered($0, by: claim.hardwareAddress, at: now) }) {
            // One host that answers for all of them is told of once.
            record(
                .addressConflict(
                    instance: instance.name, address: claim.address,
                    interface: interfaceName(
                        AddressKey(interface: claim.interface, prefix: IPv4Prefix(host: claim.address))),
                    hardwareAddress: claim.hardwareAddress))
        }
        noteOtherHolder(of: place.instance, .holder(claim.hardwareAddress), at: now)
        conflict.defendedAt = old?.defendedAt
        // So a claim that comes too soon after an answer is answered later, not never.
        conflict.defendAt = old?.defendAt
        if conflict.defendAt == nil, mayDefend(against: claim.hardwareAddress) {
            let earliest = now + Self.defendDelay
            conflict.defendAt = conflict.defendedAt.map { max($0 + Self.defendPause, earliest) } ?? earliest
        }
        instances[place.instance].addresses[place.position].conflict = conflict
        instances[place.instance].probeAt = min(
            instances[place.instance].probeAt ?? now + Self.conflictProbePeriod, now + Self.conflictProbePeriod)
    }

    private func isAnswered(_ address: PlacedAddress, by hardwareAddress: MACAddress, at now: Instant) -> Bool {
        address.conflict.map { $0.hardwareAddress == hardwareAddress && now - $0.lastSeen < Self.conflictMemory }
            ?? false
    }

    /// RFC 5227, section 2.4 (b): says again where the address is.
    mutating func defendIfDue(_ id: RouterID, at now: Instant) {
        for position in instances[id].addresses.indices {
            guard let conflict = instances[id].addresses[position].conflict, let due = conflict.defendAt, now >= due
            else { continue }
            instances[id].addresses[position].conflict?.defendAt = nil
            guard instances[id].isMaster, defendsAddresses,
                let key = instances[id].addresses[position].key
            else { continue }
            if let end = electionEnd(of: instances[id]), now < end {
                // Once that is over, nobody else corrects what was learnt from the claim.
                instances[id].addresses[position].conflict?.defendAt = end
                continue
            }
            instances[id].addresses[position].conflict?.defendedAt = now
            instances[id].counters.defences &+= 1
            announce([key.address], of: id, on: key.interface, rounds: 1, at: now)
        }
    }

    /// Never against another VRRP's virtual MAC.
    private func mayDefend(against hardwareAddress: MACAddress) -> Bool {
        defendsAddresses && !hardwareAddress.isVirtualRouter
    }

    /// Until then a router of the same virtual router that was heard as master is the election's to deal with.
    private func electionEnd(of instance: Instance) -> Instant? {
        instance.otherMasterAt.map { $0 + max(instance.configuration.advertisementInterval * 4, .seconds(5)) }
    }

    /// Plans the next question, soon after a takeover or a heal.
    mutating func probeSoon(_ id: RouterID, at now: Instant) {
        // A thousand virtual routers do not ask in the same moment.
        instances[id].probeAt = now + Self.settled + .milliseconds((positions[id] ?? 0) % 100 * 20)
    }

    mutating func probeIfDue(_ id: RouterID, at now: Instant) {
        guard let due = instances[id].probeAt, now >= due, instances[id].isMaster else { return }
        instances[id].probeAt = now + Self.probePeriod
        // What was not answered last time is over; what is answered this time is seen again.
        for position in instances[id].addresses.indices {
            let present = presentConflict(instances[id].addresses[position], of: instances[id], at: now)
            if present == nil, instances[id].addresses[position].conflict?.defendAt == nil {
                instances[id].addresses[position].conflict = nil
            }
        }
        instances[id].probedAt = now
        var byInterface: [InterfaceIndex: [IPv4Address]] = [:]
        for address in instances[id].addresses {
            guard let key = address.key, isHeld(address) else { continue }
            byInterface[key.interface, default: []].append(key.address)
        }
        for (interface, addresses) in byInterface.sorted(by: { $0.key < $1.key }) {
            guard let link = table.link(interface), !link.hasNoARP, let hardwareAddress = link.hardwareAddress else {
                continue
            }
            effects.append(.probe(interface: interface, hardwareAddress: hardwareAddress, addresses: addresses))
        }
    }
}
