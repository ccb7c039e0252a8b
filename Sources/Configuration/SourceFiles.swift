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
    /// It is a folder, which keepalived passes over.
    package let isFolder: Bool
    /// It holds more than a configuration may: nothing else about the configuration is worth telling.
    package let isTooLarge: Bool

    package init(description: String, isMissing: Bool = false, isFolder: Bool = false, isTooLarge: Bool = false) {
        self.description = description
        self.isMissing = isMissing
        self.isFolder = isFolder
        self.isTooLarge = isTooLarge
    }

    /// - Parameters:
    ///   - bytes: how many the file has; `nil` where that is not known, for more than the limit.
    ///   - limit: how many all files together may have.
    package static func tooLarge(_ bytes: Int?, limit: Int) -> SourceError {
        SourceError(
            description: (bytes.map { "it has \($0) bytes" } ?? "it has more than \(limit) bytes")
                + ": all files may have at most \(ReadingContext.size(limit)) together", isTooLarge: true)
    }
}
