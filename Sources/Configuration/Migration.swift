/// A keepalived.conf made into a file of this agent's own: what carries over as it is, the rest as comments that say why.
package struct Migration: Sendable {
    /// Something that does not stay as it was.
    package struct Remark: Hashable, Sendable {
        /// Its place in the old file.
        package var location: SourceLocation
        package var keyword: String
        package var reason: String
        /// Its place among all lines of the old files.
        var rank = 0
    }

    /// What the new file says.
    package private(set) var configuration: Configuration
    /// The new file's text. What was included stands where the `include` line stood.
    package private(set) var text: [UInt8]
    /// Statements that became comments: what they asked for will not happen.
    package private(set) var dropped: [Remark]
    /// Comments, too: keepalived ignores these, so that they were never in force.
    package private(set) var ignored: [Remark]
    /// Where the new file says what keepalived has made of the old one.
    package private(set) var replaced: [Remark]
    /// What is to be known about the rest: the new file's warnings.
    package private(set) var warnings: [Diagnostic]

    /// Why there is no new file.
    package struct Failure: Error, Sendable {
        /// In places of the old files. A person has to decide about them.
        package var diagnostics: [Diagnostic]
    }

    /// - Parameters:
    ///   - path: the old file.
    ///   - name: what the new file is called in diagnostics.
    package init(
        _ path: String, as name: String, from files: some SourceFiles, context: ReadingContext = ReadingContext()
    ) throws(Failure) {
        var steps = try MigrationSteps(path, as: name, from: files, context: context)
        try steps.dropWhatIsIgnored()
        let (configuration, warnings) = try steps.amend()
        self.configuration = configuration
        self.warnings = warnings
        text = steps.draft.text
        dropped = steps.remarks(of: .notSupported)
        ignored = steps.remarks(of: .ignored)
        replaced = steps.remarks(of: .replaced)
    }
}
