import CLinux
import Glibc

/// An epoll descriptor behind which the protocol's sockets wait together, so that one wake-up handles them as a batch.
@safe package final class PollSet {
    /// As many sockets as one question tells of.
    package static let batch = 64

    private let descriptor: FileDescriptor
    private var events: [epoll_event]

    package init() throws(SystemError) {
        let number = try check("can't make an epoll descriptor") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        descriptor = FileDescriptor(owning: number)
        unsafe events = unsafe Array(repeating: epoll_event(), count: Self.batch)
    }

    /// Readable when one of the sockets is.
    package var number: Int32 { descriptor.number }

    /// - Parameter token: what `ready` answers for this socket.
    package func add(_ socket: Int32, token: UInt64) throws(SystemError) {
        var event = unsafe epoll_event()
        unsafe event.events = EPOLLIN.rawValue
        unsafe event.data.u64 = token
        _ = try check("can't watch a socket") {
            unsafe epoll_ctl(descriptor.number, EPOLL_CTL_ADD, socket, &event)
        }
    }

    package func remove(_ socket: Int32) {
        var event = unsafe epoll_event()
        _ = unsafe epoll_ctl(descriptor.number, EPOLL_CTL_DEL, socket, &event)
    }

    /// Whether a socket is readable now.
    package var isReady: Bool {
        var event = unsafe epoll_event()
        return unsafe epoll_wait(descriptor.number, &event, 1, 0) > 0
    }

    /// The tokens of the sockets that are readable now, at most `batch`; the kernel takes turns among more.
    package func ready() -> [UInt64] {
        let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
            unsafe epoll_wait(descriptor.number, buffer.baseAddress, Int32(buffer.count), 0)
        }
        guard count > 0 else { return [] }
        return unsafe events[..<Int(count)].map { unsafe $0.data.u64 }
    }
}
