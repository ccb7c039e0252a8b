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
            case "track_script": readTrackers(inner, .check, draft, into: &subject)
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
        _ statement: Statement, _ kind: TrackerReference.Kind, _ draft: ScriptingDraft,
        into subject: inout ScriptSubject
    ) {
        for line in block(of: statement) {
            let name = line.keyword
            guard let tracker = self.tracker(name, kind, in: draft) else {
                let block = kind == .check ? "vrrp_script" : kind == .file ? "track_file" : "vrrp_track_process"
                fail("there is no \(block) \(name.quoted)", name)
                continue
            }
            guard !subject.trackers.contains(where: { $0.target == tracker.target }) else {
                warn("an earlier line names it already, and that counts, as in keepalived", name)
                continue
            }
            if isAfter(tracker.location, name.location) {
                warn(
                    "keepalived does not find a block that stands below the line that names it, and would not track it: "
                        + "put the block above", name)
            }
            if let reference = self.reference(line, kind, tracker) { subject.trackers.append(reference) }
        }
    }

    private struct Tracker {
        var target: TrackerReference.Target
        var location: SourceLocation
        var weight: Int
        var isReversed: Bool
    }

    private func tracker(_ name: Word, _ kind: TrackerReference.Kind, in draft: ScriptingDraft) -> Tracker? {
        guard let index = draft.places[kind]?[name.text] else { return nil }
        let target = TrackerReference.Target(kind: kind, index: index)
        let scripting = draft.configuration
        switch kind {
        case .check:
            let check = scripting.checks[index]
            return Tracker(
                target: target, location: check.location, weight: check.weight, isReversed: check.isReversed)
        case .file:
            let file = scripting.files[index]
            return Tracker(target: target, location: file.location, weight: file.weight, isReversed: file.isReversed)
        case .process:
            let process = scripting.processes[index]
            return Tracker(
                target: target, location: process.location, weight: process.weight, isReversed: process.isReversed)
        }
    }

    /// `NAME [weight N] [reverse|noreverse]`
    private mutating func reference(
        _ line: Statement, _ kind: TrackerReference.Kind, _ tracker: Tracker
    ) -> TrackerReference? {
        var reference = TrackerReference(
            target: tracker.target, location: line.keyword.location, weight: tracker.weight,
            isReversed: tracker.isReversed)
        guard let option = line.values.first else { return reference }
        guard option.text == "weight" else {
            fail(
                option.text.hasPrefix("weight")
                    ? "write the weight as a word of its own: 'weight N'"
                    : "only 'weight N' may follow a name; another name needs a line of its own", option)
            return nil
        }
        let most = kind == .check ? 253 : 254
        guard let weight = signedInteger(line.values.dropFirst().first, of: line, in: -most...most) else { return nil }
        reference.weight = weight
        if let word = line.values.dropFirst(2).first {
            switch word.text {
            case "reverse": reference.isReversed = true
            case "noreverse": reference.isReversed = false
            default:
                fail("only 'reverse' or 'noreverse' may follow the weight", word)
                return nil
            }
        }
        noteExcess(line, after: 3)
        return reference
    }

    /// Only within one file: where others include each other, the order says nothing.
    private func isAfter(_ left: SourceLocation, _ right: SourceLocation) -> Bool {
        left.file == right.file && (left.line, left.column) > (right.line, right.column)
    }

    // MARK: - What nothing names

    /// What nothing tracks would be run for nothing.
    mutating func noteUnused(_ scripting: ScriptingConfiguration) {
        let used = Set(scripting.subjects.flatMap(\.trackers).map(\.target))
        func isUsed(_ kind: TrackerReference.Kind, _ index: Int) -> Bool {
            used.contains(TrackerReference.Target(kind: kind, index: index))
        }
        for (index, check) in scripting.checks.enumerated() where !isUsed(.check, index) {
            noteUnused("'\(printable(check.name))' is not run: no track_script names it", check.location)
        }
        for (index, file) in scripting.files.enumerated() where !isUsed(.file, index) {
            noteUnused("'\(printable(file.name))' is not read: no track_file names it", file.location)
        }
        for (index, process) in scripting.processes.enumerated() where !isUsed(.process, index) {
            noteUnused("'\(printable(process.name))' is not watched: no track_process names it", process.location)
        }
    }

    private mutating func noteUnused(_ message: String, _ location: SourceLocation) {
        findings.append(Finding(severity: .warning, message: message, location: location, line: nil))
    }
}
