import CLinux
import Glibc
import Kernel

/// Where the agent connects: a Unix socket that keeps messages apart (SOCK_SEQPACKET).
final class RunnerSocket {
    private let socket: FileDescriptor
    /// What is removed at the end; `nil` where somebody else has made the socket.
    private let path: String?
    /// Closed where there is no other descriptor left for a client.
    private var spare = RunnerSocket.spare()

    /// Takes a socket that somebody else listens on.
    init(inherited number: Int32) {
        socket = FileDescriptor(owning: number)
        path = nil
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    }

    /// Makes the socket, for its owner and a group alone. One that nobody listens on any more is replaced.
    init(path: String, group: UInt32?) throws(SystemError) {
        try ControlSocket.makeRoom(at: path)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
        if let probe = Self.open(), unsafe Self.call(connect, probe, address) == 0 {
            close(probe)
            throw SystemError("can't listen on \(path)", code: EADDRINUSE)
        } else {
            _ = unsafe unlink(path)
        }
        guard let number = Self.open() else { throw SystemError("can't open a socket") }
        socket = FileDescriptor(owning: number)
        self.path = path
        let mask = umask(0o117)
        defer { umask(mask) }
        guard unsafe Self.call(bind, number, address) == 0, listen(number, 16) == 0 else {
            throw SystemError("can't listen on \(path)")
        }
        if let group, unsafe chown(path, uid_t.max, group) != 0 {
            throw SystemError("can't give \(path) to its group")
        }
    }

    deinit {
        if let spare { close(spare) }
        if let path { _ = unsafe unlink(path) }
    }

    var number: Int32 { socket.number }

    /// The next client that waits to be let in.
    func accept() -> FileDescriptor? {
        let number = CLinux_accept(socket.number)
        if number >= 0 { return FileDescriptor(owning: number) }
        guard [EMFILE, ENFILE].contains(errno), let spare else { return nil }
        // It would wait, and the loop would never rest: so it is turned away.
        close(spare)
        let client = CLinux_accept(socket.number)
        if client >= 0 { close(client) }
        self.spare = Self.spare()
        return nil
    }

    private static func spare() -> Int32? {
        let number = unsafe Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
        return number >= 0 ? number : nil
    }

    private static func open() -> Int32? {
        let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let number = Glibc.socket(AF_UNIX, kind, 0)
        return number >= 0 ? number : nil
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ number: Int32, _ address: sockaddr_un
    ) -> Int32 {
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe function(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
