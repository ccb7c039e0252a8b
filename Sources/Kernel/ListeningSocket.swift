import CLinux
import Glibc

/// A Unix socket at which clients are let in: of the control protocol, or of the runner.
package final class ListeningSocket {
    /// How clients speak.
    package enum Kind {
        /// In a stream of bytes (SOCK_STREAM).
        case stream
        /// In messages that stay apart (SOCK_SEQPACKET).
        case messages

        fileprivate var number: Int32 {
            switch self {
            case .stream: Int32(SOCK_STREAM.rawValue)
            case .messages: Int32(SOCK_SEQPACKET.rawValue)
            }
        }
    }

    private let socket: FileDescriptor
    /// `nil` where somebody else has made the socket file: it is theirs.
    private let inode: UInt64?
    package let path: String
    /// Closed where there is no other descriptor left for a client.
    private var spare = ListeningSocket.spareDescriptor()

    /// Makes the socket, with read and write for the owner and the group.
    ///
    /// A socket file that nobody listens on any more is replaced; one that is in use is not.
    package init(path: String, kind: Kind = .stream) throws(SystemError) {
        self.path = path
        try Self.makeRoom(at: path)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
        if Self.answers(address, kind) {
            throw SystemError("can't listen on \(path)", code: EADDRINUSE)
        }
        _ = unsafe unlink(path)
        socket = try FileDescriptor.socket(AF_UNIX, kind.number, 0, for: "the socket \(path)")
        let mask = umask(0o117)
        defer { umask(mask) }
        try socket.bind(to: address, for: path)
        let number = socket.number
        _ = try check("can't listen on \(path)") { listen(number, 128) }
        inode = Self.inode(at: path)
    }

    /// Takes a socket on which somebody else, such as systemd, listens already.
    package init(inherited number: Int32) {
        socket = FileDescriptor(owning: number)
        path = ""
        inode = nil
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        if isThere { _ = unsafe unlink(path) }
    }

    /// A socket that nobody listens on any more may be replaced, and nothing else.
    /// - Throws: also where none can be made, so far as that shows beforehand.
    package static func makeRoom(at path: String) throws(SystemError) {
        // With a zero byte at its end.
        guard path.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else {
            throw SystemError("can't listen on \(path)", code: ENAMETOOLONG)
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        makeDirectory(folder)
        guard unsafe access(folder, W_OK | X_OK) == 0 else { throw SystemError("can't listen on \(path)") }
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFSOCK else { return }
        throw SystemError("can't listen on \(path), which is there and no socket", code: EEXIST)
    }

    /// Whether clients find it: somebody may have removed it, or its directory.
    package var isThere: Bool { inode != nil && Self.inode(at: path) == inode }

    private static func inode(at path: String) -> UInt64? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    /// Makes a directory, but for those above it. That it can't be made shows when it is used.
    package static func makeDirectory(_ path: String) {
        _ = unsafe mkdir(path, 0o755)
    }

    package var number: Int32 { socket.number }

    /// Lets the members of a group connect, and nobody else but the owner.
    ///
    /// The group becomes the socket's own where this process may do that; where it may not, as no member of the group, or below systemd's
    /// filter of system calls, an access list (acl(5)) names the group, which a file's owner may always write.
    /// - Parameter group: `nil` for this process's own.
    /// - Returns: why not, in the system's words.
    package func share(with group: UInt32?) -> String? {
        AccessList.remove(from: path)
        if unsafe chown(path, uid_t.max, group ?? getegid()) == 0 { return nil }
        let code = errno
        guard let group, code == EPERM else { return SystemError.text(of: code) }
        if group == Self.group(of: path) { return nil }
        return AccessList.letGroup(group, use: path) ? nil : SystemError.text(of: code)
    }

    private static func group(of path: String) -> UInt32? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_gid : nil
    }

    /// The next client that waits to be let in. Where there is no descriptor left for it, it is turned away: if it waited, whoever looks at
    /// this socket would never rest.
    package func accept() -> FileDescriptor? {
        let number = CLinux_accept(socket.number)
        if number >= 0 { return FileDescriptor(owning: number) }
        guard [EMFILE, ENFILE].contains(errno), spare != nil else { return nil }
        spare = nil
        let client = CLinux_accept(socket.number)
        if client >= 0 { _ = FileDescriptor(owning: client) }
        spare = Self.spareDescriptor()
        return nil
    }

    private static func spareDescriptor() -> FileDescriptor? {
        let number = unsafe Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
        return number >= 0 ? FileDescriptor(owning: number) : nil
    }

    private static func answers(_ address: sockaddr_un, _ kind: Kind) -> Bool {
        guard let probe = try? FileDescriptor.socket(AF_UNIX, kind.number, 0, for: "a probe") else {
            return false
        }
        return unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(probe.number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        } == 0
    }
}

extension FileDescriptor {
    /// What reading or writing a client's socket came to.
    package enum Transfer: Hashable, Sendable {
        case bytes(Int)
        /// Not now.
        case wouldBlock
        /// The other side is gone.
        case closed
    }

    /// Reads what is there, at most as much as `buffer` holds.
    package func read(into buffer: inout [UInt8]) -> Transfer {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
            }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .closed }
            if errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .closed }
        }
    }

    /// Writes as much as there is room for.
    package func write(_ bytes: ArraySlice<UInt8>) -> Transfer {
        while true {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe send(number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return .bytes(count) }
            if errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .closed }
        }
    }
}
