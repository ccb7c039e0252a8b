import Addressing
import Configuration
import VRRP

/// An address that is on its interface with another label, broadcast address or scope than the configuration wants.
///
/// The kernel changes none of them in place (a replacing RTM_NEWADDR sets lifetimes, metric and origin alone), and with an address it
/// removes the routes that prefer it as their source. So the same address is first put beside it with another prefix length, a bridge;
/// then the old one goes and the new one comes, and at last the bridge goes: the host answers all the while.
extension Core {
    /// Should this program die in between, the kernel takes the bridge away after so many seconds.
    private static let bridgeLifetime: UInt32 = 60

    // MARK: - When

    /// Whether a master has to put an address on anew. What the host has by itself is never touched.
    private func needsRefit(_ place: AddressPlace, at now: Instant) -> Bool {
        let instance = instances[place.instance]
        let address = instance.addresses[place.position]
        guard instance.isMaster, let key = address.key, address.pending == nil, let present = table.address(key),
            let link = table.link(key.interface),
            !present.isFitted(as: address.configuration, on: link.name),
            address.refusedFit != AddressFit(address.configuration)
        else { return false }
        switch standings[key] {
        case .ours: return true
        case .stray: return mayRemove(key) && !belongsToRival(key, at: now)
        case .hosts, nil: return false
        }
    }

    /// Puts an address on anew if it is not as wanted; with growing pauses where somebody else keeps changing it.
    mutating func refitIfNeeded(_ place: AddressPlace, at now: Instant) {
        instances[place.instance].addresses[place.position].refitAt = nil
        guard needsRefit(place, at: now), let key = instances[place.instance].addresses[place.position].key else {
            return
        }
        var refits = 0
        if let last = instances[place.instance].addresses[place.position].refittedAt, now - last < .seconds(10) {
            refits = min(instances[place.instance].addresses[place.position].refits + 1, 16)
            let due = last + Self.pause(before: refits)
            guard now >= due else {
                instances[place.instance].addresses[place.position].refitAt = due
                touch(place.instance)
                return
            }
        }
        instances[place.instance].addresses[place.position].refits = refits
        instances[place.instance].addresses[place.position].refittedAt = now
        beginRefit(of: key, at: place)
    }

    /// At a takeover: what an earlier run left, or somebody else, may be there in another form.
    mutating func planRefits(_ index: Int, at now: Instant) {
        for position in instances[index].addresses.indices
        where needsRefit(AddressPlace(instance: index, position: position), at: now) {
            instances[index].addresses[position].refitAt = now
        }
    }

    mutating func refitIfDue(_ index: Int, at now: Instant) {
        for position in instances[index].addresses.indices {
            guard let due = instances[index].addresses[position].refitAt, now >= due else { continue }
            refitIfNeeded(AddressPlace(instance: index, position: position), at: now)
        }
    }

    // MARK: - How

    private mutating func beginRefit(of key: AddressKey, at place: AddressPlace) {
        guard let bridge = bridge(beside: key) else { return }
        bridges.insert(bridge)
        let id = newRequest(.refit(place, key, .bridge(bridge)))
        instances[place.instance].addresses[place.position].pending = .refit(id)
        var assignment = AddressAssignment(key: bridge, lifetime: Self.bridgeLifetime)
        assignment.addsNetworkRoute = false
        effects.append(.addAddress(id, assignment))
    }

    /// The same address with a prefix length that is free.
    private func bridge(beside key: AddressKey) -> AddressKey? {
        for length in (1...32).reversed() where length != key.prefix.length {
            guard let prefix = IPv4Prefix(address: key.address, length: length) else { continue }
            let bridge = AddressKey(interface: key.interface, prefix: prefix)
            if table.address(bridge) == nil, !hasPlace(bridge), !bridges.contains(bridge) { return bridge }
        }
        return nil
    }

    /// The kernel's answer to a step.
    mutating func refitAnswered(
        _ step: RefitStep, _ key: AddressKey, at place: AddressPlace, _ result: RequestResult, _ now: Instant
    ) {
        switch step {
        case .bridge(let bridge):
            if case .refused(let refusal) = result {
                bridges.remove(bridge)
                giveUpRefit(key, at: place, refusal)
            } else if isStillWanted(key, at: place) {
                if mayTakeOthersAlong(key) {
                    let id = newRequest(.refit(place, key, .promote(bridge)))
                    instances[place.instance].addresses[place.position].pending = .refit(id)
                    effects.append(.promoteSecondaries(id, key.interface))
                } else {
                    exchange(key, bridge, at: place)
                }
                return
            }
            endRefit(bridge, at: place, now)
        case .promote(let bridge):
            if case .refused(let refusal) = result {
                giveUpRefit(key, at: place, refusal)
            } else if isStillWanted(key, at: place) {
                return exchange(key, bridge, at: place)
            }
            endRefit(bridge, at: place, now)
        // The answer to what follows tells whether it went.
        case .remove: break
        case .add(let bridge, let before):
            pendingAdditions[key.interface] = max((pendingAdditions[key.interface] ?? 0) - 1, 0)
            if case .refused(let refusal) = result, refusal.saysAlreadyThere {
                disown(key)
            } else {
                presumedOurs.remove(key)
            }
            if case .refused(let refusal) = result {
                giveUpRefit(key, at: place, refusal)
                if table.address(key) == nil {
                    let id = newRequest(.refit(place, key, .restore(bridge)))
                    instances[place.instance].addresses[place.position].pending = .refit(id)
                    effects.append(.addAddress(id, before))
                    return
                }
            } else {
                refitted(key, at: place, now)
            }
            endRefit(bridge, at: place, now)
        case .restore(let bridge):
            endRefit(bridge, at: place, now)
        }
    }

    /// Off and on again, in one write.
    private mutating func exchange(_ key: AddressKey, _ bridge: AddressKey, at place: AddressPlace) {
        guard let present = table.address(key) else { return }
        let wanted = assignment(of: instances[place.instance].addresses[place.position].configuration, at: key)
        var before = wanted
        before.label = present.label
        before.broadcast = present.broadcast
        before.scope = AddressScope(rawValue: present.scope) ?? .global
        effects.append(.removeAddress(newRequest(.refit(place, key, .remove)), key))
        let id = newRequest(.refit(place, key, .add(bridge, before: before)))
        instances[place.instance].addresses[place.position].pending = .refit(id)
        effects.append(.addAddress(id, wanted))
    }

    private func isStillWanted(_ key: AddressKey, at place: AddressPlace) -> Bool {
        instances[place.instance].isMaster && table.address(key) != nil
    }

    private mutating func refitted(_ key: AddressKey, at place: AddressPlace, _ now: Instant) {
        let instance = instances[place.instance]
        let configuration = instance.addresses[place.position].configuration
        let name = interfaceName(key)
        // A kernel that stores something else will do so again.
        if let present = table.address(key), !present.isFitted(as: configuration, on: name) {
            instances[place.instance].addresses[place.position].refusedFit = AddressFit(configuration)
        }
        record(.addressRefitted(instance: instance.name, address: key.prefix, interface: name))
        guard instance.isMaster else { return }
        announce(
            [key.address], of: place.instance, on: key.interface, rounds: instance.configuration.gratuitousARP.rounds,
            at: now)
    }

    /// It stays as it was until the configuration wants something else.
    private mutating func giveUpRefit(_ key: AddressKey, at place: AddressPlace, _ refusal: Refusal) {
        let configuration = instances[place.instance].addresses[place.position].configuration
        instances[place.instance].addresses[place.position].refusedFit = AddressFit(configuration)
        record(.refused(.change, address: key.prefix, interface: interfaceName(key), refusal: refusal))
    }

    private mutating func endRefit(_ bridge: AddressKey, at place: AddressPlace, _ now: Instant) {
        if bridges.contains(bridge) { outgoing.insert(bridge) }
        reconcile(place, at: now)
        concludeClaim(place.instance, at: now)
    }

    // MARK: - What goes when its replacement is there

    /// Removes what the configuration has no place for any more, but none while the same address is still on its way to its new place:
    /// the host answers for it all the while.
    /// - Parameter address: whose additions have been answered; `nil` to look at all.
    mutating func releaseOutgoing(of address: IPv4Address? = nil) {
        guard !outgoing.isEmpty else { return }
        let concerned = address.map { address in outgoing.filter { $0.address == address } } ?? outgoing
        for key in concerned.sorted() where !isAwaitedElsewhere(key.address) {
            outgoing.remove(key)
            guard table.address(key) != nil, !hasPlace(key) else {
                bridges.remove(key)
                continue
            }
            removeLeftover(key)
        }
    }

    private func isAwaitedElsewhere(_ address: IPv4Address) -> Bool {
        (placesByAddress[address] ?? []).contains { place in
            guard instances[place.instance].wantsAddresses else { return false }
            switch instances[place.instance].addresses[place.position].pending {
            case .add, .refit: return true
            case .remove, .promote, nil: return false
            }
        }
    }
}

/// A step of putting an address on anew. Each names the bridge that is to go in the end.
enum RefitStep: Hashable, Sendable {
    case bridge(AddressKey)
    /// promote_secondaries, so that the removal leaves the secondaries.
    case promote(AddressKey)
    case remove
    /// `before` is what it was.
    case add(AddressKey, before: AddressAssignment)
    /// As it was: the kernel does not take it as it is wanted.
    case restore(AddressKey)
}

/// What the kernel keeps beside an address: what is to be compared.
struct AddressFit: Hashable, Sendable {
    var label: String?
    var broadcast: IPv4Address?
    var scope: UInt8

    init(_ wanted: SharedAddress) {
        label = wanted.label
        // The kernel keeps no broadcast address 0.0.0.0.
        broadcast = wanted.broadcastAddress == .unspecified ? nil : wanted.broadcastAddress
        scope = wanted.scope.rawValue
    }
}

extension InterfaceAddress {
    /// Whether it is on the interface as wanted. Without a label the kernel stores the interface's name.
    func isFitted(as wanted: SharedAddress, on interface: String) -> Bool {
        let wanted = AddressFit(wanted)
        return (label ?? interface) == (wanted.label ?? interface) && broadcast == wanted.broadcast
            && scope == wanted.scope
    }
}
