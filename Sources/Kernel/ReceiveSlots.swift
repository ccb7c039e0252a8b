import CLinux

/// Where the packets of one system call are put. One for all sockets: it takes 48 KiB.
package struct ReceiveSlots: Sendable {
    private var bytes: [UInt8] = Array(repeating: 0, count: size * batch)
    private var lengths: [UInt32] = Array(repeating: 0, count: batch)
    private var stamps: [Int64] = Array(repeating: 0, count: batch)

    /// Longer than the longest advertisement, 20 + 8 + 4 × 255 + 8 bytes, with room for IP options.
    private static let size = 1536
    /// Packets in one system call.
    static let batch = 32

    package init() {}

    /// - Returns: how many there were.
    mutating func fill(from socket: Int32) -> Int {
        let count = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            unsafe lengths.withUnsafeMutableBufferPointer { lengths in
                unsafe stamps.withUnsafeMutableBufferPointer { stamps in
                    guard let bytes = bytes.baseAddress, let lengths = lengths.baseAddress,
                        let stamps = stamps.baseAddress
                    else { return Int32(0) }
                    return unsafe CLinux_receive(socket, bytes, Self.size, UInt32(Self.batch), lengths, stamps)
                }
            }
        }
        return max(Int(count), 0)
    }

    /// Since 1970; `nil` where the kernel did not say.
    func arrival(of index: Int) -> Duration? { stamps[index] == 0 ? nil : .nanoseconds(stamps[index]) }

    func read(_ index: Int, _ body: (borrowing Span<UInt8>) -> Void) {
        let start = index * Self.size
        let end = start + min(Int(lengths[index]), Self.size)
        body(bytes.span.extracting(start..<end))
    }
}
