import Glibc

/// A file that comes to be whole or not at all: it is written beside its place and then moved there.
final class NewFile {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let descriptor: Int32
    private let path: String
    private let replaces: Bool
    private let draft: String

    /// - Parameter replaces: whether a file of that name may be there. Anything else than a file is never replaced.
    init(path: String, replaces: Bool) throws(Failure) {
        self.path = path
        self.replaces = replaces
        draft = "\(path).\(getpid()).new"
        descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        do {
            try checkPlace()
        } catch {
            _ = unsafe unlink(draft)
            throw error
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        _ = close(descriptor)
    }

    /// Writes everything, and puts the file in its place.
    func write(_ bytes: [UInt8]) throws(Failure) {
        defer { _ = unsafe unlink(draft) }
        do throws(Output.Closed) {
            try Output.write(bytes, to: descriptor)
        } catch {
            throw Self.failure(path, error.code)
        }
        guard fsync(descriptor) == 0, unsafe replaces ? rename(draft, path) == 0 : link(draft, path) == 0 else {
            throw Self.failure(path, errno)
        }
    }

    private func checkPlace() throws(Failure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(description: "\(path) is no file, but a link, a device or a folder: --output names another")
        }
        if !replaces { throw Self.failure(path, EEXIST) }
    }

    private static func failure(_ path: String, _ code: Int32) -> Failure {
        switch code {
        case EEXIST: Failure(description: "\(path) is there already: --force overwrites it, --output names another")
        case EACCES: Failure(description: "no permission to write \(path): run this as root, or use --output")
        default: Failure(description: "can't write \(path): \(ConnectionError.words(code))")
        }
    }
}
