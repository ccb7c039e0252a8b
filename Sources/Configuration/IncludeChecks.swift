/// What is an error about an `include`, beyond what is always told: measured on keepalived 2.2.7.
struct IncludeChecks: OptionSet {
    let rawValue: Int

    /// A file that can't be read, or is none.
    static let readable = IncludeChecks(rawValue: 1)
    /// A file named without wildcards that does not exist.
    static let match = IncludeChecks(rawValue: 2)
    /// A pattern that fits nothing.
    static let wildcardMatch = IncludeChecks(rawValue: 4)
    /// An alternative in braces that fits nothing.
    static let braceMatch = IncludeChecks(rawValue: 8)
    static let all: IncludeChecks = [.readable, .match, .wildcardMatch, .braceMatch]

    /// The checks that a variant of the keyword adds; `nil` for another keyword.
    init?(keyword: String) {
        switch keyword {
        case "include": self = []
        case "includer": self = [.readable]
        case "includem": self = [.readable, .match]
        case "includew": self = [.readable, .match, .wildcardMatch]
        case "includeb": self = [.readable, .braceMatch]
        case "includea": self = .all
        default: return nil
        }
    }

    init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// A word of `include_check`.
    init?(word: String) {
        switch word {
        case "readable": self = [.readable]
        case "match": self = [.readable, .match]
        case "wildcard_match": self = [.readable, .wildcardMatch]
        case "brace_match": self = [.readable, .braceMatch]
        default: return nil
        }
    }

    /// `include_check` with its words; without any, all. Words with a sign change what is in force.
    /// - Returns: the first word that is unknown.
    mutating func set(_ words: [String]) -> String? {
        if words.isEmpty {
            self = .all
        } else if !words.contains(where: { $0.hasPrefix("+") || $0.hasPrefix("-") }) {
            self = []
        }
        for word in words {
            let name = word.hasPrefix("+") || word.hasPrefix("-") ? String(word.dropFirst()) : word
            guard let check = IncludeChecks(word: name) else { return word }
            if word.hasPrefix("-") { subtract(check) } else { formUnion(check) }
        }
        return nil
    }
}
