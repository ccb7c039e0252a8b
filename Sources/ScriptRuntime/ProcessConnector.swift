import CLinux
import EventLoop
import Glibc
import Kernel

/// The kernel's proc connector (netlink, NETLINK_CONNECTOR): it tells of each process that begins, becomes another program, or ends.
final class ProcessConnector {
    enum Event: Hashable {
        case forked(parent: Int32, child: Int32)
        /// It is another program, or has another name.
        case changed(Int32)
        case ended(Int32)
        /// There was more than there was room for.
        case lost
    }

    private let socket: FileDescriptor
    private var source: EventSource?
    /// It has told something: where another network or process namespace is the kernel's first, it accepts, and is silent.
    private(set) var hasSpoken = false

    init(in loop: EventLoop, _ handler: @escaping () -> Void) throws {
        let number = CLinux_process_events()
        guard number >= 0 else { throw SystemError("the kernel does not tell of processes") }
        socket = FileDescriptor(owning: number)
        source = try EventSource.readable(number, in: loop, urgency: .control, handler)
    }

    deinit {
        // Before its descriptor is closed: see `EventSource.cancel`.
        source?.cancel()
    }

    /// - Returns: `nil` when there is none for now.
    func next() -> Event? {
        while true {
            var processes: [Int32] = [0, 0]
            let kind = unsafe CLinux_next_process_event(socket.number, &processes)
            if kind == -1 { return nil }
            if kind == -2 { return .lost }
            hasSpoken = true
            switch kind {
            case 1: return .forked(parent: processes[0], child: processes[1])
            case 2: return .changed(processes[0])
            case 3: return .ended(processes[0])
            default: continue
            }
        }
    }
}
