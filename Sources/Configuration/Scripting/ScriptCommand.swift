/// What is run for a script's text.
///
/// keepalived starts the program itself, without a shell: `$HOME`, `*`, `~`, `>`, `;`, `|`, `&&` and backticks are arguments like any other. Only
/// a text that begins with `</` goes to a shell. Both hold here, too, with two differences: bash reads `/dev/tcp/` and
/// `/dev/udp/`, which only bash knows, and a shell gets the whole text, where keepalived puts quotes around everything behind the first word.
package struct ScriptCommand: Hashable, Sendable {
    /// The program and its arguments, as execve(2) takes them: not empty, and none holds a zero byte. A program without a slash is looked for
    /// in PATH at each run.
    package let arguments: [[UInt8]]
    /// A shell reads the text.
    package let usesShell: Bool

    /// The program's name as it is written.
    package var program: String { String(decoding: arguments.first ?? [], as: UTF8.self) }

    /// Why nothing can be run.
    package enum Fault: Error, Hashable, Sendable {
        case words(ScriptWords.Fault)
        /// There is no word, or the first one is empty.
        case noProgram
        /// An argument with a zero byte, by an escape.
        case zeroByte
    }

    /// What a reader should know.
    package enum Note: Hashable, Sendable {
        /// A word that would mean something to a shell, and is an argument here.
        case shellSyntax(String)
        /// bash is needed, and taken.
        case takesBash
        /// The text asks `sh` for something that only bash knows.
        case needsBash
        /// The program's name has no slash.
        case searchesPath
        /// keepalived's versions read a backslash in it in different ways.
        case versionsDiffer
    }

    /// - Parameter text: what follows the keyword, after the first cut; backslashes are still in it.
    package init(_ text: [UInt8]) throws(Fault) {
        self = try Self.parse(text).command
    }

    private init(arguments: [[UInt8]], usesShell: Bool) {
        self.arguments = arguments
        self.usesShell = usesShell
    }

    /// The command, and what is to be said about it.
    package static func parse(_ text: [UInt8]) throws(Fault) -> (command: ScriptCommand, notes: [Note]) {
        let reading = try read(text)
        let bare = Array(reading.text.drop(while: isBlank))
        guard !bare.contains(0) else { throw .zeroByte }
        let differs: [Note] = reading.differs ? [.versionsDiffer] : []
        if redirects(bare) {
            let isForBash = namesNetworkPath(bare)
            let shell = isForBash ? "bash" : "/bin/sh"
            let command = ScriptCommand(arguments: [Array(shell.utf8), Array("-c".utf8), bare], usesShell: true)
            return (command, isForBash ? [.takesBash] : [])
        }
        guard let program = reading.words.first?.word, !program.isEmpty else { throw .noProgram }
        guard !reading.words.contains(where: { $0.word.contains(0) }) else { throw .zeroByte }
        let command = ScriptCommand(arguments: reading.words.map(\.word), usesShell: false)
        return (command, notes(on: reading.words) + differs)
    }

    /// As version 2.2.7 reads it, which most hosts have; where that version can't run it, as 2.4.3 does.
    private static func read(
        _ text: [UInt8]
    ) throws(Fault) -> (text: [UInt8], words: [ScriptWords.Cut], differs: Bool) {
        let later = try? ScriptWords.all(of: text)
        do throws(ScriptWords.Fault) {
            let unescaped = try ScriptWords.unescaped(text)
            let words = try ScriptWords.all(of: unescaped)
            return (unescaped, words, later.map { $0.map(\.word) != words.map(\.word) } ?? false)
        } catch {
            guard let later else { throw .words(error) }
            return (text, later, false)
        }
    }

    /// `<`, blanks, and a path.
    private static func redirects(_ text: [UInt8]) -> Bool {
        guard text.first == UInt8(ascii: "<") else { return false }
        return text.dropFirst().first { !isBlank($0) } == UInt8(ascii: "/")
    }

    private static func namesNetworkPath(_ text: [UInt8]) -> Bool {
        let text = String(decoding: text, as: UTF8.self)
        return text.contains("/dev/tcp/") || text.contains("/dev/udp/")
    }

    private static func notes(on words: [ScriptWords.Cut]) -> [Note] {
        guard let program = words.first else { return [] }
        var notes: [Note] = []
        if !program.word.contains(UInt8(ascii: "/")) { notes.append(.searchesPath) }
        let name = program.word.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) }
        if ["sh", "dash"].contains(name), words.dropFirst().contains(where: { namesNetworkPath($0.word) }) {
            notes.append(.needsBash)
        }
        if let word = words.dropFirst().first(where: { !$0.isQuoted && isForShell($0.word) }) {
            notes.append(.shellSyntax(String(decoding: word.word, as: UTF8.self)))
        }
        return notes
    }

    /// Whether a word would be more than a word to a shell.
    private static func isForShell(_ word: [UInt8]) -> Bool {
        let text = String(decoding: word, as: UTF8.self)
        return ["&&", "||", "|", ";", "&"].contains(text)
            || [">", "<", "2>", "~/"].contains { text.hasPrefix($0) }
            || text.utf8.contains { [UInt8(ascii: "$"), UInt8(ascii: "`"), UInt8(ascii: "*")].contains($0) }
            || text.utf8.count > 1 && (text.hasSuffix(";") || text.hasSuffix("&"))
    }
}
