import ArgumentParser
import Configuration

/// `failoverctl keywords`
struct KeywordsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keywords",
        abstract: "Lists keepalived's keywords and what becomes of each here, as Markdown.",
        discussion: "It needs no agent. docs/keywords.md is made of it."
    )

    func run() throws {
        try Output.write(Array(KeywordTable.markdown.utf8))
    }
}
