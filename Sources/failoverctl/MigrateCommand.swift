import ArgumentParser
import Configuration
import ConfigurationFiles
import Glibc

/// `failoverctl migrate`
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Makes this agent's configuration out of keepalived's, and says what does not carry over.",
        discussion: """
            It changes nothing that runs: it writes the new file and names the commands that switch this host over. What is \
            not supported becomes a comment in the new file, and so does what keepalived itself ignores; a value that \
            keepalived replaces is replaced. Exit codes: 0 everything that was in force carries over, 1 something does not, \
            or names a program that can't be run, 2 there is no new file: the lines that a person has to decide about are told.
            """
    )

    @Argument(help: ArgumentHelp("keepalived's file.", valueName: "file"), completion: .file())
    var file = "/etc/keepalived/keepalived.conf"

    @Option(help: ArgumentHelp("The new file; - for standard output.", valueName: "path"), completion: .file())
    var output = "/etc/failover-agent/failover-agent.conf"

    @Option(
        help: ArgumentHelp(
            "What '@ID' lines are compared with (default: FAILOVER_CONFIG_ID in /etc/default/failover-agent, else the "
                + "host's name up to the first dot).", valueName: "id"))
    var configId: String?

    @Flag(help: "Overwrite the new file where there is one.")
    var force = false

    func run() throws {
        let migration: Migration
        let context = HostContext(configurationID: configId)
        for diagnostic in context.diagnostics { Output.note("\(diagnostic)") }
        do throws(Migration.Failure) {
            migration = try Migration(
                file, as: output, from: DiskFiles(advice: .runAsRoot, pipes: .read(patience: nil)),
                context: context.reading)
        } catch {
            for diagnostic in error.diagnostics { Output.note("\(diagnostic)") }
            Output.complain("nothing was written: decide about these lines first")
            throw ExitCode(2)
        }
        let programs = ProgramCheck.diagnostics(about: migration.configuration.scripting)
        if output == "-" {
            try Output.write(migration.text)
            Output.note(MigrationText.summary(migration, programs))
        } else {
            let note = try write(migration.text)
            try Output.write(Array(MigrationText.summary(migration, programs).utf8))
            try Output.write(Array(MigrationText.next(migration, programs, output: output, note: note).utf8))
        }
        if !migration.dropped.isEmpty || programs.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }

    /// root:failover-agent 0640, as far as that is possible.
    /// - Returns: what is still to be done about it.
    private func write(_ bytes: [UInt8]) throws -> String? {
        do {
            let file = try NewFile(path: output, replaces: force)
            let note = giveToService(file.descriptor)
            try file.write(bytes)
            return note
        } catch {
            Output.complain(error.description)
            throw ExitCode(2)
        }
    }

    private func giveToService(_ descriptor: Int32) -> String? {
        guard let group = unsafe getgrnam("failover-agent") else {
            return
                "there is no group failover-agent yet; once there is: chgrp failover-agent \(output) && chmod 640 \(output)"
        }
        guard unsafe fchown(descriptor, 0, group.pointee.gr_gid) == 0, fchmod(descriptor, 0o640) == 0 else {
            return "let the service read it: chown root:failover-agent \(output) && chmod 640 \(output)"
        }
        return nil
    }
}

/// What a person is told about a migration.
enum MigrationText {
    /// - Parameter programs: what is wrong with the programs that the new file has run.
    static func summary(_ migration: Migration, _ programs: [Diagnostic]) -> String {
        var lines = ["Carries over:"]
        for instance in migration.configuration.instances {
            let addresses = instance.addresses.map { "\($0.prefix)" }
            let shown =
                addresses.isEmpty
                ? "no address" : addresses.prefix(4).joined(separator: ", ") + (addresses.count > 4 ? ", …" : "")
            lines.append(
                "  \(instance.name): virtual router \(instance.virtualRouterID) on \(instance.interface), "
                    + "priority \(instance.priority): \(shown)")
        }
        if migration.dropped.isEmpty {
            lines.append("Everything that was in force carries over.")
        } else {
            lines.append("Does NOT carry over (a comment in the new file):")
            lines += migration.dropped.map { "  \($0.location): \($0.keyword): \($0.reason)" }
        }
        if !migration.ignored.isEmpty {
            lines.append("Was never in force (a comment in the new file):")
            lines += migration.ignored.map { "  \($0.location): '\($0.keyword)' was never in force: \($0.reason)" }
        }
        if !migration.replaced.isEmpty {
            lines.append("The new file says what keepalived makes of it:")
            lines += migration.replaced.map { "  \($0.location): \($0.keyword): \($0.reason)" }
        }
        func list(_ title: String, _ diagnostics: [Diagnostic]) {
            guard !diagnostics.isEmpty else { return }
            lines.append(title)
            lines += diagnostics.map { "  \($0.location): \($0.message)" }
        }
        list("Worth knowing:", migration.warnings + programs.filter { $0.severity == .warning })
        list(
            "To be decided before the new file is taken (keepalived leaves such scripts out):",
            programs.filter { $0.severity == .error })
        return lines.joined(separator: "\n") + "\n"
    }

    /// What is lost with keepalived, although the addresses carry over.
    private static func losses(_ migration: Migration) -> [String] {
        let dropped = Set(migration.dropped.map(\.keyword))
        func has(_ prefixes: String...) -> Bool {
            dropped.contains { word in prefixes.contains { word.hasPrefix($0) } }
        }
        var losses: [String] = []
        if hasLoadBalancing(migration) {
            losses.append("keepalived does its load balancing (virtual_server) alone from then on: keepalived -C")
        }
        if has("net_namespace") {
            losses.append("the agent runs in the host's own network namespace, not in net_namespace's")
        }
        if has("track_bfd", "bfd_instance") { losses.append("no BFD session is watched any more") }
        return losses
    }

    private static func hasLoadBalancing(_ migration: Migration) -> Bool {
        migration.dropped.contains { $0.keyword.hasPrefix("virtual_server") }
    }

    /// - Parameter programs: what is wrong with the programs that the new file has run.
    static func next(_ migration: Migration, _ programs: [Diagnostic], output: String, note: String?) -> String {
        let losses = losses(migration)
        var warning = ""
        if !losses.isEmpty {
            warning = "\nBEFORE you type them, what these commands end with keepalived:\n"
            warning += losses.map { "    \($0)\n" }.joined()
        }
        if output != ConfigurationCheck.standardPath {
            warning += "\nThe service reads \(ConfigurationCheck.standardPath): put the file there first.\n"
        }
        let isUndecided = programs.contains { $0.severity == .error }
        if isUndecided {
            warning +=
                "\nNOT YET: first decide what stands above, until 'failover-agent --check' is silent. A check that can't be run fails,\n"
            warning += "on every host, and then nobody takes the address.\n"
        }
        let stop = hasLoadBalancing(migration) ? LoadBalancing.commands : ["systemctl disable --now keepalived"]
        return """
            Written: \(output)\(note.map { "\n\($0)" } ?? "")
            \(warning)
            To switch this host over, one host at a time, the backup first:
            \((isUndecided ? ["failover-agent --check"] : []).map { "    \($0)\n" }.joined())\(stop.map { "    \($0)" }.joined(separator: "\n"))
                systemctl enable --now failover-agent
                failoverctl status

            """
    }
}
