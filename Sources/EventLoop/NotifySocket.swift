import CSystemd
import Glibc

/// The service manager's own socket (sd_notify(3)), kept open.
///
/// libsystemd's sd_notify opens a socket for each message, which needs memory of the kernel's: where the control group has none
/// to spare that was measured to take over a second. And it waits for as long as the service manager is behind.
package final class NotifySocket: Sendable {
    private let descriptor: Int32
    private let address: sockaddr_un
    private let addressLength: socklen_t

    /// - Parameter path: $NOTIFY_SOCKET: a path, or a name in the abstract name space after "@".
    package init?(path: String) {
        var bytes = Array(path.utf8)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 } else if bytes.first != UInt8(ascii: "/") { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.address = address
        // An abstract name is as long as it is; a path ends with a zero.
        let end = bytes[0] == 0 ? bytes.count : bytes.count + 1
        addressLength = socklen_t(MemoryLayout<sa_family_t>.size + end)
    }

    deinit {
        if descriptor >= 0 { _ = close(descriptor) }
    }

    /// - Parameters:
    ///   - text: assignments, one a line.
    ///   - descriptor: what goes along, unless it is negative.
    package func send(_ text: String, descriptor: Int32 = -1) -> UnsentNotices.Outcome {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        var text = text
        let count = text.withUTF8 { bytes in
            unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe CSystemd_send(
                        self.descriptor, $0, addressLength, bytes.baseAddress, bytes.count, descriptor, flags)
                }
            }
        }
        if count >= 0 { return .sent }
        // The queue is full, or the service manager is being replaced by a new one.
        return [EAGAIN, ENOBUFS, ENOMEM, EINTR, ETOOMANYREFS, ECONNREFUSED, ENOENT].contains(errno) ? .noRoom : .refused
    }
}
