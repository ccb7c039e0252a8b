import CLinux

/// Where the packets of one system call are put. One for all sockets of a family: it takes 48 KiB, or 135 KiB for IPv6.
package struct ReceiveSlots: Sendable {
    private let size: Int
    private var bytes: [UInt8] = []
    private var lengths: [UInt32] = []
    private var stamps: [Int64] = []

    /// Longer than the longest advertisement by IPv4, 20 + 8 + 4 × 255 + 8 bytes, with room for IP options.
    package static let sizeOfIPv4 = 1536
    /// Longer than the longest one by IPv6, 40 + 8 + 16 × 255 bytes.
    package static let sizeOfIPv6 = 4224
    /// Packets in one system call.
    static let batch = 32

    /// Memory is taken at the first use.
    /// - Parameter size: of the longest packet that fits, in bytes; of a longer one the rest is cut off.
    package init(size: Int = sizeOfIPv4) {
        self.size = size
    }

    /// - Parameter body: receives into the slots: where they begin, their size and number, the lengths, the stamps.
    /// - Returns: how many there were.
    mutating func fill(
        _ body: (UnsafeMutablePointer<UInt8>, Int, UInt32, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<Int64>) ->
            Int32
    ) -> Int {
        if bytes.isEmpty {
            bytes = Array(repeating: 0, count: size * Self.batch)
            lengths = Array(repeating: 0, count: Self.batch)
            stamps = Array(repeating: 0, count: Self.batch)
        }
        let count = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            unsafe lengths.withUnsafeMutableBufferPointer { lengths in
                unsafe stamps.withUnsafeMutableBufferPointer { stamps in
                    guard let bytes = bytes.baseAddress, let lengths = lengths.baseAddress,
                        let stamps = stamps.baseAddress
                    else { return Int32(0) }
                    return unsafe body(bytes, size, UInt32(Self.batch), lengths, stamps)
                }
            }
        }
        return max(Int(count), 0)
    }

    /// From a socket that delivers whole packets.
    mutating func fill(from socket: Int32) -> Int {
        unsafe fill { unsafe CLinux_receive(socket, $0, $1, $2, $3, $4) }
    }

    /// From a raw IPv6 socket: the header is put before each packet.
    mutating func fill(fromIPv6 socket: Int32, protocolNumber: UInt8) -> Int {
        unsafe fill { unsafe CLinux_receive6(socket, protocolNumber, $0, $1, $2, $3, $4) }
    }

    /// Since 1970; `nil` where the kernel did not say.
    func arrival(of index: Int) -> Duration? { stamps[index] == 0 ? nil : .nanoseconds(stamps[index]) }

    func read(_ index: Int, _ body: (borrowing Span<UInt8>) -> Void) {
        let start = index * size
        let end = start + min(Int(lengths[index]), size)
        body(bytes.span.extracting(start..<end))
    }

    /// Hands out what was received.
    /// - Parameter body: gets each packet, lent for the call, and how long ago it arrived.
    /// - Returns: whether more may be waiting.
    func deliver(_ count: Int, _ body: (borrowing Span<UInt8>, Duration) -> Void) -> Bool {
        guard count > 0 else { return false }
        let now = Clocks.sinceEpoch()
        for index in 0..<count {
            // The wall clock may have been set meanwhile: an age below zero says nothing.
            let age = arrival(of: index).map { now - $0 } ?? .zero
            read(index) { body($0, max(age, .zero)) }
        }
        return count == Self.batch
    }
}
