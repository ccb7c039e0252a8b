import Configuration
import ConfigurationFiles
import Control
import FailoverCore
import Glibc
package import Kernel
import Reporting

/// The program from its arguments to its exit code.
package enum AgentProgram {
    /// Before anything else: memory is laid out as it is to be, no descriptor that is opened gets a number that means something, and no signal ends the program before it
    /// is known what it is to do.
    package static func begin() -> Signals.Mask {
        OwnMemory.arrange()
        openStandardDescriptors()
        return Signals.blockAll()
    }

    /// - Parameters:
    ///   - arguments: the program's name first.
    ///   - mask: what `begin` has found.
    /// - Returns: the exit code.
    package static func run(_ arguments: [String], mask: Signals.Mask) -> Int32 {
        let log = Log()
        guard !arguments.isEmpty else {
            // Swift reads them there; without them --release would run as the agent.
            log.complain(.error, "the arguments can't be read: is /proc mounted?")
            return ExitCode.usage
        }
        let options: Arguments
        do {
            options = try Arguments(arguments)
        } catch {
            Signals.blockAllButEnd()
            log.complain(.error, "\(error)\nTry 'failover-agent --help'.")
            // A start that was to be, perhaps after a crash: no address may stay behind, except those of an agent that runs.
            if Capability.missing.isEmpty, let standard = try? Arguments(["failover-agent", "--release"]) {
                _ = Service(standard, Log(isQuiet: true)).release(usesState: false)
            }
            return ExitCode.usage
        }
        switch options.mode {
        case .showHelp, .showVersion, .check: Signals.restore(mask)
        case .release, .stopPost: Signals.blockAllButEnd()
        case .serve: Signals.blockOrdersAndHabits()
        }
        switch options.mode {
        case .showHelp:
            print(Arguments.help, terminator: "")
            return ExitCode.success
        case .showVersion:
            print("failover-agent \(AgentVersion.current)")
            return ExitCode.success
        case .check:
            return check(options, log)
        case .release:
            return Service(options, log).release()
        case .stopPost:
            let service = Service(options, log)
            return StopPost.isRestartComing(roles: service.rolesPath) ? service.lapse() : service.release()
        case .serve:
            return Service(options, log).run()
        }
    }

    private static func check(_ options: Arguments, _ log: Log) -> Int32 {
        let found = ConfigurationCheck(
            options.configurationPath, configurationID: options.configurationID, environment: options.environmentPath)
        for diagnostic in found.diagnostics {
            log.show(diagnostic)
        }
        return found.exitCode(isStrict: options.isStrict)
    }
}

/// The exit codes; those above 63 are sysexits(3)'s, which systemd knows by name.
enum ExitCode {
    static let success: Int32 = 0
    static let usage: Int32 = 64
    /// Another agent runs here.
    static let unavailable: Int32 = 69
    /// A system call failed that should not.
    static let system: Int32 = 71
    /// The control socket can't be made.
    static let cantCreate: Int32 = 73
    /// A capability is missing.
    static let notPermitted: Int32 = 77
    static let configuration: Int32 = 78

    /// Those that no new start mends.
    static let lasting = [usage, unavailable, cantCreate, notPermitted, configuration]
    /// The unit's RestartPreventExitStatus=: those, and what ends a process before this program runs in it (systemd.exec(5)).
    static let withoutRestart = lasting + [127] + Array(200...245)
}

extension Arguments {
    /// Reads the configuration that the arguments name.
    /// - Parameters:
    ///   - pipes: what becomes of what can be read only once.
    ///   - interfaces: where those are looked for that the file does not name.
    /// - Returns: it, and the files that it was read from.
    func readConfigurationAndFiles(
        pipes: DiskFiles.Pipes, interfaces: InterfaceSearch
    ) -> (ConfigurationReader.Result, DiskFiles) {
        DiskFiles.readConfiguration(
            configurationPath, configurationID: configurationID, environment: environmentPath, advice: .letServiceRead,
            pipes: pipes, interfaces: interfaces)
    }
}
