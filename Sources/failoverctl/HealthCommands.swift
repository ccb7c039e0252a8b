import ArgumentParser
import Control
import Screens

/// `failoverctl is-master`
struct IsMasterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "is-master", abstract: "Says by its exit code whether this host is master of an instance.",
        discussion: "Exit codes: 0 master, 1 not master, 2 there is no such instance, 3 there is no agent.")

    @OptionGroup var agent: AgentOptions
    @OptionGroup var name: InstanceName

    func run() throws {
        let report = try Question(agent: agent).instance(named: name.name)
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
    @Flag(help: "Print the agent's reply about itself as it is, with exit code 0.")
    var json = false

    func run() throws {
        let question = Question(agent: agent)
        if json { return try question.put(VarlinkCall(method: AgentInterface.getStatus)) }
        let status: StatusReport
        do {
            status = try question.status()
        } catch {
            // Whoever reads this reads stdout alone.
            try Output.line("UNKNOWN - \(Output.lastComplaint ?? "the agent gives no answer at \(agent.socket)")")
            throw error
        }
        try Output.line(HealthText.line(status))
        switch status.health {
        case "ok": break
        case "warning": throw ExitCode(1)
        default: throw ExitCode(2)
        }
    }
}
