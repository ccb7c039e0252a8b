import CSystemd
import Glibc

/// The program's one loop: sd-event on one thread.
@safe package final class EventLoop {
    let event: OpaquePointer
    private var watchdog: EventSource?

    /// What goes first when several things are ready. Lower numbers first, as sd-event wants it.
    package enum Urgency: Int64 {
        /// The protocol: its timer and its sockets.
        case election = -100
        /// Signals.
        case signal = 0
        /// People and programs that ask.
        case control = 100
        /// What may come without an end.
        case bulk = 200
    }

    package struct Failure: Error, CustomStringConvertible {
        package let code: Int32
        package var description: String {
            guard let text = unsafe strerror(code) else { return "event loop: error \(code)" }
            return unsafe "event loop: \(String(cString: text))"
        }
    }

    package init() throws(Failure) {
        var event: OpaquePointer?
        let result = unsafe sd_event_new(&event)
        guard result >= 0, let event = unsafe event else { throw Failure(code: -result) }
        unsafe self.event = unsafe event
    }

    deinit {
        unsafe sd_event_unref(event)
    }

    /// Runs until `exit` is called.
    /// - Returns: the code given to `exit`.
    package func run() throws(Failure) -> Int32 {
        try feedWatchdog()
        let result = unsafe sd_event_loop(event)
        guard result >= 0 else { throw Failure(code: -result) }
        return result
    }

    /// sd-event would do it, too, but with sd_notify; see NotifySocket.
    private func feedWatchdog() throws(Failure) {
        guard let timeout = ServiceManager.watchdogTimeout else { return }
        watchdog = try EventSource.timer(in: self, urgency: .election) { [unowned self] in
            // The service manager may have got its breath only just in time.
            let pause = ServiceManager.feedWatchdog() ? timeout / 3 : min(timeout / 3, .milliseconds(250))
            watchdog?.fire(at: Self.sinceBoot + pause)
        }
        watchdog?.fire(at: .zero)
    }

    private static var sinceBoot: Duration {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_BOOTTIME, &time) == 0 else { return .zero }
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    package func exit(_ code: Int32 = 0) {
        _ = unsafe sd_event_exit(event, code)
    }
}

/// Something that the loop waits for. It stops waiting when the source is released.
@safe package final class EventSource {
    private var source: OpaquePointer?
    private let handler: () -> Void

    private init(handler: @escaping () -> Void) {
        self.handler = handler
    }

    deinit { cancel() }

    /// Waits no more, from this moment on. To be called before the descriptor that it waits for is closed, also by the source's own
    /// handler: a child that is just becoming another program may still hold the descriptor, and epoll(7) forgets one only with the last of
    /// those who hold it.
    package func cancel() {
        _ = unsafe sd_event_source_disable_unref(source)
        unsafe source = nil
    }

    fileprivate func dispatch() {
        handler()
    }

    private var userdata: UnsafeMutableRawPointer {
        unsafe Unmanaged.passUnretained(self).toOpaque()
    }

    private func adopt(_ source: OpaquePointer?, _ result: Int32, _ urgency: EventLoop.Urgency) throws(EventLoop
        .Failure)
    {
        guard result >= 0 else { throw EventLoop.Failure(code: -result) }
        unsafe self.source = unsafe source
        _ = unsafe sd_event_source_set_priority(source, urgency.rawValue)
    }

    // MARK: - Kinds

    /// Waits for a descriptor to become readable.
    package static func readable(
        _ descriptor: Int32, in loop: EventLoop, urgency: EventLoop.Urgency, _ handler: @escaping () -> Void
    ) throws(EventLoop.Failure) -> EventSource {
        let result = EventSource(handler: handler)
        var source: OpaquePointer?
        let code = unsafe sd_event_add_io(
            loop.event, &source, descriptor, EPOLLIN.rawValue, dispatchDescriptor, result.userdata)
        try unsafe result.adopt(source, code, urgency)
        return result
    }

    /// A timer on the boot clock, not set yet.
    package static func timer(
        in loop: EventLoop, urgency: EventLoop.Urgency, _ handler: @escaping () -> Void
    ) throws(EventLoop.Failure) -> EventSource {
        let result = EventSource(handler: handler)
        var source: OpaquePointer?
        // Accuracy 1 µs: 0 would mean sd-event's default of 250 ms.
        let code = unsafe sd_event_add_time(
            loop.event, &source, CLOCK_BOOTTIME, UInt64.max, 1, dispatchTimer, result.userdata)
        try unsafe result.adopt(source, code, urgency)
        return result
    }

    /// Takes a signal, which is blocked for ordinary delivery.
    package static func signal(
        _ number: Int32, in loop: EventLoop, _ handler: @escaping () -> Void
    ) throws(EventLoop.Failure) -> EventSource {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, number)
        _ = unsafe sigprocmask(SIG_BLOCK, &set, nil)
        let result = EventSource(handler: handler)
        var source: OpaquePointer?
        let code = unsafe sd_event_add_signal(loop.event, &source, number, dispatchSignal, result.userdata)
        try unsafe result.adopt(source, code, .signal)
        return result
    }

    // MARK: - Changes

    /// Sets the timer, once; in the past it fires at once. `nil` stops it.
    /// - Parameter deadline: time since boot.
    package func fire(at deadline: Duration?) {
        guard let deadline else {
            _ = unsafe sd_event_source_set_enabled(source, Int32(SD_EVENT_OFF))
            return
        }
        let (seconds, attoseconds) = deadline.components
        // Rounded up: a timer that fires a part of a microsecond early would only come again.
        let microseconds = (attoseconds + 999_999_999_999) / 1_000_000_000_000
        _ = unsafe sd_event_source_set_time(
            source, UInt64(clamping: seconds) &* 1_000_000 &+ UInt64(clamping: microseconds))
        _ = unsafe sd_event_source_set_enabled(source, Int32(SD_EVENT_ONESHOT))
    }

    /// Also, or no longer, waits for room to write.
    package func wait(reading: Bool, writing: Bool) {
        let events = (reading ? EPOLLIN.rawValue : 0) | (writing ? EPOLLOUT.rawValue : 0)
        _ = unsafe sd_event_source_set_io_events(source, events)
    }
}

// C calls these; they are free functions because a closure made in top-level code would belong to the main actor.

private func dispatchDescriptor(
    _ source: OpaquePointer?, _ descriptor: Int32, _ events: UInt32, _ userdata: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe dispatch(userdata)
}

private func dispatchTimer(_ source: OpaquePointer?, _ time: UInt64, _ userdata: UnsafeMutableRawPointer?) -> Int32 {
    unsafe dispatch(userdata)
}

private func dispatchSignal(
    _ source: OpaquePointer?, _ info: UnsafePointer<signalfd_siginfo>?, _ userdata: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe dispatch(userdata)
}

private func dispatch(_ userdata: UnsafeMutableRawPointer?) -> Int32 {
    guard let userdata = unsafe userdata else { return 0 }
    // Held for the call: the handler may release its own source.
    let source = unsafe Unmanaged<EventSource>.fromOpaque(userdata).takeUnretainedValue()
    source.dispatch()
    return 0
}
