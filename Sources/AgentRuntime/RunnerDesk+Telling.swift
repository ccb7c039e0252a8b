import Configuration
import FailoverCore
import Kernel
import Reporting
import Scripts
import VRRP

/// What people are told about scripts and the runner.
extension RunnerDesk {
    /// What is wrong with the runner; `nil` where nothing is.
    func finding(_ presence: RunnerSession.Presence) -> AgentFinding? {
        switch presence {
        case .active, .unneeded: nil
        case .away: .runnerGone(reason: problem)
        case .asked, .silent: .runnerSilent
        case .differs: .runnerReadsOtherFiles
        case .noPlan(let why): .runnerHasNoPlan(why)
        }
    }

    /// The last run of a script; `nil` for anything else.
    func lastRun(of tracker: TrackerName) -> RunnerReport.CheckReport? {
        guard case .check(let check)? = session.reports[tracker] else { return nil }
        return check
    }

    /// All that is not as it should be about scripts.
    var findings: [AgentFinding] {
        guard session.hasWork else { return [] }
        let now = Agent.now()
        var findings = session.missed(at: now).flatMap { finding($0) }.map { [$0] } ?? []
        if findings.isEmpty, session.isUnsteady(at: now) { findings = [.runnerUnsteady] }
        for (name, report) in session.reports.sorted(by: { $0.key < $1.key }) {
            switch report {
            case .check(let check) where check.cutOffs >= UInt16(ScriptCheck.cutOffsToTell):
                findings.append(.checkAlwaysCutOff(name.name, milliseconds: Int(check.duration)))
            case .file(let file):
                if let words = file.faultWords { findings.append(.trackFile(name.name, problem: words)) }
            default: break
            }
        }
        findings += troubles.findings(at: now)
        return Array(findings.prefix(StatusSurvey.mostFindings))
    }

    func tell(_ key: NotificationDesk.Key, _ report: RunnerReport.NotificationReport, at now: Instant) {
        let told = troubles.take(report, of: key, isKnown: session.plan.place(of: key) != nil, at: now)
        guard let severity = told.severity else { return }
        agent.log.write(severity, told.text, .notifyCall)
    }

    func tell(_ hook: Hook, _ report: RunnerReport.HookReport) {
        let told = CallReport(hook: hook, report: report)
        guard let severity = told.severity else { return }
        agent.log.write(severity, told.text, .notifyCall)
    }
}
