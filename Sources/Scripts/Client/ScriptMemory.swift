package import Configuration

/// What the agent keeps about scripts for its next run: what trackers said, and what was told about instances and groups. With it a
/// restart goes on where the last run was: a master stays master while the runner is asked, and no change is told twice.
package struct ScriptMemory: Hashable, Sendable {
    /// What a tracker said last.
    package enum Verdict: Hashable, Sendable {
        case up
        case down(String)
        /// -2^31 to 2^31.
        case number(Int)
    }

    /// A tracker of a certain kind and name, and what it stands for: a check with another command is another check.
    package struct Tracker: Hashable, Sendable {
        package var name: TrackerName
        /// `ScriptPlan.identity(of:)`.
        package var identity: String

        package init(name: TrackerName, identity: String) {
            self.name = name
            self.identity = identity
        }
    }

    /// The number of the last event.
    package var sequence: UInt64 = 0
    package var verdicts: [Tracker: Verdict] = [:]
    package var entries: [NotificationDesk.Key: NotificationBook.Entry] = [:]

    package init() {}

    // MARK: - As bytes

    /// A line for each: fields with tabs in between. Names hold no tab.
    package var encoded: [UInt8] {
        var text = "scripts 1\t\(sequence)\n"
        for (tracker, verdict) in verdicts.sorted(by: { $0.key.name < $1.key.name }) {
            let said =
                switch verdict {
                case .up: "up\t"
                case .down(let why): "down\t\(Self.plain(why))"
                case .number(let number): "number\t\(number)"
                }
            text += "t\t\(tracker.name.kind.rawValue)\t\(tracker.name.name)\t\(tracker.identity)\t\(said)\n"
        }
        for (key, entry) in entries {
            guard let state = entry.state else { continue }
            let open = entry.open.map { "\($0.sequence)\t\($0.priority)\t\(entry.openCalls)" } ?? "-\t-\t-"
            text += "s\t\(key.kind == .group ? "g" : "i")\t\(key.name)\t\(state.rawValue)\t\(entry.priority)\t\(open)\n"
        }
        return Array(text.utf8)
    }

    private static func plain(_ text: String) -> String {
        String(text.map { $0 == "\t" || $0.isNewline ? " " : $0 })
    }

    /// - Returns: nothing but what can be read: a line that can't is passed over.
    package init(encoded bytes: some Collection<UInt8>) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let head = lines.first?.split(separator: "\t"), head.count == 2, head[0] == "scripts 1",
            let sequence = UInt64(head[1])
        else { return }
        self.sequence = sequence
        for line in lines.dropFirst() {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if parts.first == "t" { readTracker(parts) } else if parts.first == "s" { readEntry(parts) }
        }
    }

    private mutating func readTracker(_ parts: [String]) {
        guard parts.count == 6, let number = UInt8(parts[1]), let kind = TrackerName.Kind(rawValue: number) else {
            return
        }
        let tracker = Tracker(name: TrackerName(kind, parts[2]), identity: parts[3])
        switch parts[4] {
        case "up": verdicts[tracker] = .up
        case "down": verdicts[tracker] = .down(parts[5])
        case "number":
            let most = 1 << 31
            if let number = Int(parts[5]), (-most...most).contains(number) { verdicts[tracker] = .number(number) }
        default: break
        }
    }

    private mutating func readEntry(_ parts: [String]) {
        guard parts.count == 8, let raw = UInt8(parts[3]), let state = NotifyState(rawValue: raw), state.isState,
            let priority = UInt8(parts[4])
        else { return }
        var entry = NotificationBook.Entry()
        (entry.state, entry.priority) = (state, priority)
        if let number = UInt64(parts[5]), let told = UInt8(parts[6]), let calls = Int(parts[7]), (0...2).contains(calls)
        {
            (entry.open, entry.openCalls) = (NotifyEvent(state, priority: told, sequence: number), calls)
        }
        entries[NotificationDesk.Key(kind: parts[1] == "g" ? .group : .instance, name: parts[2])] = entry
    }
}

extension ScriptPlan {
    /// What a tracker stands for, as far as its results hang on it: command and user, path, processes. In hexadecimal digits.
    /// - Returns: `nil` for one that the plan does not name.
    package func identity(of tracker: TrackerName) -> String? {
        var hash = SHA256()
        func add(_ bytes: [UInt8]) {
            var length: [UInt8] = []
            length.append(number: UInt64(bytes.count))
            hash.add(length + bytes)
        }
        switch tracker.kind {
        case .interface: return nil
        case .script:
            guard let check = configuration.checks.first(where: { $0.name == tracker.name }) else { return nil }
            for argument in check.command.arguments { add(argument) }
            add(Array("\(check.user?.name ?? "") \(check.user?.group ?? "")".utf8))
        case .file:
            guard let file = configuration.files.first(where: { $0.name == tracker.name }) else { return nil }
            add(Array(file.path.utf8))
        case .process:
            guard let process = configuration.processes.first(where: { $0.name == tracker.name }) else { return nil }
            add(process.program)
            for argument in process.arguments { add(argument) }
        }
        return String(hash.digest().description.prefix(16))
    }
}
