/// A keepalived.conf made into a file of this agent's own: what carries over as it is, the rest as comments that say why.
package struct Migration: Sendable {
    /// Something that does not carry over, or does nothing here.
    package struct Remark: Hashable, Sendable {
        package var location: SourceLocation
        package var keyword: String
        package var reason: String
    }

    /// What the new file says.
    package private(set) var configuration: Configuration
    /// The new file's text. What was included stands where the `include` line stood.
    package private(set) var text: [UInt8]
    /// Statements that became comments: what they asked for will not happen.
    package private(set) var dropped: [Remark]
    /// What is to be known about the rest: the new file's warnings.
    package private(set) var warnings: [Diagnostic]

    /// Why there is no new file.
    package struct Failure: Error, Sendable {
        package var diagnostics: [Diagnostic]
    }

    /// - Parameters:
    ///   - path: the old file.
    ///   - name: what the new file is called in diagnostics.
    package init(
        _ path: String, as name: String, from files: some SourceFiles, context: ReadingContext = ReadingContext()
    ) throws(Failure) {
        let recorder = FileRecorder(files)
        let old = ConfigurationReader.readWhole(path, from: recorder, context: context)
        var draft = MigrationDraft(inclusions: old.inclusions, files: recorder.files)
        for refusal in old.refusals { draft.comment(refusal) }
        draft.write(path)
        let new = ConfigurationReader.read(name, from: OneFile(name: name, bytes: draft.text), context: context)
        guard let configuration = new.configuration, draft.problems.isEmpty else {
            let others = old.result.diagnostics.filter { diagnostic in
                diagnostic.severity == .error
                    && !old.refusals.contains { $0.statement.keyword.location == diagnostic.location }
            }
            let reasons = draft.problems + others
            guard reasons.isEmpty else { throw Failure(diagnostics: reasons) }
            // What had to go is told with its place in the old file; nobody has seen the new one.
            let rest = new.diagnostics.first { $0.severity == .error }?.message ?? "it is empty"
            throw Failure(
                diagnostics: old.result.diagnostics.filter { $0.severity == .error } + [
                    Diagnostic(
                        severity: .error, location: SourceLocation(file: path, line: 1, column: 1),
                        message: "what carries over is no whole configuration without that: \(rest)")
                ])
        }
        // A line of the old file that held more than the statement that became a comment.
        guard configuration.isEquivalent(to: old.draft) else {
            let changes = ConfigurationDifference(from: old.draft, to: configuration).lines
            throw Failure(diagnostics: [
                Diagnostic(
                    severity: .error, location: SourceLocation(file: path, line: 1, column: 1),
                    message:
                        "a statement that carries over shares a line, or a definition, with one that does not: give each "
                        + "a line of its own. It would be lost with it: \(changes.joined(separator: "; "))")
            ])
        }
        self.configuration = configuration
        text = draft.text
        dropped = old.refusals.map {
            Remark(
                location: $0.statement.keyword.location,
                keyword: $0.statement.keyword.mayBeSecret ? "(a word)" : printable($0.statement.keyword.text),
                reason: $0.reason)
        }
        warnings = new.diagnostics
    }
}

/// The new file while it is written.
private struct MigrationDraft {
    private struct Extent {
        var last: Int
        var reason: String
    }

    let inclusions: [String: [Int: [String]]]
    let files: [String: [UInt8]]
    private var extents: [String: [Int: Extent]] = [:]
    private(set) var text: [UInt8] = []
    private(set) var problems: [Diagnostic] = []

    init(inclusions: [String: [Int: [String]]], files: [String: [UInt8]]) {
        self.inclusions = inclusions
        self.files = files
    }

    mutating func comment(_ refusal: ConfigurationBuilder.RefusedStatement) {
        let begin = refusal.statement.keyword.location
        let end = refusal.statement.end ?? begin
        guard end.file == begin.file, end.line >= begin.line else {
            problems.append(
                Diagnostic(
                    severity: .error, location: begin, message: "this block ends in another file than it begins in"))
            return
        }
        let name = refusal.statement.keyword.mayBeSecret ? "this" : "'\(printable(refusal.statement.keyword.text))'"
        extents[begin.file, default: [:]][begin.line] = Extent(
            last: max(end.line, extents[begin.file]?[begin.line]?.last ?? 0), reason: "\(name): \(refusal.reason)")
    }

    mutating func write(_ path: String) {
        guard let bytes = files[path] else { return }
        var number = 0
        var commentedUpTo = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let isLast = line.endIndex == bytes.endIndex
            if isLast, line.isEmpty { continue }
            if let extent = extents[path]?[number], number > commentedUpTo {
                commentedUpTo = extent.last
                append("# Not carried over: \(extent.reason)")
            }
            if number <= commentedUpTo {
                text += Array("# ".utf8) + line + [UInt8(ascii: "\n")]
            } else if let included = inclusions[path]?[number] {
                include(included, from: path, number, line)
            } else {
                text += line + [UInt8(ascii: "\n")]
            }
        }
    }

    private mutating func include(_ paths: [String], from path: String, _ number: Int, _ line: ArraySlice<UInt8>) {
        let words = String(decoding: line, as: UTF8.self).split(whereSeparator: { " \t".contains($0) })
        guard let keyword = words.first, IncludeChecks(keyword: String(keyword)) != nil else {
            problems.append(
                Diagnostic(
                    severity: .error, location: SourceLocation(file: path, line: number, column: 1),
                    message: "an include behind a condition or a loop can't be carried over: put the text in its place")
            )
            return
        }
        for included in paths {
            append("# From \(included):")
            write(included)
        }
    }

    private mutating func append(_ line: String) { text += Array(line.utf8) + [UInt8(ascii: "\n")] }
}

/// Keeps what was read.
private final class FileRecorder<Files: SourceFiles>: SourceFiles {
    private let source: Files
    private(set) var files: [String: [UInt8]] = [:]

    init(_ source: Files) { self.source = source }

    func read(_ path: String) throws(SourceError) -> [UInt8] {
        let bytes = try source.read(path)
        files[path] = bytes
        return bytes
    }

    func expand(_ pattern: String) throws(SourceError) -> [String] { try source.expand(pattern) }
}

/// The new file, before there is one.
private struct OneFile: SourceFiles {
    let name: String
    let bytes: [UInt8]

    func read(_ path: String) throws(SourceError) -> [UInt8] {
        guard path == name else { throw SourceError(description: "no such file", isMissing: true) }
        return bytes
    }

    func expand(_ pattern: String) -> [String] { [] }
}
