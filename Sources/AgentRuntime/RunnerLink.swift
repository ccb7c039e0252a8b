import EventLoop
import Kernel
import Scripts

/// The connection to `failover-scripts`: whole messages out and in, and never a wait.
final class RunnerLink {
    /// What has come.
    enum News {
        case report(RunnerReport)
        /// The connection has ended; for no reason that anybody knows where the text is empty.
        case lost(String)
    }

    /// More orders than this wait for no reader: then there is none.
    private static let mostWaiting = 16_384
    /// Messages in one go, before the protocol has its turn.
    private static let batch = 64

    private let path: String
    private let loop: EventLoop
    private let handler: (News) -> Void
    private var source: EventSource?
    private var socket: MessageSocket?
    private var waiting: [[UInt8]] = []
    private var sent = 0
    private var buffer = [UInt8](repeating: 0, count: RunnerWire.longest + 1)

    init(path: String, loop: EventLoop, _ handler: @escaping (News) -> Void) {
        self.path = path
        self.loop = loop
        self.handler = handler
    }

    /// Everything has left this process.
    var isFlushed: Bool { sent == waiting.count }

    /// - Throws: where nobody listens there, or somebody who is neither root nor this program's own user.
    func connect() throws {
        close()
        let socket = try MessageSocket(path: path)
        guard socket.peer?.mayChange(adminGroup: nil) ?? false else {
            throw Stranger(path: path, user: socket.peer?.user)
        }
        self.socket = socket
        source = try EventSource.readable(socket.number, in: loop, urgency: .control) { [unowned self] in serve() }
    }

    func close() {
        source?.cancel()
        source = nil
        socket = nil
        waiting = []
        sent = 0
    }

    func send(_ order: RunnerOrder) {
        guard socket != nil else { return }
        waiting.append(order.encoded)
        flush()
        if waiting.count - sent > Self.mostWaiting { lose("it does not read what it is sent") }
    }

    private func flush() {
        while sent < waiting.count {
            switch socket?.send(waiting[sent]) {
            case .done: sent += 1
            case .wouldBlock:
                source?.wait(reading: true, writing: true)
                return
            case .closed, nil:
                lose("")
                return
            }
        }
        waiting.removeAll(keepingCapacity: waiting.count < Self.batch)
        sent = 0
        source?.wait(reading: true, writing: false)
    }

    private func serve() {
        if !isFlushed { flush() }
        for _ in 0..<Self.batch {
            guard let (outcome, count) = socket?.receive(into: &buffer) else { return }
            switch outcome {
            case .done:
                // What is no report says that another version is there.
                guard let report = RunnerReport(buffer[..<count]) else {
                    return lose("it says what this version can't read")
                }
                handler(.report(report))
            case .wouldBlock: return
            case .closed: return lose("")
            }
        }
    }

    private func lose(_ why: String) {
        guard socket != nil else { return }
        close()
        handler(.lost(why))
    }

    /// Somebody else listens there.
    struct Stranger: Error, CustomStringConvertible {
        let path: String
        let user: UInt32?

        var description: String {
            "\(path) belongs to user \(user.map(String.init) ?? "unknown"), and is to belong to root: it is not used"
        }
    }
}
