import CLinux
import Configuration
import Glibc
import Kernel
import Scripts

/// All that a plan is made of, as bytes: what the files said, and what they asked about the host.
struct KeptPlan {
    private let path: String
    private let context: ReadingContext
    private let archive: FileArchive

    init(path: String, context: ReadingContext, archive: FileArchive) {
        self.path = path
        self.context = context
        self.archive = archive
    }

    var digest: SHA256.Digest { SHA256.Digest(of: archive, readFrom: path, in: context) }

    /// Read once more; `nil` where this version of the program finds errors in it.
    var plan: ScriptPlan? {
        ScriptingReader.read(path, from: archive, context: context).configuration
            .map { ScriptPlan($0, digest: digest) }
    }

    /// The context as an archive of its own, behind its length of four bytes; then the files.
    var encoded: [UInt8] {
        var about = FileArchive()
        about.add("path", Array(path.utf8))
        about.add("id", Array(context.configurationID.utf8))
        about.add("folder", Array(context.workingDirectory.utf8))
        for (name, value) in context.environment { about.add("=" + name, Array(value.utf8)) }
        let head = about.encoded
        let count = UInt32(clamping: head.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + head + archive.encoded
    }

    /// - Returns: `nil` for bytes that are no such thing.
    init?(encoded bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        let count = bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard count <= bytes.count - 4, let about = FileArchive(encoded: Array(bytes[4..<(4 + count)])),
            let archive = FileArchive(encoded: Array(bytes[(4 + count)...]))
        else { return nil }
        func text(_ name: String) -> String? { (try? about.read(name)).map { String(decoding: $0, as: UTF8.self) } }
        guard let path = text("path"), let id = text("id"), let folder = text("folder") else { return nil }
        var environment: [String: String] = [:]
        for name in about.paths where name.hasPrefix("=") { environment[String(name.dropFirst())] = text(name) }
        self.init(
            path: path,
            context: ReadingContext(configurationID: id, environment: environment, workingDirectory: folder),
            archive: archive)
    }
}

extension PlanFiles {
    /// A folder that nobody else may look into.
    static func makePrivate(_ path: String) throws(SystemError) {
        _ = unsafe mkdir(path, 0o700)
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw SystemError("can't use \(path)") }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw SystemError("can't use \(path)", code: ENOTDIR) }
        guard status.st_uid == geteuid() else {
            throw SystemError("can't use \(path), which is another user's", code: EPERM)
        }
        if status.st_mode & 0o077 != 0, unsafe chmod(path, 0o700) != 0 {
            throw SystemError("can't keep others out of \(path)")
        }
    }
}
