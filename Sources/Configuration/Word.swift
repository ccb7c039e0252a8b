/// A word of a configuration line, after definitions have been filled in.
struct Word: Hashable, Sendable {
    /// The word's bytes: passwords need not be text.
    var bytes: [UInt8]
    var location: SourceLocation
    /// How many characters of the line it takes up.
    var width: Int
    /// Written in quotes: then braces and comment signs in it are letters.
    var isQuoted = false
    /// The double quote with which it begins is never closed, which is told where the line is read.
    var isOpen = false
    /// It came out of a definition, or stands where a password may: no message repeats it.
    var mayBeSecret = false
    /// Where the line that it stands on is kept.
    var line: Int

    /// The bytes as text; what is no UTF-8 is replaced.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The word as a message may show it.
    var quoted: String { mayBeSecret ? "this word" : "'\(printable(String(text.prefix(60))))'" }
}

/// What a line is made of.
enum Token: Hashable, Sendable {
    case word(Word)
    case open(Word)
    case close(Word)
}

/// A keyword with its values and, perhaps, its block. The lines of a list, such as `virtual_ipaddress`, have this form, too.
struct Statement: Hashable, Sendable {
    var keyword: Word
    var values: [Word] = []
    /// `nil` without braces.
    var block: [Statement]?
    /// Where the brace stands that closes the block; without one, the last line of a script's text that takes up several.
    var end: SourceLocation?
}
