import Addressing
import Configuration
import VRRP

/// An address that is on its interface with another label, broadcast address, scope or peer than the configuration wants.
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
            !address.isFitRefused
        else { return false }
        switch ledger.standing(of: key) {
        case .ours: return true
        case .stray: return mayRemove(key) && !belongsToRival(key, at: now)
        case .hosts, nil: return false
        }
    }

    /// Puts an address on anew if it is not as wanted.
    mutating func refitIfNeeded(_ place: AddressPlace, at now: Instant) {
        instances[place.instance].placement[place.position].dropRefit()
        guard needsRefit(place, at: now), let key = instances[place.instance].placement[place.position].key,
            instances[place.instance].placement[place.position].beginRefit(at: now)
        else { return }
        beginRefit(of: key, at: place)
    }

    /// At a takeover: what an earlier run left, or somebody else, may be there in another form.
    mutating func planRefits(_ id: RouterID, at now: Instant) {
        for position in instances[id].placement.positions
        where needsRefit(AddressPlace(instance: id, position: position), at: now) {
            instances[id].placement[position].planRefit(at: now)
        }
    }

    mutating func refitIfDue(_ id: RouterID, at now: Instant) {
        for position in instances[id].placement.takeRefits(at: now) {
            let place = AddressPlace(instance: id, position: position)
            refitIfNeeded(place, at: now)
            let address = instances[id].addresses[position]
            if address.pending == nil, isHeld(address) { mendPreference(place, at: now) }
        }
    }

    // MARK: - How

    private mutating func beginRefit(of key: AddressKey, at place: AddressPlace) {
        guard let bridge = bridge(beside: key) else { return }
        outgoing.addBridge(bridge)
        let request = requests.begin(.refit(place.instance, key, .bridge(bridge)))
        instances[place.instance].placement[place.position].ask(.refit(request))
        var assignment = AddressAssignment(key: bridge, lifetime: Self.bridgeLifetime)
        assignment.addsNetworkRoute = false
        effects.append(.addAddress(request, assignment))
    }

    /// The same address with a prefix length that is free.
    private func bridge(beside key: AddressKey) -> AddressKey? {
        for length in (1...key.address.bitWidth).reversed() where length != key.prefix.length {
            guard let prefix = IPPrefix(address: key.address, length: length) else { continue }
            let bridge = AddressKey(interface: key.interface, prefix: prefix)
            if table.address(bridge) == nil, !hasPlace(bridge), !outgoing.isBridge(bridge) { return bridge }
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
                outgoing.dropBridge(bridge)
                giveUpRefit(key, at: place, refusal)
            } else if isStillWanted(key, at: place) {
                if mayTakeOthersAlong(key) {
                    let request = requests.begin(.refit(place.instance, key, .promote(bridge)))
                    instances[place.instance].placement[place.position].ask(.refit(request))
                    notePromotion(of: key.interface)
                    effects.append(.promoteSecondaries(request, key.interface))
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
        case .add(let bridge, let wanted, let before):
            if case .refused(let refusal) = result, refusal.saysAlreadyThere {
                disown(key)
            } else {
                ledger.confirm(key)
            }
            if case .refused(let refusal) = result {
                giveUpRefit(key, at: place, refusal)
                if table.address(key) == nil {
                    let request = requests.begin(.refit(place.instance, key, .restore(bridge)))
                    instances[place.instance].placement[place.position].ask(.refit(request))
                    effects.append(.addAddress(request, before))
                    return
                }
            } else {
                refitted(key, as: wanted, at: place, now)
            }
            endRefit(bridge, at: place, now)
        case .restore(let bridge):
            endRefit(bridge, at: place, now)
        }
    }

    /// Off and on again, in one write.
    private mutating func exchange(_ key: AddressKey, _ bridge: AddressKey, at place: AddressPlace) {
        guard let present = table.address(key) else { return }
        let configuration = instances[place.instance].addresses[place.position].configuration
        let wanted = assignment(of: configuration, at: key)
        var before = wanted
        before.label = present.label
        before.peer = present.peer
        before.addsNetworkRoute = present.addsNetworkRoute
        before.broadcast = present.broadcast
        before.scope = AddressScope(rawValue: present.scope) ?? .global
        effects.append(.removeAddress(requests.begin(.refit(place.instance, key, .remove)), key))
        let request = requests.begin(
            .refit(place.instance, key, .add(bridge, as: AddressFit(configuration), before: before)))
        instances[place.instance].placement[place.position].ask(.refit(request))
        effects.append(.addAddress(request, wanted))
    }

    private func isStillWanted(_ key: AddressKey, at place: AddressPlace) -> Bool {
        instances[place.instance].isMaster && table.address(key) != nil
    }

    private mutating func refitted(
        _ key: AddressKey, as wanted: AddressFit, at place: AddressPlace, _ now: Instant
    ) {
        let instance = instances[place.instance]
        let configuration = instance.addresses[place.position].configuration
        let name = interfaceName(key)
        // A kernel that stores something else will do so again. A reload may want something else by now.
        if wanted == AddressFit(configuration), let present = table.address(key),
            !present.isFitted(as: configuration, on: name)
        {
            instances[place.instance].placement[place.position].refuseFit()
        }
        record(.addressRefitted(instance: instance.name, address: key.prefix, interface: name), about: place.instance)
        guard instance.isMaster else { return }
        announce(
            [key.address], of: place.instance, on: key.interface, rounds: instance.configuration.gratuitousARP.rounds,
            at: now)
    }

    /// It stays as it was until the configuration wants something else.
    private mutating func giveUpRefit(_ key: AddressKey, at place: AddressPlace, _ refusal: KernelRefusal) {
        instances[place.instance].placement[place.position].refuseFit()
        record(.refused(.change, address: key.prefix, interface: interfaceName(key), refusal: refusal))
    }

    private mutating func endRefit(_ bridge: AddressKey, at place: AddressPlace, _ now: Instant) {
        outgoing.releaseBridge(bridge)
        reconcile(place, at: now)
        concludeClaim(place.instance, at: now)
    }

    // MARK: - What goes when its replacement is there

    /// Removes what the configuration has no place for any more, but none while the same address is still on its way to its new place:
    /// the host answers for it all the while.
    /// - Parameter address: whose additions have been answered; `nil` to look at all.
    mutating func releaseOutgoing(of address: IPAddress? = nil) {
        guard !outgoing.isEmpty else { return }
        for address in address.map({ [$0] }) ?? outgoing.addresses where !isAwaitedElsewhere(address) {
            for key in outgoing.take(address) {
                guard table.contains(key), !hasPlace(key) else {
                    outgoing.dropBridge(key)
                    continue
                }
                removeLeftover(key)
            }
        }
    }

    private func isAwaitedElsewhere(_ address: IPAddress) -> Bool {
        directory.places(of: address).contains { place in
            guard instances[place.instance].wantsAddresses else { return false }
            if !mayAddAddress(at: place) { return true }
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
    case add(AddressKey, as: AddressFit, before: AddressAssignment)
    /// As it was: the kernel does not take it as it is wanted.
    case restore(AddressKey)

    /// Whether the address itself comes back with it.
    var putsBack: Bool {
        switch self {
        case .add, .restore: true
        case .bridge, .promote, .remove: false
        }
    }

    var bridge: AddressKey? {
        switch self {
        case .bridge(let key), .promote(let key), .add(let key, _, _), .restore(let key): key
        case .remove: nil
        }
    }
}

/// What the kernel keeps beside an address: what is to be compared.
struct AddressFit: Hashable, Sendable {
    var label: String?
    var broadcast: IPv4Address?
    var scope: UInt8
    var peer: IPAddress?
    var addsNetworkRoute: Bool

    init(_ wanted: SharedAddress) {
        label = wanted.label
        // The kernel keeps no broadcast address 0.0.0.0.
        broadcast = wanted.broadcastAddress == .unspecified ? nil : wanted.broadcastAddress
        scope = wanted.scope.rawValue
        peer = wanted.peer
        addsNetworkRoute = wanted.addsNetworkRoute
    }
}

extension InterfaceAddress {
    /// Whether it is on the interface as wanted. Without a label the kernel stores the interface's name. An IPv6 address has none of these;
    /// its lifetimes can be changed where it is.
    func isFitted(as wanted: SharedAddress, on interface: String) -> Bool {
        guard key.family == .ipv4 else { return true }
        let wanted = AddressFit(wanted)
        return (label ?? interface) == (wanted.label ?? interface) && broadcast == wanted.broadcast
            && scope == wanted.scope && peer == wanted.peer && addsNetworkRoute == wanted.addsNetworkRoute
    }
}
