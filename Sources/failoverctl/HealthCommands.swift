import ArgumentParser
import Control

/// One question, and what becomes of its failures.
struct Question {
    let agent: AgentOptions

    /// - Parameter noAgent: the exit code where the agent does not answer, or does not know the question.
    func ask(
        _ call: VarlinkCall, noAgent: Int32 = 3, _ body: (AnyReply) throws -> Void
    ) throws {
        do {
            try AgentConnection(path: agent.socket).call(call, body)
        } catch let error as ConnectionError {
            Output.complain(error.description)
            throw ExitCode(noAgent)
        } catch let refusal as Refusal {
            Output.complain("the agent refused: \(refusal.error); are it and failoverctl of the same version?")
            throw ExitCode(noAgent)
        }
    }

    /// All instances.
    func instances() throws -> [InstanceReport] {
        var reports: [InstanceReport] = []
        try ask(VarlinkCall(method: AgentInterface.listInstances, more: true)) { reply in
            reports.append(try reply.decoded(ListInstancesReply.self).instance)
        }
        return reports
    }

    /// The instance of that name, or a sentence with the nearest one.
    func instance(named name: String) throws -> InstanceReport {
        let reports = try instances()
        if let report = reports.first(where: { $0.name == name }) { return report }
        let nearest = reports.map(\.name).min { Self.distance($0, name) < Self.distance($1, name) }
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
        Output.complain("there is no instance '\(name)'\(hint)")
        throw ExitCode(2)
    }

    /// How many letters differ (Levenshtein).
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let above = row[column + 1]
                row[column + 1] = min(above + 1, row[column] + 1, diagonal + (letter == right[column] ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}

/// `failoverctl is-master`
struct IsMasterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "is-master", abstract: "Says by its exit code whether this host is master of an instance.",
        discussion: "Exit codes: 0 master, 1 not master, 2 there is no such instance, 3 there is no agent.")

    @OptionGroup var agent: AgentOptions
    @Argument(help: ArgumentHelp("The instance.", valueName: "name"))
    var name: String

    func run() throws {
        let report = try Question(agent: agent).instance(named: name)
        if report.state != "master" { throw ExitCode(1) }
    }
}

/// `failoverctl health`
struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "One line for monitoring: how all is, and why.",
        discussion:
            "Exit codes, as monitoring plugins have them: 0 ok, 1 warning, 2 critical, 3 unknown (there is no agent).")

    @OptionGroup var agent: AgentOptions

    func run() throws {
        var status: StatusReport?
        try Question(agent: agent).ask(VarlinkCall(method: AgentInterface.getStatus)) { reply in
            status = try reply.decoded(StatusReport.self)
        }
        guard let status else { throw ExitCode(3) }
        try Output.line(HealthText.line(status))
        switch status.health {
        case "ok": break
        case "warning": throw ExitCode(1)
        default: throw ExitCode(2)
        }
    }
}

/// The one line.
enum HealthText {
    private static let most = 5

    static func line(_ status: StatusReport) -> String {
        let order = ["master", "backup", "leaving", "fault", "stopped"]
        let counts = order.compactMap { state in
            status.states[state].flatMap { $0 > 0 ? "\($0) \(state)" : nil }
        }
        // The worst first.
        let findings =
            status.findings.filter { $0.level == "critical" } + status.findings.filter { $0.level != "critical" }
        var texts = findings.prefix(most).map { finding in
            (finding.instance.map { "\($0): " } ?? "") + finding.text
        }
        if findings.count > most { texts.append("and \(findings.count - most) more") }
        return ([status.health.uppercased() + " - " + counts.joined(separator: ", ")] + texts).joined(separator: "; ")
    }
}
