import Glibc
import Kernel

/// Why a file is not read: what stands in the way, and where.
package enum Distrust: Error, Hashable, Sendable {
    case system(path: String, code: Int32)
    /// It belongs to somebody else.
    case owner(path: String, user: UInt32)
    /// Others can change it: what its mode is.
    case writable(path: String, mode: UInt32)
    case notAbsolute(path: String)
    case notRegular(path: String)
    case isFolder(path: String)
    case tooManyLinks(path: String)
}

extension Distrust: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(_, let code): SystemError.text(of: code)
        case .owner(let path, let user):
            "\(path) belongs to user \(user), and only what root alone can change is read: chown root \(path)"
        case .writable(let path, let mode):
            "others than root can change \(path) (its mode is \(String(mode & 0o7777, radix: 8))), and only what root alone can "
                + "change is read: "
                // A sticky folder is meant to be everybody's, as /tmp is.
                + (mode & S_ISVTX != 0 ? "move the file to a folder of root's, such as /etc" : "chmod go-w \(path)")
        case .notAbsolute(let path): "\(path) does not begin with '/'"
        case .notRegular(let path): "\(path) is no regular file"
        case .isFolder(let path): "\(path) is a folder"
        case .tooManyLinks(let path): "\(path) leads through more than \(TrustedFile.mostLinks) symbolic links"
        }
    }
}

/// A file that nobody but root can change, open for reading: it and every folder above it belong to root, and nobody else can write to
/// them.
///
/// Each step of the path is opened from the one before, and looked at once it is open: what was looked at is what is read. A symbolic link is followed if
/// root has made it: it stands in a folder that only root can write to, and where it leads is looked at in the same way.
package struct TrustedFile: ~Copyable {
    /// As the kernel: more are a circle.
    package static let mostLinks = 40

    private let descriptor: FileDescriptor
    /// Where it is, links followed.
    package let path: String

    /// - Parameter path: absolute.
    package init(_ path: String) throws(Distrust) {
        guard path.hasPrefix("/") else { throw .notAbsolute(path: path) }
        var walk = try Walk(path)
        while let step = walk.next() {
            if let file = try walk.take(step) {
                descriptor = file
                self.path = walk.place
                return
            }
        }
        throw .isFolder(path: walk.place)
    }

    /// Everything in it.
    /// - Returns: `nil` where that is more than the limit.
    package func content(atMost limit: Int) throws(Distrust) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor.number, $0.baseAddress, $0.count)
            }
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .system(path: path, code: errno)
            }
            bytes += chunk[..<count]
        }
        return nil
    }

    /// Whether a folder, and every one above it, is root's alone.
    package static func checkFolder(_ path: String) throws(Distrust) {
        guard path.hasPrefix("/") else { throw .notAbsolute(path: path) }
        var walk = try Walk(path)
        while let step = walk.next() {
            if try walk.take(step) != nil { throw .system(path: walk.place, code: ENOTDIR) }
        }
    }
}

/// On the way from the root folder to a file.
private struct Walk: ~Copyable {
    /// The folder that has been reached.
    private var folder: FileDescriptor
    /// Its path, or that of the file.
    private(set) var place = "/"
    /// What is still to come, the next one last.
    private var steps: [String]
    private var links = 0

    init(_ path: String) throws(Distrust) {
        folder = try Self.root()
        steps = Self.steps(path)
    }

    private static func steps(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init).filter { $0 != "." }.reversed()
    }

    private static func root() throws(Distrust) -> FileDescriptor {
        let number = unsafe Glibc.open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .system(path: "/", code: errno) }
        let folder = FileDescriptor(owning: number)
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw .system(path: "/", code: errno) }
        try judge(status, "/")
        return folder
    }

    mutating func next() -> String? { steps.popLast() }

    /// Goes one step further.
    /// - Returns: the file, open for reading, where the path ends at one.
    mutating func take(_ step: String) throws(Distrust) -> FileDescriptor? {
        let path = step == ".." ? Self.above(place) : (place == "/" ? "" : place) + "/" + step
        var status = stat()
        guard unsafe fstatat(folder.number, step, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .system(path: path, code: errno)
        }
        try Self.judge(status, path)
        switch status.st_mode & S_IFMT {
        case S_IFLNK:
            links += 1
            guard links <= TrustedFile.mostLinks else { throw .tooManyLinks(path: path) }
            let target = try Self.target(of: step, in: folder.number, path)
            if target.hasPrefix("/") {
                folder = try Self.root()
                place = "/"
            }
            steps += Self.steps(target)
            return nil
        case S_IFDIR:
            folder = try Self.open(step, O_DIRECTORY, in: folder.number, path)
            place = path
            return nil
        case S_IFREG:
            guard steps.isEmpty else { throw .system(path: path, code: ENOTDIR) }
            place = path
            return try Self.open(step, O_NONBLOCK | O_NOCTTY, in: folder.number, path)
        default:
            throw .notRegular(path: path)
        }
    }

    private static func above(_ place: String) -> String {
        let folder = place.prefix(upTo: place.lastIndex(of: "/") ?? place.startIndex)
        return folder.isEmpty ? "/" : String(folder)
    }

    /// Root itself may have put another one in its place since it was looked at: so it is looked at once more.
    private static func open(_ name: String, _ flags: Int32, in folder: Int32, _ path: String) throws(Distrust)
        -> FileDescriptor
    {
        let number = unsafe openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags)
        guard number >= 0 else { throw .system(path: path, code: errno) }
        let entry = FileDescriptor(owning: number)
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw .system(path: path, code: errno) }
        try judge(status, path)
        guard flags & O_DIRECTORY != 0 || status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
        return entry
    }

    /// Whether something is root's alone.
    private static func judge(_ status: stat, _ path: String) throws(Distrust) {
        guard status.st_uid == 0 else { throw .owner(path: path, user: status.st_uid) }
        // Everybody may seem to write to a link: its mode means nothing. Where an access list lets somebody write, the group's bit is set.
        guard status.st_mode & S_IFMT == S_IFLNK || status.st_mode & 0o022 == 0 else {
            throw .writable(path: path, mode: status.st_mode)
        }
    }

    private static func target(of link: String, in folder: Int32, _ path: String) throws(Distrust) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlinkat(folder, link, &buffer, buffer.count)
        guard count >= 0 else { throw .system(path: path, code: errno) }
        guard count < buffer.count else { throw .system(path: path, code: ENAMETOOLONG) }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
