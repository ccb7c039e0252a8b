import Configuration
import Control
import EventLoop
import Glibc
import Kernel

/// The program from its arguments to its exit code.
package enum AgentProgram {
    /// The exit codes; those above 63 are sysexits(3)'s, which systemd knows by name.
    private enum ExitCode {
        static let success: Int32 = 0
        static let warnings: Int32 = 1
        static let invalid: Int32 = 2
        static let usage: Int32 = 64
        static let unavailable: Int32 = 69
        static let system: Int32 = 71
        static let configuration: Int32 = 78
    }

    /// - Parameter arguments: the program's name first.
    /// - Returns: the exit code.
    package static func run(_ arguments: [String]) -> Int32 {
        let options: Arguments
        do {
            options = try Arguments(arguments)
        } catch {
            tell("failover-agent: \(error)\nTry 'failover-agent --help'.\n")
            return ExitCode.usage
        }
        if options.showsHelp {
            print(Arguments.help, terminator: "")
            return ExitCode.success
        }
        if options.showsVersion {
            print("failover-agent \(AgentVersion.current)")
            return ExitCode.success
        }
        let result = ConfigurationReader.read(
            options.configurationPath, from: ConfigurationFiles(),
            context: ConfigurationFiles.context(configurationID: options.configurationID))
        if options.checksOnly {
            return check(result, isStrict: options.isStrict)
        }
        for diagnostic in result.diagnostics {
            tell("\(diagnostic)\n")
        }
        guard let configuration = result.configuration else {
            tell("failover-agent: the configuration has errors\n")
            return ExitCode.configuration
        }
        return serve(configuration, options)
    }

    // MARK: - Check

    private static func check(_ result: ConfigurationReader.Result, isStrict: Bool) -> Int32 {
        var diagnostics = result.diagnostics
        if let configuration = result.configuration {
            diagnostics += HostCheck.warnings(about: configuration)
        }
        for diagnostic in diagnostics {
            tell("\(diagnostic)\n")
        }
        if result.hasErrors { return ExitCode.invalid }
        return isStrict && !diagnostics.isEmpty ? ExitCode.warnings : ExitCode.success
    }

    // MARK: - Serve

    private static func serve(_ configuration: Configuration, _ options: Arguments) -> Int32 {
        let log = Log()
        let lock: NamespaceLock
        do throws(NamespaceLock.Failure) {
            lock = try NamespaceLock()
        } catch {
            switch error {
            case .taken:
                log.write(.error, "another failover-agent runs in this network namespace")
                return ExitCode.unavailable
            case .system(let error):
                log.write(.error, "\(error)")
                return ExitCode.system
            }
        }
        defer { withExtendedLifetime(lock) {} }
        do {
            // The control socket makes its directory, in which the state file usually lies, too.
            let socket = try ControlSocket(path: options.socketPath)
            let state = openState(options.stateFile, log)
            let agent = try Agent(configuration: configuration, state: state, log: log)
            return try agent.run(socket)
        } catch {
            log.write(.error, "\(error)")
            return ExitCode.system
        }
    }

    /// Without the state file the agent runs all the same: on newer kernels the addresses themselves say whose they are.
    private static func openState(_ path: String, _ log: Log) -> StateFile? {
        do {
            return try StateFile(path: path)
        } catch {
            log.write(.warning, "no state is kept: \(error)")
            return nil
        }
    }

    /// Diagnostics and complaints go to stderr whole; the program has nothing else to do yet, so it may wait.
    private static func tell(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
