/// A place in a configuration file.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The file's path as it was given, or as an `include` line led to it.
    package var file: String
    /// Counted from 1.
    package var line: Int { Int(storedLine) }
    /// Counted from 1, in characters.
    package var column: Int { Int(storedColumn) }

    // Each address has a place.
    private let storedLine: Int32
    private let storedColumn: Int32

    package init(file: String, line: Int, column: Int) {
        self.file = file
        storedLine = Int32(clamping: line)
        storedColumn = Int32(clamping: column)
    }

    package var description: String { "\(file):\(line):\(column)" }
}
