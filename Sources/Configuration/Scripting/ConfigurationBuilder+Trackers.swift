extension ConfigurationBuilder {
    // MARK: - vrrp_script

    mutating func readCheck(_ statement: Statement, into draft: inout ScriptingDraft) {
        guard let name = self.name(of: statement) else { return }
        guard isNew(name, .script, in: draft) else { return }
        var command: ScriptCommand?
        var hasScript = false
        var user: ScriptUser?
        var policy = CheckPolicy()
        var timeout: Duration?
        var weight = (weight: 0, isReversed: false)
        for inner in block(of: statement) {
            guard accept(inner, in: ScriptKeywords.check, place: "vrrp_script") else { continue }
            switch inner.keyword.text {
            case "script":
                if let excess = inner.values.dropFirst().first {
                    warn(
                        "keepalived runs the first word alone: put the whole command in double quotes if this belongs to it",
                        excess)
                }
                // The last one counts, as in keepalived.
                command = self.command(of: inner)
                hasScript = true
            case "interval": policy.interval = period(of: inner) ?? policy.interval
            case "timeout": timeout = period(of: inner) ?? timeout
            case "weight": weight = self.weight(of: inner, .script) ?? weight
            case "rise": policy.rise = resultCount(inner) ?? policy.rise
            case "fall": policy.fall = resultCount(inner) ?? policy.fall
            case "user": user = scriptUser(inner.values[...], of: inner)
            case "init_fail": policy.isDownAtFirst = flag(of: inner) ?? policy.isDownAtFirst
            default: break
            }
        }
        if !hasScript { fail("'script' is missing", name, in: statement, .ignored) }
        guard let command else {
            draft.unusable.insert(TrackerName(.script, name.text))
            return
        }
        policy.timeout = timeout ?? policy.interval
        var check = CheckConfiguration(name: name.text, location: name.location, command: command)
        check.user = user
        check.policy = policy
        (check.weight, check.isReversed) = weight
        draft.places[TrackerName(.script, check.name)] = draft.configuration.checks.count
        draft.configuration.checks.append(check)
    }

    /// `rise`, `fall`: keepalived takes the digits at the beginning, and 1 where there are none.
    private mutating func resultCount(_ statement: Statement) -> Int? {
        guard let word = statement.values.first else { return value(of: statement).map { _ in 1 } }
        let most = Int(Int32.max)
        let used = Self.leadingNumber(word.text)
        let counted = (1...most).contains(used) ? used : 1
        return integer(of: statement, in: 1...most, otherwise: .value("\(counted)")) ?? counted
    }

    // MARK: - track_file

    mutating func readTrackFile(_ statement: Statement, into draft: inout ScriptingDraft) {
        guard let name = self.name(of: statement) else { return }
        guard isNew(name, .file, in: draft) else { return }
        var file = TrackFileConfiguration(name: name.text, location: name.location, path: "")
        var hasWeight = false
        var hasFile = false
        for inner in block(of: statement) {
            guard accept(inner, in: ScriptKeywords.file, place: statement.keyword.text) else { continue }
            switch inner.keyword.text {
            case "file":
                guard file.path.isEmpty else {
                    warn("an earlier line names the file already, and that counts, as in keepalived", inner.keyword)
                    continue
                }
                hasFile = true
                if let path = value(of: inner), isAbsolutePath(path, of: inner) { file.path = path.text }
            case "weight":
                guard let weight = self.weight(of: inner, .file) else { continue }
                (file.weight, file.isReversed) = weight
                hasWeight = true
            case "init_file": file.initial = initialValue(inner)
            default: break
            }
        }
        guard !file.path.isEmpty else {
            draft.unusable.insert(TrackerName(.file, name.text))
            if !hasFile { fail("'file' is missing", name, in: statement, .ignored) }
            return
        }
        if !hasWeight { draft.hasDefaultWeight.insert(TrackerName(.file, file.name)) }
        draft.places[TrackerName(.file, file.name)] = draft.configuration.files.count
        draft.configuration.files.append(file)
    }

    /// `init_file [VALUE] [overwrite]`
    private mutating func initialValue(_ statement: Statement) -> TrackFileConfiguration.Initial? {
        var initial = TrackFileConfiguration.Initial()
        for word in statement.values {
            if word.text == "overwrite" {
                initial.overwrites = true
            } else {
                let most = Int(Int32.max)
                guard let value = signedInteger(word, of: statement, in: -most - 1...most) else { return nil }
                initial.value = value
            }
        }
        noteExcess(statement, after: 2)
        return initial
    }

    // MARK: - vrrp_track_process

    mutating func readTrackProcess(_ statement: Statement, into draft: inout ScriptingDraft) {
        guard let name = self.name(of: statement) else { return }
        guard isNew(name, .process, in: draft) else { return }
        var process = TrackProcessConfiguration(name: name.text, location: name.location, program: [])
        var match: TrackProcessConfiguration.ArgumentMatch?
        var least: Int?
        var most: Int?
        for inner in block(of: statement) {
            guard accept(inner, in: ScriptKeywords.process, place: "vrrp_track_process") else { continue }
            switch inner.keyword.text {
            case "process":
                guard process.program.isEmpty else {
                    warn("an earlier line names the process already, and that counts, as in keepalived", inner.keyword)
                    continue
                }
                guard let program = inner.values.first, !program.bytes.isEmpty else {
                    fail("'process' needs a name", inner.keyword)
                    continue
                }
                process.program = program.bytes
                process.arguments = inner.values.dropFirst().map(\.bytes)
            case "param_match": match = argumentMatch(inner) ?? match
            case "full_command": process.comparesCommandLine = true
            case "weight":
                if let weight = self.weight(of: inner, .process) { (process.weight, process.isReversed) = weight }
            case "quorum": least = integer(of: inner, in: 1...65_535, otherwise: .ignored) ?? least
            case "quorum_max": most = integer(of: inner, in: 0...65_535, otherwise: .ignored) ?? most
            case "delay":
                let delay = processDelay(inner)
                process.forkDelay = delay ?? process.forkDelay
                process.terminateDelay = delay ?? process.terminateDelay
            case "fork_delay": process.forkDelay = processDelay(inner) ?? process.forkDelay
            case "terminate_delay": process.terminateDelay = processDelay(inner) ?? process.terminateDelay
            default: break
            }
        }
        guard !process.program.isEmpty else {
            draft.unusable.insert(TrackerName(.process, name.text))
            fail("'process' is missing", name, in: statement, .ignored)
            return
        }
        process.match = match ?? (process.arguments.isEmpty ? .any : .exact)
        process.comparesCommandLine = process.comparesCommandLine || process.match != .any
        // None may run.
        let lower = most == 0 && least == nil ? 0 : least ?? 1
        let upper = most ?? Int.max
        guard lower <= upper else {
            fail("'quorum_max' is less than 'quorum'", name)
            return
        }
        process.quorum = lower...upper
        draft.places[TrackerName(.process, process.name)] = draft.configuration.processes.count
        draft.configuration.processes.append(process)
    }

    private mutating func argumentMatch(_ statement: Statement) -> TrackProcessConfiguration.ArgumentMatch? {
        guard let word = statement.values.first else { return .exact }
        noteExcess(statement, after: 1)
        switch word.text {
        case "initial": return .initial
        case "partial": return .partial
        default:
            fail("'param_match' takes 'initial' or 'partial', or nothing", word, in: statement, .ignored)
            return nil
        }
    }

    private mutating func processDelay(_ statement: Statement) -> Duration? {
        seconds(of: statement, in: .microseconds(1) ... .seconds(3600), otherwise: .ignored)
    }

    // MARK: - Names

    /// The first of two equal names counts, as in keepalived.
    private mutating func isNew(_ name: Word, _ kind: TrackerName.Kind, in draft: ScriptingDraft) -> Bool {
        guard draft.places[TrackerName(kind, name.text)] != nil else { return true }
        warn("an earlier block has this name already, and that counts, as in keepalived", name)
        return false
    }
}
