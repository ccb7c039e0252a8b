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

    func run() throws {
        let status = try Question(agent: agent).status()
        try Output.line(HealthText.line(status))
        switch status.health {
        case "ok": break
        case "warning": throw ExitCode(1)
        default: throw ExitCode(2)
        }
    }
}
