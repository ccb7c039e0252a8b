package import Addressing
import CLinux
import Glibc

/// Sees the VRRP packets that other programs of this host send, and those that arrive before a firewall has judged them, on any
/// interface.
///
/// Only a packet socket for all protocols sees what leaves, and while there is one the kernel makes a copy of every packet
/// that leaves for it. So it listens only for short spans, now and then.
package final class RivalWatch {
    /// Made when it is first needed, and kept.
    private var socket: FileDescriptor?
    package private(set) var isOpen = false
    private let filter: VRRPWatchFilter
    private var buffer: [UInt8] = Array(repeating: 0, count: 1536)

    /// Packets in one go.
    private static let batch = 16

    /// - Parameters:
    ///   - protocolNumber: VRRP's protocol number.
    ///   - identification: that of this program's own packets.
    package init(protocolNumber: UInt8, identification: UInt16) {
        filter = VRRPWatchFilter(protocolNumber: protocolNumber, identification: identification)
    }

    /// Begins to listen, a little later.
    /// - Returns: the descriptor to wait for, always the same.
    package func open() throws(SystemError) -> Int32 {
        let number = try prepare()
        guard !isOpen else { return number }
        discard()
        SlowCalls.receive(number, everything: true)
        isOpen = true
        return number
    }

    package func close() {
        guard isOpen, let number = socket?.number else { return }
        isOpen = false
        SlowCalls.receive(number, everything: false)
    }

    private func prepare() throws(SystemError) -> Int32 {
        if let number = socket?.number { return number }
        // Protocol 0: nothing arrives before the filter is in place.
        let socket = try FileDescriptor.socket(AF_PACKET, Int32(SOCK_DGRAM.rawValue), 0, for: "a packet socket")
        try filter.attach(to: socket.number)
        let number = socket.number
        self.socket = consume socket
        return number
    }

    /// What arrived after the last span is old.
    private func discard() {
        guard let number = socket?.number else { return }
        for _ in 0..<256 where recv(number, nil, 0, Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC)) < 0 { return }
    }

    /// Takes what has been seen; between the spans nothing.
    /// - Parameter body: gets each packet, lent for the call, its interface, the sender's hardware address if it is an Ethernet one, and
    ///   whether it leaves.
    package func receive(_ body: (borrowing Span<UInt8>, InterfaceIndex, MACAddress?, _ leaves: Bool) -> Void) {
        guard let number = socket?.number else { return }
        guard isOpen else { return discard() }
        for _ in 0..<Self.batch {
            var address = sockaddr_ll()
            var length = socklen_t(MemoryLayout<sockaddr_ll>.size)
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe withUnsafeMutablePointer(to: &address) { pointer in
                    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        unsafe recvfrom(number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), $0, &length)
                    }
                }
            }
            guard count > 0 else { return }
            body(
                buffer.span.extracting(0..<min(count, buffer.count)), InterfaceIndex(rawValue: address.sll_ifindex),
                MACAddress(sender: address),
                address.sll_pkttype == UInt8(PACKET_OUTGOING))
        }
    }
}
