/// The new file while it is written: lines that know where they come from.
struct MigrationDraft {
    struct Line {
        /// With its carriage return, if it has one.
        var bytes: [UInt8]
        /// `nil` for a line that the migration has written.
        var origin: SourceLocation?
        /// Its place among all lines of the old files.
        var rank: Int
    }

    private(set) var lines: [Line] = []
    /// What can't be written.
    private(set) var problems: [Diagnostic] = []

    /// - Parameters:
    ///   - path: the old file.
    ///   - inclusions: the files that each `include` line brought in, by the line's file and number.
    ///   - files: what all of them hold.
    init(_ path: String, inclusions: [String: [Int: [String]]], files: [String: [UInt8]]) {
        flatten(path, inclusions, files)
    }

    var text: [UInt8] { lines.reduce(into: []) { $0 += $1.bytes + [UInt8(ascii: "\n")] } }

    /// The place in the old files of a place in this text.
    func origin(of location: SourceLocation) -> SourceLocation {
        guard lines.indices.contains(location.line - 1) else {
            return lines.last?.origin ?? location
        }
        let line = lines[location.line - 1]
        return line.origin.map { SourceLocation(file: $0.file, line: $0.line, column: location.column) } ?? location
    }

    func rank(of location: SourceLocation) -> Int {
        lines.indices.contains(location.line - 1) ? lines[location.line - 1].rank : lines.count
    }

    // MARK: - What was included

    /// What was included stands in the place of its `include` line.
    private mutating func flatten(
        _ path: String, _ inclusions: [String: [Int: [String]]], _ files: [String: [UInt8]],
        within open: Set<String> = []
    ) {
        guard let bytes = files[path], !open.contains(path) else { return }
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        var number = 0
        for line in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            if line.isEmpty, line.endIndex == content.endIndex { continue }
            let origin = SourceLocation(file: path, line: number, column: 1)
            guard let included = inclusions[path]?[number] else {
                lines.append(Line(bytes: Array(line), origin: origin, rank: lines.count))
                continue
            }
            let words = String(decoding: line, as: UTF8.self).split(whereSeparator: { " \t".contains($0) })
            guard let keyword = words.first, IncludeChecks(keyword: String(keyword)) != nil else {
                problems.append(
                    Diagnostic(
                        severity: .error, location: origin,
                        message:
                            "an include behind a condition or a loop can't be carried over: put the text in its place"))
                continue
            }
            // A file that is included twice has read its own includes twice.
            var seen = open.union([path])
            for included in included where seen.insert(included).inserted {
                lines.append(Line(bytes: Array("# From \(included):".utf8), rank: lines.count))
                flatten(included, inclusions, files, within: open.union([path]))
            }
        }
    }

    // MARK: - Changes

    /// What becomes of lines, by their number in this text.
    mutating func apply(_ changes: MigrationChanges) {
        var result: [Line] = []
        for (index, line) in lines.enumerated() {
            guard let change = changes.lines[index + 1] else {
                result.append(line)
                continue
            }
            for note in change.notes {
                result.append(Line(bytes: Array("# \(note)".utf8), origin: line.origin, rank: line.rank))
            }
            var comment = line
            comment.bytes = Array("# ".utf8) + line.bytes
            result.append(comment)
            if let rest = change.rest(of: line.bytes) {
                result.append(Line(bytes: rest, origin: line.origin, rank: line.rank))
            }
        }
        for note in changes.closing {
            let last = lines.last
            result.append(Line(bytes: Array(note.utf8), origin: last?.origin, rank: last?.rank ?? 0))
        }
        lines = result
    }
}
