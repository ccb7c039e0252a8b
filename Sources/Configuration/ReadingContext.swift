/// What a configuration may ask about the machine on which it is read. The room itself asks nothing.
package struct ReadingContext: Hashable, Sendable {
    /// What `@id` lines are compared with: `--config-id`, or the host's name up to the first dot.
    package var configurationID: String
    /// For `${_ENV NAME}`.
    package var environment: [String: String]
    /// Against which relative paths are taken, for `${_PWD}`.
    package var workingDirectory: String
    /// How much may be read, all files together and with their definitions filled in, in bytes; each line counts for 64 more.
    package var mostBytes = 16 << 20
    /// A file can be wrong in every line; nobody reads more than this.
    package var mostFindings = 1000
    /// How long a line may be, in bytes; keepalived reads lines in pieces of 1023, and what follows is told.
    package var longestLine = 1 << 20
    /// Diagnostics show their lines.
    package var showsLines = true

    package init(configurationID: String = "", environment: [String: String] = [:], workingDirectory: String = "/") {
        self.configurationID = configurationID
        self.environment = environment
        self.workingDirectory = workingDirectory
    }

    /// The directory of a file, absolute.
    func directory(of path: String) -> String {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        if path.hasPrefix("/") { return folder.isEmpty ? "/" : folder }
        return folder.isEmpty ? workingDirectory : "\(workingDirectory)/\(folder)"
    }
}
