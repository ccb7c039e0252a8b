/// The `$NAME`s of a configuration: its own, and keepalived's predefined ones. A file's own win.
struct Definitions {
    private var values: [String: [[LineReader.Piece]]] = [:]
    private let context: ReadingContext
    /// The file that is being read; `${_PWD}` is looked up when it is used.
    var path = ""

    init(context: ReadingContext) {
        self.context = context
    }

    /// - Parameter lines: several for a definition of several lines.
    mutating func define(_ name: String, as lines: [[LineReader.Piece]]) {
        values[name] = lines
    }

    /// The lines of a definition of several lines.
    func lines(of name: String) -> [[LineReader.Piece]]? {
        guard let lines = values[name], lines.count > 1 else { return nil }
        return lines
    }

    /// The file itself defines it.
    func isOwn(_ name: String) -> Bool { values[name] != nil }

    func isDefined(_ name: String) -> Bool { values[name] != nil || predefined(name, "") != nil }

    /// What stands for a reference.
    /// - Parameter arguments: what follows the name in braces; only `_RANDOM` and `_ENV` take any.
    func text(of name: String, _ arguments: String = "") -> [LineReader.Piece]? {
        if let lines = values[name] { return arguments.isEmpty && lines.count <= 1 ? lines.first ?? [] : nil }
        return predefined(name, arguments).map {
            $0.utf8.map { LineReader.Piece(byte: $0, column: 0, isQuoted: false) }
        }
    }

    private func predefined(_ name: String, _ arguments: String) -> String? {
        let words = arguments.split(separator: " ")
        switch (name, words.count) {
        case ("_PWD", 0): return context.directory(of: path)
        case ("_INSTANCE", 0): return context.configurationID
        case ("_HASH", 0): return "#"
        case ("_BANG", 0): return "!"
        case ("_ENV", 1): return context.environment[String(words[0])]
        case ("_RANDOM", 0...2):
            let bounds = words.compactMap { ConfigurationBuilder.integer(String($0)) }
            guard bounds.count == words.count, let random = context.random else { return nil }
            let low = bounds.first ?? 0
            let high = bounds.count > 1 ? bounds[1] : 32_767
            return low <= high ? String(random(low...high)) : nil
        default: return nil
        }
    }
}
