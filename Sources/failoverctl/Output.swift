import Glibc
import Synchronization

/// What goes to the terminal, or into a pipe that may close early.
enum Output {
    /// Nobody reads any more, or there is no room.
    struct Closed: Error, CustomStringConvertible {
        /// errno
        let code: Int32
        var isReaderGone: Bool { code == EPIPE }
        var description: String { "can't write the output: \(ConnectionError.words(code))" }
    }

    /// Cursor movements make sense.
    static let hasCursor =
        unsafe isatty(STDOUT_FILENO) == 1 && getenv("TERM").map { unsafe String(cString: $0) } != "dumb"
    /// So do colours (no-color.org).
    static let hasColours = unsafe hasCursor && (getenv("NO_COLOR").map { unsafe $0.pointee == 0 } ?? true)

    static func write(_ bytes: [UInt8]) throws(Closed) {
        try write(bytes, to: STDOUT_FILENO)
    }

    /// What was last said on stderr.
    private(set) static var lastComplaint: String? {
        get { complaint.withLock { $0 } }
        set { complaint.withLock { $0 = newValue } }
    }
    private static let complaint = Mutex<String?>(nil)

    /// One sentence on stderr.
    static func complain(_ text: String) {
        lastComplaint = text
        try? write(Array("failoverctl: \(text)\n".utf8), to: STDERR_FILENO)
    }

    static func line(_ text: String) throws(Closed) { try write(Array("\(text)\n".utf8)) }

    /// Lines on stderr.
    static func note(_ text: String) {
        try? write(Array("\(text)\n".utf8), to: STDERR_FILENO)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) throws(Closed) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw Closed(code: errno)
            }
        }
    }
}
