import Glibc

/// A file that comes to be whole or not at all: it is written beside its place and then moved there.
final class NewFile {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let descriptor: Int32
    private let path: String
    private let replaces: Bool
    /// By which another place is named.
    private let option: String
    private let draft: String

    /// - Parameter replaces: whether a file of that name may be there. Anything else than a file is never replaced.
    init(path: String, replaces: Bool, option: String = "--output") throws(Failure) {
        (self.path, self.replaces, self.option) = (path, replaces, option)
        draft = "\(path).\(getpid()).new"
        descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure(path, errno) }
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
            throw failure(path, error.code)
        }
        guard fsync(descriptor) == 0, unsafe replaces ? rename(draft, path) == 0 : link(draft, path) == 0 else {
            throw failure(path, errno)
        }
    }

    private func checkPlace() throws(Failure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(description: "\(path) is no file, but a link, a device or a folder: \(option) names another")
        }
        if !replaces { throw failure(path, EEXIST) }
    }

    private func failure(_ path: String, _ code: Int32) -> Failure {
        switch code {
        case EEXIST: Failure(description: "\(path) is there already: --force overwrites it, \(option) names another")
        case EACCES:
            Failure(description: "no permission to write \(path): run this as root, or name another place by \(option)")
        default: Failure(description: "can't write \(path): \(ConnectionError.words(code))")
        }
    }
}
