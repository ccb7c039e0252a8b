import ArgumentParser
import Control
import Glibc

@main
enum Program {
    static func main() {
        // Swift reads the arguments there; without them 'is-master' would print the help and say yes.
        guard !CommandLine.arguments.isEmpty else {
            Output.complain("the arguments can't be read: is /proc mounted?")
            exit(71)
        }
        // With one of them closed, the connection to the agent would take its number, and the output would go there.
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
            _ = unsafe open("/dev/null", O_RDWR)
        }
        Failoverctl.main()
    }
}

struct Failoverctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failoverctl",
        abstract: "Asks failover-agent who has the shared addresses and why, and tells it what to do.",
        version: "failoverctl \(AgentVersion.current)",
        subcommands: [
            Status.self, ShowCommand.self, ExplainCommand.self, EventsCommand.self, WatchCommand.self,
            InterfacesCommand.self, IsMasterCommand.self, HealthCommand.self, MetricsCommand.self,
            HandoverCommand.self, ResumeCommand.self, ReloadCommand.self, ConfirmCommand.self, LogLevelCommand.self,
            CheckCommand.self, MigrateCommand.self, KeywordsCommand.self, CompletionCommand.self,
            InstanceNamesCommand.self,
        ]
    )
}

/// Where the agent is found; the same for every command.
struct AgentOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The agent's socket.", valueName: "path"), completion: .file())
    var socket = AgentInterface.standardSocketPath
}
