/// Puts the lines of a script's text together that stands in quotes over several of them.
///
/// keepalived reads no further than the line's end, and crashes or leaves the script out: so no file that it runs loses its meaning.
enum ScriptLines {
    /// More would be a missing quote.
    private static let most = 64

    /// The line with which a script's text begins, and those with which it goes on.
    /// - Parameter lines: of the file, without their line feeds; the first one is looked at.
    /// - Returns: the text as one line, line feeds between its parts, and how many lines it is made of; `nil` where the first line stands
    ///   for itself, also where no closing quote is found: then it is told there.
    static func joined(_ lines: ArraySlice<ArraySlice<UInt8>>) -> (bytes: [UInt8], count: Int)? {
        guard let first = lines.first, ScriptKeywords.beginScript(first) else { return nil }
        var bytes = withoutReturn(first)
        var quotes = Quotes()
        quotes.read(bytes)
        guard quotes.isOpen else { return nil }
        for (index, next) in lines.dropFirst().prefix(most).enumerated() {
            guard !ScriptKeywords.beginStatement(next) else { return nil }
            if bytes.last(where: { !isBlank($0) }) == UInt8(ascii: "\\") {
                // As in the shell, a backslash at the end takes the line feed away.
                while let byte = bytes.last, isBlank(byte) || byte == UInt8(ascii: "\\") { bytes.removeLast() }
                bytes.append(UInt8(ascii: " "))
            } else {
                bytes.append(UInt8(ascii: "\n"))
            }
            let line = withoutReturn(next)
            quotes.readLineEnd()
            quotes.read(line)
            bytes += line
            if !quotes.isOpen { return quotes.isAbandoned ? nil : (bytes, index + 2) }
        }
        return nil
    }

    private static func withoutReturn(_ line: ArraySlice<UInt8>) -> [UInt8] {
        Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
    }

    /// Which quote is open where a text has been read up to now.
    struct Quotes {
        private var quote: UInt8?
        private var isEscaped = false
        private var isInComment = false

        var isOpen: Bool { quote != nil && !isInComment }
        /// A comment has begun within single quotes.
        var isAbandoned: Bool { quote != nil && isInComment }

        mutating func readLineEnd() { isEscaped = false }

        mutating func read(_ bytes: [UInt8]) {
            for byte in bytes where !isInComment {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if quote != UInt8(ascii: "\""), byte == UInt8(ascii: "#") || byte == UInt8(ascii: "!") {
                    // In single quotes, too: keepalived knows only double ones here.
                    isInComment = true
                } else if byte == quote {
                    quote = nil
                } else if quote == nil, ScriptWords.isQuote(byte) {
                    quote = byte
                }
            }
        }
    }
}
