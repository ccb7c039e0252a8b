import Addressing
import Configuration
import ConfigurationFiles
import Control
import FailoverCore
import Kernel
import Reporting
import VRRP

/// What the agent tells those who ask.
extension Agent {
    private static let mostFindings = StatusSurvey.mostFindings

    /// - Parameter survey: is over.
    func status(_ survey: StatusSurvey) -> StatusReport {
        let now = Self.now()
        var findings = ownFindings
        findings += survey.findings.map { FindingReport($0) }
        if survey.findingCount > Self.mostFindings {
            findings.append(FindingReport(.more(survey.findingCount - Self.mostFindings)))
        }
        let levels = findings.compactMap { Health.Level(rawValue: $0.level) }
        let states = [InstanceState.fault, .backup, .master, .leaving, .stopped].map {
            ($0.rawValue, core.count(of: $0))
        }
        var report = StatusReport(
            version: AgentVersion.current, started: Clocks.timestamp(Clocks.sinceEpoch() - (now - startedAt)),
            uptime: (now - startedAt) / .seconds(1), configuration: keeper?.path ?? "",
            onLastAccepted: isOnLastAccepted,
            unconfirmed: fallback != nil, states: Dictionary(states, uniquingKeysWith: { $1 }),
            health: (levels.max() ?? .ok).rawValue, findings: findings,
            strays: Dictionary(core.strays.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { $1 }))
        report.findingCount = ownFindings.count + survey.findingCount
        return report
    }

    /// What is not as it should be about the agent as a whole.
    private var ownFindings: [FindingReport] {
        var findings: [AgentFinding] = []
        if isOnLastAccepted { findings.append(.lastAcceptedInUse) }
        if isFileRejected { findings.append(.fileNotConfirmed) }
        if let desk { findings += desk.findings }
        if let socketGroupProblem { findings.append(socketGroupProblem) }
        return findings.map { FindingReport($0) } + shortages.all.map { FindingReport($0) }
    }

    var instanceCount: Int { core.routers.count }

    func instance(at index: Int) -> InstanceReport { instance(core.routers[index]) }

    /// - Parameter id: of one that is there.
    func instance(_ id: RouterID) -> InstanceReport {
        InstanceReport(
            core.status(of: id, at: Self.now()), runs: { [desk] in desk?.lastRun(of: $0) }, now: Self.now(),
            epoch: Clocks.sinceEpoch())
    }

    func instanceIndex(named name: String) -> Int? {
        core.router(named: name).flatMap { core.routers.firstIndex(of: $0) }
    }

    func explanation(at index: Int) -> ExplanationReport {
        let explanation = core.explain(core.routers[index], at: Self.now())
        return ExplanationReport(
            summary: explanation.summary,
            causes: explanation.causes.prefix(Self.mostFindings).map {
                ExplanationReport.Cause(text: $0.text, advice: $0.advice)
            },
            next: explanation.next)
    }

    var interfaceNames: [String] { core.interfaceNames }

    func interface(named name: String) -> InterfaceReport {
        let status = core.interfaceStatus(named: name)
        return InterfaceReport(
            name: name, present: status.link != nil, index: status.link.map { Int($0.index.rawValue) },
            up: status.link?.isAdministrativelyUp, carrier: status.link?.isRunning,
            hardwareAddress: status.link?.hardwareAddress?.description, mtu: status.link?.mtu,
            addresses: status.addresses.map {
                InterfaceReport.Address(
                    address: $0.prefix.description, owner: $0.owner.rawValue, lapses: $0.hasFiniteLifetime)
            },
            instances: status.instances)
    }

    func check(configuration text: String) -> CheckReport {
        // Whatever is asked, the advertisements leave in time.
        var context = ReadingContext(random: HostContext.random)
        context.routingNames = HostContext.routingNames
        let known = core.foundInterfaces
        context.findInterface = { known[$0] }
        context.mostBytes = 8 * VarlinkService.longestConfiguration
        context.mostLines = 1000
        context.mostFindings = 50
        context.longestLine = 160
        context.showsLines = false
        let result = ConfigurationReader.read("text", from: TextAlone(bytes: Array(text.utf8)), context: context)
        return CheckReport(
            valid: result.configuration != nil,
            diagnostics: result.diagnostics.prefix(context.mostFindings).map {
                CheckReport.Diagnostic(
                    severity: $0.severity == .error ? "error" : "warning", line: $0.location.line,
                    column: $0.location.column, message: $0.message)
            },
            changes: result.configuration.map { ConfigurationDifference(from: configuration, to: $0).report } ?? [])
    }

    func setLogLevel(_ level: String) -> Bool {
        guard let severity = JournalEntry.Severity(named: level) else { return false }
        log.threshold = severity
        return true
    }
}

/// A configuration that somebody has sent: no file of this host is read for him.
private struct TextAlone: SourceFiles {
    let bytes: [UInt8]

    func read(_ path: String) throws(SourceError) -> [UInt8] {
        guard path == "text" else {
            throw SourceError(description: "included files are not read here; use 'failover-agent --check'")
        }
        return bytes
    }

    func expand(_ pattern: String) -> [String] { [pattern] }
}

extension JournalEntry.Severity {
    init?(named name: String) {
        switch name {
        case "error": self = .error
        case "warning": self = .warning
        case "notice": self = .notice
        case "info": self = .info
        default: return nil
        }
    }
}
