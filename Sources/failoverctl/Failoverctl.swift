import ArgumentParser
import Control

@main
struct Failoverctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failoverctl",
        abstract: "Asks failover-agent who has the shared addresses and why, and tells it what to do.",
        version: "failoverctl \(AgentVersion.current)",
        subcommands: [
            Status.self, IsMasterCommand.self, HealthCommand.self, HandoverCommand.self, ResumeCommand.self,
            ReloadCommand.self, ConfirmCommand.self,
            MigrateCommand.self, KeywordsCommand.self,
        ]
    )
}

/// Where the agent is found; the same for every command.
struct AgentOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The agent's socket.", valueName: "path"), completion: .file())
    var socket = AgentInterface.standardSocketPath
}
