import CLinux
import Configuration
import Glibc
import Kernel
import Scripts
import VRRP

/// A track file as it is on the disk: what it holds, and what tells that it is another one, or was written.
struct TrackedFile {
    /// What two looks at a file compare.
    private struct Signature: Hashable {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        var size: Int64 = 0
        var changed: Int64 = 0
        var changedNanoseconds: Int64 = 0
    }

    /// In the plan.
    let place: UInt32
    let path: String
    private(set) var number = 0
    private(set) var fault: TrackFileValue.Fault? = .missing
    private var read = Signature()
    private var seen = Signature()

    init(_ configuration: TrackFileConfiguration, place: UInt32, earlier: TrackedFile? = nil) {
        path = configuration.path
        self.place = place
        guard let earlier else { return }
        (number, fault, read, seen) = (earlier.number, earlier.fault, earlier.read, earlier.seen)
    }

    /// - Returns: whether there is something new.
    mutating func readAgain() -> Bool {
        read = Self.signature(path)
        seen = read
        let value = Self.value(path)
        let old = (number, fault)
        number = value.number ?? number
        fault = value.fault
        return (number, fault) != old
    }

    /// Looks whether it is another one than what was read. What is being written has changed again at the next look, or somebody has it open for
    /// writing, and is not read yet.
    /// - Returns: whether there is something new.
    mutating func look() -> Bool {
        let now = Self.signature(path)
        defer { seen = now }
        return now != read && now == seen && !Self.isBeingWritten(path) && readAgain()
    }

    /// Nobody gets a lease on a file that somebody has open for writing (fcntl(2), F_SETLEASE).
    private static func isBeingWritten(_ path: String) -> Bool {
        let number = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard number >= 0 else { return false }
        let file = FileDescriptor(owning: number)
        return CLinux_has_writers(file.number) == 1
    }

    private static func value(_ path: String) -> TrackFileValue {
        let number = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard number >= 0 else { return errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable }
        let file = FileDescriptor(owning: number)
        var status = stat()
        guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .unreadable }
        var bytes = [UInt8](repeating: 0, count: TrackFileValue.longest)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(file.number, $0.baseAddress, $0.count) }
        return count < 0 ? .unreadable : TrackFileValue(bytes.prefix(count))
    }

    private static func signature(_ path: String) -> Signature {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return Signature() }
        return Signature(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            changed: Int64(status.st_ctim.tv_sec), changedNanoseconds: Int64(status.st_ctim.tv_nsec))
    }

    // MARK: - init_file

    /// Writes what the configuration gives a file at the start. Root writes it, so nothing is followed that others may have put there: no link,
    /// and no file with another name.
    static func write(_ initial: TrackFileConfiguration.Initial, to path: String) throws(SystemError) {
        let purpose = "can't write the track file \(path)"
        let mask = umask(0o022)
        defer { umask(mask) }
        var number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        if number < 0, errno == EEXIST {
            guard initial.overwrites else { return }
            number = unsafe open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        }
        guard number >= 0 else { throw SystemError(purpose) }
        let file = FileDescriptor(owning: number)
        var status = stat()
        guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            throw SystemError(purpose, code: EPERM)
        }
        let text = Array("\(initial.value)\n".utf8)
        guard ftruncate(number, 0) == 0,
            unsafe text.withUnsafeBytes({ unsafe Glibc.write(file.number, $0.baseAddress, $0.count) }) == text.count
        else { throw SystemError(purpose) }
    }
}
