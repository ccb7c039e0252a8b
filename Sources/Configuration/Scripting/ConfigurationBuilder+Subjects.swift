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
                let block = kind == .script ? "vrrp_script" : kind == .file ? "track_file" : "vrrp_track_process"
                fail("there is no \(block) \(name.quoted)", name)
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
            if let tracked = self.tracked(line, block) { subject.trackers.append(tracked) }
        }
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
            fail(
                option.text.hasPrefix("weight")
                    ? "write the weight as a word of its own: 'weight N'"
                    : "only 'weight N' may follow a name; another name needs a line of its own", option)
            return nil
        }
        let range = TrackLine.weights(of: block.tracker.kind)
        guard let weight = signedInteger(line.values.dropFirst().first, of: line, in: range) else { return nil }
        tracked.weight = weight
        if let word = line.values.dropFirst(2).first {
            switch word.text {
            case "reverse": tracked.isReversed = true
            case "noreverse": tracked.isReversed = false
            default:
                fail("only 'reverse' or 'noreverse' may follow the weight", word)
                return nil
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
        findings.append(Finding(severity: .warning, message: message, location: location, line: nil))
    }
}
