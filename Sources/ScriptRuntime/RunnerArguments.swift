import Configuration
import ConfigurationFiles
import EventLoop
import Scripts

/// The runner's command line.
struct RunnerArguments: Hashable {
    var configurationPath = ConfigurationCheck.standardPath
    var environmentPath = EnvironmentFile.standardPath
    /// What `@ID` lines are compared with; what the environment's file says unless given, else the host's name.
    var configurationID: String?
    /// Where the agent is heard; `nil` for the socket that systemd hands over.
    var socketPath: String?
    /// Whose the socket is where this program makes it.
    var socketGroup: String?
    /// Who may connect, besides root.
    var agentUser = "failover-agent"
    /// Where the plans are kept for the next run.
    var stateDirectory = "/var/lib/failover-scripts"
    var mode = Mode.serve

    enum Mode: Hashable {
        case serve
        case showVersion
        case showHelp
    }

    typealias UsageError = OptionWords.UsageError

    static let help = """
        Runs check scripts, notify scripts and FIFOs for failover-agent, and watches track files and processes.

        Usage: failover-scripts [--listen PATH] [--socket-group NAME] [--config FILE] [--config-id ID] [--environment FILE]
                                [--agent-user NAME] [--state DIR]
               failover-scripts --version

        Options:
          --listen PATH       Make the socket at which the agent is heard (usually /run/failover-scripts.sock). Without it, systemd hands
                              the socket over (failover-scripts.socket).
          --socket-group NAME With --listen: the group that may connect (default: failover-agent, where it exists).
          --config FILE       The agent's configuration (default: /etc/failover-agent/failover-agent.conf). It, what it includes, and the
                              folders above must be root's alone.
          --config-id ID      Also -i. What '@ID' lines of the configuration are compared with, as the agent has it.
          --environment FILE  The agent's environment file (default: /etc/default/failover-agent).
          --agent-user NAME   Who may connect, besides root (default: failover-agent).
          --state DIR         Where the last two plans are kept, for root alone (default: /var/lib/failover-scripts).
          --version           Print the version and exit.
          --help              Also -h. Print this help and exit.

        It stays in the foreground until SIGTERM or SIGINT; then notify scripts that run or wait may come to their end, for up to 80 s. Started by
        systemd, it ends by itself when nothing is to be run and no agent is there. Exit codes: 0 stopped in order, 64 wrong usage,
        71 a system call failed, 73 the socket or the folder can't be made, 77 it is not root.

        """

    init(_ arguments: some Collection<String>) throws(UsageError) {
        var words = OptionWords(arguments)
        while let name = words.next() {
            switch name {
            case "--listen": socketPath = try words.value()
            case "--socket-group": socketGroup = try words.value()
            case "--config": configurationPath = try words.value()
            case "--config-id", "-i": configurationID = try words.value()
            case "--environment": environmentPath = try words.value()
            case "--agent-user": agentUser = try words.value()
            case "--state": stateDirectory = try words.value()
            case "--version" where words.isAlone: mode = .showVersion
            case "--help" where words.isAlone, "-h" where words.isAlone: mode = .showHelp
            default: throw words.unknown
            }
        }
        if socketGroup != nil, socketPath == nil { throw UsageError("--socket-group goes with --listen") }
    }
}
