import Configuration
import ConfigurationFiles
import Control
import EventLoop
import Scripts

/// The daemon's command line.
struct Arguments: Hashable {
    static let standardConfigurationPath = ConfigurationCheck.standardPath

    var configurationPath = standardConfigurationPath
    var socketPath = AgentInterface.standardSocketPath
    /// Beside the socket unless given.
    var stateDirectory: String?
    /// What `@id` lines are compared with; what the environment's file says unless given, else the host's name.
    var configurationID: String?
    /// The file that gives the configuration its environment.
    var environmentPath = EnvironmentFile.standardPath
    /// What the program is to do.
    var mode = Mode.serve
    var isStrict = false
    /// Where `failover-scripts` listens.
    var runnerPath = RunnerWire.standardSocketPath

    enum Mode: Hashable {
        case serve
        case check
        case release
        case stopPost
        case showVersion
        case showHelp
    }

    typealias UsageError = OptionWords.UsageError

    static let help = """
        Keeps shared IP addresses reachable with VRRP.

        Usage: failover-agent [--config FILE] [--config-id ID] [--environment FILE] [--socket PATH] [--state-dir DIR]
                              [--runner PATH]
               failover-agent --check [--strict] [--config FILE] [--config-id ID] [--environment FILE]
               failover-agent --release [--socket PATH] [--state-dir DIR]
               failover-agent --stop-post [--socket PATH] [--state-dir DIR]
               failover-agent --version

        Options:
          --config FILE    The configuration (default: /etc/failover-agent/failover-agent.conf).
          --config-id ID   Also -i. What '@ID' lines of the configuration are compared with (default: FAILOVER_CONFIG_ID
                           of the environment, else the host's name up to the first dot).
          --environment FILE
                           NAME=VALUE lines, as of systemd's EnvironmentFile=: all that ${_ENV NAME} knows
                           (default: /etc/default/failover-agent, where it exists).
          --socket PATH    Where failoverctl is answered (default: /run/failover-agent/agent.sock).
          --state-dir DIR  Where it keeps what the next run needs (default: the socket's directory).
          --runner PATH    Where failover-scripts listens, which runs the scripts that the configuration names
                           (default: /run/failover-scripts.sock).
          --check          Read the configuration, print every error and warning, and exit: 0 valid, 2 errors.
          --strict         With --check: exit with 1 if there are warnings.
          --release        Remove every address, route, rule and macvlan that this agent has added and left behind, and
                           exit.
          --stop-post      For the unit's ExecStopPost=: the same; or, if systemd is about to start the agent again, leave the
                           addresses to it, for at most 5 s.
          --version        Print the version and exit.
          --help           Also -h. Print this help and exit.

        It stays in the foreground until SIGTERM or SIGINT; SIGHUP reads the configuration again; USR1, USR2 and others only have it name
        the command that answers. --check reads from a pipe, too, such as /dev/stdin. Exit codes: 0 stopped in order, 64 wrong usage,
        69 another agent runs in this network namespace, or uses the same folder in another one, 71 a system call failed, 73 the control socket can't be made,
        77 a capability is missing, 78 the configuration is missing or has errors, and no earlier one was accepted.

        """

    init(_ arguments: some Collection<String>) throws(UsageError) {
        var words = OptionWords(arguments)
        while let name = words.next() {
            switch name {
            case "--config": configurationPath = try words.value()
            case "--socket": socketPath = try words.value()
            case "--state-dir": stateDirectory = try words.value()
            case "--environment": environmentPath = try words.value()
            case "--runner": runnerPath = try words.value()
            case "--config-id", "-i": configurationID = try words.value()
            case "--check" where words.isAlone: mode = .check
            case "--strict" where words.isAlone: isStrict = true
            case "--release" where words.isAlone: mode = .release
            case "--stop-post" where words.isAlone: mode = .stopPost
            case "--version" where words.isAlone: mode = .showVersion
            case "--help" where words.isAlone, "-h" where words.isAlone: mode = .showHelp
            default: throw words.unknown
            }
        }
        if isStrict, mode != .check {
            throw UsageError("--strict goes with --check")
        }
    }

    /// Where files that the next run needs are kept until the machine is switched off.
    var runtimeDirectory: String {
        if let stateDirectory { return stateDirectory }
        guard let slash = socketPath.lastIndex(of: "/") else { return "." }
        return slash == socketPath.startIndex ? "/" : String(socketPath[..<slash])
    }
}
