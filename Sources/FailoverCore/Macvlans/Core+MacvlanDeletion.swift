import Addressing
import Configuration
import VRRP

/// How macvlans go: one after the other while virtual routers run, since the kernel does nothing else meanwhile, and together at a stop.
extension Core {
    /// - Parameter owner: whose it was until somebody changed it.
    mutating func deleteMacvlan(
        _ link: Link, of id: RouterID?, changedOf owner: RouterID? = nil, at now: Instant
    ) {
        guard !macvlans.requests.isDeleting(link.index) else { return }
        if let id {
            guard let macvlan = instances[id].macvlan, !macvlan.isWaiting(at: now),
                !macvlan.isWaitingForItsTurn(at: now)
            else { return }
            // One that leaves has to hear its successor meanwhile.
            if let due = macvlans.takeTurn(at: now) {
                instances[id].macvlan?.waitForTurn(until: due)
                return
            }
        }
        ask(
            .delete(link.index, restoring: settingsToRestore(with: link)), of: id, named: link.name, changedOf: owner)
    }

    /// Its virtual router is not there any more, or leaves with the whole program and has given it up.
    func isMacvlanDone(_ id: RouterID) -> Bool {
        instances[id].isStopped
            || stopDeadline != nil && instances[id].isLeaving && instances[id].wayOut.isForGood
                && instances[id].macvlan?.isGivenUp == true
    }

    /// At a stop: deletes all that can go by now. One by one hundreds would take the kernel longer than a stop may last.
    mutating func deleteDoneMacvlans(for id: RouterID, at now: Instant) {
        guard instances[id].macvlan?.isWaiting(at: now) == false,
            instances[id].macvlan?.isWaitingForItsTurn(at: now) == false
        else { return }
        if let due = macvlans.takeTurn(at: now) {
            instances[id].macvlan?.waitForTurn(until: due)
            return
        }
        let done = instances.order.filter { other in
            instances[other].macvlan?.pending == nil && isMacvlanDone(other)
                && instances[other].macvlan?.isWaiting(at: now) == false
        }
        deleteTogether(
            done.compactMap { other in
                instances[other].macvlan.flatMap { ownLink(named: $0.wanted.interface) }.map { (other, $0) }
            })
    }

    /// Deletes macvlans of virtual routers that are done with them, and of none.
    private mutating func deleteTogether(
        _ links: [(router: RouterID?, link: Link)], evenWanted: Bool = false
    ) {
        var seen: Set<InterfaceIndex> = []
        var rest = links.filter { _, link in
            !macvlans.requests.isDeleting(link.index) && (evenWanted || !isMacvlanWanted(link))
                && seen.insert(link.index).inserted
        }[...]
        while !rest.isEmpty {
            requestDeletion(of: rest.prefix(LinkOrder.mostAtOnce))
            rest = rest.dropFirst(LinkOrder.mostAtOnce)
        }
    }

    private mutating func requestDeletion(of links: ArraySlice<(router: RouterID?, link: Link)>) {
        guard let first = links.first else { return }
        let indices = links.map(\.link.index)
        var marks: [MacvlanMark] = []
        for (_, link) in links {
            guard let mark = settingsToRestore(with: link, besides: indices),
                !marks.contains(where: { $0.parent == mark.parent })
            else { continue }
            marks.append(mark)
        }
        let owners = links.map { LinkOwner(router: $0.router, name: $0.link.name) }
        let order = LinkOrder.deleteAll(indices, restoring: marks)
        let request = macvlans.requests.begin(
            LinkRequest(router: nil, order: order, name: first.link.name, together: owners))
        for owner in owners { if let id = owner.router { instances[id].macvlan?.ask(request, isSwitchingOn: false) } }
        effects.append(.link(request, order))
    }

    /// Whether a virtual router is not done with it yet.
    private func isMacvlanWanted(_ link: Link) -> Bool {
        directory.routers(on: link.name).contains { id in
            !isMacvlanDone(id) && macvlanLink(of: id)?.index == link.index
        }
    }

    /// The time for a stop is over: what is still there goes at once.
    /// - Returns: whether anything is.
    mutating func deleteRemainingMacvlans() -> Bool {
        let links = table.ownMacvlans.compactMap { table.link($0) }
        if macvlans.deletesOneByOne {
            for link in links where !macvlans.requests.isDeleting(link.index) {
                ask(.delete(link.index, restoring: settingsToRestore(with: link)), of: nil, named: link.name)
            }
        } else {
            deleteTogether(links.map { (nil, $0) }, evenWanted: true)
        }
        return !links.isEmpty
    }

    /// Macvlans of this program that no virtual router wants.
    mutating func removeLeftoverMacvlans(at now: Instant) {
        macvlans.leftoversDue = nil
        if instances.order.isEmpty || stopDeadline != nil, !macvlans.deletesOneByOne {
            let left = table.ownMacvlans.filter { !isMacvlanInUse($0) }
            return deleteTogether(left.compactMap { table.link($0) }.map { (nil, $0) })
        }
        for index in table.ownMacvlans where !isMacvlanInUse(index) && !macvlans.requests.isDeleting(index) {
            guard let link = table.link(index) else { continue }
            // Where virtual routers run, one at a time: they have to be heard meanwhile.
            if !instances.order.isEmpty, stopDeadline == nil, let due = macvlans.takeTurn(at: now) {
                macvlans.leftoversDue = due
                return
            }
            deleteMacvlan(link, of: nil, at: now)
        }
    }

    mutating func removeLeftoverMacvlansIfDue(at now: Instant) {
        if let due = macvlans.leftoversDue, now >= due { removeLeftoverMacvlans(at: now) }
    }
}
