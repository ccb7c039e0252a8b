/// A file's structure as keepalived sees it, with what it ignores: measured with version 2.2.7.
///
/// It looks each keyword up in the table of the block in which it is. One that it does not find it ignores, and a brace behind it, too;
/// but not what stands in those braces, and the closing one ends the block that is open. The end of the file closes every block.
struct LenientReading {
    /// What was never in force.
    struct Ignored {
        /// All of them on one line of a file.
        var words: [Word]
        /// What a person is told of; it holds no secret.
        var keyword: String
        /// `nil` for what goes with the one before.
        var reason: String?
    }

    /// The lines without it: every keyword at the beginning of one of its own.
    private(set) var lines: [FileLoader.Line] = []
    private(set) var ignored: [Ignored] = []
    /// The blocks that the end of the file closes, the outermost first.
    private(set) var unclosed: [Word] = []

    private let rows: [Row]
    private let text: SourceText
    private var next = 0
    private var open: [(level: Keywords.Level, keyword: Word)] = []
    private var names: Set<String> = []
    /// To look for the nearest keyword takes time, and nobody reads more.
    private static let mostAdvised = 500

    /// The braces of ignored keywords outside of every block that are not closed yet.
    private var ignoredDepth = 0

    /// What keepalived takes for a line: it ends behind a brace.
    private struct Row {
        var words: [Word] = []
        var opening: Word?
        var closing: Word?

        var isBraceAlone: Bool { words.isEmpty && opening != nil }
        var all: [Word] { words + (opening.map { [$0] } ?? []) + (closing.map { [$0] } ?? []) }
    }

    init(_ lines: [FileLoader.Line], text: SourceText) {
        rows = lines.flatMap(Self.rows)
        self.text = text
        while next < rows.count { read() }
        unclosed += open.map(\.keyword)
    }

    private static func rows(of line: FileLoader.Line) -> [Row] {
        var rows: [Row] = []
        var row = Row()
        for token in line.tokens {
            switch token {
            case .word(let word):
                row.words.append(word)
            case .open(let brace):
                row.opening = brace
                rows.append(row)
                row = Row()
            case .close(let brace):
                if !row.words.isEmpty { rows.append(row) }
                rows.append(Row(closing: brace))
                row = Row()
            }
        }
        if !row.words.isEmpty { rows.append(row) }
        return rows
    }

    private var level: Keywords.Level { open.last?.level ?? .root }

    private mutating func read() {
        let row = rows[next]
        if let brace = row.closing {
            next += 1
            guard open.popLast() == nil else {
                keep(row)
                return
            }
            ignore([brace], "}", ignoredDepth > 0 ? nil : "it closes no block: keepalived ignores it")
            ignoredDepth = max(ignoredDepth - 1, 0)
            return
        }
        guard let keyword = row.words.first else {
            next += 1
            if let brace = row.opening { ignore([brace], "{", "it follows no keyword: keepalived ignores it") }
            return
        }
        let hasBrace = row.opening != nil || rows.indices.contains(next + 1) && rows[next + 1].isBraceAlone
        guard let body = Keywords.body(of: keyword.text, in: level, hasBrace: hasBrace) else {
            ignoreUnknown(row, keyword)
            return
        }
        if case .level(.instance) = body, let name = row.words.dropFirst().first,
            !names.insert(name.text).inserted
        {
            passOver(isIgnored: true)
            return
        }
        switch body {
        case .none:
            next += 1
            keep(row, withoutBrace: true)
        case .passedOver: passOver(isIgnored: false)
        case .list:
            keepOpening()
            while next < rows.count {
                let row = rows[next]
                next += 1
                keep(row, withoutBrace: true)
                if row.closing != nil { return }
            }
            unclosed.append(keyword)
        case .level(let level):
            keepOpening()
            open.append((level, keyword))
        }
    }

    // MARK: - What is in force

    private mutating func keep(_ row: Row, withoutBrace: Bool = false) {
        var tokens = row.words.map { Token.word($0) }
        if let brace = row.opening {
            if withoutBrace {
                ignore([brace], "{", "no block begins here: keepalived ignores it")
            } else {
                tokens.append(.open(brace))
            }
        }
        if let brace = row.closing { tokens.append(.close(brace)) }
        if !tokens.isEmpty { lines.append(FileLoader.Line(tokens: tokens)) }
    }

    /// The line that begins a block, and a brace alone on the next one.
    private mutating func keepOpening() {
        let row = rows[next]
        next += 1
        keep(row)
        guard row.opening == nil, rows.indices.contains(next), rows[next].isBraceAlone else { return }
        keep(rows[next])
        next += 1
    }

    /// A block up to the brace that closes it, whatever stands in it.
    private mutating func passOver(isIgnored: Bool) {
        let keyword = rows[next].words.first
        var depth = 0
        var isFirst = true
        while next < rows.count {
            let row = rows[next]
            // The brace may stand alone on the second line; without any there is no block.
            if !isFirst, depth == 0, !row.isBraceAlone { return }
            next += 1
            depth += (row.opening == nil ? 0 : 1) - (row.closing == nil ? 0 : 1)
            if isIgnored {
                ignore(
                    row.all, "vrrp_instance", isFirst ? "keepalived ignores a second instance of the same name" : nil)
            } else {
                keep(row)
            }
            if depth <= 0, row.closing != nil { return }
            isFirst = false
        }
        if depth > 0, !isIgnored, let keyword { unclosed += Array(repeating: keyword, count: depth) }
    }

    // MARK: - What is not

    /// - Parameter reason: `nil` for what goes with the line before.
    private mutating func ignore(_ words: [Word], _ keyword: String, _ reason: String?) {
        ignored.append(Ignored(words: words, keyword: keyword, reason: reason))
    }

    private mutating func ignoreUnknown(_ row: Row, _ keyword: Word) {
        next += 1
        let isSecret = keyword.mayBeSecret || level == .authentication || text.isSecret(keyword.line)
        let isBraceNext = row.opening == nil && rows.indices.contains(next) && rows[next].isBraceAlone
        let hasBrace = row.opening != nil || isBraceNext
        var reason = "keepalived ignores it"
        if hasBrace, !open.isEmpty { reason += ", and takes the next '}' for the end of the block around it" }
        if !isSecret, ignored.count < Self.mostAdvised {
            reason += Keywords.advice(for: keyword, in: Keywords.table(of: level) ?? [:])
        }
        let isInside = open.isEmpty && ignoredDepth > 0
        ignore(
            row.all, isSecret ? "(a word)" : printable(String(keyword.text.prefix(60))), isInside ? nil : reason)
        if isBraceNext {
            ignore(rows[next].all, "{", nil)
            next += 1
        }
        if hasBrace, open.isEmpty { ignoredDepth += 1 }
    }
}
