import CSystemd
import Glibc

/// The journal's own socket: entries with fields, in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL).
///
/// libsystemd's sd_journal_sendv waits while the journal is behind, and an advertisement would wait with it. Here an entry
/// for which there is no room is refused at once.
package final class JournalSocket {
    private let descriptor: Int32
    /// The journal's socket may be made anew at any time: so it is named with each entry, not connected to once.
    private let address: sockaddr_un

    /// What became of an entry.
    package enum Outcome: Hashable, Sendable {
        case written
        /// The journal does not keep up, or it is not there at the moment.
        case noRoom
    }

    /// Opens a way to the journal, if this process's stderr is connected to it: then the service manager wants it so.
    package init?(path: String = "/run/systemd/journal/socket") {
        guard Self.isStandardErrorTheJournal else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        descriptor = socket(
            AF_UNIX,
            Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.address = address
    }

    deinit {
        if descriptor >= 0 { _ = close(descriptor) }
    }

    /// Writes one entry, or not at all.
    /// - Parameter fields: names in capitals, and values of any text.
    package func write(_ fields: [(name: String, value: String)]) -> Outcome {
        let bytes = Self.serialize(fields)
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let count = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bytes.withUnsafeBytes { bytes in
                    unsafe sendto(
                        descriptor, bytes.baseAddress, bytes.count, flags, address,
                        socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        return count >= 0 ? .written : .noRoom
    }

    /// `NAME=value`, or, where the value has more than one line, the name, the value's length and the value.
    package static func serialize(_ fields: [(name: String, value: String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            let value = Array(value.utf8)
            bytes += Array(name.utf8)
            if value.contains(UInt8(ascii: "\n")) {
                bytes.append(UInt8(ascii: "\n"))
                let length = UInt64(value.count)
                for shift in stride(from: 0 as UInt64, to: 64, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: length >> shift))
                }
            } else {
                bytes.append(UInt8(ascii: "="))
            }
            bytes += value
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// JOURNAL_STREAM is DEVICE:INODE of the stream that the service manager made; stderr may have been redirected since.
    private static var isStandardErrorTheJournal: Bool {
        guard let variable = unsafe getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard unsafe fstat(STDERR_FILENO, &status) == 0 else { return false }
        return unsafe String(cString: variable) == "\(status.st_dev):\(status.st_ino)"
    }
}
