/// Reads a file and what it includes into one stream of tokens, line by line.
struct FileLoader {
    /// What a line holds after definitions have been filled in.
    struct Line {
        var tokens: [Token]
        /// The number of its last line, where a script's text makes it several.
        var lastNumber: Int?
    }

    let files: any SourceFiles
    var lines: [Line] = []
    var text = SourceText()
    private(set) var findings: [Finding] = []
    let context: ReadingContext
    var definitions: Definitions
    /// A definition of several lines that is not over.
    var openDefinition: OpenDefinition?
    /// `include_check`, for the file that is being read.
    var includeChecks: IncludeChecks = []
    private var open: [String] = []
    /// What all files hold.
    private var fileBytes = 0
    /// The lines that hold something.
    var lineCount = 0
    /// What definitions and loops have made of it, beyond that.
    var expandedBytes = 0
    /// The files that each `include` line brought in, by the line's file and number.
    private(set) var inclusions: [String: [Int: [String]]] = [:]
    /// The line before ended with a keyword that a password follows: it may have slipped into this line.
    var awaitsPassword = false
    /// More than may be read has come together: then nothing else is told. Its line is not shown, for nobody knows which lines hold
    /// secrets before all are understood.
    private(set) var tooMuch: Finding?
    var isTooMuch: Bool { tooMuch != nil }
    /// The first place that asks for a number drawn at random, as an error: it is one only in a file with scripts.
    var randomNumber: Finding?

    struct OpenDefinition {
        var name: String
        var lines: [[LineReader.Piece]]
        /// Where its first line is kept.
        var line: Int
    }

    /// Files within files within files.
    private static let deepest = 32

    init(files: any SourceFiles, context: ReadingContext) {
        self.files = files
        self.context = context
        definitions = Definitions(context: context)
    }

    /// - Parameters:
    ///   - place: the `include` line that names the file; `nil` for the file on the command line.
    ///   - checks: what is an error about it.
    mutating func load(_ path: String, from place: Word?, checks: IncludeChecks = .all) {
        let location = place?.location ?? SourceLocation(file: path, line: 1, column: 1)
        guard !isTooMuch else { return }
        guard !open.contains(path), open.count < Self.deepest else {
            complain("'\(printable(path))' includes itself", at: location, place)
            return
        }
        let bytes: [UInt8]
        do throws(SourceError) {
            bytes = try files.read(path)
        } catch {
            guard !error.isTooLarge else {
                stop("can't read '\(printable(path))': \(error.description)", at: location)
                return
            }
            complain(
                "can't read '\(printable(path))': \(error.description)", at: location, place,
                severity: Self.severity(of: error, checks))
            return
        }
        guard bytes.count <= context.mostBytes - fileBytes else {
            stop(
                "'\(printable(path))' has \(bytes.count) bytes"
                    + (fileBytes > 0 ? ", so that all files together have \(fileBytes + bytes.count)" : "")
                    + ": they may have at most \(ReadingContext.size(context.mostBytes)) together", at: location)
            return
        }
        fileBytes += bytes.count
        open.append(path)
        if let place { inclusions[place.location.file, default: [:]][place.location.line, default: []].append(path) }
        // Each file has its own checks and its own folder.
        let outer = (definitions.path, includeChecks)
        definitions.path = path
        if place != nil { includeChecks = [] }
        defer {
            open.removeLast()
            (definitions.path, includeChecks) = outer
        }
        var number = 0
        // A byte order mark says nothing here; some editors write it.
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        let fileLines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        while number < fileLines.count {
            guard !isTooMuch else { return }
            let line = fileLines[number]
            if openDefinition == nil, let script = ScriptLines.joined(fileLines[number...]) {
                let first = lines.count
                read(script.bytes[...], number: number + 1, of: path)
                number += script.count
                for index in lines.indices.dropFirst(first) { lines[index].lastNumber = number }
            } else {
                number += 1
                read(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, number: number, of: path)
            }
        }
    }

    private static func severity(of error: SourceError, _ checks: IncludeChecks) -> Diagnostic.Severity {
        if error.isMissing { return checks.contains(.match) ? .error : .warning }
        // keepalived goes on without a file that it may not read, too; here that would be an address that nobody has.
        return !error.isFolder || checks.contains(.readable) ? .error : .warning
    }

    // MARK: - Diagnostics

    mutating func noteProblems(of reader: LineReader) {
        for problem in reader.problems {
            report(problem.severity, problem.message, reader, column: problem.column)
        }
    }

    mutating func report(
        _ severity: Diagnostic.Severity, _ message: String, _ reader: LineReader, column: Int
    ) {
        findings.append(
            Finding(
                severity: severity, message: message,
                location: SourceLocation(file: reader.file, line: reader.number, column: column), line: reader.line))
    }

    /// Reads nothing more.
    mutating func stop(_ message: String, at location: SourceLocation) {
        tooMuch = tooMuch ?? Finding(severity: .error, message: message, location: location)
    }

    mutating func complain(
        _ message: String, at location: SourceLocation, _ place: Word?, severity: Diagnostic.Severity = .error
    ) {
        findings.append(
            Finding(
                severity: severity, message: message, location: location, line: place?.line, width: place?.width ?? 1))
    }
}

/// A diagnostic whose line is not written out yet: which lines hold secrets is known only when all are understood.
struct Finding: Hashable, Sendable {
    var severity: Diagnostic.Severity
    var message: String
    var location: SourceLocation
    /// Where the line is kept; `nil` when the fault lies in no line.
    var line: Int?
    var width = 1
}
