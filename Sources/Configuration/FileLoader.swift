/// Reads a file and what it includes into one stream of tokens, line by line.
struct FileLoader {
    /// What a line holds after definitions have been filled in.
    struct Line {
        var tokens: [Token]
    }

    private let files: any SourceFiles
    private(set) var lines: [Line] = []
    private(set) var text = SourceText()
    private(set) var findings: [Finding] = []
    private var definitions: [String: [LineReader.Piece]] = [:]
    private var open: [String] = []
    private var totalBytes = 0
    /// The line before ended with a keyword that a password follows: it may have slipped into this line.
    private var awaitsPassword = false

    /// Files within files within files.
    private static let deepest = 32
    /// All files together.
    private static let mostBytes = 16 << 20

    init(files: any SourceFiles) {
        self.files = files
    }

    /// - Parameter place: the `include` line that names the file; `nil` for the file on the command line.
    mutating func load(_ path: String, from place: Word?) {
        let location = place?.location ?? SourceLocation(file: path, line: 1, column: 1)
        guard !open.contains(path), open.count < Self.deepest else {
            complain("'\(printable(path))' includes itself", at: location, place)
            return
        }
        let bytes: [UInt8]
        do throws(SourceError) {
            bytes = try files.read(path)
        } catch {
            complain("can't read '\(printable(path))': \(error.description)", at: location, place)
            return
        }
        totalBytes += bytes.count
        guard totalBytes <= Self.mostBytes else {
            complain("the files hold more than 16 MiB together", at: location, place)
            return
        }
        open.append(path)
        defer { open.removeLast() }
        var number = 0
        // A byte order mark says nothing here; some editors write it.
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        for line in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            read(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, number: number, of: path)
        }
    }

    private mutating func read(_ bytes: ArraySlice<UInt8>, number: Int, of path: String) {
        let line = text.add(String(decoding: bytes, as: UTF8.self))
        var reader = LineReader(file: path, number: number, line: line)
        let pieces = reader.stripComment(bytes)
        var tokens: [Token] = []
        if let (name, value) = LineReader.definition(in: pieces) {
            definitions[name] = value
            if value.last?.byte == UInt8(ascii: "\\") {
                report(
                    .error, "a definition of several lines is not supported yet", reader,
                    column: value.last?.column ?? 1)
            }
        } else {
            let filledIn = reader.fillIn(pieces, from: definitions)
            totalBytes += filledIn.count - pieces.count
            if totalBytes > Self.mostBytes {
                report(.error, "the files hold too much once their definitions are filled in", reader, column: 1)
                return
            }
            tokens = reader.tokens(in: filledIn)
        }
        if bytes.contains(0) {
            report(.error, "the line holds a zero byte: this is not a text file", reader, column: 1)
        }
        for problem in reader.problems {
            report(problem.severity, problem.message, reader, column: problem.column)
        }
        guard case .word(let keyword)? = tokens.first else {
            if !tokens.isEmpty { lines.append(Line(tokens: tokens)) }
            return
        }
        if keyword.text == "include" {
            include(tokens, keyword, of: path)
        } else {
            if keyword.text == "auth_pass" { text.markSecret(line) }
            if awaitsPassword {
                text.markSecret(line)
                if !Self.isHarmless(keyword) { tokens = tokens.map(Self.hiding) }
            }
            lines.append(Line(tokens: tokens))
        }
        awaitsPassword = tokens.count == 1 && editDistance(keyword.text.lowercased(), "auth_pass") <= 4
    }

    /// A keyword of an instance is no password that slipped.
    private static func isHarmless(_ word: Word) -> Bool {
        Keywords.instance[word.text] != nil || Keywords.authentication[word.text] != nil
    }

    private static func hiding(_ token: Token) -> Token {
        switch token {
        case .word(var word):
            word.mayBeSecret = true
            return .word(word)
        case .open, .close: return token
        }
    }

    // MARK: - Includes

    private mutating func include(_ tokens: [Token], _ keyword: Word, of path: String) {
        guard tokens.count >= 2, case .word(let target) = tokens[1] else {
            complain("'include' needs the path of a file", at: keyword.location, keyword)
            return
        }
        var pattern = target.text
        if !pattern.hasPrefix("/"), let slash = path.lastIndex(of: "/") {
            // Relative paths begin at the including file.
            pattern = String(path[...slash]) + pattern
        }
        guard pattern.contains(where: { "*?[{".contains($0) }) else {
            load(pattern, from: target)
            return
        }
        let paths = files.expand(pattern)
        if paths.isEmpty {
            complain("no file fits '\(printable(pattern))'", at: target.location, target, severity: .warning)
        }
        for path in paths {
            load(path, from: target)
        }
    }

    // MARK: - Diagnostics

    private mutating func report(
        _ severity: Diagnostic.Severity, _ message: String, _ reader: LineReader, column: Int
    ) {
        findings.append(
            Finding(
                severity: severity, message: message,
                location: SourceLocation(file: reader.file, line: reader.number, column: column), line: reader.line))
    }

    private mutating func complain(
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
