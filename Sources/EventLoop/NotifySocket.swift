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
        var patience = timeval(tv_sec: 0, tv_usec: 250_000)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
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
    ///   - descriptor: what goes along.
    ///   - waits: for up to 250 ms where there is no room.
    /// - Returns: whether it is in the service manager's queue.
    package func send(_ text: String, descriptor: Int32 = -1, waits: Bool = false) -> Bool {
        let flags = Int32(MSG_NOSIGNAL) | (waits ? 0 : Int32(MSG_DONTWAIT))
        var text = text
        let count = text.withUTF8 { bytes in
            unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe CSystemd_send(
                        self.descriptor, $0, addressLength, bytes.baseAddress, bytes.count, descriptor, flags)
                }
            }
        }
        return count >= 0
    }
}
