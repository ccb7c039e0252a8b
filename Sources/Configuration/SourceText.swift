/// Every line that was read, so that a diagnostic can show its own, with secrets masked.
struct SourceText: Sendable {
    private var lines: [String] = []
    private var secret: Set<Int> = []
    /// Characters that look like blanks, and are none.
    var oddBlanks = OddBlanks()

    /// - Returns: the number under which the line is kept.
    mutating func add(_ line: String) -> Int {
        lines.append(line)
        return lines.count - 1
    }

    /// The line holds a secret behind its first word.
    mutating func markSecret(_ line: Int) {
        secret.insert(line)
    }

    /// A definition may be a password, or a line of one.
    func isSecret(_ line: Int) -> Bool {
        secret.contains(line) || lines.indices.contains(line) && Self.looksSecret(lines[line])
    }

    /// The line as it may be shown.
    func excerpt(_ line: Int) -> String {
        guard lines.indices.contains(line) else { return "" }
        let text = lines[line]
        return printable(secret.contains(line) || Self.looksSecret(text) ? Self.masked(text) : text)
    }

    /// Definitions may be passwords, and so may what follows a word that is nearly `auth_pass`, wherever it stands.
    private static func looksSecret(_ text: String) -> Bool {
        let words = text.split(whereSeparator: { " \t{}=".contains($0) })
        return words.first?.hasPrefix("$") == true
            || words.contains { word in
                let word = word.lowercased()
                return word.contains("pass") && word != "pass" || word.hasPrefix("auth") && word != "authentication"
                    || word.contains("key")
                    || editDistance(word, "auth_pass") <= 3
            }
    }

    /// Leaves the first word, the brackets and the words that are known to be harmless.
    private static func masked(_ text: String) -> String {
        let harmless: Set<String> = ["authentication", "auth_type", "auth_pass", "PASS", "AH", "{", "}"]
        var result = ""
        var word = ""
        var isFirst = true
        func flush() {
            guard !word.isEmpty else { return }
            if harmless.contains(word) {
                result += word
            } else if isFirst, word.hasPrefix("$"), let equals = word.firstIndex(of: "=") {
                result += word[...equals] + String(repeating: "*", count: word.count - word[...equals].count)
            } else if isFirst, word.hasPrefix("auth") || word.hasPrefix("$") || word.hasPrefix("key") {
                result += word
            } else {
                result += String(repeating: "*", count: word.count)
            }
            word = ""
            isFirst = false
        }
        for character in text {
            if character == " " || character == "\t" {
                flush()
                result.append(character)
            } else {
                word.append(character)
            }
        }
        flush()
        return result
    }
}

/// The text with what would steer a terminal replaced; tabs are kept.
func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value < 32 && $0 != "\t" || (127..<160).contains($0.value) }) else {
        return text
    }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        let isControl = scalar.value < 32 && scalar != "\t" || (127..<160).contains(scalar.value)
        result.append(isControl ? "\u{FFFD}" : scalar)
    }
    return String(result)
}

/// How many letters have to be changed, added or left out to make one word of the other.
func editDistance(_ left: some StringProtocol, _ right: some StringProtocol) -> Int {
    let left = Array(left.utf8.prefix(64))
    let right = Array(right.utf8.prefix(64))
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in right.indices {
            let cost = byte == right[column] ? diagonal : diagonal + 1
            diagonal = row[column + 1]
            row[column + 1] = min(cost, row[column] + 1, row[column + 1] + 1)
        }
    }
    return row[right.count]
}
