package import Addressing
import CLinux
import Glibc

/// Hears the advertisements of one family on one interface.
package protocol AdvertisementReceiver: AnyObject {
    var place: InterfaceFamily { get }
    /// The descriptors of its sockets, always in the same order.
    var sockets: [Int32] { get }
    var losses: LossCount { get }
}

extension AdvertisementReceiver {
    /// Nothing more is kept for it: its sockets may be open for a while yet, here and where somebody keeps them.
    package func silence() {
        for number in sockets { _ = CLinux_set_option(number, SOL_SOCKET, SO_RCVBUF, 0) }
    }

    /// How much the smallest of its sockets holds until the kernel drops packets, in bytes of the kernel's own memory: see
    /// `IPv4AdvertisementReceiver.memoryOfPacket`.
    package var room: Int {
        sockets.compactMap { number in
            var size: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            return unsafe getsockopt(number, SOL_SOCKET, SO_RCVBUF, &size, &length) == 0 ? Int(size) : nil
        }.min() ?? 0
    }
}

/// How many packets the kernel has dropped because a socket was full.
package final class LossCount {
    private let sockets: [Int32]
    private var seen: UInt32 = 0

    init(_ sockets: [Int32]) {
        self.sockets = sockets
    }

    /// How many since the last call. The kernel drops none from a socket that nothing waits in: where nothing was read since the last
    /// call, there is nothing to ask.
    package func take() -> UInt32 {
        var total: UInt32 = 0
        for number in sockets {
            var count: UInt32 = 0
            guard unsafe CLinux_dropped(number, &count) == 0 else { continue }
            total &+= count
        }
        defer { seen = total }
        return total &- seen
    }
}
