import CLinux
import Configuration
import Glibc
import Kernel
import Scripts
import VRRP

/// A FIFO that is told of every change. One that is there is used and left alone; else it is made, and removed at the end.
final class NotifyPipe {
    let path: String
    private(set) var configuration: NotifyPipeConfiguration
    /// Lines for which there was no room, because nobody reads.
    private(set) var lost: UInt64 = 0
    /// Of those, what has not been told.
    private var untold: UInt64 = 0
    private var descriptor: FileDescriptor?
    /// What was made here.
    private var inode: UInt64?
    /// Why nothing can be written.
    private(set) var problem: SystemError?
    /// When its script is started, or the FIFO is made, the next time.
    var deadline: Instant?
    /// How long the script waits after its next end.
    private var pause = NotifyPipe.shortestPause
    private var startedAt: Instant?

    private static let shortestPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(60)

    init(_ configuration: NotifyPipeConfiguration) {
        self.configuration = configuration
        path = configuration.path
    }

    func change(to configuration: NotifyPipeConfiguration) { self.configuration = configuration }

    var isOpen: Bool { descriptor != nil }

    /// Somebody has removed what is open, or made another one in its place: what is written to it nobody reads any more.
    var isReplaced: Bool {
        guard let number = descriptor?.number else { return false }
        var (opened, found) = (stat(), stat())
        guard unsafe fstat(number, &opened) == 0 else { return true }
        return unsafe stat(path, &found) != 0 || opened.st_ino != found.st_ino || opened.st_dev != found.st_dev
    }

    /// Nothing stands at its place.
    var isGone: Bool { unsafe access(path, F_OK) != 0 }

    func close() { descriptor = nil }

    /// Opens it for writing, which never waits: as a reader, too, so that it can be opened before anybody reads.
    func open(as owner: ScriptIdentity) {
        do throws(SystemError) {
            descriptor = try opened(owner)
            problem = nil
        } catch {
            problem = error
        }
    }

    private func opened(_ owner: ScriptIdentity) throws(SystemError) -> FileDescriptor {
        var status = stat()
        if unsafe lstat(path, &status) != 0, errno == ENOENT {
            let mask = umask(0o077)
            defer { umask(mask) }
            guard unsafe mkfifo(path, 0o600) == 0 else { throw SystemError("can't make the FIFO \(path)") }
            guard unsafe lchown(path, owner.user, owner.group) == 0, unsafe lstat(path, &status) == 0 else {
                throw SystemError("can't give the FIFO \(path) to its user")
            }
            inode = UInt64(status.st_ino)
        }
        let number = unsafe Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard number >= 0 else { throw SystemError("can't open the FIFO \(path)") }
        let descriptor = FileDescriptor(owning: number)
        guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else {
            throw SystemError("\(path) is no FIFO", code: EEXIST)
        }
        return descriptor
    }

    /// A line goes in whole, or not at all.
    func write(_ line: [UInt8]) {
        if let number = descriptor?.number {
            let count = unsafe line.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
            if count == line.count { return }
        }
        lost &+= 1
        untold &+= 1
    }

    /// - Returns: how many lines were lost since it was asked last.
    func takeLost() -> UInt64 {
        defer { untold = 0 }
        return untold
    }

    /// Its script has begun.
    func noteStart(at now: Instant) {
        startedAt = now
        deadline = nil
    }

    /// Its script has ended: it starts anew after a while, which grows as long as it ends soon.
    func noteEnd(at now: Instant) {
        if let startedAt, now - startedAt > Self.longestPause { pause = Self.shortestPause }
        deadline = now + pause
        pause = min(pause * 2, Self.longestPause)
    }

    /// Removes what was made here.
    func remove() {
        descriptor = nil
        var status = stat()
        if let inode, unsafe lstat(path, &status) == 0, UInt64(status.st_ino) == inode { _ = unsafe unlink(path) }
        inode = nil
    }

    /// The FIFO stays, with whoever writes to it from now on.
    func isSame(as other: NotifyPipeConfiguration) -> Bool {
        configuration.scope == other.scope && path == other.path
    }
}
