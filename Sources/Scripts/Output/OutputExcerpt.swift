/// The first line of what a script has said, fit to be shown: letters as they are, all else escaped, and never longer than 200 bytes.
package struct OutputExcerpt: Hashable, Sendable, CustomStringConvertible {
    /// In bytes.
    package static let longest = 200
    /// So much of a script's output is looked at, in bytes.
    package static let mostRead = 1024

    package let description: String

    /// Nothing was said.
    package init() { description = "" }

    /// - Parameter output: what a script has written; what follows its first line that is not blank counts for nothing.
    package init(_ output: some Collection<UInt8>) {
        let read = output.prefix(Self.mostRead)
        let line = read.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
            .first { !$0.allSatisfy(Self.isBlank) }
        guard let line else {
            description = ""
            return
        }
        var words = Array(line)
        while let last = words.last, Self.isBlank(last) { words.removeLast() }
        var pieces: [String] = []
        var length = 0
        var rest = words.drop(while: Self.isBlank)
        while !rest.isEmpty, length <= Self.longest {
            let (piece, taken) = Self.piece(rest)
            pieces.append(piece)
            length += piece.utf8.count
            rest = rest.dropFirst(taken)
        }
        if length > Self.longest {
            while length > Self.longest - Self.mark.utf8.count { length -= pieces.removeLast().utf8.count }
            pieces.append(Self.mark)
        }
        description = pieces.joined()
    }

    /// What came over the wire.
    /// - Returns: `nil` for bytes that no excerpt may hold.
    package init?(wire bytes: ArraySlice<UInt8>) {
        guard bytes.count <= Self.longest else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.elementsEqual(bytes), text.unicodeScalars.allSatisfy(Self.isShown) else { return nil }
        description = text
    }

    private static let mark = "..."

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The next character, or an escape for the next byte. A backslash stays as it is: what is escaped is not to be read back.
    private static func piece(_ rest: ArraySlice<UInt8>) -> (text: String, length: Int) {
        var decoder = UTF8()
        var iterator = rest.prefix(4).makeIterator()
        if case .scalarValue(let scalar) = decoder.decode(&iterator), isShown(scalar) {
            let text = String(scalar)
            return (text, text.utf8.count)
        }
        let byte = rest.first ?? 0
        return ("\\x" + String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16), 1)
    }

    /// Letters, marks, digits, punctuation and symbols, and the blank: nothing that steers a terminal, hides, or turns the direction of a line.
    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (32..<127).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation,
            .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            return true
        default:
            return false
        }
    }
}
