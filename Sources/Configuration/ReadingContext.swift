/// What a configuration may ask about the machine on which it is read. The room itself asks nothing.
package struct ReadingContext: Sendable {
    /// What `@id` lines are compared with: `--config-id`, or the host's name up to the first dot.
    package var configurationID: String
    /// For `${_ENV NAME}`.
    package var environment: [String: String]
    /// Against which relative paths are taken, for `${_PWD}`.
    package var workingDirectory: String
    /// Draws the number of a `${_RANDOM}`; without it, `_RANDOM` is not defined.
    package var random: (@Sendable (ClosedRange<Int>) -> Int)?
    /// What routing tables are called there.
    package var routingNames = RoutingNames()
    /// Finds the interface of an instance that names none; `nil` where it is not this machine's.
    package var findInterface: (@Sendable (InterfaceQuestion) -> String?)?
    /// How much may be read, all files together, in bytes; and how much definitions and loops may make of it beyond that, where each
    /// line counts for 64 bytes more.
    package var mostBytes = ReadingContext.standardMostBytes
    /// The documented limit, in bytes.
    package static let standardMostBytes = 16 << 20
    /// How many lines all files may have together, blank ones and comments apart: each takes about half a kilobyte while it is read.
    package var mostLines = 2_000_000
    /// A file can be wrong in every line; nobody reads more than this.
    package var mostFindings = 1000
    /// How long a line may be, in bytes; keepalived reads lines in pieces of 1023, and what follows is told.
    package var longestLine = 1 << 20
    /// Diagnostics show their lines.
    package var showsLines = true

    package init(
        configurationID: String = "", environment: [String: String] = [:], workingDirectory: String = "/",
        random: (@Sendable (ClosedRange<Int>) -> Int)? = nil
    ) {
        self.configurationID = configurationID
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.random = random
    }

    /// A limit in bytes, as a message names it.
    static func size(_ bytes: Int) -> String {
        switch bytes {
        case let bytes where bytes > 0 && bytes % (1 << 20) == 0: "\(bytes >> 20) MiB (\(bytes) bytes)"
        case let bytes where bytes > 0 && bytes % (1 << 10) == 0: "\(bytes >> 10) KiB (\(bytes) bytes)"
        default: "\(bytes) bytes"
        }
    }

    /// What comes through a pipe lies in no folder: there the working directory takes its place.
    static func hasFolder(_ path: String) -> Bool { !["/dev/", "/proc/"].contains { path.hasPrefix($0) } }

    /// The directory of a file, absolute.
    func directory(of path: String) -> String {
        guard Self.hasFolder(path) else { return workingDirectory }
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        if path.hasPrefix("/") { return folder.isEmpty ? "/" : folder }
        return folder.isEmpty ? workingDirectory : "\(workingDirectory)/\(folder)"
    }
}
