import Configuration
import FailoverCore
import Kernel
import Reporting
import Scripts
import VRRP

/// What people are told about scripts and the runner.
extension RunnerDesk {
    func tellPresence(at now: Instant) {
        guard session.hasWork else { return }
        let isAway = !session.presence.isGood && now - lastGoodAt >= Self.grace
        let presence: RunnerSession.Presence? =
            isAway ? session.presence : session.presence.isGood ? .active : toldPresence
        guard presence != toldPresence, let presence else { return }
        let isFirst = toldPresence == nil
        if isAway, let told = toldPresence, !told.isGood, told.isLike(presence) { return }
        toldPresence = presence
        if presence.isGood {
            if !isFirst { agent.log.write(.notice, "failover-scripts is there again", .runnerGone) }
        } else if let finding {
            agent.log.write(.error, finding.text, .runnerGone)
        }
    }

    /// What is not as it should be; `nil` where nothing is.
    var finding: AgentFinding? {
        guard session.hasWork, !session.presence.isGood, Agent.now() - lastGoodAt >= Self.grace else { return nil }
        return switch session.presence {
        case .active, .unneeded: nil
        case .away: .runnerGone(reason: problem)
        case .asked, .silent: .runnerSilent
        case .differs: .runnerReadsOtherFiles
        case .noPlan(let why): .runnerHasNoPlan(why)
        }
    }

    /// The last run of a script; `nil` for anything else.
    func lastRun(of tracker: TrackerName) -> RunnerReport.CheckReport? {
        guard case .check(let check)? = session.reports[tracker]?.report else { return nil }
        return check
    }

    /// All that is not as it should be about scripts.
    var findings: [AgentFinding] {
        guard session.hasWork else { return [] }
        var findings = finding.map { [$0] } ?? []
        for (name, (report, _)) in session.reports.sorted(by: { $0.key < $1.key }) {
            switch report {
            case .check(let check) where check.cutOffs >= UInt16(ScriptCheck.cutOffsToTell):
                findings.append(.checkAlwaysCutOff(name.name, milliseconds: Int(check.duration)))
            case .file(let file):
                if let words = file.faultWords { findings.append(.trackFile(name.name, problem: words)) }
            default: break
            }
        }
        let now = Agent.now()
        for (key, since) in hanging.sorted(by: { $0.key.name < $1.key.name }) {
            findings.append(.notifyHangs(key.name, seconds: Int((now - since) / .seconds(1)) + 30))
        }
        return Array(findings.prefix(StatusSurvey.mostFindings))
    }

    func tell(_ key: NotificationDesk.Key, _ report: RunnerReport.NotificationReport, at now: Instant) {
        let told = CallReport(key: key, report: report)
        switch report.progress {
        case .hanging: hanging[key] = now
        case .replaced: break
        case .exited, .signalled, .notStarted, .cutOff: hanging[key] = nil
        }
        guard let severity = told.severity else { return }
        agent.log.write(severity, told.text, .notifyCall)
    }

    func tell(_ hook: Hook, _ report: RunnerReport.HookReport, at now: Instant) {
        if hook == .startup, startupUntil != nil, report.progress != .hanging { endStartup(at: now) }
        let told = CallReport(hook: hook, report: report)
        guard let severity = told.severity else { return }
        agent.log.write(severity, told.text, .notifyCall)
    }
}

extension RunnerSession.Presence {
    /// Whether the operator is told the same of both.
    fileprivate func isLike(_ other: Self) -> Bool {
        func kind(_ presence: Self) -> Int {
            switch presence {
            case .unneeded, .active: 0
            case .away, .asked, .silent: 1
            case .differs: 2
            case .noPlan: 3
            }
        }
        return kind(self) == kind(other)
    }
}
