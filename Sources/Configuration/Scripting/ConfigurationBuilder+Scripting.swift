/// What has been read of a file's scripts.
struct ScriptingDraft {
    var configuration = ScriptingConfiguration()
    /// Which check, file or process has a name: its place in its list.
    var places: [TrackerName: Int] = [:]
    /// Blocks that say nothing that could be used; each is told.
    var unusable: Set<TrackerName> = []
    /// Blocks of files that leave the weight to keepalived's default.
    var hasDefaultWeight: Set<TrackerName> = []
    /// What `global_defs` says for every instance and group.
    var tellsPriorities = false
    var timeout: Duration?
}

extension ConfigurationBuilder {
    /// What statements say about scripts. Their order counts for nothing; where it does to keepalived, that is told.
    mutating func scripting(in statements: [Statement]) -> ScriptingConfiguration {
        var draft = ScriptingDraft()
        let global = statements.filter { $0.keyword.text == "global_defs" }.flatMap { $0.block ?? [] }
        for statement in global { readGlobalScripting(statement, into: &draft) }
        for statement in global { readSupplement(statement, into: &draft.configuration) }
        for statement in statements {
            switch statement.keyword.text {
            case "vrrp_script": readCheck(statement, into: &draft)
            case "track_file", "vrrp_track_file": readTrackFile(statement, into: &draft)
            case "vrrp_track_process": readTrackProcess(statement, into: &draft)
            default: break
            }
        }
        for (keyword, kind) in [("vrrp_instance", ScriptSubject.Kind.instance), ("vrrp_sync_group", .group)] {
            for statement in statements where statement.keyword.text == keyword {
                readSubject(statement, kind, into: &draft)
            }
        }
        noteUnused(draft.configuration)
        return draft.configuration
    }

    // MARK: - global_defs

    private mutating func readGlobalScripting(_ statement: Statement, into draft: inout ScriptingDraft) {
        let keyword = statement.keyword
        switch keyword.text {
        case "script_user":
            if let user = scriptUser(statement.values[...], of: statement) { draft.configuration.defaultUser = user }
        case "enable_script_security":
            // Whatever word follows, as in keepalived.
            draft.configuration.isSecure = true
        case "set_supplementary_groups":
            draft.configuration.givesAllGroups = true
        case "startup_script":
            draft.configuration.startup = hook(statement, draft.configuration.startup)
        case "shutdown_script":
            draft.configuration.shutdown = hook(statement, draft.configuration.shutdown)
        case "notify_fifo":
            readPipe(statement, .everything, into: &draft.configuration)
        case "vrrp_notify_fifo":
            readPipe(statement, .vrrp, into: &draft.configuration)
        case "fifo_write_vrrp_states_on_reload":
            if let flag = flag(of: statement) { draft.configuration.writesStatesAtReload = flag }
        case "vrrp_notify_priority_changes", "notify_priority_changes":
            if let flag = flag(of: statement) { draft.tellsPriorities = flag }
        case "notify_timeout":
            if let timeout = notifyTimeout(statement) { draft.timeout = timeout }
        default:
            break
        }
    }

    /// What belongs to a script or a pipe that stands somewhere else.
    private mutating func readSupplement(_ statement: Statement, into scripting: inout ScriptingConfiguration) {
        let keyword = statement.keyword
        switch keyword.text {
        case "startup_script_timeout":
            if let seconds = integer(of: statement, in: 1...1000, otherwise: .ignored) {
                scripting.startup?.timeout = .seconds(seconds)
            }
        case "shutdown_script_timeout":
            if let seconds = integer(of: statement, in: 1...1000, otherwise: .ignored) {
                scripting.shutdown?.timeout = .seconds(seconds)
            }
        case "notify_fifo_script", "vrrp_notify_fifo_script":
            let scope = keyword.text == "notify_fifo_script" ? NotifyPipeConfiguration.Scope.everything : .vrrp
            guard let index = scripting.pipes.firstIndex(where: { $0.scope == scope }) else {
                warn("there is no FIFO that it could read: it is not run", keyword)
                return
            }
            guard scripting.pipes[index].script == nil else {
                warn("an earlier line names this script already, and that counts, as in keepalived", keyword)
                return
            }
            scripting.pipes[index].script = notifyScript(of: statement)
        default:
            break
        }
    }

    /// As keepalived does: the first one wins.
    private mutating func hook(_ statement: Statement, _ earlier: HookConfiguration?) -> HookConfiguration? {
        guard earlier == nil else {
            warn("an earlier line names this script already, and that counts, as in keepalived", statement.keyword)
            return earlier
        }
        return notifyScript(of: statement).map(HookConfiguration.init(script:))
    }

    private mutating func readPipe(
        _ statement: Statement, _ scope: NotifyPipeConfiguration.Scope, into scripting: inout ScriptingConfiguration
    ) {
        guard let path = statement.values.first else {
            fail("'\(statement.keyword.text)' needs a path", statement.keyword)
            return
        }
        guard isAbsolutePath(path, of: statement) else { return }
        guard !scripting.pipes.contains(where: { $0.scope == scope }) else {
            warn("an earlier line names this FIFO already, and that counts, as in keepalived", statement.keyword)
            return
        }
        var pipe = NotifyPipeConfiguration(scope: scope, path: path.text, location: path.location)
        if statement.values.count > 1 { pipe.user = scriptUser(statement.values[1...], of: statement) }
        scripting.pipes.append(pipe)
    }

    // MARK: - Scripts

    /// What a script's line runs.
    mutating func command(of statement: Statement) -> ScriptCommand? {
        let keyword = statement.keyword
        guard let word = statement.values.first else {
            fail("'\(keyword.text)' needs a command", keyword)
            return nil
        }
        guard !word.isOpen else {
            if keyword.text != "script" {
                amend(statement, .ignored, "keepalived ignores the line: its quote is never closed")
            }
            return nil
        }
        do throws(ScriptCommand.Fault) {
            let (command, notes) = try ScriptCommand.parse(word.bytes)
            for note in notes { tell(note, at: word) }
            return command
        } catch {
            // keepalived leaves the script out; but where the text of a check has no end, it crashes.
            var isFatal = false
            if keyword.text == "script", case .words(.openQuote) = error { isFatal = true }
            fail(Self.words(for: error), word, in: statement, isFatal ? .undecided : .ignored)
            return nil
        }
    }

    private static func words(for fault: ScriptCommand.Fault) -> String {
        switch fault {
        case .words(.openQuote(let quote)):
            let name = quote == UInt8(ascii: "'") ? "single" : "double"
            return "the \(name) quote that opens here is never closed"
                + (name == "single"
                    ? " ('#' and '!' begin a comment in single quotes, too: put double ones around it)" : "")
        case .words(.openEscape):
            return "a backslash at the end takes nothing along: a command ends with its line, or with its quote"
        case .noProgram: return "the command is empty"
        case .zeroByte: return "a command can't hold a zero byte"
        }
    }

    private mutating func tell(_ note: ScriptCommand.Note, at word: Word) {
        switch note {
        case .shellSyntax(let text):
            let shown = word.mayBeSecret ? "a word of it" : "'\(printable(String(text.prefix(40))))'"
            warn(
                "no shell reads this: \(shown) goes to the program as it is, as in keepalived. "
                    + "Write \"/bin/sh -c '…'\" if a shell is to read it", word)
        case .takesBash:
            warn("bash runs this: keepalived gives it to /bin/sh, which may know no /dev/tcp and /dev/udp", word)
        case .needsBash:
            warn("/dev/tcp and /dev/udp are known to bash alone: write 'bash -c'", word)
        case .versionsDiffer:
            warn(
                "keepalived's versions read a backslash in different ways: 2.2 reads it twice, as is done here, and 2.4 once. "
                    + "Put what belongs together in single quotes", word)
        case .searchesPath:
            warn("the program is looked for in PATH: name it by its whole path", word)
        }
    }

    /// A script, and the user and group behind it.
    mutating func notifyScript(of statement: Statement) -> NotifyScript? {
        guard let command = self.command(of: statement), let word = statement.values.first else { return nil }
        var script = NotifyScript(location: word.location, command: command)
        if statement.values.count > 1 {
            if !word.isQuoted {
                warn(
                    "keepalived takes the words behind the first one for a user and a group: put the whole command in "
                        + "double quotes if they are its arguments", statement.values[1])
            }
            script.user = scriptUser(statement.values[1...], of: statement)
            guard script.user != nil else { return nil }
        }
        return script
    }

    /// `USER [GROUP]`, `USER :[GROUP]`
    mutating func scriptUser(_ words: ArraySlice<Word>, of statement: Statement) -> ScriptUser? {
        guard let name = words.first, !name.bytes.isEmpty else {
            fail("'\(statement.keyword.text)' needs a user", statement.keyword)
            return nil
        }
        var user = ScriptUser(name: name.text)
        if let group = words.dropFirst().first {
            let isForAll = group.text.hasPrefix(":")
            let rest = isForAll ? String(group.text.dropFirst()) : group.text
            user.hasAllGroups = isForAll
            user.group = rest.isEmpty ? nil : rest
        }
        if let excess = words.dropFirst(2).first {
            warn("what follows is passed over, as keepalived does: a keyword begins a line", excess)
        }
        return user
    }

    // MARK: - Values

    /// A whole number that may be negative.
    mutating func signedInteger(_ word: Word?, of statement: Statement, in range: ClosedRange<Int>) -> Int? {
        guard let word else {
            fail("'\(statement.keyword.text)' needs a value", statement.keyword)
            return nil
        }
        guard let number = Self.signedInteger(word.text), range.contains(number) else {
            fail(
                "'\(statement.keyword.text)' takes a whole number from \(range.lowerBound) to \(range.upperBound)", word
            )
            return nil
        }
        return number
    }

    /// The number at the beginning of a word, as `leadingNumber`, and perhaps a sign before it.
    static func leadingSignedNumber(_ text: String) -> Int {
        text.hasPrefix("-") ? -leadingNumber(String(text.dropFirst())) : leadingNumber(String(text.drop { $0 == "+" }))
    }

    /// `weight N [reverse]`
    mutating func weight(of statement: Statement, _ kind: TrackerName.Kind) -> (weight: Int, isReversed: Bool)? {
        guard let word = statement.values.first else {
            fail("'weight' needs a value", statement.keyword)
            return nil
        }
        let range = TrackLine.weights(of: kind)
        let message = "'weight' takes a whole number from \(range.lowerBound) to \(range.upperBound)"
        let option = statement.values.dropFirst().first
        let isReversed = option?.text == "reverse"
        var weight = Self.leadingSignedNumber(word.text)
        func words(_ number: Int) -> String { "\(number)" + (isReversed ? " reverse" : "") }
        if !range.contains(weight), kind != .script {
            fail(message, word, in: statement, .ignored)
            return nil
        }
        // Of a script keepalived takes it as it is, and a priority has its bounds anyway.
        let bounded = min(max(weight, range.lowerBound), range.upperBound)
        if bounded != weight || Self.signedInteger(word.text) == nil {
            weight = bounded
            fail(message, word, in: statement, .value(words(weight)))
        } else if let option, !isReversed {
            fail("only 'reverse' may follow the weight", option, in: statement, .value(words(weight)))
        }
        noteExcess(statement, after: 2)
        return (weight, isReversed)
    }

    mutating func isAbsolutePath(_ path: Word, of statement: Statement) -> Bool {
        guard path.text.hasPrefix("/"), !path.bytes.contains(where: { $0 < 32 || $0 == 127 }) else {
            fail("'\(statement.keyword.text)' needs a path that begins with '/'", path)
            return false
        }
        return true
    }

    /// keepalived takes 0 for a second.
    mutating func period(of statement: Statement) -> Duration? {
        guard let word = statement.values.first else { return seconds(of: statement, in: .zero ... .seconds(4294)) }
        // keepalived takes the digits at the beginning, and a second where there are none; what is below zero or beyond it ignores.
        let used = max(Self.leadingNumber(word.text), 1)
        let isIgnored = word.text.hasPrefix("-") || used > 4294
        guard
            let duration = seconds(
                of: statement, in: .zero ... .seconds(4294), otherwise: isIgnored ? .ignored : .value("\(used)"))
        else { return isIgnored ? nil : .seconds(used) }
        guard duration < .milliseconds(1) else { return duration }
        warn("less than a millisecond is no time: it counts as 1 second, as in keepalived", statement.keyword)
        return .seconds(1)
    }

    mutating func notifyTimeout(_ statement: Statement) -> Duration? {
        seconds(of: statement, in: .seconds(1) ... .seconds(86_400))
    }

    /// The name of a block.
    mutating func name(of statement: Statement) -> Word? {
        guard let name = statement.values.first else {
            fail("'\(statement.keyword.text)' needs a name", statement.keyword)
            return nil
        }
        if let excess = statement.values.dropFirst().first {
            warn("what follows is passed over, as keepalived does: a name with blanks needs quotes", excess)
        }
        guard !name.bytes.isEmpty, !name.bytes.contains(where: { $0 < 32 || $0 == 127 }) else {
            fail("a name must have visible letters", name)
            return nil
        }
        return name
    }
}
