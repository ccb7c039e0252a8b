import CLinux
import Glibc

/// What becomes of the signals that this process gets.
///
/// The default of most signals is the end of the process, or its stop, and no address would be removed. So all but those of a crash are
/// blocked by the first instruction, and wait until it is known what this run is for.
package enum Signals {
    /// They keep their defaults: those of a crash, and systemd's watchdog's.
    private static let ofCrashes = [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS]

    /// They end the program in order, or have it read its configuration again; the loop takes them.
    package static let orders = [SIGTERM, SIGINT, SIGHUP]

    /// People and programs send them by habit: keepalived's users, log rotation, terminals.
    package static let habits = [SIGUSR1, SIGUSR2, SIGQUIT, SIGALRM, SIGTSTP] + Array(realtime)

    /// The real-time signals that the C library hands out.
    package static let realtime =
        CLinux_first_realtime_signal()...max(
            CLinux_first_realtime_signal(), CLinux_last_realtime_signal())

    /// Every signal of Linux.
    private static let all: ClosedRange<Int32> = 1...64

    /// What the parent had blocked.
    package struct Mask {
        fileprivate var set = sigset_t()
    }

    /// Blocks whatever can be blocked without harm, and ignores SIGPIPE.
    /// - Returns: what was blocked before.
    package static func blockAll() -> Mask {
        _ = CLinux_ignore_signal(SIGPIPE)
        var before = Mask()
        var wanted = sigset_t()
        unsafe sigfillset(&wanted)
        for number in ofCrashes { unsafe sigdelset(&wanted, number) }
        _ = unsafe sigprocmask(SIG_SETMASK, &wanted, &before.set)
        return before
    }

    /// For a run that a person waits for: everything is as the parent had it.
    package static func restore(_ mask: Mask) {
        CLinux_stop_ignoring_signal(SIGPIPE)
        var set = mask.set
        _ = unsafe sigprocmask(SIG_SETMASK, &set, nil)
    }

    /// For a short run that must not end half way: it can be ended on purpose, and nothing else ends or stops it.
    package static func blockAllButEnd() {
        ignoreRest()
        var wanted = set(of: habits)
        unsafe sigaddset(&wanted, SIGHUP)
        _ = unsafe sigprocmask(SIG_SETMASK, &wanted, nil)
    }

    /// For the agent: `orders` and `habits` stay blocked, for the loop to take; what remains is ignored.
    package static func blockOrdersAndHabits() {
        ignoreRest()
        for number in ofCrashes { CLinux_stop_ignoring_signal(number) }
        var wanted = set(of: orders + habits)
        _ = unsafe sigprocmask(SIG_SETMASK, &wanted, nil)
    }

    private static func ignoreRest() {
        let others = Set(ofCrashes + orders + habits + [SIGKILL, SIGSTOP])
        for number in all where !others.contains(number) { _ = CLinux_ignore_signal(number) }
    }

    /// Waits, before the loop runs.
    /// - Returns: false when a signal came that ends the program; it has been taken.
    package static func sleep(_ span: Duration) -> Bool {
        var wanted = set(of: [SIGTERM, SIGINT])
        let end = Clocks.sinceBoot() + span
        while true {
            let (seconds, attoseconds) = max(end - Clocks.sinceBoot(), .zero).components
            var rest = timespec(tv_sec: Int(clamping: seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
            if unsafe sigtimedwait(&wanted, nil, &rest) > 0 { return false }
            if errno != EINTR { return true }
        }
    }

    fileprivate static func set(of numbers: [Int32]) -> sigset_t {
        var result = sigset_t()
        unsafe sigemptyset(&result)
        for number in numbers { unsafe sigaddset(&result, number) }
        return result
    }
}

/// Descriptors 0 to 2 are open, whatever the parent has closed: to be called before anything is opened.
package func openStandardDescriptors() { CLinux_open_standard_descriptors() }

/// Takes blocked signals, one after the other (signalfd(2)).
package final class SignalReader {
    private let descriptor: FileDescriptor

    package struct Arrival: Hashable, Sendable {
        package var number: Int32
        /// Who has sent it; 0 where that is not known.
        package var process: Int32
        package var user: UInt32

        package init(number: Int32, process: Int32, user: UInt32) {
            self.number = number
            self.process = process
            self.user = user
        }
    }

    package init(_ numbers: [Int32]) throws(SystemError) {
        var wanted = Signals.set(of: numbers)
        let number = try check("can't take signals") {
            unsafe signalfd(-1, &wanted, Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC))
        }
        descriptor = FileDescriptor(owning: number)
    }

    package var number: Int32 { descriptor.number }

    /// - Returns: `nil` when none waits.
    package func next() -> Arrival? {
        var arrival = Arrival(number: 0, process: 0, user: 0)
        arrival.number = unsafe CLinux_next_signal(descriptor.number, &arrival.process, &arrival.user)
        return arrival.number > 0 ? arrival : nil
    }
}
