/// What a migration changes in the lines of a text.
struct MigrationChanges {
    /// What becomes of one line.
    struct Change {
        /// Comments before it.
        var notes: [String] = []
        /// Nothing of it stays.
        var isWhole = false
        /// The columns of what goes, and what is written in its place.
        var parts: [(columns: ClosedRange<Int>, text: String)] = []

        /// What stays of the line; `nil` for nothing.
        func rest(of line: [UInt8]) -> [UInt8]? {
            // What a loop or a definition has made of a line has no columns of its own.
            let body = line.drop { isBlank($0) }
            guard !isWhole, !line.contains(UInt8(ascii: "$")), !line.contains(UInt8(ascii: "~")) else { return nil }
            var rest: [UInt8] = []
            var column = 0
            var written: Set<Int> = []
            for byte in line {
                // Columns count characters.
                if byte & 0xC0 != 0x80 { column += 1 }
                guard let index = parts.firstIndex(where: { $0.columns.contains(column) }) else {
                    rest.append(byte)
                    continue
                }
                if written.insert(index).inserted { rest += Array(parts[index].text.utf8) }
            }
            // A condition alone says nothing.
            let isConditional = body.first == UInt8(ascii: "@")
            let kept = isConditional ? rest.drop { isBlank($0) }.drop { !isBlank($0) } : rest[...]
            guard let first = kept.first(where: { !isBlank($0) }),
                ![UInt8(ascii: "#"), UInt8(ascii: "!")].contains(first)
            else { return nil }
            return rest
        }
    }

    private(set) var lines: [Int: Change] = [:]
    /// Lines at the end.
    private(set) var closing: [String] = []
    var isEmpty: Bool { lines.isEmpty && closing.isEmpty }
    private static let mostNotes = 8
    /// Statements begin at most once.
    private var taken: [(first: Int, last: Int, begin: Int, end: Int)] = []

    /// Words of one line go.
    mutating func remove(_ words: [Word], note: String?) {
        guard let first = words.first, let last = words.last else { return }
        let number = first.location.line
        // A loop may say the same of its line again and again.
        if let note, lines[number]?.notes.count ?? 0 < Self.mostNotes {
            lines[number, default: Change()].notes.append(note)
        }
        lines[number, default: Change()].parts.append(
            (first.location.column...max(last.lastColumn, first.location.column), ""))
    }

    /// A statement goes, with its block.
    /// - Returns: whether it is done; it is not where another one has been changed in the same lines.
    mutating func replace(_ statement: Statement, with text: String?, notes: [String]) -> Bool {
        let begin = statement.keyword.location
        let words = statement.values + [statement.keyword]
        let end = statement.end ?? begin
        let lastColumn = statement.end?.column ?? words.map(\.lastColumn).max() ?? begin.column
        guard statement.block == nil || statement.end != nil, end.file == begin.file, end.line >= begin.line,
            !taken.contains(where: { other in
                (begin.line, begin.column) <= (other.last, other.end)
                    && (other.first, other.begin) <= (end.line, lastColumn)
            })
        else { return false }
        taken.append((begin.line, end.line, begin.column, lastColumn))
        lines[begin.line, default: Change()].notes += notes
        if begin.line == end.line {
            lines[begin.line, default: Change()].parts.append(
                (begin.column...max(lastColumn, begin.column), text ?? ""))
            return true
        }
        lines[begin.line, default: Change()].parts.append((begin.column...Int.max, text ?? ""))
        for number in begin.line + 1..<end.line { lines[number, default: Change()].isWhole = true }
        lines[end.line, default: Change()].parts.append((0...lastColumn, ""))
        return true
    }

    mutating func append(_ lines: [String]) { closing += lines }
}

extension Word {
    /// The column of its last character, or of the quote behind it.
    var lastColumn: Int { location.column + width - 1 + (isQuoted ? 1 : 0) }
}
