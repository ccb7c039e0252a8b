import ArgumentParser
import Configuration
import ConfigurationFiles

/// `failoverctl check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads a configuration file and prints every error and warning, as 'failover-agent --check' does.",
        discussion:
            "Exit codes: 0 valid, 1 there are warnings (with --strict), 2 there are errors."
    )

    @Argument(help: ArgumentHelp("The file.", valueName: "file"), completion: .file())
    var file = ConfigurationCheck.standardPath

    @Flag(help: "Exit with 1 if there are warnings.")
    var strict = false

    @Flag(help: "Look at the file alone: it is another host's, which has its own interfaces, programs and users.")
    var fileOnly = false

    @Option(
        help: ArgumentHelp(
            "What '@ID' lines are compared with (default: FAILOVER_CONFIG_ID in /etc/default/failover-agent, else the "
                + "host's name up to the first dot).", valueName: "id"))
    var configId: String?

    func run() throws {
        let found = ConfigurationCheck(file, configurationID: configId, isFileOnly: fileOnly)
        for diagnostic in found.diagnostics { Output.note("\(diagnostic)") }
        let code = found.exitCode(isStrict: strict)
        if code != 0 { throw ExitCode(code) }
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
