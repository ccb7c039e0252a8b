/// What a run writes, cut into lines for the journal. It comes in pieces, without an end, and perhaps without a line feed: no more is kept
/// of it than one line.
package struct OutputLines: Hashable, Sendable {
    /// A line that has not ended.
    private var pending: [UInt8] = []
    /// The first line that is not blank: status tells it.
    package private(set) var first = OutputExcerpt()

    package init() {}

    /// Takes a piece.
    /// - Returns: the lines that it ends, blank ones left out.
    package mutating func take(_ bytes: some Sequence<UInt8>) -> [OutputExcerpt] {
        var lines: [OutputExcerpt] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if let line = end() { lines.append(line) }
            } else if pending.count < OutputExcerpt.mostRead {
                pending.append(byte)
            }
        }
        return lines
    }

    /// The run has closed its output.
    /// - Returns: a line without a line feed.
    package mutating func end() -> OutputExcerpt? {
        let line = OutputExcerpt(pending)
        pending.removeAll(keepingCapacity: true)
        guard line != OutputExcerpt() else { return nil }
        if first == OutputExcerpt() { first = line }
        return line
    }
}
