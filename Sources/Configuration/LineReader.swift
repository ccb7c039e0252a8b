/// Cuts one line into tokens the way keepalived does: measured with version 2.2.7, see docs/configuration.md.
///
/// Words end at blanks. A double quote begins a word of its own, which ends at the next one; a backslash is a letter.
/// `!` and `#` outside quotes begin a comment, inside a word, too. Braces outside quotes stand for themselves.
/// Behind a keyword that a script's text follows, words are cut as `ScriptWords` says.
struct LineReader {
    /// A character of the line as it will be cut, with the column of the file from which it came.
    struct Piece {
        var byte: UInt8
        var column: Int
        var isQuoted: Bool
        /// It stands for a definition's name.
        var isFilledIn = false
    }

    /// How long a line may become, in bytes; keepalived reads lines in pieces of 1023.
    private static let longestLine = 8192

    let file: String
    let number: Int
    /// Where the line is kept.
    let line: Int

    /// What went wrong in the line.
    struct Problem {
        var message: String
        var column: Int
        var severity: Diagnostic.Severity
    }

    private(set) var problems: [Problem] = []
    /// Where a number drawn at random is asked for.
    private(set) var randomColumn: Int?

    init(file: String, number: Int, line: Int) {
        self.file = file
        self.number = number
        self.line = line
    }

    // MARK: - Comments and quotes

    /// The line without its comment. Quote characters are kept: they part words.
    /// - Parameter first: the column of the first byte.
    mutating func stripComment(_ bytes: some Collection<UInt8>, from first: Int = 1) -> [Piece] {
        var pieces: [Piece] = []
        var isQuoted = false
        var column = first - 1
        var quoteColumn = 0
        var previous: UInt8 = UInt8(ascii: " ")
        let isScript = ScriptKeywords.beginScript(bytes)
        var isEscaped = false
        for byte in bytes {
            // Columns count characters: the later bytes of a UTF-8 sequence do not.
            if byte & 0xC0 != 0x80 || column < first { column += 1 }
            if byte == UInt8(ascii: "\""), !isEscaped {
                isQuoted.toggle()
                quoteColumn = column
            } else if !isQuoted, byte == UInt8(ascii: "!") || byte == UInt8(ascii: "#") {
                if !isBlank(previous), previous != UInt8(ascii: "{"), previous != UInt8(ascii: "}") {
                    let sign = Character(UnicodeScalar(byte))
                    problems.append(
                        Problem(
                            message: "'\(sign)' begins a comment even inside a word: the word ends here. "
                                + "Put it in double quotes if '\(sign)' belongs to it",
                            column: column, severity: .warning))
                }
                // A backslash before the sign goes with the comment.
                if previous == UInt8(ascii: "\\") { pieces.removeLast() }
                break
            }
            pieces.append(Piece(byte: byte, column: column, isQuoted: isQuoted || byte == UInt8(ascii: "\"")))
            previous = byte
            isEscaped = isScript && !isEscaped && byte == UInt8(ascii: "\\")
        }
        if isQuoted {
            problems.append(
                Problem(
                    message: "the double quote that opens here is never closed", column: quoteColumn, severity: .error))
        }
        return pieces
    }

    // MARK: - Definitions

    /// `$NAME=value`, with nothing but blanks before it.
    static func definition(in pieces: [Piece]) -> (name: String, value: [Piece])? {
        guard let start = pieces.firstIndex(where: { !isBlank($0.byte) }), pieces[start].byte == UInt8(ascii: "$")
        else {
            return nil
        }
        let nameStart = start + 1
        var end = nameStart
        while end < pieces.count, isNameByte(pieces[end].byte, isFirst: end == nameStart) { end += 1 }
        guard end > nameStart, end < pieces.count, pieces[end].byte == UInt8(ascii: "=") else { return nil }
        var value = Array(pieces[(end + 1)...])
        while let last = value.last, isBlank(last.byte) { value.removeLast() }
        while let first = value.first, isBlank(first.byte) { value.removeFirst() }
        return (String(decoding: pieces[nameStart..<end].map(\.byte), as: UTF8.self), value)
    }

    /// Puts the values of definitions in the place of `$NAME` and `${NAME}`, again and again: a value may name further
    /// definitions. Without braces a name has to end the word. What is not defined stays as it is.
    mutating func fillIn(_ pieces: [Piece], from definitions: Definitions) -> [Piece] {
        var result: [Piece] = []
        var queue = pieces[...]
        var expansions = 0
        while let piece = queue.first {
            queue = queue.dropFirst()
            guard piece.byte == UInt8(ascii: "$"), let reference = Self.reference(at: queue) else {
                result.append(piece)
                continue
            }
            if reference.name == "_RANDOM", !definitions.isOwn(reference.name) {
                randomColumn = randomColumn ?? piece.column
            }
            if let value = definitions.text(of: reference.name, reference.arguments), reference.isWhole {
                expansions += 1
                guard expansions <= 128, value.count + result.count + queue.count <= Self.longestLine else {
                    problems.append(
                        Problem(
                            message: "the definitions that this leads to have no end", column: piece.column,
                            severity: .error))
                    return result
                }
                queue = queue.dropFirst(reference.length)
                if !piece.isQuoted, reference.name == "_HASH" || reference.name == "_BANG" {
                    problems.append(
                        Problem(
                            message:
                                "outside quotes it begins a comment, as in keepalived: the rest of the line is not read",
                            column: piece.column, severity: .warning))
                    return result
                }
                let inserted = value.map {
                    Piece(
                        byte: $0.byte, column: piece.column, isQuoted: piece.isQuoted || $0.isQuoted, isFilledIn: true)
                }
                queue = (inserted + queue)[...]
            } else if definitions.lines(of: reference.name) != nil {
                result.append(piece)
                problems.append(
                    Problem(
                        message: "a definition of several lines has to end the line: it is taken literally",
                        column: piece.column, severity: .warning))
            } else if !reference.isWhole, definitions.isDefined(reference.name) {
                result.append(piece)
                problems.append(
                    Problem(
                        message: "a definition's name has to end the word: it is taken literally. "
                            + "Write '${\(reference.name)}' to use it here",
                        column: piece.column, severity: .warning))
            } else {
                result.append(piece)
                noteUndefined(reference, at: piece.column)
                if reference.isBraced, !piece.isQuoted {
                    // keepalived keeps the dollar sign and passes over the braces and what is between them.
                    queue = queue.dropFirst(reference.length)
                }
            }
        }
        return result
    }

    private mutating func noteUndefined(_ reference: Reference, at column: Int) {
        // The name is not repeated: it may be a password that begins with a dollar sign.
        let message =
            reference.isBraced
            ? "no definition of this name: only '$' is left of it. Is it a placeholder?"
            : "no definition of this name: it is taken literally. Is it a placeholder?"
        problems.append(Problem(message: message, column: column, severity: .warning))
    }

    struct Reference {
        var name: String
        /// What follows the name in braces.
        var arguments = ""
        /// How many bytes behind the dollar sign it takes up.
        var length: Int
        var isBraced: Bool
        /// In braces, or followed by a blank, a comma, a closing parenthesis or the line's end.
        var isWhole: Bool
    }

    /// - Parameter pieces: what follows a dollar sign.
    static func reference(at pieces: ArraySlice<Piece>) -> Reference? {
        let isBraced = pieces.first?.byte == UInt8(ascii: "{")
        let body = isBraced ? pieces.dropFirst() : pieces
        var name: [UInt8] = []
        for piece in body {
            guard isNameByte(piece.byte, isFirst: name.isEmpty) else { break }
            name.append(piece.byte)
        }
        guard !name.isEmpty else { return nil }
        var arguments: [UInt8] = []
        if isBraced {
            let rest = body.dropFirst(name.count)
            arguments = rest.prefix { $0.byte != UInt8(ascii: "}") && $0.byte != UInt8(ascii: "{") }.map(\.byte)
            guard rest.dropFirst(arguments.count).first?.byte == UInt8(ascii: "}") else { return nil }
            // Only the predefined ones take arguments, after a blank.
            guard arguments.isEmpty || name.first == UInt8(ascii: "_") && isBlank(arguments[0]) else { return nil }
        }
        let next = body.dropFirst(name.count).first?.byte
        let isWhole =
            isBraced || next.map { isBlank($0) || [UInt8(ascii: ","), UInt8(ascii: ")")].contains($0) } ?? true
        return Reference(
            name: String(decoding: name, as: UTF8.self), arguments: String(decoding: arguments, as: UTF8.self),
            length: name.count + arguments.count + (isBraced ? 2 : 0), isBraced: isBraced,
            isWhole: isWhole)
    }

    // MARK: - Tokens

    /// Quoted stretches are taken whole, from one quote to the next: definitions may have brought in half of a pair.
    func tokens(in pieces: [Piece]) -> [Token] {
        var tokens: [Token] = []
        var index = pieces.startIndex
        var isAtKeyword = true
        var isScript = false
        // What the line holds, once a script's text may follow.
        var bytes: [UInt8] = []
        func append(_ word: Word) {
            if isAtKeyword {
                isScript = !word.isQuoted && ScriptKeywords.ofScripts.contains(word.text)
                if isScript, bytes.isEmpty { bytes = pieces.map(\.byte) }
            }
            isAtKeyword = false
            tokens.append(.word(word))
        }
        while index < pieces.endIndex {
            let piece = pieces[index]
            let next = index + 1
            switch piece.byte {
            case let byte where isBlank(byte):
                index = next
            case UInt8(ascii: "{"):
                tokens.append(.open(word(pieces[index..<next], from: piece.column)))
                index = next
                isAtKeyword = true
            case UInt8(ascii: "}"):
                tokens.append(.close(word(pieces[index..<next], from: piece.column)))
                index = next
                isAtKeyword = true
            default:
                if isScript, !isAtKeyword, let cut = Self.scriptWord(bytes[index...]) {
                    let end = index + cut.length
                    var text = word(pieces[index..<end], from: piece.column, isQuoted: cut.isQuoted)
                    text.bytes = cut.word
                    append(text)
                    index = end
                } else if piece.byte == UInt8(ascii: "\"") {
                    let close = pieces[next...].firstIndex { $0.byte == UInt8(ascii: "\"") } ?? pieces.endIndex
                    var text = word(pieces[next..<close], from: piece.column, isQuoted: true)
                    text.isOpen = close == pieces.endIndex
                    append(text)
                    index = min(close + 1, pieces.endIndex)
                } else {
                    let end =
                        pieces[next...].firstIndex { isBlank($0.byte) || Self.endsWord($0.byte) } ?? pieces.endIndex
                    append(word(pieces[index..<end], from: piece.column))
                    index = end
                }
            }
        }
        return tokens
    }

    /// A word of a script's line. One whose quote is never closed is cut as any other, and complained about where it is understood.
    private static func scriptWord(_ bytes: ArraySlice<UInt8>) -> ScriptWords.Cut? {
        try? ScriptWords.first(of: bytes, readsEscapes: false, endsAtBraces: true)
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        [UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\"")].contains(byte)
    }

    private func word(_ pieces: ArraySlice<Piece>, from column: Int, isQuoted: Bool = false) -> Word {
        let end = pieces.last?.column ?? column
        return Word(
            bytes: pieces.map(\.byte), location: SourceLocation(file: file, line: number, column: column),
            width: max(end - column + 1, 1), isQuoted: isQuoted,
            mayBeSecret: pieces.contains { $0.isFilledIn }, line: line)
    }
}

func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
}

/// Letters, digits and underscores; no digit first.
private func isNameByte(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
    default: false
    }
}
