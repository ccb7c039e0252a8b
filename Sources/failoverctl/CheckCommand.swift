import ArgumentParser
import Configuration
import ConfigurationFiles

/// `failoverctl check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads a configuration file and prints every error and warning, as 'failover-agent --check' does.",
        discussion:
            "It does not look at this host's addresses. Exit codes: 0 valid, 1 there are warnings (with --strict), 2 there are errors."
    )

    @Argument(help: ArgumentHelp("The file.", valueName: "file"), completion: .file())
    var file = "/etc/failover-agent/failover-agent.conf"

    @Flag(help: "Exit with 1 if there are warnings.")
    var strict = false

    @Option(
        help: ArgumentHelp(
            "What '@ID' lines are compared with (default: the host's name up to the first dot).", valueName: "id"))
    var configId: String?

    func run() throws {
        let files = DiskFiles(advice: .runAsRoot)
        let result = ConfigurationReader.read(
            file, from: files, context: DiskFiles.context(configurationID: configId))
        let diagnostics = result.diagnostics + files.warnings
        for diagnostic in diagnostics { Output.note("\(diagnostic)") }
        if result.hasErrors { throw ExitCode(2) }
        if strict, !diagnostics.isEmpty { throw ExitCode(1) }
    }
}

/// `failoverctl completion`
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Prints the completions for a shell.")

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish
    }

    @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "shell"))
    var shell: Shell

    func run() throws {
        let script =
            switch shell {
            case .bash: Failoverctl.completionScript(for: .bash)
            case .zsh: Failoverctl.completionScript(for: .zsh)
            case .fish: Failoverctl.completionScript(for: .fish)
            }
        try Output.line(script)
    }
}
