import Glibc

/// The raw sockets of this network namespace, this program's own among them.
///
/// The kernel's list stays open: opening it needs memory of the kernel's, and where the control group has none to spare that
/// was measured to take over a second.
package final class RawSockets {
    private let ipv4: FileDescriptor
    /// -1 where the kernel has no IPv6.
    private let ipv6: FileDescriptor
    private var buffer: [UInt8] = Array(repeating: 0, count: 4096)
    private var line: [UInt8] = []

    /// - Returns: `nil` where the kernel has no such list.
    package init?() {
        let number = unsafe open("/proc/self/net/raw", O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        ipv4 = FileDescriptor(owning: number)
        ipv6 = FileDescriptor(owning: unsafe open("/proc/self/net/raw6", O_RDONLY | O_CLOEXEC))
    }

    /// How many there are for an IP protocol, of both families. A number that has changed says that some daemon came or went.
    /// - Returns: `nil` where the kernel does not say.
    package func count(protocolNumber: UInt8) -> Int? {
        count(in: ipv4.number, protocolNumber).map { $0 + (count(in: ipv6.number, protocolNumber) ?? 0) }
    }

    private func count(in file: Int32, _ protocolNumber: UInt8) -> Int? {
        guard lseek(file, 0, SEEK_SET) == 0 else { return nil }
        line.removeAll(keepingCapacity: true)
        var count = 0
        while true {
            let length = unsafe buffer.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
            guard length > 0 else { return length == 0 ? count : nil }
            for byte in buffer.prefix(length) {
                if byte != UInt8(ascii: "\n") {
                    line.append(byte)
                    continue
                }
                if Self.protocolNumber(ofLine: line) == protocolNumber { count += 1 }
                line.removeAll(keepingCapacity: true)
            }
        }
    }

    /// "  sl  local_address …": the local address is `ADDRESS:PROTOCOL`, both in hexadecimal.
    package static func protocolNumber(ofLine line: [UInt8]) -> UInt8? {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard words.count > 1, let colon = words[1].firstIndex(of: UInt8(ascii: ":")) else { return nil }
        return UInt8(String(decoding: words[1][(colon + 1)...], as: UTF8.self), radix: 16)
    }
}
