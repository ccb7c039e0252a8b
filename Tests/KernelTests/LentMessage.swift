import CNetlink
import Glibc

@testable import Kernel

/// Lends a message for the length of a call.
func read<Result>(_ bytes: [UInt8], _ body: (NetlinkMessage) throws -> Result) throws -> Result {
    // As aligned as a socket's buffer, and with room for a whole header.
    let room = max(bytes.count, MemoryLayout<nlmsghdr>.size)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 8)
    defer { unsafe buffer.deallocate() }
    unsafe buffer.copyBytes(from: bytes)
    guard let start = buffer.baseAddress else { throw SystemError("no room", code: ENOMEM) }
    return try unsafe body(NetlinkMessage(header: start.assumingMemoryBound(to: nlmsghdr.self)))
}
