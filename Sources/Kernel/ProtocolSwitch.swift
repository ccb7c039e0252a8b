import CLinux
import Glibc

/// Lets a packet socket receive everything, or nothing, on a thread of its own.
///
/// The kernel waits until no processor uses the old binding any more: 5 to 20 ms were measured, which the loop has not got.
/// That the socket is bound anew, and not opened anew, has its reason, too: opening needs memory of the kernel's, and where the
/// control group has none to spare that was measured to take over a second. An eventfd needs none.
final class ProtocolSwitch {
    private let orders: FileDescriptor

    /// What is added to the eventfd. Its owner says the first two in turn, so the sum tells what was said last.
    private enum Order {
        static let everything: UInt64 = 1
        static let nothing: UInt64 = 1 << 31
        static let end: UInt64 = 1 << 62
    }

    /// Nobody uses it: it is IEEE's for local experiments. Protocol 0 would do on new kernels only.
    private static let unused: UInt16 = 0x88B5

    private struct Context {
        let orders: Int32
        let socket: Int32
    }

    /// - Parameter socket: a packet socket that is not bound yet.
    init(_ socket: Int32) throws(SystemError) {
        let orders = FileDescriptor(owning: try check("can't open an eventfd") { eventfd(0, Int32(EFD_CLOEXEC)) })
        // The thread has its own, since it may end after their owner.
        let context = Context(orders: try Self.copy(orders.number), socket: try Self.copy(socket))
        guard let code = Self.start(context) else {
            self.orders = consume orders
            return
        }
        _ = FileDescriptor(owning: context.orders)
        _ = FileDescriptor(owning: context.socket)
        throw SystemError("can't start a thread", code: code)
    }

    deinit {
        try? give(Order.end)
    }

    /// Says what is wanted; it is so soon. Each time the opposite of the last.
    func receive(everything: Bool) throws(SystemError) {
        try give(everything ? Order.everything : Order.nothing)
    }

    private func give(_ order: UInt64) throws(SystemError) {
        _ = try check("can't give an order to a thread") { eventfd_write(orders.number, order) }
    }

    private static func copy(_ descriptor: Int32) throws(SystemError) -> Int32 {
        try check("can't copy a descriptor") { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }
    }

    /// - Returns: `nil`, or why there is no thread.
    private static func start(_ context: Context) -> Int32? {
        let pointer = UnsafeMutablePointer<Context>.allocate(capacity: 1)
        unsafe pointer.initialize(to: context)
        // Signals are the loop's.
        var everySignal = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&everySignal)
        unsafe pthread_sigmask(SIG_SETMASK, &everySignal, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, 128 << 10)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, &attributes,
            { pointer in
                guard let pointer = unsafe pointer?.assumingMemoryBound(to: Context.self) else { return nil }
                let context = unsafe pointer.move()
                unsafe pointer.deallocate()
                ProtocolSwitch.work(context)
                return nil
            }, pointer)
        guard code != 0 else { return nil }
        unsafe pointer.deallocate()
        return code
    }

    private static func work(_ context: Context) {
        let orders = FileDescriptor(owning: context.orders)
        let socket = FileDescriptor(owning: context.socket)
        var wanted = 0
        while true {
            var sum: UInt64 = 0
            guard unsafe eventfd_read(orders.number, &sum) == 0 else {
                if errno == EINTR { continue }
                return
            }
            guard sum < Order.end else { return }
            wanted += Int(sum % Order.nothing) - Int(sum / Order.nothing)
            var address = sockaddr_ll()
            address.sll_family = UInt16(AF_PACKET)
            address.sll_protocol = (wanted > 0 ? UInt16(ETH_P_ALL) : unused).bigEndian
            // It can't fail on a socket that is bound to no interface.
            try? socket.bind(to: address, for: "a packet socket")
        }
    }
}
