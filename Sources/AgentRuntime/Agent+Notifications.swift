import Configuration
import FailoverCore
import Reporting
import Scripts
import VRRP

/// What happens to virtual routers and sync groups, as notify scripts and the FIFO are told.
extension Agent {
    /// Tells the runner of what has happened, where that is something that scripts may want to know.
    func notify(_ event: Event) {
        guard let desk, desk.session.hasWork, let news = NotifyState.news(of: event) else { return }
        let id = news.key.kind == .instance ? core.router(named: news.key.name) : nil
        var state = news.state
        if state == .backupPriority, let id, core.isMaster(id) { state = .masterPriority }
        let priority =
            news.priority ?? id.map { core.effectivePriority(of: $0) } ?? desk.session.book.entries[news.key]?.priority
        desk.note(state, of: news.key, priority: priority ?? 0)
    }
}

extension RunnerDesk {
    /// What each virtual router and group is now: for those that a reload has brought, and where this host went on as master. What was told
    /// already is not told again.
    func tellStates() {
        guard session.hasWork else { return }
        for id in agent.core.routers where agent.core.position(of: id) != nil {
            guard let state = NotifyState(lasting: agent.core.state(of: id)), !agent.core.isAwaited(id) else {
                continue
            }
            note(
                state, of: NotificationDesk.Key(kind: .instance, name: agent.core.name(of: id)),
                priority: agent.core.effectivePriority(of: id))
        }
        for group in agent.core.groups {
            guard let state = group.state.flatMap({ NotifyState(lasting: $0) }) else { continue }
            note(state, of: NotificationDesk.Key(kind: .group, name: group.name), priority: 0)
        }
    }
}
