import EventLoop
import Glibc
import Kernel
import Scripts

/// The agent's connection: its orders in, reports out. Where the agent does not read, of each object the newest report waits for it, and
/// nothing waits without bound.
final class AgentPort {
    /// What comes in.
    enum Arrival: Hashable {
        case order(RunnerOrder)
        /// Bytes that are no order.
        case malformed
        /// Nothing more for now.
        case nothing
        case closed
    }

    /// Answers and ends of calls that wait at most.
    static let mostWaiting = 1024

    private let descriptor: FileDescriptor
    private var source: EventSource?
    /// Answers, and what became of calls, in their order.
    private var waiting: [RunnerReport] = []
    /// Objects about which there is something new, in two heaps: another verdict, and the rest.
    private var urgent = ObjectLine()
    private var ordinary = ObjectLine()
    /// Reports that were left out, because the agent did not read.
    private(set) var leftOut: UInt64 = 0
    private var isReading = true
    /// Nobody reads any more; what was said before still waits here.
    private var isLeft = false
    private var isWaitingForRoom = false
    private var buffer = [UInt8](repeating: 0, count: RunnerWire.longest + 1)

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    deinit {
        // Before its descriptor is closed: see `EventSource.cancel`.
        source?.cancel()
    }

    /// - Parameter handler: the agent has said something, or there is room for reports.
    func wait(in loop: EventLoop, _ handler: @escaping () -> Void) throws(EventLoop.Failure) {
        source = try EventSource.readable(descriptor.number, in: loop, urgency: .control, handler)
    }

    func next() -> Arrival {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor.number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
            }
            if count > 0 { return RunnerOrder(buffer.prefix(count)).map(Arrival.order) ?? .malformed }
            if count == 0 { return .closed }
            if errno == EAGAIN { return .nothing }
            // An agent that has gone without reading all is told of first, and once; what it has said is still there.
            if errno == ECONNRESET { continue }
            if errno != EINTR { return .closed }
        }
    }

    /// Whether orders are taken: while the runner has too much to do they wait in the socket.
    func takesOrders(_ isReading: Bool) {
        guard isReading != self.isReading else { return }
        self.isReading = isReading
        source?.wait(reading: isReading, writing: isWaitingForRoom)
    }

    func tell(_ report: RunnerReport) {
        guard !isLeft else { return }
        if waiting.count >= Self.mostWaiting {
            // Answers stay: there are no more of them than orders that were taken.
            let oldest = waiting.firstIndex { if case .notification = $0 { true } else { false } }
            waiting.remove(at: oldest ?? 0)
            leftOut &+= 1
        }
        waiting.append(report)
    }

    /// There is something new about an object.
    func note(_ object: UInt32, isUrgent: Bool) {
        guard !isLeft else { return }
        if isUrgent {
            ordinary.remove(object)
            urgent.append(object)
        } else if !urgent.contains(object) {
            ordinary.append(object)
        }
    }

    /// Nothing that was to be told of objects counts any more.
    func forgetObjects() {
        urgent = ObjectLine()
        ordinary = ObjectLine()
    }

    /// Sends as much as there is room for. An agent that is gone gets nothing more: `next` says so, once all that it has said is taken.
    /// - Parameter report: what is to be told of an object now.
    func send(_ report: (UInt32) -> RunnerReport?) {
        guard !isLeft else { return }
        isLeft = !sendAll(report)
        if isLeft {
            waiting = []
            forgetObjects()
            _ = waitForRoom(false)
        }
    }

    /// - Returns: false where nobody reads any more.
    private func sendAll(_ report: (UInt32) -> RunnerReport?) -> Bool {
        var sent = 0
        defer { waiting.removeFirst(sent) }
        while sent < waiting.count {
            switch put(waiting[sent]) {
            case .sent: sent += 1
            case .noRoom: return waitForRoom(true)
            case .gone: return false
            }
        }
        while let object = urgent.first ?? ordinary.first {
            if let report = report(object) {
                switch put(report) {
                case .sent: break
                case .noRoom: return waitForRoom(true)
                case .gone: return false
                }
            }
            if urgent.first == object { urgent.removeFirst() } else { ordinary.removeFirst() }
        }
        return waitForRoom(false)
    }

    private func waitForRoom(_ isWaiting: Bool) -> Bool {
        if isWaiting != isWaitingForRoom {
            isWaitingForRoom = isWaiting
            source?.wait(reading: isReading, writing: isWaiting)
        }
        return true
    }

    private enum Outcome {
        case sent
        case noRoom
        case gone
    }

    private func put(_ report: RunnerReport) -> Outcome {
        let bytes = report.encoded
        while true {
            let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(descriptor.number, $0.baseAddress, $0.count, flags)
            }
            if count >= 0 { return .sent }
            if [EAGAIN, ENOBUFS, ENOMEM].contains(errno) { return .noRoom }
            if errno != EINTR { return .gone }
        }
    }
}

/// Objects in the order in which they came, each once.
private struct ObjectLine {
    private var objects: [UInt32] = []
    private var begin = 0
    private var members: Set<UInt32> = []

    var first: UInt32? {
        mutating get {
            while begin < objects.count, !members.contains(objects[begin]) { begin += 1 }
            return begin < objects.count ? objects[begin] : nil
        }
    }

    func contains(_ object: UInt32) -> Bool { members.contains(object) }

    mutating func append(_ object: UInt32) {
        guard members.insert(object).inserted else { return }
        // What has gone leaves a gap behind.
        if objects.count > 64, objects.count > 2 * members.count {
            objects = objects[begin...].filter { $0 != object && members.contains($0) }
            begin = 0
        }
        objects.append(object)
    }

    mutating func remove(_ object: UInt32) { members.remove(object) }

    mutating func removeFirst() {
        guard let first else { return }
        members.remove(first)
        begin += 1
    }
}
