import Control
import EventLoop
import FailoverCore
import Kernel
import Reporting
import VRRP

/// Lets clients in and answers them, a little at a time: the protocol always goes first.
final class ControlServer {
    /// Connections at a time.
    private static let mostClients = 64
    /// The last ones are for those who may change something: nobody else can shut them out.
    private static let reserved = 8
    /// Connections of one user who may not change anything: others shall get in, too.
    private static let mostOfUser = 24
    /// How often to look for clients that have stopped in the middle of something.
    private static let patrol = Duration.seconds(5)

    private let loop: EventLoop
    private var socket: ListeningSocket
    private unowned let agent: Agent
    private var listener: EventSource?
    private var timer: EventSource?
    private var clients: [Int32: ControlClient] = [:]
    private var isPatrolling = false
    private var renewalProblem: String?

    var clientCount: Int { clients.count }

    init(_ socket: ListeningSocket, loop: EventLoop, agent: Agent) throws {
        self.loop = loop
        self.agent = agent
        self.socket = socket
        listener = try listen()
        timer = try EventSource.timer(in: loop, urgency: .control) { [unowned self] in
            dismissStalled()
        }
    }

    private func listen() throws -> EventSource {
        try EventSource.readable(socket.number, in: loop, urgency: .control) { [unowned self] in
            acceptClient()
        }
    }

    /// Makes the socket anew where somebody has removed it: systemd does so with the directory when a second start fails.
    func renewIfMissing(path: String) {
        guard !socket.isThere else { return }
        do {
            let renewed = try ListeningSocket(path: path)
            listener = nil
            socket = renewed
            listener = try listen()
            agent.shareSocket()
            agent.log.write(.warning, "somebody removed the control socket \(path): it is made anew")
            renewalProblem = nil
        } catch {
            // Once, however often it is tried.
            if "\(error)" != renewalProblem {
                agent.log.write(.warning, "somebody removed the control socket: \(error)")
            }
            renewalProblem = "\(error)"
        }
    }

    /// - Returns: why not.
    func share(with group: UInt32?) -> String? { socket.share(with: group) }

    private func acceptClient() {
        guard let descriptor = socket.accept() else { return }
        let number = descriptor.number
        let credentials = PeerCredentials(of: descriptor)
        let client = ControlClient(descriptor: descriptor, agent: agent, credentials: credentials)
        guard makeRoom(for: client) else { return }
        do {
            try client.start(in: loop) { [unowned self] in
                clients[number] = nil
            }
            clients[number] = client
            if !isPatrolling {
                isPatrolling = true
                timer?.fire(at: (Agent.now() + Self.patrol).sinceBoot)
            }
        } catch {
            // The client goes, and its descriptor with it.
        }
    }

    /// Whoever has asked nothing for longest makes room, if it has to be: among a user's own connections first, and never somebody who
    /// waits for an answer, or may change something.
    /// - Returns: whether there is room.
    private func makeRoom(for client: ControlClient) -> Bool {
        let own = clients.filter { $0.value.user == client.user }
        let isTooMany = !client.mayChange && own.count >= Self.mostOfUser
        let room = client.mayChange ? Self.mostClients : Self.mostClients - Self.reserved
        guard isTooMany || clients.count >= room else { return true }
        let candidates = isTooMany ? own : clients.filter { client.mayChange || !$0.value.mayChange }
        guard let idle = candidates.filter({ $0.value.isIdle }).min(by: { $0.value.lastAt < $1.value.lastAt }) else {
            return false
        }
        clients[idle.key] = nil
        return true
    }

    /// The last words before the program ends: who follows the events shall see the end.
    func sayGoodbye() {
        for client in clients.values { client.drain() }
    }

    private func dismissStalled() {
        let now = Agent.now()
        for (number, client) in clients where client.hasStalled(at: now) { clients[number] = nil }
        isPatrolling = !clients.isEmpty
        if isPatrolling { timer?.fire(at: (now + Self.patrol).sinceBoot) }
    }

    /// Something has happened: whoever waits for the end of a handover, or for events, may get an answer.
    func answerWaiting() {
        for client in clients.values where client.isWaiting { client.wake() }
    }
}

/// One connection: whole calls in, replies out in the calls' order.
final class ControlClient {
    /// As soon as this much waits to be sent, no more replies are made.
    private static let enoughOutput = 32 << 10
    /// How long replies are made in one go, before the protocol gets its turn.
    private static let turn = Duration.microseconds(500)
    /// How long half a call may be all that has come, or a reply may wait to be taken.
    private static let patience = Duration.seconds(10)

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
    /// The call that is being answered in several replies.
    private var stream: ReplyStream?
    /// The instances whose handover has to be over before anything more is answered.
    private var handover: HandoverWait?
    /// The reload that has to be over before anything more is answered.
    private var reload: Int?
    /// What it has come to.
    private var reloadReply: [UInt8]?
    /// The client will send no more; what it asked for is still answered.
    private var isHalfClosed = false
    /// When a whole call came last, or part of a reply was taken.
    private(set) var lastAt = Agent.now()

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

    /// Whether it may change what the agent does.
    var mayChange: Bool { credentials?.mayChange(adminGroup: agent.adminGroup) ?? false }

    var user: UInt32? { credentials?.user }

    /// Says what there is to say and what the socket takes at once.
    func drain() {
        while output.count - sent < Self.enoughOutput, makeReply() {}
        _ = flush()
    }

    /// Everything that was asked is answered but what has not happened yet.
    var isWaiting: Bool { handover != nil || reload != nil || (stream?.isEndless == true && !hasOutput) }

    var isIdle: Bool { handover == nil && reload == nil && stream == nil && !hasOutput && !framing.hasMessage }

    func hasStalled(at now: Instant) -> Bool {
        let isInTheMiddle = hasOutput || framing.hasPart && !framing.hasMessage
        return isInTheMiddle && now - lastAt > Self.patience
    }

    /// Serves the client soon, if what it waits for has happened.
    func wake() {
        guard reload != nil ? isReloadOver : handover != nil ? isHandoverOver : stream?.isReady(agent) == true else {
            return
        }
        source?.wait(reading: false, writing: true)
    }

    private var caller: Caller {
        guard let credentials else { return Caller(name: "somebody", mayChange: false) }
        return Caller(name: "uid \(credentials.user)", mayChange: mayChange)
    }

    private var hasOutput: Bool { sent < output.count }

    private var isHandoverOver: Bool {
        handover?.isOver { agent.handoverResult(of: $0) == .underWay } ?? true
    }

    private var isReloadOver: Bool {
        if let reload, reloadReply == nil { reloadReply = VarlinkService.reloadReply(reload, from: agent) }
        return reloadReply != nil
    }

    /// Nothing can be said before something happens.
    private var hasToWait: Bool {
        if reload != nil { return !isReloadOver }
        if handover != nil { return !isHandoverOver }
        return stream.map { !$0.isReady(agent) } ?? false
    }

    /// One turn: reads if nothing is left to be answered, makes replies, writes.
    private func serve() {
        if hasToWait, !hasOutput {
            // Nothing was asked for, so this is the end of the connection.
            closed()
            return
        }
        if !hasOutput, stream == nil, handover == nil, reload == nil, !isHalfClosed {
            switch descriptor.read(into: &input) {
            case .bytes(let count): framing.append(input[..<count])
            case .wouldBlock: break
            case .closed: isHalfClosed = true
            }
        }
        let begin = Agent.now()
        while output.count - sent < Self.enoughOutput {
            guard makeReply() else { break }
            if Agent.now() - begin > Self.turn { break }
        }
        guard flush() else {
            closed()
            return
        }
        if hasToWait, !hasOutput {
            // The agent wakes it.
            source?.wait(reading: false, writing: false)
            return
        }
        let isBusy = hasOutput || stream != nil || handover != nil || reload != nil || framing.hasMessage
        if isHalfClosed, !isBusy {
            closed()
            return
        }
        source?.wait(reading: !isBusy, writing: isBusy)
    }

    /// - Returns: whether there was something to reply to.
    private func makeReply() -> Bool {
        if stream != nil { return continueStream() }
        if reload != nil {
            guard isReloadOver, let reply = reloadReply else { return false }
            (reload, reloadReply) = (nil, nil)
            output += reply
            return true
        }
        if let instances = handover?.instances {
            guard isHandoverOver else { return false }
            guard let reply = VarlinkService.handoverReply(instances, from: agent) else {
                // One that was over goes on: somebody has asked for another one.
                handover = HandoverWait(instances)
                return false
            }
            handover = nil
            output += reply
            return true
        }
        do {
            guard let message = try framing.next() else { return false }
            lastAt = Agent.now()
            let answer = service.answer(message, from: agent, to: caller)
            switch answer {
            case .none: break
            case .reply(let bytes): output += bytes
            case .handover(let instances): handover = HandoverWait(instances)
            case .reload(let number): reload = number
            case .hangUp: hangUp()
            case .status, .instances, .interfaces, .events, .watch, .metrics: stream = ReplyStream(answer, from: agent)
            }
            return true
        } catch {
            hangUp()
            return false
        }
    }

    private func continueStream() -> Bool {
        switch stream?.next(from: agent) {
        case .reply(let bytes): output += bytes
        case .working: break
        case .last(let bytes):
            output += bytes
            stream = nil
        case .hangUp(let bytes):
            output += bytes
            stream = nil
            hangUp()
        case .nothing, nil: return false
        }
        return true
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
        case .bytes(let count):
            sent += count
            lastAt = Agent.now()
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
