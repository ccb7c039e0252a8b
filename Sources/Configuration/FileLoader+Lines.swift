import Addressing

/// What a line of a file becomes: conditions, definitions, loops and includes.
extension FileLoader {
    /// How deep definitions of several lines, loops and what they fill in may lead.
    private static let deepestExpansion = 32

    mutating func read(_ bytes: ArraySlice<UInt8>, number: Int, of path: String) {
        guard bytes.count <= context.longestLine else {
            complain(
                "a line has at most \(context.longestLine) bytes",
                at: SourceLocation(file: path, line: number, column: 1), nil)
            return
        }
        let line = text.add(String(decoding: bytes, as: UTF8.self))
        var reader = LineReader(file: path, number: number, line: line)
        if bytes.contains(0) {
            report(.error, "the line holds a zero byte: this is not a text file", reader, column: 1)
        }
        // A definition of several lines goes on until a line does not end with a backslash.
        if var open = openDefinition {
            text.oddBlanks.look(at: bytes, file: path, number: number, line: line)
            let isContinued = Self.isContinued(bytes)
            var pieces = reader.stripComment(bytes)
            if isContinued, let last = pieces.lastIndex(where: { !isBlank($0.byte) }),
                pieces[last].byte == UInt8(ascii: "\\")
            {
                pieces.removeSubrange(last...)
            }
            pieces = Array(pieces.drop { isBlank($0.byte) })
            if text.isSecret(open.line) { text.markSecret(line) }
            if !pieces.isEmpty { open.lines.append(pieces) }
            openDefinition = isContinued ? open : nil
            if !isContinued {
                if pieces.isEmpty {
                    report(.warning, "an empty line ends the definition of '$\(open.name)'", reader, column: 1)
                }
                definitions.define(open.name, as: open.lines)
            }
            noteProblems(of: reader)
            return
        }
        guard let rest = condition(bytes, reader) else { return }
        text.oddBlanks.look(at: bytes, file: path, number: number, line: line)
        let isContinued = Self.isContinued(bytes)
        var pieces = reader.stripComment(rest.bytes, from: rest.column)
        if let (name, value) = LineReader.definition(in: pieces) {
            noteProblems(of: reader)
            guard isContinued, value.last?.byte == UInt8(ascii: "\\") else {
                definitions.define(name, as: [value])
                return
            }
            var first = Array(value.dropLast())
            while let last = first.last, isBlank(last.byte) { first.removeLast() }
            openDefinition = OpenDefinition(name: name, lines: first.isEmpty ? [] : [first], line: line)
            return
        }
        noteProblems(of: reader)
        reader = LineReader(file: path, number: number, line: line)
        pieces = pieces.filter { $0.byte != 0 }
        expand(pieces, reader, depth: 0)
    }

    private static func isContinued(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.last { !isBlank($0) } == UInt8(ascii: "\\")
    }

    // MARK: - @id

    /// `@id` and `@^id` at the beginning of a line: the id is compared literally, and exactly this line depends on it.
    /// - Returns: the line without its condition; `nil` when it is not to be read.
    private func condition(_ bytes: ArraySlice<UInt8>, _ reader: LineReader) -> (bytes: ArraySlice<UInt8>, column: Int)?
    {
        let body = bytes.drop { isBlank($0) }
        guard body.first == UInt8(ascii: "@") else { return (bytes, 1) }
        var word = body.dropFirst().prefix { !isBlank($0) }
        let length = word.count + 1
        let isNegated = word.first == UInt8(ascii: "^")
        if isNegated { word = word.dropFirst() }
        let holds = (String(decoding: word, as: UTF8.self) == context.configurationID) != isNegated
        return holds ? (body.dropFirst(length), bytes.count - body.count + length + 1) : nil
    }

    private func holds(_ pieces: ArraySlice<LineReader.Piece>, _ reader: LineReader) -> Int? {
        guard let (rest, _) = condition(pieces.map(\.byte)[...], reader) else { return nil }
        return pieces.count - rest.count
    }

    // MARK: - Loops, definitions, and what they lead to

    /// Reads a line whose comment is gone. Conditions, loops and definitions may also stand in definitions of several lines.
    private mutating func expand(_ pieces: [LineReader.Piece], _ reader: LineReader, depth: Int) {
        let body = Array(pieces.drop { isBlank($0.byte) })
        guard let first = body.first else {
            emit([], reader)
            return
        }
        guard depth < Self.deepestExpansion, findings.count < context.mostFindings else {
            report(.error, "the definitions that this leads to have no end", reader, column: first.column)
            return
        }
        // Every line costs something, so that short ones in many loops come to an end, too.
        if depth > 0 {
            expandedBytes += body.count + 64
        } else {
            lineCount += 1
            guard lineCount <= context.mostLines else {
                stop("the files have more than \(context.mostLines) lines", at: place(reader))
                return
            }
        }
        guard expandedBytes <= context.mostBytes else {
            reportTooMuch(reader)
            return
        }
        if depth > 0, first.byte == UInt8(ascii: "@"), !first.isQuoted {
            guard let start = holds(body[...], reader) else { return }
            expand(Array(body[start...]), reader, depth: depth + 1)
            return
        }
        if first.byte == UInt8(ascii: "~"), !first.isQuoted {
            if loop(body, reader, depth: depth) { return }
        }
        if depth > 0, let (name, value) = LineReader.definition(in: body) {
            definitions.define(name, as: [value])
            return
        }
        if let (start, lines) = severalLines(atEndOf: body) {
            for (index, line) in lines.enumerated() {
                let filled = line.map {
                    LineReader.Piece(byte: $0.byte, column: first.column, isQuoted: $0.isQuoted, isFilledIn: true)
                }
                expand(index == 0 ? Array(body[..<start]) + filled : filled, reader, depth: depth + 1)
            }
            return
        }
        fill(body, reader, depth: depth)
    }

    private func place(_ reader: LineReader) -> SourceLocation {
        SourceLocation(file: reader.file, line: reader.number, column: 1)
    }

    private mutating func reportTooMuch(_ reader: LineReader) {
        stop(
            "definitions and loops make more than \(ReadingContext.size(context.mostBytes)) of the files",
            at: place(reader))
    }

    private mutating func fill(_ body: [LineReader.Piece], _ reader: LineReader, depth: Int) {
        var reader = LineReader(file: reader.file, number: reader.number, line: reader.line)
        let filledIn = reader.fillIn(body, from: definitions)
        expandedBytes += max(filledIn.count - body.count, 0)
        noteProblems(of: reader)
        noteRandomNumber(of: reader)
        guard expandedBytes <= context.mostBytes else {
            reportTooMuch(reader)
            return
        }
        // What a definition brought in may be a condition or a loop.
        if let first = filledIn.first(where: { !isBlank($0.byte) }), first.isFilledIn, !first.isQuoted,
            [UInt8(ascii: "@"), UInt8(ascii: "~")].contains(first.byte), filledIn.map(\.byte) != body.map(\.byte)
        {
            expand(filledIn, reader, depth: depth + 1)
            return
        }
        emit(filledIn, reader)
    }

    private mutating func noteRandomNumber(of reader: LineReader) {
        guard let column = reader.randomColumn, randomNumber == nil else { return }
        randomNumber = Finding(
            severity: .error,
            message:
                "a file with scripts is read twice, by failover-agent and by failover-scripts, and each would draw "
                + "another number: write the number instead of '${_RANDOM}'",
            location: SourceLocation(file: reader.file, line: reader.number, column: column), line: reader.line)
    }

    /// - Returns: whether the line was a loop, or a wrong one.
    private mutating func loop(_ body: [LineReader.Piece], _ reader: LineReader, depth: Int) -> Bool {
        let bytes = body.map(\.byte)
        guard ["~SEQ", "~LST"].contains(where: { bytes.starts(with: $0.utf8) }) else { return false }
        // Its values may be definitions.
        var filler = LineReader(file: reader.file, number: reader.number, line: reader.line)
        let close = body.firstIndex { $0.byte == UInt8(ascii: ")") } ?? body.endIndex - 1
        let head = filler.fillIn(Array(body[...close]), from: definitions)
        noteRandomNumber(of: filler)
        do throws(LineLoop.Fault) {
            guard let (loop, length) = try LineLoop.read(head.map(\.byte)) else { return false }
            let rest = Array(head[length...]) + body[(close + 1)...]
            guard rest.contains(where: { !isBlank($0.byte) }) else { return true }
            for turn in loop.turns {
                guard expandedBytes <= context.mostBytes else { return true }
                for (name, value) in zip(loop.variables, turn) {
                    definitions.define(
                        name,
                        as: [value.utf8.map { LineReader.Piece(byte: $0, column: body[0].column, isQuoted: false) }])
                }
                expand(rest, reader, depth: depth + 1)
            }
        } catch {
            let message =
                switch error {
                case .malformed:
                    "a loop is '~SEQ(variable, first, step, last)', first and step may be left out, or '~LST(variable, value, …)'"
                case .endless: "this loop never comes to its last value"
                case .tooLong: "this loop has more than \(LineLoop.mostTurns) turns"
                }
            report(.error, message, reader, column: body[0].column)
        }
        return true
    }

    /// A definition of several lines at the end of a line: its first line goes on with what stands before it.
    private func severalLines(atEndOf body: [LineReader.Piece]) -> (start: Int, lines: [[LineReader.Piece]])? {
        guard let start = body.lastIndex(where: { $0.byte == UInt8(ascii: "$") }), !body[start].isQuoted,
            let reference = LineReader.reference(at: body[(start + 1)...]), reference.isWhole,
            body[(start + 1 + reference.length)...].allSatisfy({ isBlank($0.byte) }),
            let lines = definitions.lines(of: reference.name)
        else { return nil }
        return (start, lines)
    }

    // MARK: - Tokens

    /// A line that is only words any more.
    private mutating func emit(_ pieces: [LineReader.Piece], _ reader: LineReader) {
        if let target = includeTarget(pieces, reader) {
            include(target)
            return
        }
        var tokens = reader.tokens(in: pieces)
        guard case .word(let keyword)? = tokens.first else {
            if !tokens.isEmpty { lines.append(Line(tokens: tokens)) }
            awaitsPassword = false
            return
        }
        if keyword.text == "include_check" { setChecks(tokens, keyword) }
        if keyword.text == "auth_pass" { text.markSecret(reader.line) }
        if awaitsPassword {
            text.markSecret(reader.line)
            if !Self.isHarmless(keyword) { tokens = tokens.map(Self.hiding) }
        }
        lines.append(Line(tokens: tokens))
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
}
