import Configuration
import Glibc
import Scripts
import VRRP

/// Check scripts.
extension Runner {
    /// So many checks are started in one pass: in between the agent is heard, and runs that have ended are seen to have ended.
    private static let mostStarts = 4

    func useChecks(of plan: ScriptPlan, at now: Instant) {
        var checks: [CheckConfiguration] = []
        checkPlaces = []
        for (place, object) in plan.objects.enumerated() where plan.isTracked(object) {
            guard case .check(let index) = object else { continue }
            checks.append(plan.configuration.checks[index])
            checkPlaces.append(UInt32(place))
        }
        perform(table.change(to: checks, at: now))
    }

    func advanceChecks(at now: Instant) {
        let verdicts = table.entries.map(\.check.verdict)
        let orders = table.advance(to: now, atMost: Self.mostStarts)
        guard !orders.isEmpty else { return }
        perform(orders)
        for order in orders {
            // A run that is cut off has failed.
            guard order.order.isFailure, let index = table.entries.firstIndex(where: { $0.id == order.id }),
                checkPlaces.indices.contains(index)
            else { continue }
            port?.note(checkPlaces[index], isUrgent: table.entries[index].check.verdict != verdicts[index])
        }
    }

    func perform(_ orders: [CheckTable.Order]) {
        for order in orders {
            switch order.order {
            case .start(let run): startCheck(order.id, run)
            case .terminate(let run): signal(.check(order.id, run: run), SIGTERM)
            case .kill(let run): signal(.check(order.id, run: run), SIGKILL)
            case .countStuck: tellStuck(order.id)
            }
        }
    }

    /// Once a run.
    private func tellStuck(_ id: UInt64) {
        guard let entry = table.entry(id), entry.check.stuckCounts == 1 else { return }
        log.write(
            .warning,
            "check \(entry.name): its run is still there after SIGKILL, and counts as failed at each interval; a process that cannot be ended "
                + "waits for the kernel, mostly for a disk or a file server that does not answer: ps -o pid,stat,wchan,args"
        )
    }

    private func startCheck(_ id: UInt64, _ run: UInt64) {
        guard let entry = table.entry(id) else { return }
        start(.check(id, run: run), named: entry.name, entry.command, as: entry.user, arguments: nil)
    }

    /// A run has ended, or could not begin.
    func checkEnded(_ id: UInt64, _ run: UInt64, _ end: RunEnd, _ output: OutputExcerpt) {
        let before = table.entry(id)?.check.verdict
        guard let index = table.ended(id, run: run, end, output: output, at: now) else { return }
        guard checkPlaces.indices.contains(index) else { return }
        port?.note(checkPlaces[index], isUrgent: table.entries[index].check.verdict != before)
    }
}

extension ScriptCheck.Order {
    /// What it stands for is a failure, which counts at once.
    fileprivate var isFailure: Bool {
        switch self {
        case .terminate, .countStuck: true
        case .start, .kill: false
        }
    }
}
