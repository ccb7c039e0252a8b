import Configuration
import EventLoop
import FailoverCore
import Glibc
import Reporting

/// What is told to people: with fields in the journal, where this program runs as a service, else as lines on stderr.
///
/// A reader that does not read never stops the program: what there is no room for is counted, and the count is told as
/// soon as there is room again.
final class Log {
    typealias Level = JournalEntry.Severity

    private let journal = JournalSocket()
    private var lost = 0
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
        if lost > 0 {
            let entry = JournalEntry(
                severity: .warning, message: "\(lost) messages were lost: nobody read them",
                messageID: Notice.messagesLost.rawValue)
            guard put(entry) else {
                lost += 1
                return
            }
            lost = 0
        }
        if !put(entry) { lost += 1 }
    }

    /// Whether the journal is written to.
    var isJournal: Bool { journal != nil }

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
        guard journal == nil else {
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

    /// - Returns: false where there is no room.
    private func put(_ entry: JournalEntry) -> Bool {
        guard let journal else { return putLine(entry.message) }
        var fields = [
            (name: "MESSAGE", value: entry.message), (name: "PRIORITY", value: "\(entry.severity.rawValue)"),
            (name: "SYSLOG_IDENTIFIER", value: "failover-agent"),
        ]
        if !entry.messageID.isEmpty { fields.append(("MESSAGE_ID", entry.messageID)) }
        fields += entry.fields.map { ($0.name, $0.value) }
        return journal.write(fields) == .written
    }

    private func putLine(_ text: String) -> Bool {
        guard hasRoom else { return false }
        // Shorter than a pipe's page, so that one write never blocks after poll said that there is room.
        var bytes = Array(text.utf8.prefix(2000))
        bytes.append(UInt8(ascii: "\n"))
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        return true
    }

    private var hasRoom: Bool {
        var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&entry, 1, 0) == 1
    }
}
