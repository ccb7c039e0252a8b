import CLinux
import Glibc

/// Held by the one agent of a network namespace: an abstract Unix socket, which the kernel frees when the process ends,
/// however it ends.
package final class NamespaceLock {
    private let socket: FileDescriptor

    package enum Failure: Error {
        /// Another agent holds it.
        case taken
        case system(SystemError)
    }

    package init(name: String = "failover-agent") throws(Failure) {
        do throws(SystemError) {
            socket = try FileDescriptor.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, for: "the lock's socket")
        } catch {
            throw .system(error)
        }
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
        } catch {
            throw error.code == EADDRINUSE ? .taken : .system(error)
        }
    }
}
