import Configuration
package import FailoverCore
package import Scripts
package import VRRP

/// What happens to virtual routers and sync groups, as notify scripts and the FIFO are told.
extension RunnerSession {
    /// Something has happened: it is told, where scripts may want to know.
    package mutating func note(_ event: Event, in core: borrowing Core) {
        guard tells, let news = NotifyState.news(of: event) else { return }
        let id = news.key.kind == .instance ? core.router(named: news.key.name) : nil
        var state = news.state
        if state == .backupPriority, let id, core.isMaster(id) { state = .masterPriority }
        var priority = news.priority ?? book.entries[news.key]?.priority ?? 0
        if news.priority == nil, let id { priority = core.effectivePriority(of: id) }
        note(state, of: news.key, priority: priority)
    }

    /// The agent wants to use another plan. The runner forgets the one before the present one then: what an earlier reload has taken out, and
    /// is still on its way out, is told now that it is gone.
    /// - Parameter base: what the agent goes back to unless somebody confirms its present plan.
    package mutating func propose(
        _ plan: ScriptPlan, keeping base: ScriptPlan?, with core: borrowing Core, at now: Instant
    ) {
        for id in core.routers where core.position(of: id) == nil && plan.digest != self.plan.digest {
            let key = NotificationDesk.Key(kind: .instance, name: core.name(of: id))
            guard ![plan, self.plan, base].contains(where: { $0?.place(of: key) != nil }) else { continue }
            note(.deleted, of: key, priority: core.effectivePriority(of: id))
        }
        propose(plan, at: now)
    }

    /// What each virtual router and group is now: for those that a reload has brought, and where this host went on as master. What was told
    /// already is not told again.
    package mutating func noteStates(of core: borrowing Core) {
        guard hasWork else { return }
        for id in core.routers where core.position(of: id) != nil {
            guard let state = NotifyState(lasting: core.state(of: id)), !core.isAwaited(id) else { continue }
            note(
                state, of: NotificationDesk.Key(kind: .instance, name: core.name(of: id)),
                priority: core.effectivePriority(of: id))
        }
        for group in core.groups {
            guard let state = group.state.flatMap({ NotifyState(lasting: $0) }) else { continue }
            note(state, of: NotificationDesk.Key(kind: .group, name: group.name), priority: 0)
        }
    }
}
