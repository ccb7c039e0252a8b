import FailoverCore
import VRRP

/// What people have the program do while it runs: handovers, and another configuration.
extension VirtualHost {
    /// Somebody asks for a handover, or for its end; a stalled program hears of it when it runs again.
    func ask(_ router: Int, handover: Bool) {
        if program != nil { orders.append((router, handover)) }
    }

    func takeOrders(at now: Instant) {
        for (router, handover) in orders {
            guard !isStopping, let index = index(of: router), references.indices.contains(router) else { continue }
            if handover {
                program?.core.handOver(index, HandoverOrder(requestedBy: "somebody", requestedAt: "now"), at: now)
                for member in withGroup(router) {
                    references[member].handOver(
                        canSpeak: knowsLinkUp, groupSkew: groupSkew(router), at: now.sinceBoot.nanoseconds)
                }
                settleGroups(at: now)
            } else {
                program?.core.resume(index, at: now)
                for member in withGroup(router) { references[member].resume() }
                settleGroups(at: now)
            }
        }
        orders = []
        carryOut(at: now)
    }

    /// Somebody edits the file, or puts the old one back, and has it read.
    func edit(_ router: Int, _ edit: Fault.Edit, isOver: Bool) {
        guard file.indices.contains(router) else { return }
        if isOver {
            file[router] = scenario.hosts[number][router]
            if edit == .reorder { isFileReversed.toggle() }
            if case .move(let other) = edit, file.indices.contains(other) {
                file[other] = scenario.hosts[number][other]
            }
        } else {
            switch edit {
            case .nothing: break
            case .priority(let priority): file[router].priority = priority
            case .label: file[router].isLabelled = true
            case .fewerAddresses: file[router].addressesLess = 1
            // The addresses that another daemon has put there would be the host's own.
            case .without: file[router].isConfigured = rivals[router] > 0
            case .rename: file[router].isRenamed = true
            case .untracked: file[router].tracksNothing = true
            case .ungrouped: file[router].isUngrouped = true
            case .reorder: isFileReversed.toggle()
            case .move(let other):
                guard file.indices.contains(other), let last = scenario.addresses(of: router).last else { break }
                file[router].addressesLess = 1
                file[other].addressesMore = [last]
            }
        }
        isToReload = true
    }

    /// As the real program does it: when it runs again, if it is stalled now, and not on its way out.
    func reloadIfTold(at now: Instant) {
        guard isToReload, isRunning, !isStopping else { return }
        isToReload = false
        let before = routers
        readFile(at: now)
        for router in routers.indices {
            switch (before[router].isConfigured, routers[router].isConfigured) {
            case (true, false): depart(router, at: now)
            case (false, true): comeBack(router)
            case (true, true), (false, false): break
            }
        }
        arrangeGroups(at: now)
        judgePriorities()
        judgeAbility(at: now)
        settleGroups(at: now)
        carryOut(at: now)
    }

    /// A master leaves as at a stop; anybody else is forgotten at once.
    private func depart(_ router: Int, at now: Instant) {
        guard knowsLinkUp, [.master, .leaving].contains(references[router].phase) else {
            references[router].shutdown(canSpeak: knowsLinkUp)
            forget(router)
            return
        }
        references[router].leave(canSpeak: true, at: now.sinceBoot.nanoseconds)
        references[router].isGrouped = false
        leavesForGood.insert(router)
    }

    /// Wanted again: one that is still on its way out goes on with it, but not for good.
    private func comeBack(_ router: Int) {
        let wasLeaving = leavesForGood.remove(router) != nil
        if !wasLeaving || references[router].phase == .initialize { forget(router) }
    }

    /// The next one of that number is another one.
    func forget(_ router: Int) {
        let said = references[router].said
        references[router] = ReferenceRouter(
            routers[router], isVersion3: scenario.version == .v3, preempts: preempts(router),
            hasVirtualMAC: scenario.hasVirtualMACs)
        references[router].isGrouped = group(of: router) != nil
        references[router].said = said
        leavesForGood.remove(router)
        clearRefusal(of: router)
    }
}
