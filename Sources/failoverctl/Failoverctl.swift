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
        // Nobody may read what is said on stderr: what was asked for is done all the same.
        _ = signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Failoverctl.parseAsRoot()
            try command.run()
        } catch let closed as Output.Closed where closed.isReaderGone {
            // As every program ends whose reader has gone.
            _ = signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        } catch {
            Failoverctl.exit(withError: error)
        }
    }
}

struct Failoverctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failoverctl",
        abstract: "Asks failover-agent who has the shared addresses and why, and tells it what to do.",
        version: "failoverctl \(AgentVersion.current)",
        subcommands: [
            Status.self, ShowCommand.self, ExplainCommand.self, EventsCommand.self, WatchCommand.self,
            TimelineCommand.self, InterfacesCommand.self, IsMasterCommand.self, HealthCommand.self, MetricsCommand.self,
            HandoverCommand.self, ResumeCommand.self, ReloadCommand.self, ConfirmCommand.self, LogLevelCommand.self,
            CheckCommand.self, MigrateCommand.self, KeywordsCommand.self, CompletionCommand.self,
            InstanceNamesCommand.self,
        ]
    )

    // Before the command, too. Each command takes the value from here: an option that stands behind it is found from here as well,
    // and the last one counts.
    @OptionGroup var agent: AgentOptions
}

/// Where the agent is found; the same for every command.
struct AgentOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The agent's socket.", valueName: "path"), completion: .file())
    var socket = AgentInterface.standardSocketPath
}
