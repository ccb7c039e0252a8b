import Configuration

/// The environment that scripts get: the runner's own, as keepalived hands on its own, without what would change how a program is loaded or how
/// a shell reads words, and without what systemd has told the runner alone.
package enum ScriptEnvironment {
    /// Where a program is looked for when the environment does not say.
    package static let standardPath = ProgramPath.standard

    /// - Parameter own: `NAME=VALUE`, as execve(2) takes them.
    package static func of(_ own: [String]) -> [String] {
        let kept = own.filter { entry in
            guard let name = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).first else {
                return false
            }
            return entry.contains("=") && !name.isEmpty && !isPrivate(String(name))
        }
        return kept.contains { $0.hasPrefix("PATH=") } ? kept : kept + ["PATH=\(standardPath)"]
    }

    private static func isPrivate(_ name: String) -> Bool {
        ["IFS", "ENV", "BASH_ENV", "SHELLOPTS", "BASHOPTS", "NOTIFY_SOCKET", "JOURNAL_STREAM", "MAINPID", "MANAGERPID"]
            .contains(name)
            || ["LD_", "BASH_FUNC_", "LISTEN_", "WATCHDOG_", "SWIFT_"].contains { name.hasPrefix($0) }
            || name.hasSuffix("_DIRECTORY")
    }

    /// The paths at which a program may be, the first that can be run counts.
    /// - Parameters:
    ///   - program: as the file names it.
    ///   - environment: what `of` returns.
    package static func candidates(for program: String, in environment: [String]) -> [String] {
        let path = environment.first { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? Substring(standardPath)
        return ProgramPath.candidates(for: program, in: path)
    }
}
