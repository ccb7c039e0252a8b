import CLinux
import Glibc

/// Lines on stderr, for people at a terminal and for the journal.
///
/// A reader that does not read never stops the program: what there is no room for is counted, and the count is told as
/// soon as there is room again.
final class Log {
    /// syslog's numbers, as the journal takes them at the beginning of a line.
    enum Level: Int {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
    }

    private let isJournal: Bool
    private var lost = 0

    init() {
        isJournal = unsafe getenv("JOURNAL_STREAM") != nil
    }

    func write(_ level: Level, _ text: String) {
        guard hasRoom else {
            lost += 1
            return
        }
        if lost > 0 {
            put(.warning, "\(lost) lines were lost: nobody read them")
            lost = 0
        }
        put(level, text)
    }

    private func put(_ level: Level, _ text: String) {
        let prefix = isJournal ? "<\(level.rawValue)>" : ""
        // Shorter than a pipe's page, so that one write never blocks after poll said that there is room.
        var bytes = Array((prefix + text).utf8.prefix(2000))
        bytes.append(UInt8(ascii: "\n"))
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private var hasRoom: Bool {
        var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&entry, 1, 0) == 1
    }
}
