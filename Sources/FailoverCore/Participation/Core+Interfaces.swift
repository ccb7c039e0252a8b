import Addressing
import Configuration
import VRRP

/// Interfaces come, go, lose their carrier and their addresses: who can take part?
extension Core {
    // MARK: - Links

    mutating func linkChanged(_ link: Link, at now: Instant) {
        let old = table.link(link.index)
        let wantsAnnouncement = link.wantsAnnouncement
        var link = link
        // An event, no property of the link.
        link.wantsAnnouncement = false
        table.insert(link)
        if old?.isAdministrativelyUp == true, !link.isAdministrativelyUp, table.isOwnMacvlan(link.index) {
            macvlanSwitchedOff(link, at: now)
        }
        if hasSnapshot, old?.isUp != true, link.isUp || old == nil {
            ledger.beginSettling(link.index, at: now)
            if link.isUp { lookForLinkLocal(on: link) }
        }
        if let old, old.name != link.name {
            linkNews(old.name, at: now)
            closeUnusedReceivers(on: link.index)
        }
        linkNews(link.name, at: now)
        if old != link { doubtRouting(at: now) }
        let isMoved = old.map { $0.hardwareAddress != link.hardwareAddress && link.hardwareAddress != nil } ?? false
        if isMoved || wantsAnnouncement {
            // The neighbours know the old hardware address, or the switches the old port.
            for id in directory.routers(on: link.name) where instances[id].isMaster {
                announceTakeover(id, at: now)
            }
        }
    }

    mutating func linkRemoved(_ index: InterfaceIndex, at now: Instant) {
        // Also of an interface that nobody told of: an address on it may have been told.
        let name = table.link(index)?.name
        let gone = table.addresses(on: index).map(\.key)
        let macvlan = table.isOwnMacvlan(index) ? table.link(index) : nil
        table.remove(link: index)
        ledger.forgetInterface(index)
        for key in gone { loseStanding(key) }
        if let macvlan { macvlanRemoved(macvlan, at: now) }
        guard let name else { return }
        linkNews(name, at: now)
        closeUnusedReceivers(on: index)
        doubtRouting(at: now)
    }

    mutating func replaceTable(links: [Link], addresses: [InterfaceAddress], at now: Instant) {
        let isFirst = !hasSnapshot
        hasSnapshot = true
        let old = table
        table = KernelTable(links: links, addresses: addresses)
        for link in links where !isFirst && old.link(link.index)?.isUp != true && link.isUp {
            ledger.beginSettling(link.index, at: now)
        }
        for link in old.allLinks where table.link(link.index) == nil {
            ledger.forgetInterface(link.index)
        }
        for index in old.ownMacvlans where table.link(index) == nil {
            if let link = old.link(index) { macvlanRemoved(link, at: now) }
        }
        // In the same order each time: what is asked of the kernel next may depend on it.
        for key in ledger.known.sorted() where !table.contains(key) {
            loseStanding(key)
        }
        for id in instances.order {
            locate(id, at: now)
        }
        takeStockOfRouting(at: now)
        ledger.forgetPrivate()
        for address in addresses {
            ledger.file(address.key, isPrivate: isHostsOwn(address))
        }
        for address in addresses {
            judge(address, cameWithInterface: isFirst || ledger.isSettling(address.key.interface, at: now), at: now)
        }
        // The state file may name addresses that went while nobody watched.
        for key in ledger.remembered.keys.sorted() where !table.contains(key) {
            if key.isOfPromotion, table.link(key.interface) != nil { continue }
            forget(key)
        }
        closeUnusedReceivers()
        judgeLinks(at: now)
        noteFaultsOfGroups(at: now)
        evaluate(instances.order, at: now)
        removeLeftoverMacvlans(at: now)
        restorePromotions()
        if !isFirst { doubtRouting(at: now) }
        checkFinished()
    }

    // MARK: - Instances

    mutating func evaluate(_ ids: [RouterID], at now: Instant) {
        for id in ids {
            evaluate(id, at: now)
            reconcile(id, at: now)
        }
    }

    /// Finds the interfaces of an instance in the table.
    func wanted(_ id: RouterID) -> InterfaceIndex? {
        table.link(named: instances[id].configuration.interface)?.index
    }

    /// Brings an instance's places up to date with the table; an interface that was made anew has a new number.
    mutating func locate(_ id: RouterID, at now: Instant) {
        let interface = wanted(id)
        let virtualRouterID = instances[id].configuration.virtualRouterID
        if instances[id].interface != interface {
            // Renamed away: it still carries packets, and the others need not wait for this host's silence.
            if instances[id].interface != nil, instances[id].isMaster { sayResignation(id, .resign, at: now) }
            directory.move(
                id, number: virtualRouterID, instances[id].configuration.family, from: instances[id].interface,
                to: interface)
            instances[id].participation.move(to: interface)
        }
        for position in instances[id].addresses.indices {
            let address = instances[id].addresses[position].configuration
            let key = table.link(named: address.interface).map {
                AddressKey(interface: $0.index, prefix: address.prefix)
            }
            let oldKey = instances[id].addresses[position].key
            guard oldKey != key else { continue }
            instances[id].placement[position].move(to: key)
            if let oldKey, table.address(oldKey) != nil, ledger.isOurs(oldKey) {
                outgoing.dismiss(oldKey)
                removeLeftover(oldKey)
            }
        }
    }

    /// Decides whether an instance can take part, and makes it so.
    mutating func evaluate(_ id: RouterID, at now: Instant) {
        locate(id, at: now)
        guard !instances[id].isStopped, hasSnapshot else { return }
        let source = presentSource(of: id, at: now)
        if now < startAt {
            instances[id].participation.wait(until: startAt)
        }
        instances[id].participation.judgeRival(at: now)
        judgePriority(of: id, at: now)
        let faults = presentFaults(of: id, source: source, at: now)
        noteOwnFault(faults, of: id)
        guard faults.isEmpty else {
            guard canWait(id, with: faults, at: now) else {
                fail(id, faults, at: now)
                return
            }
            // It hears its successor by the address that it has now.
            if faults[.network] == nil { follow(source, of: id, at: now) }
            return
        }
        instances[id].participation.recover()
        guard let source, let interface = instances[id].interface else { return }
        follow(source, of: id, at: now)
        judgeAwaiting(id)
        guard instances[id].election.state == .initialize else { return }
        // A resignation that did not leave says nothing about what will.
        if instances[id].sending.failure?.size == nil { instances[id].sending.forget() }
        openReceiver(InterfaceFamily(interface, instances[id].configuration.family))
        start(id, source: source, at: now)
    }

    /// Sends from an address from now on, and hears what comes to it.
    private mutating func follow(_ source: IPAddress?, of id: RouterID, at now: Instant) {
        guard let source, let interface = instances[id].interface else { return }
        if instances[id].source != source {
            instances[id].use(source: source)
        }
        tap(source, on: interface)
        judgeSize(of: id, at: now)
    }

    /// The interface works, and only the address to send from has gone, or something else that is tracked: the shared addresses answer
    /// until a successor has them.
    /// - Returns: false where the instance has to let go at once.
    private mutating func canWait(_ id: RouterID, with faults: FaultSet, at now: Instant) -> Bool {
        if let fault = faults[.network] {
            guard fault.isAboutSource, instances[id].configuration.unicast == nil else { return false }
        }
        guard instances[id].isLeaving || leave(id, faults, at: now) else { return false }
        instances[id].wayOut.leaveForFault()
        instances[id].participation.awaitSource(at: now)
        return true
    }

    /// Another member's fault is told, and waits for its host's last backup.
    private mutating func leave(_ id: RouterID, _ faults: FaultSet, at now: Instant) -> Bool {
        // By unicast and without its address it would not hear its successor.
        if instances[id].configuration.unicast != nil, instances[id].participation.isBridging(at: now) { return false }
        guard faults.firstOwn == nil, let fault = faults[.group] else { return leave(id, at: now) }
        return leave(id, .fault(fault), isPatient: true, at: now)
    }

    /// A master that left for a fault has left.
    /// - Returns: what is still in the way; empty where it left for another reason, or nothing is any more.
    mutating func faultsOfDeparture(_ id: RouterID, at now: Instant) -> FaultSet {
        guard instances[id].wayOut.takeFault() else { return FaultSet() }
        // It has answered all the while: as for a master, a moment without an own address is no fault.
        let isBridging = instances[id].participation.isBridging(at: now) && instances[id].configuration.unicast == nil
        let source = isBridging ? instances[id].source : presentSource(of: id, at: now)
        return presentFaults(of: id, source: source, at: now)
    }

    /// All that keeps an instance from taking part now, of every source.
    private func presentFaults(of id: RouterID, source: IPAddress?, at now: Instant) -> FaultSet {
        var faults = FaultSet()
        faults[.network] = presentFault(of: id, source: source, at: now)
        faults[.tracking] = trackedFault(of: id)
        faults[.group] = groupFault(of: id)
        return faults
    }

    /// The same, for a look ahead.
    mutating func ownFaults(of id: RouterID, at now: Instant) -> FaultSet {
        let source = presentSource(of: id, at: now)
        if now < startAt { instances[id].participation.wait(until: startAt) }
        var faults = FaultSet()
        faults[.network] = presentFault(of: id, source: source, at: now)
        faults[.tracking] = trackedFault(of: id)
        return faults
    }

    /// The address to send from. One that has just gone is kept for a while: a network manager that sets an interface up anew
    /// takes its addresses away for a moment, and nobody hears from where a packet is said to come. By unicast that holds only
    /// for a master: a backup is deaf meanwhile.
    private mutating func presentSource(of id: RouterID, at now: Instant) -> IPAddress? {
        let configured = instances[id].configuration.source
        var source = configured
        if configured == nil, let interface = instances[id].interface {
            source = selectSource(
                instances[id].configuration.family, on: interface, present: instances[id].source)
        }
        if let required = instances[id].requiredSource, !table.isInUse(required) { source = nil }
        guard source == nil else {
            instances[id].participation.findSource()
            return source
        }
        guard let old = instances[id].source, instances[id].election.state != .initialize,
            instances[id].configuration.unicast == nil || instances[id].isMaster
        else { return configured }
        return instances[id].participation.missSource(at: now) ? old : configured
    }

    private func presentFault(of id: RouterID, source: IPAddress?, at now: Instant) -> Fault? {
        let instance = instances[id]
        let name = instance.configuration.interface
        guard !name.isEmpty else { return .noInterfaceFound(source: instance.configuration.source) }
        guard let interface = instance.interface, table.link(interface) != nil else { return .noInterface(name) }
        if instance.configuration.tracksPrimary, let fault = linkFault(name) { return fault }
        guard source != nil else { return noSource(instance.configuration.family, on: interface, named: name) }
        if let required = instance.requiredSource, !table.isInUse(required), !instance.participation.isBridging(at: now)
        {
            return .noConfiguredSource(required)
        }
        if let unicast = instance.configuration.unicast, unicast.peers.isEmpty { return .noPeer }
        if now < startAt { return .startDelayed }
        if instance.participation.hasRival {
            return .anotherDaemon(name, virtualRouterID: instance.check.virtualRouterID)
        }
        if let fault = macvlanFault(of: id) { return fault }
        for address in instance.addresses where address.configuration.interface != instance.macvlan?.wanted.interface {
            let name = address.configuration.interface
            guard let key = address.key, table.link(key.interface) != nil else { return .noInterface(name) }
            if key.interface == interface || !address.configuration.isTracked { continue }
            // Nobody reaches an address there.
            if let fault = linkFault(name) { return fault }
        }
        // A refusal stands until its pause is over, or something else went wrong here; also one that is not the one told.
        if let fault = instance.participation.faults[.network], fault.isRefusal,
            let retryAt = instance.participation.retryAt,
            now < retryAt
        {
            return fault
        }
        return nil
    }

    func noSource(_ family: IPFamily, on interface: InterfaceIndex, named name: String) -> Fault {
        guard family == .ipv6 else { return .noSourceAddress(name) }
        let states = ledger.sources(.ipv6, on: interface)
            .filter { $0.address.isLinkLocal && !directory.isShared($0.address) }
            .compactMap { table.address($0)?.detection }
        return .noLinkLocalAddress(name, states.contains(.tentative) ? .tentative : states.first)
    }

    /// The interface's primary address in VRRP's sense: the first that is not shared. The one in use stays while it is
    /// there, so that the election's tie-break does not move. A host whose only address is the shared one sends from it.
    ///
    /// By IPv6 it is a link-local address (RFC 9568, section 5.1.2.1) that is in use, and never a shared one: every host has one of its own.
    func selectSource(
        _ family: IPFamily, on interface: InterfaceIndex, present: IPAddress?
    ) -> IPAddress? {
        // Asked for each virtual router of an interface whenever one of the host's addresses comes or goes.
        if let present, !directory.isShared(present), isOwnSource(present, on: interface) { return present }
        var best: (rank: Int, address: IPAddress)?
        for address in table.inOrder(ledger.sources(family, on: interface)) {
            guard address.scope < AddressScope.host.rawValue else { continue }
            let isShared = directory.isShared(address.key.address)
            if family == .ipv6 {
                guard address.key.address.isLinkLocal, !isShared, address.detection == .done else { continue }
            }
            var rank = isShared ? 8 : 0
            rank += address.scope == AddressScope.link.rawValue ? 4 : 0
            rank += address.isSecondary ? 2 : 0
            rank += address.key.address == present ? 0 : 1
            if let best, best.rank <= rank { continue }
            best = (rank, address.key.address)
        }
        return best?.address
    }

    /// Whether this host may speak from an address on an interface.
    private func isOwnSource(_ address: IPAddress, on interface: InterfaceIndex) -> Bool {
        table.copies(of: address).contains { key in
            key.interface == interface && ledger.isSource(key)
                && table.address(key).map { $0.scope < AddressScope.host.rawValue && $0.detection == .done } ?? false
        }
    }
}
