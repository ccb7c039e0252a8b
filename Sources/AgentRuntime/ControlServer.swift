import Control
import EventLoop
import Kernel

/// Lets clients in and answers them, a little at a time: the protocol always goes first.
final class ControlServer {
    /// Connections at a time; the next one is closed at once.
    private static let mostClients = 64

    private let loop: EventLoop
    private let socket: ControlSocket
    private unowned let agent: Agent
    private var listener: EventSource?
    private var clients: [Int32: ControlClient] = [:]

    init(_ socket: ControlSocket, loop: EventLoop, agent: Agent) throws {
        self.loop = loop
        self.agent = agent
        self.socket = socket
        listener = try EventSource.readable(socket.number, in: loop, urgency: .control) { [unowned self] in
            acceptClient()
        }
    }

    private func acceptClient() {
        guard let descriptor = socket.accept() else { return }
        guard clients.count < Self.mostClients else { return }
        let number = descriptor.number
        let credentials = PeerCredentials(of: descriptor)
        let client = ControlClient(descriptor: descriptor, agent: agent, credentials: credentials)
        do {
            try client.start(in: loop) { [unowned self] in
                clients[number] = nil
            }
            clients[number] = client
        } catch {
            // The client goes, and its descriptor with it.
        }
    }

    /// Something has happened: whoever waits for the end of a handover may get an answer.
    func answerWaiting() {
        for client in clients.values where client.isWaiting { client.wake() }
    }
}

/// One connection: whole calls in, replies out in the calls' order.
final class ControlClient {
    /// As soon as this much waits to be sent, no more replies are made.
    private static let enoughOutput = 32 << 10
    /// Replies made in one go, before the protocol gets its turn.
    private static let repliesPerTurn = 8

    private let descriptor: FileDescriptor
    private unowned let agent: Agent
    private let credentials: PeerCredentials?
    private let service = VarlinkService()
    private var source: EventSource?
    private var closed: () -> Void = {}
    private var framing = VarlinkFraming()
    private var input: [UInt8] = Array(repeating: 0, count: 4096)
    private var output: [UInt8] = []
    private var sent = 0
    /// The next instance of a list that is being told, and how many there are.
    private var list: Range<Int>?
    /// The instances whose handover has to be over before anything more is answered.
    private var handover: [String]?
    /// The client will send no more; what it asked for is still answered.
    private var isHalfClosed = false

    init(descriptor: consuming FileDescriptor, agent: Agent, credentials: PeerCredentials?) {
        self.descriptor = descriptor
        self.agent = agent
        self.credentials = credentials
    }

    func start(in loop: EventLoop, closed: @escaping () -> Void) throws {
        self.closed = closed
        source = try EventSource.readable(descriptor.number, in: loop, urgency: .control) { [unowned self] in
            serve()
        }
    }

    var isWaiting: Bool { handover != nil }

    /// Serves the client soon, if what it waits for has happened.
    func wake() {
        guard let handover, VarlinkService.handoverReply(handover, from: agent) != nil else { return }
        source?.wait(reading: false, writing: true)
    }

    private var caller: Caller {
        guard let credentials else { return Caller(name: "somebody", mayChange: false) }
        return Caller(
            name: "uid \(credentials.user)", mayChange: credentials.mayChange(adminGroup: agent.adminGroup))
    }

    private var hasOutput: Bool { sent < output.count }

    /// One turn: reads if nothing is left to be answered, makes replies, writes.
    private func serve() {
        if let handover, VarlinkService.handoverReply(handover, from: agent) == nil {
            // Nothing was asked for, so this is the end of the connection.
            closed()
            return
        }
        if !hasOutput, list == nil, handover == nil, !isHalfClosed {
            switch descriptor.read(into: &input) {
            case .bytes(let count): framing.append(input[..<count])
            case .wouldBlock: break
            case .closed: isHalfClosed = true
            }
        }
        for _ in 0..<Self.repliesPerTurn where output.count - sent < Self.enoughOutput {
            guard makeReply() else { break }
        }
        guard flush() else {
            closed()
            return
        }
        if isWaiting, !hasOutput {
            // The agent wakes it.
            source?.wait(reading: false, writing: false)
            return
        }
        let isBusy = hasOutput || list != nil || framing.hasMessage
        if isHalfClosed, !isBusy {
            closed()
            return
        }
        source?.wait(reading: !isBusy, writing: isBusy)
    }

    /// - Returns: whether there was something to reply to.
    private func makeReply() -> Bool {
        if let rest = list, let index = rest.first {
            list = rest.count > 1 ? rest.dropFirst() : nil
            output += VarlinkService.instanceReply(agent.instance(at: index), continues: list != nil)
            return true
        }
        if let names = handover {
            guard let reply = VarlinkService.handoverReply(names, from: agent) else { return false }
            handover = nil
            output += reply
            return true
        }
        do {
            guard let message = try framing.next() else { return false }
            switch service.answer(message, from: agent, to: caller) {
            case .none: break
            case .reply(let bytes): output += bytes
            case .instances: list = 0..<agent.instanceCount
            case .handover(let names): handover = names
            case .hangUp: hangUp()
            }
            return true
        } catch {
            hangUp()
            return false
        }
    }

    /// What was asked before is still answered; nothing more is read.
    private func hangUp() {
        isHalfClosed = true
        framing = VarlinkFraming()
    }

    /// - Returns: false when the client is gone.
    private func flush() -> Bool {
        guard hasOutput else { return true }
        switch descriptor.write(output[sent...]) {
        case .bytes(let count): sent += count
        case .wouldBlock: break
        case .closed: return false
        }
        if !hasOutput {
            output.removeAll(keepingCapacity: true)
            sent = 0
        }
        return true
    }
}
