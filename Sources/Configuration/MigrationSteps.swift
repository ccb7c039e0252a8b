/// From keepalived's file to one that can be read here, step by step: after each the text has to mean what it meant before.
struct MigrationSteps {
    private let path: String
    private let name: String
    private let context: ReadingContext
    private(set) var draft: MigrationDraft
    private var noted: [(kind: Amendment.Kind, remark: Migration.Remark)] = []

    /// A comment may uncover something else, but not for ever.
    private static let mostSteps = 32

    /// More faults than anybody has in a file that runs.
    private static let mostFindings = 10_000

    init(
        _ path: String, as name: String, from files: some SourceFiles, context: ReadingContext
    ) throws(Migration.Failure) {
        self.path = path
        self.name = name
        self.context = context
        let recorder = FileRecorder(files)
        let old = ConfigurationReader.readWhole(path, from: recorder, context: context)
        guard old.lines != nil, recorder.files[path] != nil else {
            throw Migration.Failure(diagnostics: old.result.diagnostics.filter { $0.severity == .error })
        }
        draft = MigrationDraft(path, inclusions: old.inclusions, files: recorder.files)
        let problems = recorder.unreadable + draft.problems
        guard problems.isEmpty else { throw Migration.Failure(diagnostics: problems) }
    }

    func remarks(of kind: Amendment.Kind) -> [Migration.Remark] {
        noted.filter { $0.kind == kind }.map(\.remark).sorted {
            ($0.rank, $0.location.column) < ($1.rank, $1.location.column)
        }
    }

    /// - Parameter mostFindings: before a person's faults are out of the way, more than the usual number only take time.
    private func read(mostFindings: Int = Self.mostFindings) -> ConfigurationReader.Reading {
        var context = context
        context.mostFindings = max(mostFindings, context.mostFindings)
        return ConfigurationReader.readWhole(name, from: OneFile(name: name, bytes: draft.text), context: context)
    }

    // MARK: - What keepalived ignores

    /// Comments out what was never in force, and closes the blocks that only the end of the file closes.
    mutating func dropWhatIsIgnored() throws(Migration.Failure) {
        let old = read(mostFindings: 0)
        guard let lines = old.lines else { throw failure(old) }
        let lenient = LenientReading(lines, text: old.text)
        guard !lenient.ignored.isEmpty || !lenient.unclosed.isEmpty else { return }
        var changes = MigrationChanges()
        for part in lenient.ignored {
            guard let place = part.words.first?.location else { continue }
            changes.remove(part.words, note: part.reason.map { "Never in force: '\(part.keyword)': \($0)" })
            if let reason = part.reason { note(.ignored, part.keyword, at: place, reason) }
        }
        for keyword in lenient.unclosed.reversed() {
            let shown = keyword.mayBeSecret ? "this block" : "'\(printable(keyword.text))'"
            let reason = "a '}' is missing: keepalived closes the block at the end of the file"
            changes.append(["# Added: the '}' of \(shown), line \(draft.origin(of: keyword.location).line)", "}"])
            note(.replaced, keyword.mayBeSecret ? "(a word)" : printable(keyword.text), at: keyword.location, reason)
        }
        let meant = ConfigurationReader.build(lenient.lines, name, old.text, [], context).configuration
        let before = draft
        draft.apply(changes)
        let new = read()
        try compare(new.draft, with: meant, in: before)
    }

    // MARK: - What is not possible here

    /// Changes one thing after the other until nothing is wrong any more.
    mutating func amend() throws(Migration.Failure) -> (Configuration, [Diagnostic]) {
        var reading = read()
        for _ in 0..<Self.mostSteps {
            if let configuration = reading.result.configuration { return (configuration, reading.result.diagnostics) }
            var changes = MigrationChanges()
            // What stands in a block that goes is gone with it.
            for amendment in reading.amendments.sorted(by: { $0.comesFirst(before: $1) }) {
                apply(amendment, to: &changes)
            }
            guard !changes.isEmpty else { break }
            let before = draft
            draft.apply(changes)
            let new = read()
            try compare(new.draft, with: reading.draft, in: before)
            reading = new
        }
        throw failure(reading)
    }

    private mutating func apply(_ amendment: Amendment, to changes: inout MigrationChanges) {
        let keyword = amendment.statement.keyword
        let shown = keyword.mayBeSecret ? "(a word)" : printable(String(keyword.text.prefix(60)))
        let name = keyword.mayBeSecret ? "this" : "'\(shown)'"
        var reason = amendment.reason
        var notes: [String]
        switch amendment.kind {
        case .notSupported: notes = ["Not carried over: \(name): \(reason)"]
        case .ignored: notes = ["Never in force: \(name): \(reason)"]
        case .replaced:
            if let replacement = amendment.replacement { reason = "keepalived uses '\(replacement)': \(reason)" }
            notes = ["Replaced: \(reason)"]
        }
        if shown == "virtual_server", !noted.contains(where: { $0.remark.keyword == shown }) {
            notes += LoadBalancing.notes
        }
        guard changes.replace(amendment.statement, with: amendment.replacement, notes: notes) else { return }
        note(amendment.kind, shown, at: keyword.location, reason)
    }

    // MARK: - Notes and faults

    private mutating func note(
        _ kind: Amendment.Kind, _ keyword: String, at location: SourceLocation, _ reason: String
    ) {
        noted.append(
            (
                kind,
                Migration.Remark(
                    location: draft.origin(of: location), keyword: keyword, reason: reason,
                    rank: draft.rank(of: location))
            ))
    }

    /// A line that held more than what had to go, so that something else would be lost with it.
    private func compare(
        _ new: Configuration, with meant: Configuration, in before: MigrationDraft
    ) throws(Migration.Failure) {
        guard !new.isEquivalent(to: meant) else { return }
        let changes = ConfigurationDifference(from: meant, to: new).lines
        throw Migration.Failure(diagnostics: [
            Diagnostic(
                severity: .error, location: SourceLocation(file: path, line: 1, column: 1),
                message:
                    "a statement that carries over shares a line, or a definition, with one that does not: give each "
                    + "a line of its own. It would be lost with it: \(changes.joined(separator: "; "))")
        ])
    }

    /// What a person has to decide, in places of the old files.
    private func failure(_ reading: ConfigurationReader.Reading) -> Migration.Failure {
        Migration.Failure(
            diagnostics: reading.result.diagnostics.filter { $0.severity == .error }.map { diagnostic in
                var diagnostic = diagnostic
                diagnostic.location = draft.origin(of: diagnostic.location)
                if diagnostic.location.file == name {
                    diagnostic.location = SourceLocation(file: path, line: 1, column: 1)
                }
                return diagnostic
            })
    }
}

/// What keepalived can go on doing beside this agent.
package enum LoadBalancing {
    /// The commands that leave keepalived its load balancing alone, with Debian's unit.
    package static let commands = [
        "echo 'DAEMON_ARGS=\"-C\"' >> /etc/default/keepalived",
        "systemctl restart keepalived",
    ]

    /// Lines of a comment.
    static let notes =
        ["keepalived can go on with it, and leave the shared addresses to this agent (keepalived -C):"]
        + commands.map { "    \($0)" }
}
