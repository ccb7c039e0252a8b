import CLinux
import Glibc

/// Held by the one agent of a network namespace. The kernel lets go of it when the process ends, however it ends.
///
/// An abstract Unix socket has the network namespace for its scope, but its name is anybody's to take. Where somebody has
/// taken it who is neither root nor the service's user, another name of his own choice does for the agent; whoever comes later
/// looks for those, too, and for whose they are.
package final class NamespaceLock {
    private let socket: FileDescriptor
    private let file: FileLock?
    /// The user who has taken the name without being an agent.
    package private(set) var squatter: UInt32?

    package enum Failure: Error {
        /// Another agent holds it: its process, where that is known.
        case taken(process: Int32?)
        /// An agent of another network namespace uses the same folder: its process, in its own process namespace, where that is known.
        case folderTaken(process: Int32?)
        case system(SystemError)
    }

    /// - Parameters:
    ///   - directory: where a file lies that is locked, too; without it, or where it can't be made, the socket alone counts.
    ///   - serviceUser: the name of the user whom the service runs as.
    package init(
        name: String = "failover-agent", directory: String?, serviceUser: String = "failover-agent"
    ) throws(Failure) {
        file = directory.flatMap { FileLock(path: $0 + "/lock", owner: $0) }
        if file?.isTaken == true {
            throw Self.isHere(name, serviceUser) ? .taken(process: file?.holder) : .folderTaken(process: file?.holder)
        }
        do throws(SystemError) {
            socket = try FileDescriptor.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, for: "the lock's socket")
        } catch {
            throw .system(error)
        }
        var own = name
        if try !Self.bind(socket, to: own) {
            own = "\(name)-\(UInt64.random(in: 0 ... .max))"
            guard try Self.bind(socket, to: own) else { throw .taken(process: nil) }
        }
        let trusted = Self.trusted(serviceUser)
        for (other, owner) in UnixSocketOwner.abstractSockets(withPrefix: name) where other != own {
            if trusted.contains(owner) { throw .taken(process: nil) }
            if other == name { squatter = owner }
        }
        // Where the kernel does not say whose the name is, it is an agent's.
        if own != name, squatter == nil { throw .taken(process: nil) }
    }

    private static func trusted(_ serviceUser: String) -> [UInt32?] {
        [0, geteuid(), PeerCredentials.user(named: serviceUser)]
    }

    /// Whether an agent of this network namespace holds its name. One that starts at this moment locks its file first.
    private static func isHere(_ name: String, _ serviceUser: String) -> Bool {
        let trusted = trusted(serviceUser)
        for attempt in 0..<5 {
            if attempt > 0 { Clocks.sleep(.milliseconds(10)) }
            let names = UnixSocketOwner.abstractSockets(withPrefix: name)
            if names.contains(where: { trusted.contains($0.user) }) { return true }
            if !names.isEmpty { return false }
        }
        // Where the kernel does not say whose the name is, whether it is free has to do.
        guard let probe = try? FileDescriptor.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, for: "a probe"),
            let isFree = try? bind(probe, to: name)
        else { return true }
        return !isFree
    }

    /// - Returns: false when the name is taken.
    private static func bind(_ socket: borrowing FileDescriptor, to name: String) throws(Failure) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A leading zero byte makes the name abstract: it belongs to the network namespace, not to a file system.
        let bytes = [0] + Array(name.utf8)
        let length = MemoryLayout<sa_family_t>.size + bytes.count
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            unsafe path.copyBytes(from: bytes.prefix(path.count))
        }
        do throws(SystemError) {
            try socket.bind(to: address, length: length, for: "the namespace's lock")
            return true
        } catch {
            guard error.code == EADDRINUSE else { throw .system(error) }
            return false
        }
    }
}

/// flock(2) on a file that nobody else can open.
private final class FileLock {
    private let file: FileDescriptor
    /// Another process holds it.
    let isTaken: Bool
    /// Which one, as it has written it into the file.
    let holder: Int32?

    /// - Parameter owner: whose owner shall be the file's, too: made by root, it has to open for the service.
    init?(path: String, owner: String) {
        let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { return nil }
        file = FileDescriptor(owning: number)
        isTaken = flock(number, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
        if isTaken {
            var text = [UInt8](repeating: 0, count: 16)
            let count = unsafe read(number, &text, text.count)
            holder = Int32(String(decoding: text.prefix(max(count, 0)).prefix { $0 > 32 }, as: UTF8.self))
        } else {
            holder = nil
            let text = Array("\(getpid())\n".utf8)
            _ = ftruncate(number, 0)
            _ = unsafe write(number, text, text.count)
        }
        var status = stat()
        if geteuid() == 0, unsafe stat(owner, &status) == 0 {
            _ = fchown(number, status.st_uid, status.st_gid)
        }
    }
}
