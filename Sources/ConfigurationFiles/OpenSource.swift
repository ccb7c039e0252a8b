import Glibc
import Kernel

/// A file that is open for reading, whatever kind it is: also what comes through a pipe, as of `cat FILE | failover-agent --check --config
/// /dev/stdin` and `failover-agent --check --config <(COMMAND)`.
final class OpenSource {
    private let descriptor: FileDescriptor
    private let status: stat
    private let patience: Duration?
    /// It can be read once.
    let isStream: Bool

    enum OpeningFailure: Error {
        /// errno
        case system(Int32)
        /// A kind of file that is not read: its name.
        case unwanted(String)
    }

    enum ReadingFailure: Error {
        /// errno
        case system(Int32)
        /// More than the limit; its size in bytes where that is known.
        case tooLarge(Int?)
        /// Nothing came for so long.
        case late(Duration)
    }

    init(_ path: String, pipes: DiskFiles.Pipes) throws(OpeningFailure) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .system(errno) }
        let kind = Self.stream(status.st_mode)
        isStream = kind != nil
        // Before it is opened: its writer would take a reader that goes at once for the end.
        if let kind, case .refused = pipes { throw .unwanted(kind) }
        patience = if case .read(let patience) = pipes { patience } else { nil }
        // Without a writer a named pipe would hold the opening up.
        var number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        if number < 0 {
            let code = errno
            // A socket, or a pipe of another user's: the system opens neither once more, but it is open already.
            guard isStream, let inherited = Self.inherited(path) else { throw .system(code) }
            number = fcntl(inherited, F_DUPFD_CLOEXEC, 3)
            guard number >= 0 else { throw .system(code) }
        }
        descriptor = FileDescriptor(owning: number)
        guard unsafe fstat(number, &status) == 0 else { throw .system(errno) }
        self.status = status
        isReadableByAll = status.st_mode & 0o004 != 0 && Self.inherited(path) == nil
    }

    /// Every user of this host can read it, under the name that was given.
    let isReadableByAll: Bool

    /// Everything in it.
    func content(atMost limit: Int) throws(ReadingFailure) -> [UInt8] {
        if !isStream, status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) > limit {
            throw .tooLarge(Int(status.st_size))
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if isStream { try wait() }
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor.number, $0.baseAddress, $0.count)
            }
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR || isStream && errno == EAGAIN { continue }
                throw .system(errno)
            }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw .tooLarge(nil) }
        }
    }

    /// Until there is something to read, or the last writer has gone.
    private func wait() throws(ReadingFailure) {
        var entry = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        let (seconds, attoseconds) = (patience ?? .zero).components
        let limit = patience == nil ? -1 : Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        let count = unsafe poll(&entry, 1, limit)
        if count == 0, let patience { throw .late(patience) }
        if count < 0, errno != EINTR { throw .system(errno) }
    }

    /// What kind of file it is where that can be read once; `nil` for others.
    private static func stream(_ mode: mode_t) -> String? {
        switch mode & S_IFMT {
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        case S_IFCHR: "a device"
        default: nil
        }
    }

    /// The descriptor of this process that a path such as /dev/stdin stands for.
    private static func inherited(_ path: String) -> Int32? {
        if path == "/dev/stdin" { return STDIN_FILENO }
        for folder in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(folder) {
            return Int32(path.dropFirst(folder.count))
        }
        return nil
    }
}
