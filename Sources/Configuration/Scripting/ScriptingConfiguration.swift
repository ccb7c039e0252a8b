/// What a configuration file says about scripts, files and processes: what `failover-scripts` needs to know of it, with every default filled
/// in.
package struct ScriptingConfiguration: Hashable, Sendable {
    /// The `vrrp_script` blocks, in the file's order; each name once.
    package var checks: [CheckConfiguration] = []
    /// The `track_file` and `vrrp_track_file` blocks, in the file's order; each name once.
    package var files: [TrackFileConfiguration] = []
    /// The `vrrp_track_process` blocks, in the file's order; each name once.
    package var processes: [TrackProcessConfiguration] = []
    /// The `vrrp_instance` and then the `vrrp_sync_group` blocks, each in the file's order: also those without scripts, for the FIFO tells
    /// of all.
    package var subjects: [ScriptSubject] = []
    /// `notify_fifo` and `vrrp_notify_fifo`, each at most once.
    package var pipes: [NotifyPipeConfiguration] = []
    /// `fifo_write_vrrp_states_on_reload`
    package var writesStatesAtReload = false
    /// `startup_script`
    package var startup: HookConfiguration?
    /// `shutdown_script`
    package var shutdown: HookConfiguration?
    /// `script_user`: for scripts that name none; `nil` for `keepalived_script` where it exists, else root.
    package var defaultUser: ScriptUser?
    /// `enable_script_security`: root runs nothing that others can change.
    package var isSecure = false
    /// `set_supplementary_groups`: scripts get all groups of their user.
    package var givesAllGroups = false

    package init() {}

    /// There is nothing to run or to watch, and no FIFO to write to.
    package var isEmpty: Bool {
        checks.isEmpty && files.isEmpty && processes.isEmpty && pipes.isEmpty && startup == nil && shutdown == nil
            && subjects.allSatisfy { $0.notifications.isEmpty && $0.trackers.isEmpty }
    }
}

/// As whom a script runs.
package struct ScriptUser: Hashable, Sendable {
    package var name: String
    /// `nil` for the user's own group.
    package var group: String?
    /// `:GROUP`, `:` or `set_supplementary_groups`: all groups of the user, too.
    package var hasAllGroups = false

    package init(name: String, group: String? = nil, hasAllGroups: Bool = false) {
        self.name = name
        self.group = group
        self.hasAllGroups = hasAllGroups
    }
}

/// A `vrrp_script` block: a check that is run again and again.
package struct CheckConfiguration: Hashable, Sendable {
    package var name: String
    package var location: SourceLocation
    package var command: ScriptCommand
    /// `nil` for the default.
    package var user: ScriptUser?
    package var policy = CheckPolicy()
    /// -253 to 253; 0 for a fault.
    package var weight = 0
    package var isReversed = false

    package init(name: String, location: SourceLocation, command: ScriptCommand) {
        self.name = name
        self.location = location
        self.command = command
    }
}

/// When a check is run, and what its results come to.
package struct CheckPolicy: Hashable, Sendable {
    /// From one start to the next; at least a millisecond.
    package var interval: Duration = .seconds(1)
    /// After which a run has failed; the interval unless given.
    package var timeout: Duration = .seconds(1)
    /// Successes in a row until it is up; at least 1.
    package var rise = 1
    /// Failures in a row until it is down; at least 1.
    package var fall = 1
    /// `init_fail`: it is down until it has risen.
    package var isDownAtFirst = false

    package init() {}
}

/// A `track_file` block: a file that holds a number.
package struct TrackFileConfiguration: Hashable, Sendable {
    /// `init_file`: what is written at the start.
    package struct Initial: Hashable, Sendable {
        /// -2^31 to 2^31 - 1.
        package var value: Int
        /// Also where the file exists.
        package var overwrites: Bool

        package init(value: Int = 0, overwrites: Bool = false) {
            self.value = value
            self.overwrites = overwrites
        }
    }

    package var name: String
    package var location: SourceLocation
    package var path: String
    /// -254 to 254; 0 for a fault while the number is not 0.
    package var weight = 1
    package var isReversed = false
    package var initial: Initial?

    package init(name: String, location: SourceLocation, path: String) {
        self.name = name
        self.location = location
        self.path = path
    }
}

/// A `vrrp_track_process` block: processes that are counted.
package struct TrackProcessConfiguration: Hashable, Sendable {
    /// How a process's arguments are compared.
    package enum ArgumentMatch: Hashable, Sendable {
        /// Whatever they are.
        case any
        /// All are the same.
        case exact
        /// `partial`: the first ones are the same; others may follow.
        case partial
        /// `initial`: as `partial`, and the last one that is given need only begin like the process's.
        case initial
    }

    package var name: String
    package var location: SourceLocation
    /// Its name, at most 15 bytes of which the kernel keeps; with arguments the first word of its command line.
    package var program: [UInt8]
    package var arguments: [[UInt8]] = []
    package var match = ArgumentMatch.any
    /// Its command line is compared, not the name that the kernel keeps.
    package var comparesCommandLine = false
    /// -254 to 254; 0 for a fault while the quorum is not met.
    package var weight = 0
    package var isReversed = false
    /// How many processes there have to be, and may be.
    package var quorum: ClosedRange<Int> = 1...Int.max
    /// `delay`, `fork_delay`: until more processes count.
    package var forkDelay: Duration = .zero
    /// `delay`, `terminate_delay`: until fewer processes count.
    package var terminateDelay: Duration = .zero

    package init(name: String, location: SourceLocation, program: [UInt8]) {
        self.name = name
        self.location = location
        self.program = program
    }
}

/// `notify_fifo` or `vrrp_notify_fifo`: a named pipe that is written to at every change.
package struct NotifyPipeConfiguration: Hashable, Sendable {
    /// What it is told.
    package enum Scope: Hashable, Sendable {
        /// `notify_fifo`
        case everything
        /// `vrrp_notify_fifo`
        case vrrp
    }

    package var scope: Scope
    package var path: String
    package var location: SourceLocation
    /// Whose it is if it has to be made.
    package var user: ScriptUser?
    /// What reads it; the pipe's path is its last argument.
    package var script: NotifyScript?

    package init(scope: Scope, path: String, location: SourceLocation) {
        self.scope = scope
        self.path = path
        self.location = location
    }
}

/// `startup_script` or `shutdown_script`.
package struct HookConfiguration: Hashable, Sendable {
    package var script: NotifyScript
    /// 1 to 1000 seconds.
    package var timeout: Duration = .seconds(10)

    package init(script: NotifyScript) { self.script = script }
}

/// What is run when something happens.
package struct NotifyScript: Hashable, Sendable {
    package var location: SourceLocation
    package var command: ScriptCommand
    /// `nil` for the default.
    package var user: ScriptUser?

    package init(location: SourceLocation, command: ScriptCommand, user: ScriptUser? = nil) {
        self.location = location
        self.command = command
        self.user = user
    }
}
