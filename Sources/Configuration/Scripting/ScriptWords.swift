/// Cuts the text of a script into words the way keepalived does: measured with version 2.2.7, read in 2.4.3.
///
/// It cuts twice. The first cut, of the line, takes the quotes away; the word behind the keyword is the script's text. The second cut, of
/// that text, gives the program and its arguments. So `"a 'b c'"` is the program `a` with the argument `b c`. Version 2.2.7 reads
/// escapes at both cuts, so `"a \"b c\""` is the same; 2.4.3 reads them at the second one alone, and takes `"b` and `c"` for two arguments.
/// `ScriptCommand` chooses.
///
/// Blanks end a word. Single and double quotes may begin anywhere in it, and end at the next one of the same kind. A backslash takes the
/// byte behind it along, in quotes, too.
package enum ScriptWords {
    /// Why a text can't be cut.
    package enum Fault: Error, Hashable, Sendable {
        /// A quote of this kind is never closed.
        case openQuote(UInt8)
        /// A backslash stands at the end.
        case openEscape
    }

    /// One word of a text.
    package struct Cut: Hashable, Sendable {
        package var word: [UInt8]
        /// How many bytes of the text it takes up.
        package var length: Int
        /// A part of it stands in quotes.
        package var isQuoted: Bool
    }

    /// The word with which a text begins.
    /// - Parameters:
    ///   - readsEscapes: false to keep backslashes, and what follows them, as they are.
    ///   - endsAtBraces: braces outside quotes end the word.
    package static func first(
        of text: ArraySlice<UInt8>, readsEscapes: Bool, endsAtBraces: Bool = false
    ) throws(Fault) -> Cut {
        var word: [UInt8] = []
        var quote: UInt8?
        var isQuoted = false
        var rest = text
        while let byte = rest.first {
            if quote == nil, isBlank(byte) || endsAtBraces && isBrace(byte) { break }
            rest = rest.dropFirst()
            if byte == UInt8(ascii: "\\") {
                guard let next = rest.first else { throw .openEscape }
                if readsEscapes {
                    let (value, length) = escape(rest)
                    word.append(value)
                    rest = rest.dropFirst(length)
                } else {
                    word += [byte, next]
                    rest = rest.dropFirst()
                }
            } else if byte == quote {
                quote = nil
            } else if quote == nil, isQuote(byte) {
                quote = byte
                isQuoted = true
            } else {
                word.append(byte)
            }
        }
        if let quote { throw .openQuote(quote) }
        return Cut(word: word, length: text.count - rest.count, isQuoted: isQuoted)
    }

    /// A text with its escapes read: what version 2.2.7 makes of it at the first cut.
    package static func unescaped(_ text: [UInt8]) throws(Fault) -> [UInt8] {
        guard text.contains(UInt8(ascii: "\\")) else { return text }
        var result: [UInt8] = []
        var rest = text[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard !rest.isEmpty else { throw .openEscape }
            let (value, length) = escape(rest)
            result.append(value)
            rest = rest.dropFirst(length)
        }
        return result
    }

    /// All words of a text, with their escapes read: the second cut.
    package static func all(of text: [UInt8]) throws(Fault) -> [Cut] {
        var words: [Cut] = []
        var rest = text.drop(while: isBlank)
        while !rest.isEmpty {
            let cut = try first(of: rest, readsEscapes: true)
            words.append(cut)
            rest = rest.dropFirst(cut.length).drop(while: isBlank)
        }
        return words
    }

    /// What an escape stands for.
    /// - Parameter rest: what follows the backslash; not empty.
    /// - Returns: how many bytes it takes up, too.
    private static func escape(_ rest: ArraySlice<UInt8>) -> (value: UInt8, length: Int) {
        guard let kind = rest.first else { return (UInt8(ascii: "\\"), 0) }
        let behind = rest.dropFirst()
        switch kind {
        case UInt8(ascii: "x"):
            let digits = behind.prefix(2).prefix { hexadecimal($0) != nil }
            guard !digits.isEmpty else { return (kind, 1) }
            return (digits.reduce(0) { $0 << 4 | (hexadecimal($1) ?? 0) }, 1 + digits.count)
        case UInt8(ascii: "c"):
            guard let letter = behind.first else { return (kind, 1) }
            return (letter & 0x1F, 2)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            let digits = rest.prefix(3).prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
            // Beyond 377 the upper bit is lost, as in keepalived.
            return (digits.reduce(0) { $0 << 3 | ($1 - UInt8(ascii: "0")) }, digits.count)
        case UInt8(ascii: "a"): return (7, 1)
        case UInt8(ascii: "b"): return (8, 1)
        case UInt8(ascii: "E"): return (27, 1)
        case UInt8(ascii: "f"): return (12, 1)
        case UInt8(ascii: "n"): return (10, 1)
        case UInt8(ascii: "r"): return (13, 1)
        case UInt8(ascii: "t"): return (9, 1)
        case UInt8(ascii: "v"): return (11, 1)
        default: return (kind, 1)
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    static func isBrace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") }
}
