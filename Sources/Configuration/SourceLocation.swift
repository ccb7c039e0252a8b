/// A place in a configuration file.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The file's path as it was given, or as an `include` line led to it.
    package var file: String
    /// Counted from 1.
    package var line: Int
    /// Counted from 1, in characters.
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
}
