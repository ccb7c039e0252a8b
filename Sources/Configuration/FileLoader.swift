/// Reads a file and what it includes into one stream of tokens, line by line.
struct FileLoader {
    /// What a line holds after definitions have been filled in.
    struct Line {
        var tokens: [Token]
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
    var totalBytes = 0
    /// The files that each `include` line brought in, by the line's file and number.
    private(set) var inclusions: [String: [Int: [String]]] = [:]
    /// The line before ended with a keyword that a password follows: it may have slipped into this line.
    var awaitsPassword = false
    /// More than may be read has come together.
    var isTooMuch = false

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
        guard !open.contains(path), open.count < Self.deepest else {
            complain("'\(printable(path))' includes itself", at: location, place)
            return
        }
        let bytes: [UInt8]
        do throws(SourceError) {
            bytes = try files.read(path)
        } catch {
            complain(
                "can't read '\(printable(path))': \(error.description)", at: location, place,
                // keepalived goes on without a file that it may not read; here that would be an address that nobody has.
                severity: !error.isMissing || checks.contains(.match) ? .error : .warning)
            return
        }
        totalBytes += bytes.count
        guard totalBytes <= context.mostBytes else {
            complain("the files hold more than \(context.mostBytes >> 10) KiB together", at: location, place)
            return
        }
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
        for line in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard !isTooMuch else { return }
            number += 1
            read(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, number: number, of: path)
        }
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
