import Addressing
import Configuration
import VRRP

/// `use_vmac`: a macvlan with the virtual router's hardware address (RFC 9568, section 7.3). It is there as long as the virtual router is,
/// and on only while this host is its master: while it is off the kernel sends nothing from it, so no switch learns a wrong port.
extension Core {
    // MARK: - What should be

    /// Whether a virtual router's macvlan belongs on now.
    func wantsMacvlan(_ id: RouterID) -> Bool {
        instances[id].wantsAddresses && instances[id].macvlan?.isGivenUp != true
    }

    /// The link of a virtual router's macvlan, where it is there as wanted.
    func macvlanLink(of id: RouterID) -> Link? {
        guard let wanted = instances[id].macvlan?.wanted, let link = table.link(named: wanted.interface),
            let parent = instances[id].interface, table.isOwnMacvlan(link.index),
            isAsWanted(link, wanted, on: parent)
        else { return nil }
        return link
    }

    func ownLink(named name: String) -> Link? {
        table.link(named: name).flatMap { table.isOwnMacvlan($0.index) ? $0 : nil }
    }

    private func isAsWanted(_ link: Link, _ wanted: VirtualMAC, on parent: InterfaceIndex) -> Bool {
        link.mark?.parent == parent && link.hardwareAddress == wanted.hardwareAddress && link.isPrivate
            && !hasLostIPv6(link, on: parent)
    }

    /// The least MTU for IPv6 (RFC 8200, section 5), in bytes.
    private static let leastMTU = 1280

    /// With a smaller MTU the kernel has taken IPv6 off it, and would put it on again with settings of its own: a new one has ours.
    private func hasLostIPv6(_ link: Link, on parent: InterfaceIndex) -> Bool {
        link.mtu < Self.leastMTU && (table.link(parent)?.mtu ?? 0) >= Self.leastMTU
    }

    /// Whether the virtual hardware address is in use, or none is wanted.
    func isMacvlanReady(_ id: RouterID) -> Bool {
        instances[id].macvlan == nil || macvlanLink(of: id)?.isAdministrativelyUp == true
    }

    /// Asks the kernel for what the macvlan lacks. One request at a time. Called before the addresses are looked at.
    mutating func reconcileMacvlan(_ id: RouterID, at now: Instant) {
        guard hasSnapshot, let macvlan = instances[id].macvlan, macvlan.pending == nil else { return }
        if isMacvlanDone(id) {
            // Also where its interface is not to be found any more.
            if let link = ownLink(named: macvlan.wanted.interface), !isMacvlanInUse(link.index, besides: id) {
                if stopDeadline != nil, !macvlans.deletesOneByOne {
                    deleteDoneMacvlans(for: id, at: now)
                } else if instances[id].isStopped {
                    deleteMacvlan(link, of: id, at: now)
                } else {
                    switchMacvlan(link, of: id, at: now)
                }
            }
            return
        }
        guard let parent = instances[id].interface, table.link(parent) != nil else {
            // Renamed away: what is on says nothing of this host any more.
            if let link = ownLink(named: macvlan.wanted.interface), link.isAdministrativelyUp, !wantsMacvlan(id),
                !isMacvlanInUse(link.index, besides: id)
            {
                ask(.switchOff(link.index), of: id, named: link.name)
            }
            return
        }
        if let link = table.link(named: macvlan.wanted.interface) {
            // What somebody else has made is not touched: it is a fault that is told.
            guard table.isOwnMacvlan(link.index) else { return }
            guard isAsWanted(link, macvlan.wanted, on: parent) else {
                if !isMacvlanInUse(link.index, besides: id) {
                    // A reload may want it on top of another interface.
                    let isChanged = macvlan.link == link.index && link.mark?.parent == parent
                    deleteMacvlan(link, of: nil, changedOf: isChanged ? id : nil, at: now)
                }
                return
            }
            instances[id].macvlan?.noteThere(link.index)
            hear(on: link, of: id)
            switchMacvlan(link, of: id, at: now)
        } else if !macvlan.isWaiting(at: now), !deletesRivals(of: id, macvlan, on: parent, at: now) {
            makeMacvlan(macvlan.wanted, on: parent, of: id)
        }
    }

    /// Switches it on or off as it belongs.
    private mutating func switchMacvlan(_ link: Link, of id: RouterID, at now: Instant) {
        guard let macvlan = instances[id].macvlan else { return }
        if wantsMacvlan(id) { lendSettings(of: link) }
        let mtu = link.mark.flatMap { table.link($0.parent) }?.mtu ?? 0
        if link.mtu < mtu, !macvlan.isWaiting(at: now) {
            return ask(.setMTU(mtu, of: link.index), of: id, named: link.name)
        }
        guard wantsMacvlan(id) != link.isAdministrativelyUp, !macvlan.isWaiting(at: now) else { return }
        if wantsMacvlan(id) {
            ask(.switchOn(link.index), of: id, named: link.name)
        } else {
            guard !macvlan.isWaitingForItsTurn(at: now), !awaitsDecision(id) else { return }
            // The kernel is quick to take IPv4's addresses, and without any the link says nothing: those go first.
            let addresses = table.addresses(on: link.index).map(\.key).filter { ledger.isOurs($0) }
            guard addresses.allSatisfy({ goesWithMacvlan($0, of: id) }) else { return }
            // Without an address it says nothing, and others go first.
            if addresses.isEmpty, let due = macvlans.takeTurn(at: now) {
                instances[id].macvlan?.waitForTurn(until: due)
                return
            }
            ask(.switchOff(link.index), of: id, named: link.name)
        }
    }

    /// Whether an address can be added now: before the macvlan is on the kernel would not use one of IPv6.
    func mayAddAddress(at place: AddressPlace) -> Bool {
        guard let macvlan = instances[place.instance].macvlan,
            instances[place.instance].addresses[place.position].configuration.interface == macvlan.wanted.interface
        else { return true }
        return macvlan.isSwitchingOn || isMacvlanReady(place.instance)
    }

    /// Whether an address goes when the macvlan is switched off. To remove one of IPv6 before would make the kernel leave its multicast
    /// group, by a message from the virtual hardware address.
    func goesWithMacvlan(_ key: AddressKey, of id: RouterID) -> Bool {
        guard key.family == .ipv6, let macvlan = instances[id].macvlan, macvlan.refusal == nil,
            let link = macvlanLink(of: id), link.index == key.interface
        else { return false }
        return link.isAdministrativelyUp
    }

    private mutating func makeMacvlan(_ wanted: VirtualMAC, on parent: InterfaceIndex, of id: RouterID) {
        var order = Macvlan(
            name: wanted.interface, parent: parent, hardwareAddress: wanted.hardwareAddress,
            lent: settingsToLend(of: parent))
        order.forwards = table.link(parent)?.forwards
        ask(.make(order), of: id, named: wanted.interface)
    }

    mutating func ask(
        _ order: LinkOrder, of id: RouterID? = nil, named name: String, changedOf owner: RouterID? = nil
    ) {
        let request = macvlans.requests.begin(
            LinkRequest(router: id, order: order, name: name, changedOf: owner))
        if let id { instances[id].macvlan?.ask(request, isSwitchingOn: order.isSwitchingOn) }
        effects.append(.link(request, order))
    }

    /// Two links with one hardware address can't be on at a time: one of ours that nobody wants any more goes first.
    /// - Returns: whether there is one.
    private mutating func deletesRivals(
        of id: RouterID, _ macvlan: PlacedMacvlan, on parent: InterfaceIndex, at now: Instant
    ) -> Bool {
        let wanted = macvlan.wanted
        var found = false
        for index in table.ownMacvlans(on: parent) {
            guard let link = table.link(index), link.hardwareAddress == wanted.hardwareAddress,
                link.name != wanted.interface
            else { continue }
            found = true
            guard !isMacvlanInUse(index) else { continue }
            // Its own, under another name.
            let isRenamed = macvlan.link == index
            deleteMacvlan(link, of: nil, changedOf: isRenamed ? id : nil, at: now)
        }
        return found
    }

    /// Whether a virtual router has a macvlan.
    func isMacvlanInUse(_ index: InterfaceIndex, besides own: RouterID? = nil) -> Bool {
        guard let name = table.link(index)?.name else { return false }
        return directory.routers(on: name).contains { id in
            id != own && macvlanLink(of: id)?.index == index
        }
    }

    mutating func retryMacvlanIfDue(_ id: RouterID, at now: Instant) {
        guard let due = instances[id].macvlan?.deadline, now >= due else { return }
        instances[id].macvlan?.endPauses(at: now)
        reconcile(id, at: now)
        sayFarewell(id, at: now)
    }

    // MARK: - The kernel's answers

    mutating func macvlanAnswered(_ id: RequestID, _ result: RequestResult, at now: Instant) {
        guard let request = macvlans.requests.end(id) else { return }
        defer { checkFinished() }
        if result == .done { table.note(request.order) }
        promotionAnswered(request.order)
        guard request.together.isEmpty else { return answered(request, id, result, at: now) }
        let router = asker(request.router, of: id)
        switch result {
        case .done: carriedOut(request, of: router, at: now)
        case .refused(let refusal): refused(request, refusal, of: router, at: now)
        }
        // What was to move there waits no more.
        releaseOutgoing()
    }

    /// What was asked about a link that has gone is answered for nobody: another request may be under way.
    private func asker(_ router: RouterID?, of id: RequestID) -> RouterID? {
        router.flatMap { router in
            instances.contains(router) && instances[router].macvlan?.pending == id ? router : nil
        }
    }

    /// Of many at a time.
    private mutating func answered(_ request: LinkRequest, _ id: RequestID, _ result: RequestResult, at now: Instant) {
        if case .refused = result { macvlans.deletesOneByOne = true }
        for owner in request.together {
            let router = asker(owner.router, of: id)
            let one = LinkRequest(router: owner.router, order: request.order, name: owner.name)
            switch result {
            case .done: carriedOut(one, of: router, at: now)
            case .refused(let refusal): refused(one, refusal, of: router, at: now)
            }
        }
        if macvlans.deletesOneByOne { removeLeftoverMacvlans(at: now) }
        releaseOutgoing()
    }

    private mutating func carriedOut(_ request: LinkRequest, of router: RouterID?, at now: Instant) {
        tellDone(request, of: router)
        guard let router, instances[router].macvlan != nil else {
            // Whoever asked for it has gone.
            if case .make = request.order { removeLeftoverMacvlans(at: now) }
            if request.step == .delete {
                let gone = request.order.deletion.links
                for id in instances.order where instances[id].macvlan?.link.map({ gone.contains($0) }) == true {
                    instances[id].macvlan?.noteDeleted()
                }
                reconcileMacvlans(at: now)
            }
            return
        }
        instances[router].macvlan?.noteDone()
        if case .make = request.order {
            if let link = table.link(named: request.name) { lendSettings(of: link) }
            evaluate(router, at: now)
        }
        reconcile(router, at: now)
        // Its last address may have gone with the link.
        sayFarewell(router, at: now)
        if case .switchOn = request.order, instances[router].isMaster { announceTakeover(router, at: now) }
    }

    /// A link has gone that others may have waited for.
    private mutating func reconcileMacvlans(at now: Instant) {
        for id in instances.order where instances[id].macvlan != nil { reconcileMacvlan(id, at: now) }
    }

    private mutating func refused(
        _ request: LinkRequest, _ refusal: KernelRefusal, of router: RouterID?, at now: Instant
    ) {
        // It has gone meanwhile.
        let isGone = refusal.saysNotThere
        guard let router, instances[router].macvlan != nil else {
            if !isGone { record(.macvlanChanged(instance: nil, .refused(request.step, refusal), name: request.name)) }
            if isGone, request.step == .delete { reconcileMacvlans(at: now) }
            return
        }
        guard !isGone || request.step == .make else {
            instances[router].macvlan?.noteGone()
            effects.append(.requestSnapshot)
            return
        }
        // One of that name is there, and the table does not know: the table is wrong.
        if refusal.saysAlreadyThere { effects.append(.requestSnapshot) }
        if instances[router].macvlan?.noteRefusal(refusal, at: now) == true {
            record(
                .macvlanChanged(instance: instances[router].name, .refused(request.step, refusal), name: request.name),
                about: router)
        }
        switch request.step {
        case .make: evaluate(router, at: now)
        case .switchOn:
            guard !instances[router].isStopped, let due = instances[router].macvlan?.retryAt else { return }
            instances[router].participation.wait(until: due)
            fail(router, .macvlanRefused(request.name, refusal), of: .network, at: now)
        case .switchOff, .delete, .set, .setMTU, .setPromotion: reconcile(router, at: now)
        }
    }

    private mutating func tellDone(_ request: LinkRequest, of router: RouterID?) {
        let owner = router ?? request.changedOf.flatMap { instances.contains($0) ? $0 : nil }
        let change: MacvlanChange
        switch request.order {
        case .make(let macvlan):
            let isAgain = router.map { instances[$0].macvlan?.link != nil } ?? false
            change = isAgain ? .restored(macvlan.hardwareAddress) : .made(macvlan.hardwareAddress)
        case .switchOn: change = .switchedOn
        case .switchOff: change = .switchedOff
        case .delete, .deleteAll:
            change = router != nil ? .removed : request.changedOf != nil ? .removedChanged : .leftoverRemoved
        case .set, .setMTU, .setPromotion: return
        }
        record(.macvlanChanged(instance: owner.map { instances[$0].name }, change, name: request.name), about: owner)
    }

    // MARK: - What the kernel tells

    /// What a virtual router's macvlan has to do with its taking part; `nil` for nothing.
    func macvlanFault(of id: RouterID) -> Fault? {
        guard let macvlan = instances[id].macvlan else { return nil }
        guard let link = table.link(named: macvlan.wanted.interface) else {
            return macvlan.refusal.map { .macvlanRefused(macvlan.wanted.interface, $0) }
        }
        return macvlan.pending == nil && !table.isOwnMacvlan(link.index) ? .foreignLink(link.name) : nil
    }

    /// A link has gone.
    /// - Parameter link: as it was.
    mutating func macvlanRemoved(_ link: Link, at now: Instant) {
        if macvlans.stopHearing(link.index) { effects.append(.closeMacvlanReceiver(link.index)) }
        for id in directory.routers(on: link.name) where instances[id].macvlan?.wanted.interface == link.name {
            // Before its answer: what was asked about it is void.
            if macvlans.requests.isDeleting(link.index) { continue }
            instances[id].macvlan?.noteGone()
            instances[id].macvlan?.noteUndone(at: now)
        }
        restoreSettings(after: link)
    }

    /// Somebody has switched a macvlan off that belongs on.
    mutating func macvlanSwitchedOff(_ link: Link, at now: Instant) {
        for id in directory.routers(on: link.name)
        where instances[id].macvlan?.wanted.interface == link.name && instances[id].macvlan?.pending == nil
            && wantsMacvlan(id)
        {
            instances[id].macvlan?.noteUndone(at: now)
        }
    }

    // MARK: - What is heard there

    private mutating func hear(on link: Link, of id: RouterID) {
        guard let parent = link.mark?.parent else { return }
        let place = InterfaceFamily(parent, instances[id].configuration.family)
        let before = macvlans.hear(link.index, for: place)
        guard before != place else { return }
        if before != nil { effects.append(.closeMacvlanReceiver(link.index)) }
        effects.append(.openMacvlanReceiver(link.index, for: place))
    }

    /// Without it this host does not hear another master with the same hardware address while it is one itself.
    mutating func macvlanReceiverFailed(_ macvlan: InterfaceIndex, reason: String) {
        _ = macvlans.stopHearing(macvlan)
        guard let name = table.link(macvlan)?.name else { return }
        record(.macvlanChanged(instance: nil, .deaf(reason: reason), name: name))
    }
}

extension LinkOrder {
    fileprivate var isSwitchingOn: Bool {
        if case .switchOn = self { true } else { false }
    }
}

extension LinkRequest {
    var step: MacvlanStep {
        switch order {
        case .make: .make
        case .switchOn: .switchOn
        case .switchOff: .switchOff
        case .delete, .deleteAll: .delete
        case .set: .set
        case .setMTU: .setMTU
        case .setPromotion: .setPromotion
        }
    }
}
