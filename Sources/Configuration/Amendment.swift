/// What a migration makes of a statement that can't stay as it is.
struct Amendment {
    enum Kind: Hashable {
        /// What it asked for will not happen here.
        case notSupported
        /// keepalived ignores it, so that it was never in force.
        case ignored
        /// keepalived uses another value.
        case replaced
    }

    var statement: Statement
    var kind: Kind
    var reason: String
    /// What is written in its place; `nil` for nothing.
    var replacement: String?

    /// The order in which they stand, the outer block first.
    func comesFirst(before other: Amendment) -> Bool {
        func key(_ amendment: Amendment) -> (Int, Int, Int) {
            let begin = amendment.statement.keyword.location
            return (begin.line, begin.column, -(amendment.statement.end?.line ?? begin.line))
        }
        return key(self) < key(other)
    }
}

/// What keepalived does with a value that it does not understand, or that is out of its range. Measured with version 2.2.7.
enum Fallback {
    /// It does not start with the file, or it does what is not possible here: a person has to decide.
    case undecided
    /// It ignores the line.
    case ignored
    /// It uses this value.
    case value(String)
}

extension ConfigurationBuilder {
    /// A fault in a statement's value, and what keepalived makes of it.
    mutating func fail(_ message: String, _ word: Word, in statement: Statement, _ fallback: Fallback) {
        fail(message, word)
        switch fallback {
        case .undecided: break
        case .ignored: amend(statement, .ignored, "keepalived ignores the line: \(message)")
        case .value(let value): amend(statement, .replaced, message, with: "\(statement.keyword.text) \(value)")
        }
    }

    /// A fault in a line of a list, which keepalived ignores.
    mutating func ignore(_ line: Statement, _ message: String, at word: Word) {
        fail(message, word, in: line, .ignored)
    }

    /// A fault in some words of a line of a list: keepalived reads the line without them.
    mutating func fail(_ message: String, _ word: Word, in line: Statement, without excess: [Word]) {
        fail(message, word)
        rewrite(line, message) { word in excess.contains { $0.location == word.location } ? nil : word.text }
    }

    /// A line of a list that keepalived reads with other words.
    /// - Parameter change: what becomes of a word; `nil` where it goes.
    mutating func rewrite(_ line: Statement, _ reason: String, _ change: (Word) -> String?) {
        let words = [line.keyword] + line.values
        // What is in quotes, or came out of a definition, can't be written as it was.
        guard words.allSatisfy({ !$0.isQuoted && !$0.mayBeSecret }) else { return }
        amend(line, .replaced, reason, with: words.compactMap(change).joined(separator: " "))
    }

    /// The number at the beginning of a word, which is what keepalived takes of one that is no whole number; 0 where there is none.
    static func leadingNumber(_ text: String) -> Int { integer(String(text.prefix { ("0"..."9").contains($0) })) ?? 0 }
}
