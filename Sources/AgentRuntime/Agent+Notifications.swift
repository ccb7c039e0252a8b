import Configuration
import FailoverCore
import Reporting
import Scripts
import VRRP

/// What happens to virtual routers, as notify scripts and the FIFO are told.
extension Agent {
    /// Tells the runner of what has happened, where that is something that scripts may want to know.
    func notify(_ event: Event) {
        guard let desk, desk.session.hasWork, let news = NotifyState.news(of: event) else { return }
        let key = NotificationDesk.Key(kind: .instance, name: news.instance)
        let id = core.router(named: news.instance)
        var state = news.state
        if state == .backupPriority, let id, core.isMaster(id) { state = .masterPriority }
        let priority =
            news.priority ?? id.map { core.effectivePriority(of: $0) } ?? desk.session.book.entries[key]?.priority
        desk.note(state, of: key, priority: priority ?? 0)
    }
}

extension RunnerDesk {
    /// What each virtual router is now: for those that a reload has brought, and where this host went on as master. What was told already is
    /// not told again.
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
    }
}
