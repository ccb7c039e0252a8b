import CSystemd
import Glibc
import Synchronization

/// What systemd is told about the service, and asked. Without systemd nothing happens.
package enum ServiceManager {
    package enum Notice: Hashable, Sendable {
        /// Start-up is over, or a reload.
        case ready
        /// The configuration is read again; `ready` follows.
        case reloading
        /// One line for `systemctl status`.
        case status(String)
        case stopping
    }

    private static let socket: NotifySocket? =
        unsafe getenv("NOTIFY_SOCKET").flatMap { unsafe NotifySocket(path: String(cString: $0)) }
    static var isThere: Bool { socket != nil }
    /// What it had no room for.
    private static let unsent = Mutex(UnsentNotices())

    /// Tells it, or, where the service manager is behind, remembers to tell it.
    package static func notify(_ notice: Notice) {
        switch notice {
        case .ready: tell("READY=1")
        case .reloading: tell("RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds)")
        case .status(let line): tell(UnsentNotices.status + line)
        case .stopping: tell("STOPPING=1")
        }
    }

    /// - Parameters:
    ///   - descriptor: goes along; it stays the caller's.
    ///   - withdrawn: what need not be told any more.
    /// - Returns: false where the descriptor can't go along.
    @discardableResult
    static func tell(_ text: String, descriptor: Int32? = nil, insteadOf withdrawn: String? = nil) -> Bool {
        guard socket != nil else { return true }
        var copy: Int32 = -1
        if let descriptor {
            copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { return false }
        }
        unsent.withLock { $0.append(text, descriptor: copy, insteadOf: withdrawn) }
        tellRest()
        return true
    }

    /// Tells what there was no room for, before the end: it is waited for up to 50 ms.
    package static func tellLast() {
        for _ in 0..<25 {
            tellRest()
            guard unsent.withLock({ !$0.isEmpty }) else { return }
            usleep(2000)
        }
    }

    /// Tells what there was no room for. To be called often.
    package static func tellRest() {
        guard let socket else { return }
        unsent.withLock { $0.send { socket.send($0.text, descriptor: $0.descriptor) } }
    }

    /// How long this process may go without a sign of life; `nil` where nobody waits for one.
    static var watchdogTimeout: Duration? {
        var microseconds: UInt64 = 0
        guard socket != nil, unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    /// - Returns: whether it is fed; if not, the service manager is behind.
    static func feedWatchdog() -> Bool {
        socket?.send("WATCHDOG=1") != .noRoom
    }

    /// systemd tells a reload's end from its beginning by this clock.
    private static var monotonicMicroseconds: UInt64 {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_MONOTONIC, &time) == 0 else { return 0 }
        return UInt64(clamping: time.tv_sec) &* 1_000_000 &+ UInt64(clamping: time.tv_nsec / 1000)
    }

    /// What systemd is doing with the unit.
    package enum Job: String, Hashable, Sendable {
        case none
        case start
        case stop
        case restart
        case other
    }

    /// Asks over D-Bus which job of this process's unit is under way.
    /// - Parameter patience: how long the answer may take, all in all. Whoever asks waits.
    /// - Returns: `nil` where nobody answers: no D-Bus, no systemd, or too slow.
    package static func pendingJob(within patience: Duration) -> Job? {
        var bus: OpaquePointer?
        guard unsafe sd_bus_open_system(&bus) >= 0, let bus = unsafe bus else { return nil }
        defer { unsafe sd_bus_close_unref(bus) }
        let end = monotonicMicroseconds &+ UInt64(max(patience / .microseconds(1), 0))
        guard unsafe becomesReady(bus, until: end) else { return nil }
        while true {
            var code: Int32 = 0
            if let job = unsafe pendingJob(on: bus, until: end, &code) { return job }
            // While it replaces itself nobody has its name.
            guard [EHOSTUNREACH, ENXIO].contains(-code), monotonicMicroseconds &+ pause < end else { return nil }
            usleep(UInt32(pause))
        }
    }

    /// Between two questions, in microseconds.
    private static let pause: UInt64 = 20_000

    /// - Parameter code: what the call said that failed.
    private static func pendingJob(on bus: OpaquePointer, until end: UInt64, _ code: inout Int32) -> Job? {
        guard let unit = unsafe ownUnit(on: bus, until: end, &code),
            let job = unsafe jobPath(of: unit, on: bus, until: end, &code)
        else { return nil }
        if job == "/" { return Job.none }
        unsafe limit(bus, until: end)
        var type: UnsafeMutablePointer<CChar>?
        code = unsafe sd_bus_get_property_string(
            bus, service, job, "org.freedesktop.systemd1.Job", "JobType", nil, &type)
        guard code >= 0, let type = unsafe type else { return nil }
        defer { unsafe free(type) }
        return unsafe Job(rawValue: String(cString: type)) ?? .other
    }

    /// A first call would wait for the bus without an end: anybody can keep it busy.
    private static func becomesReady(_ bus: OpaquePointer, until end: UInt64) -> Bool {
        while true {
            let isReady = unsafe sd_bus_is_ready(bus)
            guard isReady == 0 else { return isReady > 0 }
            let progress = unsafe sd_bus_process(bus, nil)
            if progress > 0 { continue }
            let now = monotonicMicroseconds
            guard progress == 0, now < end, unsafe sd_bus_wait(bus, end - now) >= 0 else { return false }
        }
    }

    /// The next call waits until then at most.
    private static func limit(_ bus: OpaquePointer, until end: UInt64) {
        _ = unsafe sd_bus_set_method_call_timeout(bus, timeLeft(until: end))
    }

    /// 0 would be libsystemd's own limit of 25 s.
    private static func timeLeft(until end: UInt64) -> UInt64 {
        let now = monotonicMicroseconds
        return now < end ? end - now : 1
    }

    private static let service = "org.freedesktop.systemd1"

    /// The path of the unit that this process belongs to. systemd is asked, since a process that does not see the others
    /// (ProtectProc=) can't tell where in the tree of control groups systemd's part of it begins.
    private static func ownUnit(on bus: OpaquePointer, until end: UInt64, _ code: inout Int32) -> String? {
        var request: OpaquePointer?
        guard
            unsafe sd_bus_message_new_method_call(
                bus, &request, service, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "GetUnitByPID")
                >= 0, let request = unsafe request
        else { return nil }
        defer { unsafe sd_bus_message_unref(request) }
        // 0: whoever asks.
        var process: UInt32 = 0
        guard unsafe sd_bus_message_append_basic(request, CChar(UInt8(ascii: "u")), &process) >= 0 else { return nil }
        var reply: OpaquePointer?
        code = unsafe sd_bus_call(bus, request, timeLeft(until: end), nil, &reply)
        guard code >= 0, let reply = unsafe reply else { return nil }
        defer { unsafe sd_bus_message_unref(reply) }
        return unsafe objectPath(from: reply)
    }

    /// The unit's property Job is a structure of a number and an object's path; "/" where there is none.
    private static func jobPath(
        of unit: String, on bus: OpaquePointer, until end: UInt64, _ code: inout Int32
    ) -> String? {
        unsafe limit(bus, until: end)
        var reply: OpaquePointer?
        code = unsafe sd_bus_get_property(
            bus, service, unit, "org.freedesktop.systemd1.Unit", "Job", nil, &reply, "(uo)")
        guard code >= 0, let reply = unsafe reply else { return nil }
        defer { unsafe sd_bus_message_unref(reply) }
        var number: UInt32 = 0
        guard unsafe sd_bus_message_enter_container(reply, CChar(UInt8(ascii: "r")), "uo") > 0,
            unsafe sd_bus_message_read_basic(reply, CChar(UInt8(ascii: "u")), &number) > 0
        else { return nil }
        return unsafe objectPath(from: reply)
    }

    private static func objectPath(from reply: OpaquePointer) -> String? {
        var path: UnsafePointer<CChar>?
        guard unsafe sd_bus_message_read_basic(reply, CChar(UInt8(ascii: "o")), &path) > 0, let path = unsafe path
        else { return nil }
        return unsafe String(cString: path)
    }
}
