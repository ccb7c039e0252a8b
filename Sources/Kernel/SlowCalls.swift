import CLinux
import Glibc
import Synchronization

/// System calls for which the kernel takes its time, put off until the loop has it.
///
/// To close a packet socket, or to bind it to other protocols, the kernel waits until no processor uses the old binding any more: 5
/// to 20 ms were measured. A trunk with fifty VLANs that goes away has a hundred such sockets.
package enum SlowCalls {
    private enum Call: Sendable {
        case close(Int32)
        case receive(Int32, everything: Bool)
    }

    /// How long one may take.
    package static let longest = Duration.milliseconds(25)

    private static let waiting = Mutex<[Call]>([])

    /// Nothing that waits matters to anybody once the process ends.
    package static var areWaiting: Bool { count > 0 }

    /// Makes the one that has waited longest.
    package static func makeOne() {
        guard let call = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return }
        switch call {
        case .close(let descriptor): _ = Glibc.close(descriptor)
        case .receive(let socket, let everything): bind(socket, everything: everything)
        }
    }

    /// How many wait.
    package static var count: Int { waiting.withLock { $0.count } }

    /// close(2).
    static func close(_ descriptor: Int32) {
        waiting.withLock { $0.append(.close(descriptor)) }
    }

    /// Lets a packet socket receive everything, or nothing. This goes before all closings, and takes the place of what was wanted of
    /// the socket before.
    ///
    /// It is bound anew, and not opened anew: opening needs memory of the kernel's, and where the control group has none to spare
    /// that was measured to take over a second.
    /// - Parameter socket: is to be closed by `close`, which comes after it.
    static func receive(_ socket: Int32, everything: Bool) {
        waiting.withLock { waiting in
            waiting.removeAll { if case .receive(socket, _) = $0 { true } else { false } }
            waiting.insert(.receive(socket, everything: everything), at: 0)
        }
    }

    /// Nobody uses it: it is IEEE's for local experiments. Protocol 0 would do on new kernels only.
    private static let unused: UInt16 = 0x88B5

    private static func bind(_ socket: Int32, everything: Bool) {
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = (everything ? UInt16(ETH_P_ALL) : unused).bigEndian
        // It can't fail on a packet socket that is bound to no interface.
        _ = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
    }
}
