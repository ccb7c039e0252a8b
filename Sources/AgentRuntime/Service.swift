import Configuration
import Control
import EventLoop
import FailoverCore
import Glibc
import Kernel
import Reporting
import Scripts

/// What an agent needs for its scripts.
struct ScriptSetting {
    let plan: ScriptPlan
    /// Where the runner listens.
    let path: String
    /// Where the next run finds what this one knew.
    let file: BlobFile?
}

/// The agent as a service: from its start to its end, whichever way it ends. No way out leaves an address behind that an
/// earlier run has added: nobody would answer for it.
struct Service {
    private let options: Arguments
    private let log: Log

    init(_ options: Arguments, _ log: Log) {
        self.options = options
        self.log = log
    }

    /// Which virtual routers this host is master of, for the next run.
    var rolesPath: String { options.runtimeDirectory + "/roles" }

    /// - Returns: the exit code.
    func run() -> Int32 {
        guarded { state in
            let record = StartRecord(path: options.runtimeDirectory + "/starts")
            if let (failures, pause) = record.begin() {
                // Nobody speaks for the addresses meanwhile.
                removeLeftovers(state)
                log.complain(
                    .warning, "ended \(failures) times in a row without being told to: starting after \(pause)",
                    .failing)
                ServiceManager.notify(.status("starting after a pause of \(pause)"))
                guard Signals.sleep(pause) else {
                    log.write(.notice, "told to stop", .toldToStop)
                    record.end()
                    return ExitCode.success
                }
            }
            let code = serve(state)
            if code == ExitCode.success || ExitCode.lasting.contains(code) { record.end() }
            return code
        }
    }

    /// Removes what earlier runs have left, and does nothing else.
    /// - Parameter usesState: without it nothing is written, and only what the kernel has marked is known.
    func release(usesState: Bool = true) -> Int32 {
        guarded(usesState: usesState) { state in removeLeftovers(state) }
    }

    /// Leaves to the next run what earlier ones have left, for a while.
    func lapse() -> Int32 {
        guarded { state in
            do {
                try Interregnum.begin(remembered: state?.found ?? [:])
                return ExitCode.success
            } catch {
                log.complain(.error, "can't look for addresses that were left behind: \(error)")
                return ExitCode.system
            }
        }
    }

    /// What follows a run that could not be says nothing about it once more.
    private func complain(_ level: Log.Level, _ text: String) {
        if options.mode != .stopPost { log.complain(level, text) }
    }

    /// What every run needs: the right to do it, and to be alone.
    private func guarded(usesState: Bool = true, _ body: (StateFile?) -> Int32) -> Int32 {
        let missing = Capability.missing
        guard missing.isEmpty else {
            let names = missing.map(\.rawValue).joined(separator: " and ")
            complain(
                .error,
                "it needs \(missing.count > 1 ? "the capabilities" : "the capability") \(names) to send advertisements and set addresses: "
                    + (log.isJournal
                        ? "its unit lacks AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW, or runs in a container without them"
                        : "start it with 'systemctl start failover-agent', or as root"))
            return ExitCode.notPermitted
        }
        if usesState { ListeningSocket.makeDirectory(options.runtimeDirectory) }
        let lock: NamespaceLock
        do throws(NamespaceLock.Failure) {
            lock = try NamespaceLock(directory: usesState ? options.runtimeDirectory : nil)
        } catch {
            switch error {
            case .taken(let process):
                let which = process.map { " (process \($0))" } ?? ""
                complain(
                    .error,
                    "another failover-agent runs in this network namespace\(which): see 'failoverctl status', "
                        + "or stop it, with 'systemctl stop failover-agent' if it is the service")
                return ExitCode.unavailable
            case .folderTaken(let process):
                let which = process.map { " (process \($0))" } ?? ""
                complain(
                    .error,
                    "another failover-agent\(which), in another network namespace, uses the folder \(options.runtimeDirectory): "
                        + "give this one a folder of its own, with --socket or --state-dir")
                return ExitCode.unavailable
            case .system(let error):
                log.complain(.error, "\(error)")
                // Before starts are counted: not at once again and again.
                if options.mode == .serve { _ = Signals.sleep(.seconds(1)) }
                return ExitCode.system
            }
        }
        defer { withExtendedLifetime(lock) {} }
        if let user = lock.squatter {
            log.write(
                .warning,
                "user \(user) holds the name by which agents know of each other (the abstract Unix socket "
                    + "@failover-agent): going on without it")
        }
        if options.mode == .serve {
            do throws(SystemError) {
                // Before anything is put beside it.
                try ListeningSocket.makeRoom(at: options.socketPath)
            } catch {
                let isKept = unsafe access(options.runtimeDirectory + "/addresses", F_OK) == 0
                removeLeftovers(isKept ? openState() : nil)
                return refuseSocket(error)
            }
        }
        return body(usesState ? openState() : nil)
    }

    private func refuseSocket(_ error: any Error) -> Int32 {
        let advice =
            switch (error as? SystemError)?.code {
            case EEXIST: "name another place with --socket"
            case ENAMETOOLONG: "name a shorter one with --socket"
            case EADDRINUSE:
                "a program listens there, perhaps a failover-agent of another network namespace: name another place with --socket"
            default: "name another place with --socket, or make its folder writable"
            }
        log.complain(.error, "\(error): \(advice)")
        return ExitCode.cantCreate
    }

    /// Without the state file the agent runs all the same: on newer kernels the addresses themselves say whose they are.
    private func openState() -> StateFile? {
        do {
            return try StateFile(path: options.runtimeDirectory + "/addresses")
        } catch {
            log.write(.warning, "no state is kept: \(error)", .stateNotKept)
            return nil
        }
    }

    /// Without it a new process begins as backup.
    private func openRoles(_ problems: inout [Shortage]) -> RoleFile? {
        do {
            return try RoleFile(path: rolesPath)
        } catch {
            problems.append(.noRoleFile(reason: "\(error)"))
            return nil
        }
    }

    private func openHandovers(_ problems: inout [Shortage]) -> HandoverFile? {
        do {
            return try HandoverFile(path: options.lastingDirectory + "/handovers")
        } catch {
            problems.append(.noHandoverFile(reason: "\(error)"))
            return nil
        }
    }

    /// Without it a new process does not know what scripts have said, nor what they were told.
    private func openScripts(_ problems: inout [Shortage]) -> BlobFile? {
        do {
            return try BlobFile(path: options.runtimeDirectory + "/scripts", capacity: 64 << 10)
        } catch {
            problems.append(.scriptsNotKept(reason: "\(error)"))
            return nil
        }
    }

    private func serve(_ state: StateFile?) -> Int32 {
        let keeper = ConfigurationKeeper(options)
        var problems: [Shortage] = []
        let scripts = openScripts(&problems)
        keeper.usesRunner = scripts?.content?.isEmpty == false
        let result = keeper.read()
        for diagnostic in result.diagnostics {
            log.show(diagnostic)
        }
        // Put back as if its time had run out, now that nobody can tell whether anybody reaches this host.
        let confirmed = result.configuration != nil && keeper.isUnconfirmed ? keeper.lastAccepted() : nil
        if result.configuration != nil, confirmed == nil {
            keeper.noteApplied()
            keeper.accept()
        }
        guard let configuration = confirmed ?? result.configuration ?? keeper.lastAccepted() else {
            removeLeftovers(state)
            if let reason = keeper.problem {
                log.write(.warning, Shortage.configurationNotKept(reason: reason).text, .stateNotKept)
            }
            log.complain(.error, "the configuration has errors", .configurationInvalid)
            return ExitCode.configuration
        }
        if result.configuration == nil {
            log.complain(
                .error, "the configuration has errors: the last one that was accepted is in use",
                .lastAcceptedInUse)
        } else if confirmed != nil {
            log.complain(
                .warning,
                "nobody has confirmed what the file says: the configuration before is in use;"
                    + " to take the file: failoverctl reload", .unconfirmed)
        }
        let socket: ListeningSocket
        do {
            socket = try ListeningSocket(path: options.socketPath)
        } catch {
            removeLeftovers(state)
            return refuseSocket(error)
        }
        // What reading it took goes back now: what is made next would lie in it, with all the room that it has for later.
        if configuration.instances.count > Agent.fewInstances { OwnMemory.giveBack() }
        do {
            let agent = try Agent(
                configuration: configuration, state: state, roles: openRoles(&problems), inheritance: Inheritance(),
                keeper: keeper, handovers: openHandovers(&problems), log: log)
            if state == nil {
                agent.note(.noStateFile, isTold: true)
            }
            for problem in problems { agent.note(problem) }
            agent.isOnLastAccepted = result.configuration == nil
            agent.isFileRejected = confirmed != nil
            agent.noteConfigurationKept()
            return try agent.run(
                socket,
                scripts: ScriptSetting(plan: keeper.plan(of: configuration), path: options.runnerPath, file: scripts))
        } catch {
            removeLeftovers(state)
            log.complain(.error, "\(error)")
            return ExitCode.system
        }
    }

    /// Removes every address that this program has added.
    /// - Returns: the exit code.
    @discardableResult
    private func removeLeftovers(_ state: StateFile?) -> Int32 {
        do {
            // An agent without instances has no use for any of them.
            try Agent(configuration: Configuration(), state: state, log: log).removeLeftovers()
            return ExitCode.success
        } catch {
            log.complain(.error, "can't look for addresses that were left behind: \(error)")
            return ExitCode.system
        }
    }
}
