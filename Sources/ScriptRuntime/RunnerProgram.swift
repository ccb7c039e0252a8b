import EventLoop
import Glibc
import Kernel
import Scripts

/// The program from its arguments to its exit code.
package enum RunnerProgram {
    /// As failover-agent has it.
    static let version = "0.1.0"

    private enum ExitCode {
        static let usage: Int32 = 64
        static let system: Int32 = 71
        static let cannotCreate: Int32 = 73
        static let permission: Int32 = 77
    }

    /// - Parameter arguments: the program's name first.
    /// - Returns: the exit code.
    package static func run(_ arguments: [[UInt8]]) -> Int32 {
        if arguments.dropFirst().first.map({ $0.elementsEqual(LaunchOrder.option.utf8) }) == true {
            return ScriptExec.run(Array(arguments.dropFirst()))
        }
        let options: RunnerArguments
        do {
            options = try RunnerArguments(arguments.map { String(decoding: $0, as: UTF8.self) })
        } catch {
            complain("\(error)\nTry 'failover-scripts --help'.")
            return ExitCode.usage
        }
        switch options.mode {
        case .showHelp:
            print(RunnerArguments.help, terminator: "")
            return 0
        case .showVersion:
            print("failover-scripts \(version)")
            return 0
        case .serve:
            openStandardDescriptors()
            return serve(options)
        }
    }

    private static func serve(_ options: RunnerArguments) -> Int32 {
        guard geteuid() == 0 else {
            complain("only root can run scripts as their users: start it as root")
            return ExitCode.permission
        }
        // A FIFO or an agent that has gone is no reason to end; nor is a terminal.
        for number in [SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGIO] { _ = signal(number, SIG_IGN) }
        umask(0o077)
        let socket: ListeningSocket
        if let path = options.socketPath {
            do {
                socket = try ListeningSocket(path: path, kind: .messages)
            } catch {
                complain("\(error)")
                return ExitCode.cannotCreate
            }
            if let group = group(options), let problem = socket.share(with: group) {
                complain("the group may not use \(path): \(problem)")
            }
        } else if let number = DescriptorStore.inherited().values.first {
            socket = ListeningSocket(inherited: number)
        } else {
            complain("no socket was handed over: start failover-scripts.socket, or say --listen PATH")
            return ExitCode.usage
        }
        do {
            let runner = try Runner(
                options, RunnerLog(), socket: socket, isStartedOnDemand: options.socketPath == nil)
            return try runner.run()
        } catch {
            complain("\(error)")
            return ExitCode.system
        }
    }

    private static func group(_ options: RunnerArguments) -> UInt32? {
        guard let name = options.socketGroup else { return PeerCredentials.group(named: "failover-agent") }
        let group = PeerCredentials.group(named: name)
        if group == nil { complain("there is no group '\(name)': only root may connect") }
        return group
    }

    private static func complain(_ text: String) {
        let bytes = Array("failover-scripts: \(text)\n".utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
