import Configuration
import Glibc
import Kernel
import Scripts
import VRRP

/// Notify scripts, and the lines of the FIFOs.
extension Runner {
    /// The agent tells something about an object.
    func take(_ event: NotifyEvent, about subject: ScriptSubject, at now: Instant) {
        let key = NotificationDesk.Key(subject: subject)
        // Said once more, after a new connection.
        guard lastEvents[key, default: LastEvents()].take(event) else { return }
        if event.state.isState { lastStates[key] = event }
        if let line = NotifyCall.line(for: event, about: subject) { write(line) }
        perform(desk.accept(event, about: subject, at: now), at: now)
    }

    /// `fifo_write_vrrp_states_on_reload`
    func tellStates(of plan: ScriptPlan) {
        for subject in plan.configuration.subjects {
            guard let event = lastStates[NotificationDesk.Key(subject: subject)],
                let line = NotifyCall.line(for: event, about: subject)
            else { continue }
            write(line)
        }
    }

    func perform(_ orders: [NotificationDesk.Order], at now: Instant) {
        for order in orders {
            switch order {
            case .start(let run, let key, let call):
                start(
                    .call(run: run), named: "\(call.occasion.keyword) of \(key.name)", call.script.command,
                    as: call.script.user, arguments: call.arguments)
            case .terminate(let run): signal(.call(run: run), SIGTERM)
            case .kill(let run): signal(.call(run: run), SIGKILL)
            case .tellHanging(_, let key):
                guard let running = desk.queue(key)?.running else { continue }
                let name = "\(running.call.occasion.keyword) of \(key.name)"
                log.write(
                    .warning,
                    "\(name): still runs after \(NotificationQueue.hangingAfter.components.seconds) s: what comes next waits"
                )
                tell(.init(running, until: now), of: key)
            case .tellReplaced(let key, let old, let new):
                log.write(
                    .notice,
                    "\(key.name): no script is run for \(old.state): \(new.state) came before its turn")
                tell(
                    .init(sequence: old.sequence, progress: .replaced, code: 0, duration: 0, output: OutputExcerpt()),
                    of: key)
            case .tellDelayed(let key, let event, let until):
                let wait = (until - now).wholeMilliseconds
                log.write(
                    .warning,
                    "\(key.name): \(StartWindow.most) events within a minute: the scripts for \(event.state), or for what comes after it, wait \(wait / 1000 + 1) s"
                )
                tell(
                    .init(
                        sequence: event.sequence, progress: .delayed, code: 0, duration: wait, output: OutputExcerpt()),
                    of: key)
            }
        }
    }

    func callEnded(_ run: UInt64, _ end: RunEnd, _ output: OutputExcerpt) {
        let now = self.now
        guard let (key, call, orders) = desk.ended(run: run, end, output: output, at: now) else { return }
        if !end.isSuccess, call.run.wasCutOff || end != .signalled(UInt8(SIGTERM)) {
            log.write(.warning, "\(call.call.occasion.keyword) of \(key.name): \(Self.words(end, call.run))")
        }
        tell(.init(call, until: now), of: key)
        perform(orders, at: now)
    }

    private static func words(_ end: RunEnd, _ run: ScriptRun) -> String {
        run.wasCutOff ? "ended by its notify_timeout" : end.words
    }

    private func tell(_ report: RunnerReport.NotificationReport, of key: NotificationDesk.Key) {
        // What a reload has taken out is in the plan before.
        for plan in shelf.all {
            guard let place = plan.place(of: key) else { continue }
            port?.tell(.notification(plan: plan.digest, object: place, report))
            return
        }
    }
}

extension RunEnd {
    /// For people.
    var words: String {
        switch self {
        case .exited(let status): "exit code \(status)"
        case .signalled(let signal): "ended by signal \(signal)"
        case .notStarted(let code): "can't be run: \(SystemError.text(of: code))"
        }
    }
}

extension ScriptSubject.Occasion {
    var keyword: String {
        switch self {
        case .master: "notify_master"
        case .backup: "notify_backup"
        case .fault: "notify_fault"
        case .stop: "notify_stop"
        case .deleted: "notify_deleted"
        case .masterHearsLowerPriority: "notify_master_rx_lower_pri"
        case .anyChange: "notify"
        }
    }
}
