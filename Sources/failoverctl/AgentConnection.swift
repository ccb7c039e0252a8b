import Control
import Glibc

/// Why the agent could not be asked, in a sentence that says what to do.
struct ConnectionError: Error, CustomStringConvertible {
    let description: String
    let exitCode: Int32
    /// It may be starting anew.
    var isPassing = false

    /// There is nobody to ask.
    static func noAgent(_ path: String, _ code: Int32) -> ConnectionError {
        let exitCode: Int32 = 3
        switch code {
        case ENOENT, ECONNREFUSED:
            return ConnectionError(
                description: "no agent answers at \(path): start it with 'systemctl start failover-agent', "
                    + "or name its socket with --socket",
                exitCode: exitCode, isPassing: true)
        case EACCES, EPERM:
            return ConnectionError(
                description: "no permission to use \(path): run this as root, or as a member of the socket's group",
                exitCode: exitCode)
        default:
            return ConnectionError(description: "can't connect to \(path): \(words(code))", exitCode: exitCode)
        }
    }

    static func broken(_ what: String) -> ConnectionError {
        ConnectionError(description: "the agent's answer broke off: \(what)", exitCode: 3)
    }

    /// It ended, or has no place for one more.
    static let closed = ConnectionError(
        description: "the agent has closed the connection: it was stopped, or too many clients are connected",
        exitCode: 3, isPassing: true)

    static let tooLong = ConnectionError(
        description: "that is more than the agent takes in one call, \(VarlinkFraming.longestMessage >> 10) KiB: "
            + "name fewer instances, or leave the names out for all",
        exitCode: 2)

    static func words(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}

/// The agent's answer is an error of its interface.
struct ErrorReply: Error {
    /// `INTERFACE.ERROR`
    let error: String
    let parameters: [String: JSONValue]
}

/// A reply whose parameters are not looked at yet.
struct AnyReply {
    private struct Envelope: Decodable {
        var continues: Bool?
        var error: String?
    }

    private let message: [UInt8]
    let continues: Bool
    let error: String?

    init(_ message: [UInt8]) throws {
        let envelope = try VarlinkJSON.decode(Envelope.self, from: message)
        self.message = message
        continues = envelope.continues ?? false
        error = envelope.error
    }

    /// The parameters as a type of the interface.
    func decoded<Value: Codable & Sendable>(_ type: Value.Type) throws -> Value {
        guard
            let parameters = try? VarlinkJSON.decode(VarlinkReply<Value>.self, from: message).parameters
        else {
            throw ConnectionError.broken("it is not what this failoverctl expects; are both of the same version?")
        }
        return parameters
    }

    /// The parameters, whatever they are.
    var parameters: [String: JSONValue] {
        (try? VarlinkJSON.decode(VarlinkReply<[String: JSONValue]>.self, from: message).parameters) ?? [:]
    }

    /// The parameters as one line, as they came.
    var line: [UInt8] { Self.line(RawMember.find("parameters", in: message)) }

    /// One of the parameters as one line, as it came.
    func line(of name: String) -> [UInt8] {
        Self.line(RawMember.find("parameters", in: message).flatMap { RawMember.find(name, in: Array($0)) })
    }

    private static func line(_ json: ArraySlice<UInt8>?) -> [UInt8] {
        (json ?? Array("{}".utf8)[...]).map { $0 == 10 ? 32 : $0 } + [10]
    }
}

/// A connection to the agent: one call at a time, waiting for the answer.
final class AgentConnection {
    private let descriptor: Int32
    private var framing = VarlinkFraming(longest: VarlinkFraming.longestReply)

    /// How long an answer may take, in seconds.
    private let patience: Int

    init(path: String, patience: Int = 5) throws {
        self.patience = patience
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ConnectionError.noAgent(path, errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw ConnectionError.noAgent(path, ENAMETOOLONG)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw ConnectionError.noAgent(path, errno) }
    }

    deinit {
        if descriptor >= 0 { _ = close(descriptor) }
    }

    /// Calls a method and hands over each reply.
    func call(_ call: VarlinkCall, _ body: (AnyReply) throws -> Void) throws {
        let message = VarlinkJSON.encode(call)
        guard message.count <= VarlinkFraming.longestMessage else { throw ConnectionError.tooLong }
        var rest = VarlinkFraming.frame(message)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                throw errno == EPIPE ? ConnectionError.closed : .broken(ConnectionError.words(errno))
            }
            rest = rest.dropFirst(count)
        }
        while true {
            let reply = try nextReply()
            if let error = reply.error {
                throw ErrorReply(error: error, parameters: reply.parameters)
            }
            try body(reply)
            if !reply.continues { return }
        }
    }

    private func nextReply() throws -> AnyReply {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            do {
                if let message = try framing.next() {
                    return try AnyReply(message)
                }
            } catch {
                throw ConnectionError.broken("it can't be understood")
            }
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count > 0 {
                framing.append(chunk[..<count])
            } else if count == 0 || errno == ECONNRESET {
                throw ConnectionError.closed
            } else if errno != EINTR {
                throw ConnectionError.broken(
                    errno == EAGAIN
                        ? "nothing came for \(patience) s: systemctl status failover-agent"
                        : ConnectionError.words(errno))
            }
        }
    }
}
