import Configuration
import EventLoop
import FailoverCore
import Glibc
import Reporting

/// What is told to people, from the level that the operator wants on. What happens is never waited for: `MessageWriter`.
final class Log {
    typealias Level = JournalEntry.Severity

    private let writer = MessageWriter(
        identifier: "failover-agent", lossFields: [("MESSAGE_ID", Notice.messagesLost.rawValue)])
    private let isQuiet: Bool

    /// - Parameter isQuiet: nothing is complained about.
    init(isQuiet: Bool = false) { self.isQuiet = isQuiet }

    /// What matters less is not written.
    var threshold = Level.info

    func write(_ level: Level, _ text: String, _ notice: Notice? = nil) {
        write(JournalEntry(severity: level, message: text, messageID: notice?.rawValue ?? ""))
    }

    func write(_ entry: JournalEntry) {
        guard entry.severity.rawValue <= threshold.rawValue else { return }
        var fields: [MessageWriter.Field] = entry.messageID.isEmpty ? [] : [("MESSAGE_ID", entry.messageID)]
        fields += entry.fields.map { ($0.name, $0.value) }
        writer.write(priority: entry.severity.rawValue, entry.message, fields)
    }

    /// Whether the journal is written to.
    var isJournal: Bool { writer.isJournal }

    /// Something about a configuration, which says itself where.
    func show(_ diagnostic: Diagnostic) {
        let isError = diagnostic.severity == .error
        tell(isError ? .error : .warning, "\(diagnostic)", isError ? .configurationInvalid : nil, prefix: "")
    }

    /// Tells something whole, and waits for whoever reads it: for the start, when there is nothing else to do yet.
    func complain(_ level: Level, _ text: String, _ notice: Notice? = .cannotStart) {
        if !isQuiet { tell(level, text, notice, prefix: "failover-agent: ") }
    }

    private func tell(_ level: Level, _ text: String, _ notice: Notice?, prefix: String) {
        guard !isJournal else {
            write(level, text, notice)
            return
        }
        var bytes = Array("\(prefix)\(text)\n".utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
