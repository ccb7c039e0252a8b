import FailoverCore
import VRRP

/// What the reference model makes of sync groups.
extension VirtualHost {
    // MARK: - Who is in one

    /// The group of a virtual router in the configuration that was read; `nil` for none.
    func group(of router: Int) -> [Int]? {
        groups.first { $0.contains(router) && !leavesForGood.contains(router) }
    }

    func withGroup(_ router: Int) -> [Int] { group(of: router) ?? [router] }

    /// One that does not preempt keeps the others from it.
    func preempts(_ router: Int) -> Bool { withGroup(router).allSatisfy { routers[$0].preempts } }

    /// The longest that a backup of the group waits after a resignation.
    func groupSkew(_ router: Int) -> Int {
        guard let group = group(of: router), references.indices.contains(router) else { return 0 }
        return group.map { references[$0].longestSkew }.max() ?? 0
    }

    /// Something is still to be done in the next turn.
    var hasWork: Bool { !inbox.isEmpty || !events.isEmpty || program?.core.nextDeadline().map { $0 <= time } == true }

    func cannotSend(_ router: Int) -> Bool {
        references.indices.contains(router) && references[router].cannotSend || unreferenced.contains(router)
    }

    /// After the file was read.
    func arrangeGroups(at now: Instant) {
        for router in references.indices {
            let isGrouped = group(of: router) != nil
            if !isGrouped, references[router].isGrouped { references[router].leaveGroup(at: now.sinceBoot.nanoseconds) }
            references[router].isGrouped = isGrouped
            references[router].change(
                preempts: preempts(router) || routers[router].priority == 255, at: now.sinceBoot.nanoseconds)
        }
    }

    // MARK: - What follows from one for the others

    private func hasOwnFault(_ router: Int) -> Bool { ownFaults[router] || refusedUntil[router] != nil }

    /// Another one of its group keeps it out.
    func isHeldOut(_ router: Int) -> Bool { withGroup(router).contains { $0 != router && hasOwnFault($0) } }

    /// All that claim have what they claim.
    func isWholeClaim(_ router: Int) -> Bool {
        withGroup(router).allSatisfy { [.claims, .holds].contains(references[$0].standing) }
    }

    func groupView(of router: Int) -> ReferenceRouter.GroupView {
        let others = withGroup(router).filter { $0 != router }.map { references[$0] }
        return ReferenceRouter.GroupView(
            holdsOut: isHeldOut(router),
            mayGoOn: others.allSatisfy { other in
                switch other.standing {
                case .objects, .out: false
                case .leaves: !other.hasSuccessor && !isStopping
                case .undecided, .wishes, .claims, .holds: true
                }
            })
    }

    /// Nobody has taken one over, and the others go on with it.
    func goOnTogether(_ router: Int, at now: Instant) {
        guard references[router].hasGoneOn else { return }
        references[router].hasGoneOn = false
        let time = now.sinceBoot.nanoseconds
        for other in withGroup(router) where references[other].phase == .leaving {
            references[other].goOn(
                isTrackedOut: isTrackedOut(other), hasSource: hasSource(at: now), isHeldOut: isHeldOut(other), at: time)
        }
    }

    /// All of a group are looked at when a fault of one of them has come or gone. What was refused to one that has no address to speak from
    /// is not what keeps it out then.
    private func judgeNews(_ group: [Int], at now: Instant) {
        let hasNews = group.contains { hasOwnFault($0) != settledFaults[$0] }
        guard hasNews else { return }
        judgeAbility(of: group, at: now)
        for router in group { settledFaults[router] = hasOwnFault(router) }
    }

    /// - Parameter claims: all that has arrived is read.
    func settleGroups(claims: Bool = false, at now: Instant) {
        guard !references.isEmpty, !scenario.groups.isEmpty else { return }
        for group in groups where !group.contains(where: unreferenced.contains) {
            settle(group.filter { !leavesForGood.contains($0) }, claims: claims, at: now)
        }
    }

    private func settle(_ group: [Int], claims: Bool, at now: Instant) {
        let time = now.sinceBoot.nanoseconds
        if !isStopping {
            judgeNews(group, at: now)
            for router in group where isHeldOut(router) && !hasOwnFault(router) {
                references[router].loseGroup(canSpeak: knowsLinkUp, groupSkew: groupSkew(router), at: time)
                // By unicast it would not hear its successor.
                if scenario.isUnicast, knownOwn.isEmpty, references[router].phase == .leaving {
                    references[router].shutdown(canSpeak: knowsLinkUp)
                }
            }
            for router in group { startIfPossible(router, at: now) }
        }
        func all(_ standings: [ReferenceRouter.Standing]) -> Bool {
            group.allSatisfy { standings.contains(references[$0].standing) }
        }
        // Who let go for another one that could be master after all goes on.
        if claims, group.contains(where: { references[$0].standing == .wishes }),
            group.allSatisfy({ references[$0].standing == .wishes || references[$0].mayComeBack && !isStopping })
        {
            for router in group where references[router].phase == .leaving {
                references[router].goOn(isTrackedOut: false, hasSource: true, isHeldOut: false, at: time)
            }
        }
        let holds = group.contains { [.holds, .claims].contains(references[$0].standing) }
        if holds, !all([.holds, .claims, .wishes, .undecided]) {
            for router in group {
                references[router].giveUp(canSpeak: knowsLinkUp, groupSkew: groupSkew(router), at: time)
            }
        } else if claims, all([.holds, .claims, .wishes]) {
            for router in group { references[router].claimIfWished() }
        }
    }
}
