import Glibc

/// What a daemon tells people: with fields in the journal, where it runs as a service, else as lines on stderr.
///
/// A reader that does not read never stops the program: what there is no room for is counted, and the count is told as soon as there is room
/// again.
package final class MessageWriter {
    package typealias Field = (name: String, value: String)

    private let journal = JournalSocket()
    private let identifier: String
    private let lossFields: [Field]
    private var lost = 0

    /// - Parameters:
    ///   - identifier: the program's name, for the journal.
    ///   - lossFields: what the journal is given with the count of messages that were lost.
    package init(identifier: String, lossFields: [Field] = []) {
        self.identifier = identifier
        self.lossFields = lossFields
    }

    /// Whether the journal is written to.
    package var isJournal: Bool { journal != nil }

    /// - Parameters:
    ///   - priority: as of syslog(3): 3 an error, 4 a warning, 5 a notice, 6 an information.
    ///   - fields: what the journal is given besides; stderr gets the message alone.
    package func write(priority: Int, _ message: String, _ fields: [Field] = []) {
        if lost > 0 {
            guard put(4, "\(lost) messages were lost: nobody read them", lossFields) else {
                lost += 1
                return
            }
            lost = 0
        }
        if !put(priority, message, fields) { lost += 1 }
    }

    /// - Returns: false where there is no room.
    private func put(_ priority: Int, _ message: String, _ fields: [Field]) -> Bool {
        guard let journal else { return Self.putLine(message) }
        let all: [Field] = [("MESSAGE", message), ("PRIORITY", "\(priority)"), ("SYSLOG_IDENTIFIER", identifier)]
        return journal.write(all + fields) == .written
    }

    private static func putLine(_ text: String) -> Bool {
        var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&entry, 1, 0) == 1 else { return false }
        // Shorter than a pipe's page, so that one write never blocks after poll said that there is room.
        var bytes = Array(text.utf8.prefix(2000))
        bytes.append(UInt8(ascii: "\n"))
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        return true
    }
}
