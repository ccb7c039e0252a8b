/// `include` and its variants.
extension FileLoader {
    struct IncludeTarget {
        var path: String
        var place: Word
        var checks: IncludeChecks
    }

    /// The path is the rest of the line: blanks and quotes belong to it.
    func includeTarget(_ pieces: [LineReader.Piece], _ reader: LineReader) -> IncludeTarget? {
        let body = pieces.drop { isBlank($0.byte) }
        let keyword = body.prefix { !isBlank($0.byte) }
        guard let checks = IncludeChecks(keyword: String(decoding: keyword.map(\.byte), as: UTF8.self)),
            let column = keyword.first?.column
        else { return nil }
        var path = Array(body.dropFirst(keyword.count).drop { isBlank($0.byte) })
        while let last = path.last, isBlank(last.byte) { path.removeLast() }
        let place = Word(
            bytes: path.map(\.byte),
            location: SourceLocation(file: reader.file, line: reader.number, column: path.first?.column ?? column),
            width: max(path.count, 1), line: reader.line)
        return IncludeTarget(path: place.text, place: place, checks: checks.union(includeChecks))
    }

    mutating func include(_ target: IncludeTarget) {
        guard !target.path.isEmpty else {
            complain("'include' needs the path of a file", at: target.place.location, target.place)
            return
        }
        var pattern = target.path
        let file = target.place.location.file
        if !pattern.hasPrefix("/"), ReadingContext.hasFolder(file), let slash = file.lastIndex(of: "/") {
            // Relative paths begin at the including file.
            pattern = String(file[...slash]) + pattern
        }
        guard pattern.contains(where: { "*?[{".contains($0) }) else {
            load(pattern, from: target.place, checks: target.checks)
            return
        }
        let alternatives = Self.alternatives(of: pattern)
        var isFirst = true
        for alternative in alternatives {
            let paths: [String]
            do throws(SourceError) {
                paths = try files.expand(alternative)
            } catch {
                complain(
                    "can't look for '\(printable(alternative))': \(error)", at: target.place.location, target.place)
                continue
            }
            if paths.isEmpty, alternatives.count > 1 || target.checks.contains(.wildcardMatch) || isFirst {
                let check: IncludeChecks = alternatives.count > 1 ? .braceMatch : .wildcardMatch
                complain(
                    "no file fits '\(printable(alternative))'", at: target.place.location, target.place,
                    severity: target.checks.contains(check) ? .error : .warning)
            }
            isFirst = false
            for path in paths { load(path, from: target.place, checks: target.checks) }
        }
    }

    /// `a{b,c}d` as `abd` and `acd`, so that each can be looked for by itself; one pair of braces at a time.
    private static func alternatives(of pattern: String) -> [String] {
        guard let open = pattern.firstIndex(of: "{"), let close = pattern[open...].firstIndex(of: "}"),
            !pattern[pattern.index(after: open)..<close].contains("{")
        else { return [pattern] }
        let head = pattern[..<open]
        let tail = pattern[pattern.index(after: close)...]
        let inner = pattern[pattern.index(after: open)..<close]
        return inner.split(separator: ",", omittingEmptySubsequences: false).prefix(100).map { "\(head)\($0)\(tail)" }
    }

    mutating func setChecks(_ tokens: [Token], _ keyword: Word) {
        let words = tokens.dropFirst().compactMap { token -> String? in
            if case .word(let word) = token { word.text } else { nil }
        }
        if let unknown = includeChecks.set(words) {
            complain(
                "'\(printable(unknown))' is no check: readable, match, wildcard_match and brace_match are",
                at: keyword.location, keyword)
        }
    }
}
