import Addressing

/// Reads the keepalived.conf dialect: text in, typed configuration and diagnostics out.
package enum ConfigurationReader {
    /// What a file says, and everything that is to be said about it.
    package struct Result: Hashable, Sendable {
        /// `nil` when there are errors.
        package var configuration: Configuration?
        /// All of them, in the order of the files' lines.
        package var diagnostics: [Diagnostic]

        package init(configuration: Configuration?, diagnostics: [Diagnostic]) {
            self.configuration = configuration
            self.diagnostics = diagnostics
        }

        package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
        package var hasWarnings: Bool { diagnostics.contains { $0.severity == .warning } }
    }

    /// A file can be wrong in every line; nobody reads more than this.
    private static let mostDiagnostics = 500

    /// - Parameters:
    ///   - path: the file, as the user named it.
    ///   - files: where its text comes from.
    ///   - context: what the file may ask about the machine.
    package static func read(
        _ path: String, from files: some SourceFiles, context: ReadingContext = ReadingContext()
    ) -> Result {
        readWhole(path, from: files, context: context).result
    }

    /// The result, and what a migration has to know besides.
    struct Reading {
        var result: Result
        /// What could be understood, also where there are errors.
        var draft = Configuration()
        var amendments: [Amendment] = []
        var inclusions: [String: [Int: [String]]]
        /// The lines as they were cut, with what definitions and loops have made of them; `nil` where there was too much.
        var lines: [FileLoader.Line]?
        var text: SourceText
    }

    static func readWhole(_ path: String, from files: some SourceFiles, context: ReadingContext) -> Reading {
        var loader = FileLoader(files: files, context: context)
        loader.load(path, from: nil)
        if let tooMuch = loader.tooMuch {
            // What was not read would only be missed.
            return Reading(
                result: Result(configuration: nil, diagnostics: diagnostics([tooMuch], loader.text, context)),
                inclusions: loader.inclusions, text: loader.text)
        }
        let builder = build(loader.lines, path, loader.text, loader.findings, context)
        let text = builder.text
        var findings = builder.findings
        if let random = loader.randomNumber, !builder.configuration.scripting.isEmpty { findings.append(random) }
        findings = text.oddBlanks.named(in: findings)
        let hasErrors = findings.contains { $0.severity == .error }
        return Reading(
            result: Result(
                configuration: hasErrors ? nil : builder.configuration,
                diagnostics: inOrder(diagnostics(findings, text, context))),
            draft: builder.configuration, amendments: builder.amendments, inclusions: loader.inclusions,
            lines: loader.lines, text: text)
    }

    /// Gives lines their meaning.
    static func build(
        _ lines: [FileLoader.Line], _ path: String, _ text: SourceText, _ findings: [Finding], _ context: ReadingContext
    ) -> ConfigurationBuilder {
        var (builder, statements) = parse(lines, text, findings, context)
        builder.build(statements, file: path)
        return builder
    }

    /// Lines as statements, and what is to give them their meaning.
    static func parse(
        _ lines: [FileLoader.Line], _ text: SourceText, _ findings: [Finding], _ context: ReadingContext
    ) -> (ConfigurationBuilder, [Statement]) {
        var parser = StatementParser(lines: lines, mostProblems: context.mostFindings)
        let statements = parser.parse()
        var findings = findings
        for (message, word) in parser.problems {
            findings.append(
                Finding(severity: .error, message: message, location: word.location, line: word.line, width: word.width)
            )
        }
        return (
            ConfigurationBuilder(
                text: text, findings: findings, mostFindings: context.mostFindings, routingNames: context.routingNames,
                finder: context.findInterface),
            statements
        )
    }

    static func diagnostics(_ findings: [Finding], _ text: SourceText, _ context: ReadingContext)
        -> [Diagnostic]
    {
        findings.prefix(min(mostDiagnostics, context.mostFindings)).map { finding in
            Diagnostic(
                severity: finding.severity, location: finding.location, message: finding.message,
                excerpt: context.showsLines ? finding.line.map { text.excerpt($0) } ?? "" : "", width: finding.width)
        }
    }

    /// Sorted by place within a file; the files stay in the order in which they were first complained about.
    static func inOrder(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        var rank: [String: Int] = [:]
        for diagnostic in diagnostics where rank[diagnostic.location.file] == nil {
            rank[diagnostic.location.file] = rank.count
        }
        func key(_ diagnostic: Diagnostic) -> (Int, Int, Int) {
            (rank[diagnostic.location.file] ?? 0, diagnostic.location.line, diagnostic.location.column)
        }
        return diagnostics.sorted { key($0) < key($1) }
    }
}
