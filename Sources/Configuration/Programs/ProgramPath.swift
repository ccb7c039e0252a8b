/// Where a program is that a file names.
package enum ProgramPath {
    /// Where one without a slash is looked for when the environment does not say.
    package static let standard = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The paths at which it may be, the first that can be run counts.
    /// - Parameters:
    ///   - program: as the file names it.
    ///   - folders: as in PATH.
    package static func candidates(for program: String, in folders: some StringProtocol) -> [String] {
        guard !program.isEmpty else { return [] }
        guard !program.contains("/") else { return program.hasPrefix("/") ? [program] : ["/" + program] }
        // An empty or relative entry would stand for wherever the runner is.
        return folders.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(program)" }
    }
}
