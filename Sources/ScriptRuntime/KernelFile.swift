import Glibc
import Kernel

/// Files by which the kernel tells something, or is told it: those below /proc and of control groups.
enum KernelFile {
    private static let longest = 1 << 20

    /// - Returns: `nil` where it can't be read.
    static func text(of path: String) -> String? {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        let file = FileDescriptor(owning: number)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < longest {
            let count = unsafe read(file.number, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Returns: false, and errno, where the kernel does not take it.
    static func write(_ text: String, to path: String) -> Bool {
        let number = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard number >= 0 else { return false }
        let count = unsafe Glibc.write(number, text, text.utf8.count)
        let code = errno
        close(number)
        errno = code
        return count == text.utf8.count
    }
}
