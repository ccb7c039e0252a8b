import Configuration
package import FailoverCore
package import Scripts

extension TrackerState {
    /// What a report of the runner's comes to.
    /// - Parameter last: what the tracker was until now. A check that has decided nothing yet, because the runner or another command of it
    ///   has just begun, leaves it so: nothing has failed and nothing has recovered, and no address is to move.
    package init(_ report: RunnerSession.TrackerReport, after last: TrackerState? = nil) {
        switch report {
        case .check(let check):
            if let last, last != .unknown, !check.isDecided {
                self = last
                return
            }
            switch check.verdict {
            case .unknown: self = .unknown
            case .up: self = .up
            case .down: self = .down(.failed(check.causeWords))
            }
        case .file(let file): self = .number(Int(file.value))
        case .process(let process): self = process.isMet ? .up : .down(.failed(process.causeWords))
        }
    }
}

extension TrackerState {
    /// What an earlier run has kept.
    package init(_ verdict: ScriptMemory.Verdict) {
        self =
            switch verdict {
            case .up: .up
            case .down(let why): .down(.failed(why))
            case .number(let number): .number(number)
            }
    }

    /// What is kept for the next run; `nil` for what the agent sees by itself, and for nothing.
    package var verdict: ScriptMemory.Verdict? {
        switch self {
        case .unknown, .down(.link): nil
        case .up: .up
        case .down(.failed(let why)): .down(why)
        case .number(let number): .number(number)
        }
    }
}

extension TrackerReporter {
    package init(_ outlook: RunnerSession.Outlook) {
        self =
            switch outlook {
            case .present: .present
            case .awaited: .awaited
            case .missing: .missing
            }
    }
}

extension RunnerReport.CheckReport {
    /// How its last run ended: "exit code 1, 'connection refused'".
    package var endWords: String {
        let end =
            switch outcome {
            case .exited: "exit code \(code)"
            case .signalled: "ended by signal \(code)"
            case .notStarted: "it can't be started (\(ErrorName.words(for: code)))"
            case .cutOff: "it did not end within its timeout"
            case .running: "it still runs"
            }
        return output.description.isEmpty ? end : "\(end), '\(output)'"
    }

    /// Why it fails.
    var causeWords: String {
        if run == 0 { return "it counts as failed until it has succeeded (init_fail)" }
        if outcome == .exited, code == 0 { return "it has not succeeded often enough yet (rise)" }
        return endWords
    }

    /// The last run, for people: "run 118: exit code 1, 'connection refused', after 12 ms; next in 988 ms".
    package var runWords: String {
        guard run > 0 else { return "has not run yet" }
        let next = untilNext > 0 ? "; next in \(untilNext) ms" : "; next at once"
        return "run \(run): \(endWords)\(outcome == .running ? ", for" : ", after") \(duration) ms\(next)"
    }
}

extension RunnerReport.ProcessReport {
    var causeWords: String {
        switch count {
        case 0: "no such process runs"
        case 1: "one process runs"
        default: "\(count) processes run"
        }
    }
}

extension RunnerReport.FileReport {
    /// What is wrong with the file; `nil` where nothing is.
    package var faultWords: String? {
        switch fault {
        case .missing: "the file does not exist, and counts as 0"
        case .unreadable: "the file can't be read, and counts as 0"
        case .empty: "the file is empty, and counts as 0"
        case .noNumber: "the file begins with no number, and counts as 0"
        case .excess: "something follows the number in the file, which is passed over"
        case .outOfRange: "the number in the file is too large: the one before counts"
        case nil: nil
        }
    }
}

/// The words for errno's numbers that starting a program can come to: this room asks no system.
enum ErrorName {
    static func words(for code: UInt8) -> String {
        switch code {
        case 1: "operation not permitted"
        case 2: "no such file or directory"
        case 7: "its arguments are too long"
        case 8: "its format is unknown: does it begin with '#!'?"
        case 11: "there are too many processes"
        case 12: "there is no memory for it"
        case 13: "permission denied: is it executable?"
        case 20: "a part of its path is no folder"
        case 23, 24: "too many files are open"
        case 26: "somebody writes to the program"
        case 40: "too many symbolic links"
        default: "error \(code)"
        }
    }
}

/// What became of a call of a notify script, or of a hook, for people.
package struct CallReport: Hashable, Sendable {
    /// `nil` where nobody has to know.
    package let severity: JournalEntry.Severity?
    package let text: String

    package init(key: NotificationDesk.Key, report: RunnerReport.NotificationReport) {
        let whose = "\(key.name): a notify script"
        self.init(
            whose, report.progress, report.code, report.duration, report.output,
            hanging: "it goes on; later states wait, the newest one only. 'notify_timeout' would end it")
    }

    package init(hook: Hook, report: RunnerReport.HookReport) {
        let whose =
            switch hook {
            case .startup: "startup_script"
            case .shutdown: "shutdown_script"
            }
        self.init(whose, report.progress, report.code, report.duration, report.output, hanging: "it goes on")
    }

    private init(
        _ whose: String, _ progress: RunnerReport.Progress, _ code: UInt8, _ duration: UInt32, _ output: OutputExcerpt,
        hanging: String
    ) {
        let said = output.description.isEmpty ? "" : ", '\(output)'"
        switch progress {
        case .exited where code == 0: (severity, text) = (nil, "\(whose) has ended, after \(duration) ms")
        case .exited: (severity, text) = (.warning, "\(whose) failed: exit code \(code)\(said)")
        case .signalled: (severity, text) = (.warning, "\(whose) failed: ended by signal \(code)\(said)")
        case .notStarted:
            (severity, text) = (.error, "\(whose) can't be started: \(ErrorName.words(for: code))")
        case .cutOff: (severity, text) = (.warning, "\(whose) was ended at its timeout, after \(duration) ms\(said)")
        case .hanging: (severity, text) = (.warning, "\(whose) has been running for \(duration / 1000) s: \(hanging)")
        case .replaced: (severity, text) = (nil, "\(whose) was not run: a newer state came first")
        case .delayed:
            let seconds = duration / 1000 + 1
            (severity, text) = (
                .warning,
                "\(whose) waits for \(seconds) s: \(StartWindow.most) events within a minute; later states wait, the newest one only"
            )
        }
    }
}
