/// Reads what a configuration file says about scripts, files and processes, and passes over the rest: that the file is right in all of it
/// is the agent's business.
package enum ScriptingReader {
    /// What a file says, and everything that is to be said about it.
    package struct Result: Hashable, Sendable {
        /// `nil` when there are errors.
        package var configuration: ScriptingConfiguration?
        /// In the order of the files' lines.
        package var diagnostics: [Diagnostic]

        package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
    }

    /// - Parameters:
    ///   - path: the file, as the user named it.
    ///   - files: where its text comes from.
    ///   - context: what the file may ask about the machine. It draws no number: where the file has scripts, that is an error.
    package static func read(
        _ path: String, from files: some SourceFiles, context: ReadingContext = ReadingContext()
    ) -> Result {
        var loader = FileLoader(files: files, context: context)
        loader.load(path, from: nil)
        if let tooMuch = loader.tooMuch {
            return Result(
                configuration: nil, diagnostics: ConfigurationReader.diagnostics([tooMuch], loader.text, context))
        }
        var (builder, statements) = ConfigurationReader.parse(loader.lines, loader.text, loader.findings, context)
        let scripting = builder.scripting(in: statements)
        var findings = builder.findings
        if let random = loader.randomNumber, !scripting.isEmpty { findings.append(random) }
        findings = builder.text.oddBlanks.named(in: findings)
        let hasErrors = findings.contains { $0.severity == .error }
        return Result(
            configuration: hasErrors ? nil : scripting,
            diagnostics: ConfigurationReader.inOrder(ConfigurationReader.diagnostics(findings, builder.text, context)))
    }
}
