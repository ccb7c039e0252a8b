package import Configuration

/// One call of a notify script: to the letter as keepalived makes it.
package struct NotifyCall: Hashable, Sendable {
    package var occasion: ScriptSubject.Occasion
    package var script: NotifyScript
    /// The program and its arguments, as execve(2) takes them.
    package var arguments: [[UInt8]]

    /// The calls for an event, in keepalived's order: first the script of the state, which gets its own arguments alone, then `notify`, which
    /// gets four more: INSTANCE or GROUP, the name, the state and the priority.
    package static func all(for event: NotifyEvent, about subject: ScriptSubject) -> [NotifyCall] {
        var calls: [NotifyCall] = []
        if let occasion = occasion(of: event.state, subject), let script = subject.notifications[occasion] {
            calls.append(NotifyCall(occasion: occasion, script: script, arguments: script.command.arguments))
        }
        if event.state.isState, let word = word(of: event.state, subject),
            let script = subject.notifications[.anyChange]
        {
            let more = [subject.kindWord, subject.name, word, "\(subject.priority(in: event))"]
            calls.append(
                NotifyCall(
                    occasion: .anyChange, script: script,
                    arguments: script.command.arguments + more.map { Array($0.utf8) }))
        }
        return calls
    }

    /// The line that the FIFO gets for an event, with its line feed; `nil` where it gets none.
    package static func line(for event: NotifyEvent, about subject: ScriptSubject) -> [UInt8]? {
        guard let word = word(of: event.state, subject) else { return nil }
        return Array("\(subject.kindWord) \"\(subject.name)\" \(word) \(subject.priority(in: event))\n".utf8)
    }

    private static func occasion(of state: NotifyState, _ subject: ScriptSubject) -> ScriptSubject.Occasion? {
        switch state {
        case .master: .master
        case .backup: .backup
        case .fault: .fault
        case .stop: .stop
        // Without `notify_deleted` it is told as FAULT, and still notify_fault is not run.
        case .deleted: subject.saysDeleted ? .deleted : nil
        case .masterHearsLowerPriority: .masterHearsLowerPriority
        case .masterPriority, .backupPriority: nil
        }
    }

    /// The word for what has happened; `nil` where nobody is told.
    private static func word(of state: NotifyState, _ subject: ScriptSubject) -> String? {
        switch (state, subject.kind) {
        case (.deleted, .instance): subject.saysDeleted ? state.word : NotifyState.fault.word
        // keepalived says these of instances alone.
        case (.deleted, .group), (.masterHearsLowerPriority, .group): nil
        case (.masterPriority, let kind), (.backupPriority, let kind):
            kind == .instance && subject.tellsPriorities ? state.word : nil
        default: state.word
        }
    }
}

extension ScriptSubject {
    fileprivate var kindWord: String {
        switch kind {
        case .instance: "INSTANCE"
        case .group: "GROUP"
        }
    }

    /// keepalived says 0 for every group.
    fileprivate func priority(in event: NotifyEvent) -> UInt8 { kind == .group ? 0 : event.priority }
}
