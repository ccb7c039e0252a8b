/// Gives a configuration its files. The room itself reads nothing.
package protocol SourceFiles {
    /// The file's bytes.
    func read(_ path: String) throws(SourceError) -> [UInt8]
    /// The paths that a pattern with wildcards stands for, sorted.
    /// - Throws: when a folder can't be looked into.
    func expand(_ pattern: String) throws(SourceError) -> [String]
}

/// A file could not be read; the description is the system's.
package struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// There is no such file: less of a fault than one that can't be read.
    package let isMissing: Bool

    package init(description: String, isMissing: Bool = false) {
        self.description = description
        self.isMissing = isMissing
    }
}
