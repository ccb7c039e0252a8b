import Addressing

/// Gives statements their meaning. Every fault is noted; a value that can't be used is left at its default, so that the
/// rest of the file is still looked at.
struct ConfigurationBuilder {
    var text: SourceText
    var findings: [Finding]
    var configuration = Configuration()
    var global = GlobalDefinitions()
    /// Where the lines of addresses are kept, for diagnostics about several of them.
    var addressLines: [SourceLocation: Int] = [:]
    /// What a migration makes of statements that can't stay as they are: with it the rest may be fine.
    private(set) var amendments: [Amendment] = []
    /// The words with which lines of trackers begin, for diagnostics about them.
    var trackerWords: [SourceLocation: Word] = [:]
    /// Where instances and groups are among those that scripts concern.
    var subjectPlaces: [SubjectKey: Int] = [:]
    /// Lines of `track_file` that leave the weight to keepalived's default, 1.
    var linesOfDefaultWeight: Set<SourceLocation> = []
    /// What all `vrrp_instance` blocks are called, also those that can't be used.
    var instanceNames: Set<String> = []
    /// Where each instance that can be used is among all; known once all are read.
    var instancePlaces: [String: Int] = [:]
    /// What `use_vmac` lines name their macvlans.
    var givenMacvlanNames: Set<String> = []
    /// The macvlans of the instances that were read, by name, and where each is told.
    var usedMacvlanNames: [String: (instance: String, location: SourceLocation)] = [:]
    /// By where their instances are.
    var virtualMACWords: [SourceLocation: VirtualMACWords] = [:]
    /// Where delays of links stand, by interface.
    var linkDelayWords: [String: Word] = [:]
    private(set) var hasError = false
    /// What the next rule gets that names no priority: keepalived counts down from here, through the whole file.
    var nextRulePriority: UInt32 = 16384
    let routingNames: RoutingNames
    /// Finds the interfaces of instances that name none.
    let finder: (@Sendable (InterfaceQuestion) -> String?)?

    /// More than anybody reads.
    let mostFindings: Int

    init(
        text: SourceText, findings: [Finding], mostFindings: Int, routingNames: RoutingNames,
        finder: (@Sendable (InterfaceQuestion) -> String?)?
    ) {
        self.text = text
        self.findings = findings
        self.mostFindings = mostFindings
        self.routingNames = routingNames
        self.finder = finder
    }

    mutating func build(_ statements: [Statement], file: String) {
        // What global_defs says counts for every instance, wherever it stands.
        for statement in statements where statement.keyword.text == "global_defs" {
            readGlobalDefinitions(statement)
        }
        readScripting(statements)
        instanceNames = Set(
            statements.filter { $0.keyword.text == "vrrp_instance" }.compactMap { $0.values.first?.text })
        givenMacvlanNames = Self.macvlanNames(in: statements)
        for statement in statements where findings.count < mostFindings || !hasError {
            let keyword = statement.keyword.text
            guard accept(statement, in: Keywords.root, place: "the file") else { continue }
            switch keyword {
            case "vrrp_instance": readInstance(statement)
            case "garp_group": readPacingGroup(statement)
            case "interface_up_down_delays": readLinkDelays(statement)
            default: break
            }
        }
        readGroups(statements)
        forgetLostSubjects()
        checkInstances()
        checkVirtualMACs()
        limitLinkDelays()
        if configuration.instances.isEmpty, !findings.contains(where: { $0.severity == .error }) {
            findings.append(
                Finding(
                    severity: .error, message: "there is no vrrp_instance: nothing to do",
                    location: SourceLocation(file: file, line: 1, column: 1)))
        }
    }

    // MARK: - Keywords

    /// Judges a keyword by the table of its block.
    /// - Returns: whether it works here and is to be read.
    mutating func accept(_ statement: Statement, in table: [String: KeywordTreatment], place: String) -> Bool {
        let keyword = statement.keyword
        switch table[keyword.text] {
        case .works:
            return true
        case .noEffect(let reason):
            warn("'\(keyword.text)' has no effect here: \(reason)", keyword)
        case .refused(let reason):
            fail("'\(keyword.text)': \(reason)", keyword)
            amend(statement, .notSupported, reason)
        case nil:
            let advice = findings.count < mostFindings ? Keywords.advice(for: keyword, in: table) : ""
            fail("unknown keyword \(keyword.quoted) in \(place)\(advice)", keyword)
            amend(statement, .ignored, "keepalived ignores it\(advice)")
        }
        return false
    }

    /// A statement without which the rest may be fine.
    /// - Parameter word: what is wrong with it; the keyword unless given.
    mutating func refuse(_ statement: Statement, _ reason: String, at word: Word? = nil) {
        fail(reason, word ?? statement.keyword)
        amend(statement, .notSupported, reason)
    }

    mutating func amend(
        _ statement: Statement, _ kind: Amendment.Kind, _ reason: String, with replacement: String? = nil
    ) {
        amendments.append(Amendment(statement: statement, kind: kind, reason: reason, replacement: replacement))
    }

    /// What they are about goes with the block around it.
    mutating func forgetAmendments(after count: Int) { amendments.removeSubrange(count...) }

    // MARK: - Notes

    mutating func fail(_ message: String, _ word: Word) { note(.error, message, word) }

    mutating func warn(_ message: String, _ word: Word) { note(.warning, message, word) }

    private mutating func note(_ severity: Diagnostic.Severity, _ message: String, _ word: Word) {
        // A file that is wrong in every line is wrong; the first error is kept whatever comes before it.
        guard findings.count < mostFindings || severity == .error && !hasError else { return }
        if severity == .error { hasError = true }
        findings.append(
            Finding(severity: severity, message: message, location: word.location, line: word.line, width: word.width))
    }

    // MARK: - Values

    /// The one value of a keyword. What follows it is passed over, as keepalived does.
    mutating func value(of statement: Statement) -> Word? {
        guard let value = statement.values.first else {
            fail("'\(statement.keyword.text)' needs a value", statement.keyword)
            return nil
        }
        noteExcess(statement, after: 1)
        return value
    }

    mutating func noteExcess(_ statement: Statement, after count: Int) {
        if statement.values.count > count {
            warn("what follows is passed over, as keepalived does: a keyword begins a line", statement.values[count])
        }
        if statement.block != nil {
            fail("'\(statement.keyword.text)' takes no block", statement.keyword)
        }
    }

    /// A whole number. keepalived takes a plus sign and leading zeros, too.
    /// - Parameter fallback: what keepalived does with another value.
    mutating func integer(
        of statement: Statement, in range: ClosedRange<Int>, otherwise fallback: Fallback = .undecided
    ) -> Int? {
        guard let word = value(of: statement) else { return nil }
        guard let number = Self.integer(word.text), range.contains(number) else {
            fail(
                "'\(statement.keyword.text)' takes a whole number from \(range.lowerBound) to \(range.upperBound)",
                word, in: statement, fallback)
            return nil
        }
        return number
    }

    static func integer(_ text: String) -> Int? {
        let digits = text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.count <= 15, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return Int(digits)
    }

    /// `-5`, `5`, `+5`
    static func signedInteger(_ text: String) -> Int? {
        guard text.hasPrefix("-") else { return integer(text) }
        let digits = text.dropFirst()
        return digits.hasPrefix("+") ? nil : integer(String(digits)).map { -$0 }
    }

    /// A number of seconds with up to six decimals.
    /// - Parameter fallback: what keepalived does with another value.
    mutating func seconds(
        of statement: Statement, in range: ClosedRange<Duration>, otherwise fallback: Fallback = .undecided
    ) -> Duration? {
        guard let word = value(of: statement) else { return nil }
        guard let duration = Self.seconds(word.text), range.contains(duration) else {
            fail(
                "'\(statement.keyword.text)' takes a number of seconds from \(Self.decimal(range.lowerBound)) "
                    + "to \(Self.decimal(range.upperBound))", word, in: statement, fallback)
            return nil
        }
        return duration
    }

    static func seconds(_ text: String) -> Duration? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = integer(String(parts[0])), whole <= 1_000_000_000 else { return nil }
        guard parts.count == 2 else { return .seconds(whole) }
        let digits = parts[1].utf8
        guard !digits.isEmpty, digits.count <= 6, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let padded = String(parts[1]) + String(repeating: "0", count: 6 - digits.count)
        return .seconds(whole) + .microseconds(Int(padded) ?? 0)
    }

    /// Seconds without needless zeros.
    static func decimal(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard attoseconds != 0 else { return "\(seconds)" }
        var digits = String(attoseconds / 1_000_000_000_000)
        digits = String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(seconds).\(digits)"
    }

    /// A keyword that switches something on by standing there, or says it in a word.
    mutating func flag(of statement: Statement) -> Bool? {
        guard let word = statement.values.first else {
            noteExcess(statement, after: 0)
            return true
        }
        noteExcess(statement, after: 1)
        switch word.text {
        case "on", "true", "yes": return true
        case "off", "false", "no": return false
        default:
            fail("'\(statement.keyword.text)' takes on, off, true, false, yes or no", word, in: statement, .ignored)
            return nil
        }
    }

    /// A keyword that keepalived takes as said whatever follows it.
    mutating func standingFlag(of statement: Statement) {
        noteExcess(statement, after: 1)
        guard let word = statement.values.first, !["on", "true", "yes"].contains(word.text) else { return }
        warn("keepalived does not look at this word: '\(statement.keyword.text)' counts all the same", word)
    }

    /// The statements of a keyword's block.
    mutating func block(of statement: Statement) -> [Statement] {
        guard let block = statement.block else {
            fail("'\(statement.keyword.text)' needs a block in braces", statement.keyword)
            return []
        }
        return block
    }
}
