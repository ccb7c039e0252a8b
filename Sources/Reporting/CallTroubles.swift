import Configuration
package import Scripts
package import VRRP

/// What is wrong with the notify scripts of instances and groups, from what the runner reports about their calls.
package struct CallTroubles: Sendable {
    package typealias Key = NotificationDesk.Key

    /// Calls that run for too long: since when.
    private var hanging: [Key: Instant] = [:]
    /// States that wait for a time, because there were so many: until when.
    private var waiting: [Key: Instant] = [:]
    /// What went wrong with the calls for the last state of which one failed; until one for another state goes well.
    private var failed: [Key: (sequence: UInt64, text: String)] = [:]

    package init() {}

    /// The runner says something of a call.
    /// - Parameter isKnown: the present plan names the object: the failure of one that is gone is nothing that a later call could end.
    /// - Returns: what is to be told of it.
    package mutating func take(
        _ report: RunnerReport.NotificationReport, of key: Key, isKnown: Bool, at now: Instant
    ) -> CallReport {
        let told = CallReport(key: key, report: report)
        switch report.progress {
        case .hanging:
            waiting[key] = nil
            hanging[key] = now - .milliseconds(Int(report.duration))
        case .delayed: waiting[key] = now + .milliseconds(Int(report.duration))
        case .replaced: break
        case .exited, .signalled, .notStarted, .cutOff:
            (hanging[key], waiting[key]) = (nil, nil)
            if told.severity == nil {
                // Another script of the same state may have failed.
                if let failure = failed[key], failure.sequence != report.sequence { failed[key] = nil }
            } else if isKnown {
                failed[key] = (report.sequence, told.text)
            }
        }
        return told
    }

    /// Another plan is in use. What hangs on an object that it does not name, or failed with scripts that are others by now, is no trouble any more.
    package mutating func use(_ plan: ScriptPlan, insteadOf old: ScriptPlan) {
        hanging = hanging.filter { plan.place(of: $0.key) != nil }
        waiting = waiting.filter { plan.place(of: $0.key) != nil }
        failed = failed.filter { plan.commands(of: $0.key) == old.commands(of: $0.key) }
    }

    package func findings(at now: Instant) -> [AgentFinding] {
        func byName<Value>(_ troubles: [Key: Value]) -> [(key: Key, value: Value)] {
            troubles.sorted { ($0.key.name, $0.key.isGroup ? 1 : 0) < ($1.key.name, $1.key.isGroup ? 1 : 0) }
        }
        return byName(hanging).map { .notifyHangs($0.key.name, seconds: Int((now - $0.value) / .seconds(1))) }
            + byName(waiting).filter { $0.value > now }.map {
                .notifyWaits($0.key.name, seconds: Int(($0.value - now) / .seconds(1)) + 1)
            }
            + byName(failed).map { .notifyFailed($0.value.text) }
    }
}

extension ScriptPlan {
    fileprivate func commands(of key: NotificationDesk.Key) -> [ScriptSubject.Occasion: ScriptCommand]? {
        subject(key)?.notifications.mapValues(\.command)
    }
}

extension NotificationDesk.Key {
    fileprivate var isGroup: Bool { kind == .group }
}
