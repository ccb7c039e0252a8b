import EventLoop
import Glibc
import Scripts

/// What the runner tells people: in the journal where it runs as a service, else as lines on stderr. A reader that does not read never stops
/// it: what there is no room for is counted, and the count is told as soon as there is room again.
final class RunnerLog {
    /// The journal's numbers (syslog(3)).
    enum Level: Int {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
    }

    private let journal = JournalSocket()
    private var lost = 0

    func write(_ level: Level, _ text: String) { write(level, text, script: nil) }

    /// A line that a script has said.
    /// - Parameter name: what the script is for.
    func write(_ line: OutputExcerpt, of name: String) { write(.info, "\(name): \(line)", script: name) }

    private func write(_ level: Level, _ text: String, script: String?) {
        if lost > 0 {
            guard put(.warning, "\(lost) messages were lost: nobody read them", nil) else {
                lost += 1
                return
            }
            lost = 0
        }
        if !put(level, text, script) { lost += 1 }
    }

    /// - Returns: false where there is no room.
    private func put(_ level: Level, _ text: String, _ script: String?) -> Bool {
        guard let journal else { return putLine(text) }
        var fields = [
            (name: "MESSAGE", value: text), (name: "PRIORITY", value: "\(level.rawValue)"),
            (name: "SYSLOG_IDENTIFIER", value: "failover-scripts"),
        ]
        if let script { fields.append(("FAILOVER_SCRIPT", script)) }
        return journal.write(fields) == .written
    }

    private func putLine(_ text: String) -> Bool {
        var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&entry, 1, 0) == 1 else { return false }
        // Shorter than a pipe's page, so that one write never blocks after poll said that there is room.
        var bytes = Array(text.utf8.prefix(2000))
        bytes.append(UInt8(ascii: "\n"))
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        return true
    }
}
