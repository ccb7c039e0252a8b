extension ConfigurationBuilder {
    /// A `vrrp_instance` or `vrrp_sync_group`: only what concerns scripts is looked at.
    mutating func readSubject(
        _ statement: Statement, _ kind: ScriptSubject.Kind, into draft: inout ScriptingDraft
    ) {
        // The agent complains of a missing name.
        guard let name = statement.values.first else { return }
        var subject = ScriptSubject(kind: kind, name: name.text, location: name.location)
        subject.tellsPriorities = draft.tellsPriorities
        subject.timeout = draft.timeout
        for inner in statement.block ?? [] {
            switch inner.keyword.text {
            case "notify_master": note(inner, at: .master, in: &subject)
            case "notify_backup": note(inner, at: .backup, in: &subject)
            case "notify_fault": note(inner, at: .fault, in: &subject)
            case "notify_stop": note(inner, at: .stop, in: &subject)
            case "notify": note(inner, at: .anyChange, in: &subject)
            case "notify_deleted" where kind == .instance:
                // Without a script it says how the end is told.
                subject.saysDeleted = true
                if !inner.values.isEmpty { note(inner, at: .deleted, in: &subject) }
            case "notify_master_rx_lower_pri" where kind == .instance:
                note(inner, at: .masterHearsLowerPriority, in: &subject)
            case "notify_priority_changes": subject.tellsPriorities = flag(of: inner) ?? subject.tellsPriorities
            case "notify_timeout": subject.timeout = notifyTimeout(inner) ?? subject.timeout
            case "track_script": readTrackers(inner, .script, draft, into: &subject)
            case "track_file": readTrackers(inner, .file, draft, into: &subject)
            case "track_process": readTrackers(inner, .process, draft, into: &subject)
            default: break
            }
        }
        draft.configuration.subjects.append(subject)
    }

    /// The first of two equal lines counts, as in keepalived.
    private mutating func note(
        _ statement: Statement, at occasion: ScriptSubject.Occasion, in subject: inout ScriptSubject
    ) {
        guard subject.notifications[occasion] == nil else {
            warn("an earlier line names this script already, and that counts, as in keepalived", statement.keyword)
            return
        }
        if let script = notifyScript(of: statement) { subject.notifications[occasion] = script }
    }

    // MARK: - track_script, track_file, track_process

    private mutating func readTrackers(
        _ statement: Statement, _ kind: TrackerName.Kind, _ draft: ScriptingDraft, into subject: inout ScriptSubject
    ) {
        for line in block(of: statement) {
            let name = line.keyword
            guard let block = self.block(of: TrackerName(kind, name.text), in: draft) else {
                noteMissing(line, kind, draft)
                continue
            }
            guard !subject.trackers.contains(where: { $0.tracker == block.tracker }) else {
                warn("an earlier line names it already, and that counts, as in keepalived", name)
                continue
            }
            if isAfter(block.location, name.location) {
                warn(
                    "keepalived does not find a block that stands below the line that names it, and would not track it: "
                        + "put the block above", name)
            }
            guard let tracked = self.tracked(line, block) else { continue }
            subject.trackers.append(tracked)
            trackerWords[tracked.location] = name
            if line.values.isEmpty, draft.hasDefaultWeight.contains(tracked.tracker) {
                linesOfDefaultWeight.insert(tracked.location)
            }
        }
    }

    /// A name that no block has. keepalived passes over the line.
    private mutating func noteMissing(_ line: Statement, _ kind: TrackerName.Kind, _ draft: ScriptingDraft) {
        let name = line.keyword
        let block = kind == .script ? "vrrp_script" : kind == .file ? "track_file" : "vrrp_track_process"
        guard !draft.unusable.contains(TrackerName(kind, name.text)) else {
            amend(line, .ignored, "keepalived ignores the line: the \(block) can't be used")
            return
        }
        let names = draft.places.keys.lazy.filter { $0.kind == kind }.map(\.name)
        let nearest = findings.count < mostFindings ? Keywords.nearest(to: name.text, among: names) : nil
        let advice = name.mayBeSecret ? "" : nearest.map { "; did you mean '\(printable($0))'?" } ?? ""
        ignore(line, "there is no \(block) \(name.quoted)\(advice)", at: name)
    }

    /// Where a tracker's block stands, and the weight that it gives to all lines without one.
    private func block(of tracker: TrackerName, in draft: ScriptingDraft) -> TrackLine? {
        guard let index = draft.places[tracker] else { return nil }
        let scripting = draft.configuration
        func line(_ location: SourceLocation, _ weight: Int, _ isReversed: Bool) -> TrackLine {
            TrackLine(location: location, tracker: tracker, weight: weight, isReversed: isReversed)
        }
        switch tracker.kind {
        case .interface: return nil
        case .script:
            let check = scripting.checks[index]
            return line(check.location, check.weight, check.isReversed)
        case .file:
            let file = scripting.files[index]
            return line(file.location, file.weight, file.isReversed)
        case .process:
            let process = scripting.processes[index]
            return line(process.location, process.weight, process.isReversed)
        }
    }

    /// `NAME [weight N] [reverse|noreverse]`
    private mutating func tracked(_ line: Statement, _ block: TrackLine) -> TrackLine? {
        var tracked = block
        tracked.location = line.keyword.location
        guard let option = line.values.first else { return tracked }
        guard option.text == "weight" else {
            ignore(
                line,
                option.text.hasPrefix("weight")
                    ? "write the weight as a word of its own: 'weight N'"
                    : "only 'weight N' may follow a name; another name needs a line of its own", at: option)
            return nil
        }
        guard let word = line.values.dropFirst().first else {
            ignore(line, "'weight' needs a value", at: option)
            return nil
        }
        let range = TrackLine.weights(of: block.tracker.kind)
        let message = "'weight' takes a whole number from \(range.lowerBound) to \(range.upperBound)"
        let number = Self.leadingSignedNumber(word.text)
        guard range.contains(number) else {
            // keepalived passes over the weight, and what follows it.
            fail("\(message): keepalived uses the block's", word, in: line, without: Array(line.values))
            return block.at(line.keyword.location)
        }
        tracked.weight = number
        if Self.signedInteger(word.text) == nil {
            fail(message, word)
            rewrite(line, message) { $0.location == word.location ? "\(number)" : $0.text }
        }
        if let last = line.values.dropFirst(2).first {
            switch last.text {
            case "reverse": tracked.isReversed = true
            case "noreverse": tracked.isReversed = false
            default:
                fail(
                    "only 'reverse' or 'noreverse' may follow the weight", last, in: line,
                    without: Array(line.values.dropFirst(2)))
                return tracked
            }
        }
        noteExcess(line, after: 3)
        return tracked
    }

    /// Only within one file: where others include each other, the order says nothing.
    private func isAfter(_ left: SourceLocation, _ right: SourceLocation) -> Bool {
        left.file == right.file && (left.line, left.column) > (right.line, right.column)
    }

    // MARK: - What nothing names

    /// What nothing tracks would be run for nothing.
    mutating func noteUnused(_ scripting: ScriptingConfiguration) {
        let used = Set(scripting.subjects.flatMap(\.trackers).map(\.tracker))
        for check in scripting.checks where !used.contains(TrackerName(.script, check.name)) {
            noteUnused("'\(printable(check.name))' is not run: no track_script names it", check.location)
        }
        for file in scripting.files where !used.contains(TrackerName(.file, file.name)) {
            noteUnused("'\(printable(file.name))' is not read: no track_file names it", file.location)
        }
        for process in scripting.processes where !used.contains(TrackerName(.process, process.name)) {
            noteUnused("'\(printable(process.name))' is not watched: no track_process names it", process.location)
        }
    }

    private mutating func noteUnused(_ message: String, _ location: SourceLocation) {
        guard findings.count < mostFindings else { return }
        findings.append(Finding(severity: .warning, message: message, location: location, line: nil))
    }
}
