import Control
import Glibc

/// certify server SOCKET: serves org.varlink.certification to one client after the other, with this project's framing and messages,
/// and checks every call. certify client SOCKET: calls such a service, and checks every reply. Made to be run against
/// implementations of Varlink that others wrote.
@main
enum Certify {
    static func main() {
        let words = CommandLine.arguments.dropFirst()
        guard words.count == 2, let mode = words.first, let path = words.last else {
            print("usage: certify server|client SOCKET")
            exit(64)
        }
        do {
            if mode == "server" { try serve(path) } else { try run(path) }
        } catch {
            print("certify: \(error)")
            exit(1)
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    // MARK: - Both sides

    /// What each method is called with, besides the client's id, and answers. Those of Test10 are several.
    static let pi = JSONValue.number(3.141592653589793)
    static let four: [String: JSONValue] = [
        "bool": .bool(false), "int": .integer(2), "float": pi, "string": .string("a lot of string"),
    ]
    static let map = JSONValue.object(["foo": .string("Foo"), "bar": .string("Bar")])
    static let set = JSONValue.object(["one": .object([:]), "two": .object([:]), "three": .object([:])])
    static let mytype = JSONValue.object([
        "object": .object(["method": .string("org.varlink.certification.Test09"), "parameters": .object(["map": map])]),
        "enum": .string("two"),
        "struct": .object(["first": .integer(1), "second": .string("2")]),
        "array": .array([.string("one"), .string("two"), .string("three")]),
        "dictionary": map, "stringset": set,
        "interface": .object([
            "foo": .array([
                .null, .object(["foo": .string("foo"), "bar": .string("bar")]), .null,
                .object(["one": .string("foo"), "two": .string("bar")]),
            ]),
            "anon": .object(["foo": .bool(true), "bar": .bool(false)]),
        ]),
    ])
    static let replies = (1...10).map { JSONValue.string("Reply number \($0)") }

    static let steps: [(method: String, call: [String: JSONValue], reply: [String: JSONValue])] = [
        ("Test01", [:], ["bool": .bool(true)]),
        ("Test02", ["bool": .bool(true)], ["int": .integer(1)]),
        ("Test03", ["int": .integer(1)], ["float": .number(1)]),
        ("Test04", ["float": .number(1)], ["string": .string("ping")]),
        ("Test05", ["string": .string("ping")], four),
        ("Test06", four, ["struct": .object(four)]),
        ("Test07", ["struct": .object(four)], ["map": map]),
        ("Test08", ["map": map], ["set": set]),
        ("Test09", ["set": set], ["mytype": mytype]),
        ("Test10", ["mytype": mytype], [:]),
        ("Test11", ["last_more_replies": .array(replies)], [:]),
        ("End", [:], ["all_ok": .bool(true)]),
    ]

    /// Nulls are as good as absent, and a whole number as good as one with a point.
    static func normal(_ value: JSONValue) -> JSONValue {
        switch value {
        case .number(let number) where number == number.rounded() && abs(number) < 1e15: .integer(Int64(number))
        case .object(let object):
            .object(object.filter { $0.value != .null }.mapValues(normal))
        case .array(let array): .array(array.map(normal))
        default: value
        }
    }

    static func expect(_ got: [String: JSONValue]?, _ wanted: [String: JSONValue], _ method: String) throws {
        var got = got ?? [:]
        got["client_id"] = nil
        guard normal(.object(got)) == normal(.object(wanted)) else {
            throw Failure(description: "\(method): wanted \(wanted), not \(got)")
        }
    }

    // MARK: - The service

    static func serve(_ path: String) throws {
        let listener = try Line.socket()
        unsafe try Line.withAddress(path) { _ = unsafe bind(listener, $0, $1) }
        guard listen(listener, 8) == 0 else { throw Failure(description: "can't listen on \(path)") }
        print("listening")
        fflush(nil)
        while true {
            let number = accept(listener, nil, nil)
            guard number >= 0 else { continue }
            do {
                try answer(Line(number))
                print("certification passed")
            } catch {
                print("certify: \(error)")
            }
            fflush(nil)
        }
    }

    static func answer(_ line: Line) throws {
        var next = 0
        while let message = try line.next() {
            let call = try VarlinkJSON.decode(VarlinkCall.self, from: message)
            let description = "org.varlink.service.GetInterfaceDescription"
            if call.method == "org.varlink.service.GetInfo" || call.method == description {
                try line.send(introspect(call))
                continue
            }
            if call.method == "org.varlink.certification.Start" {
                next = 0
                try line.send(VarlinkReply(parameters: ["client_id": JSONValue.string("certify")]))
                continue
            }
            guard next < steps.count, call.method == "org.varlink.certification.\(steps[next].method)" else {
                throw Failure(description: "\(call.method) out of turn")
            }
            let step = steps[next]
            next += 1
            try expect(call.parameters, step.call, step.method)
            switch step.method {
            case "Test10":
                guard call.more == true else { throw Failure(description: "Test10 without more") }
                for (index, reply) in replies.enumerated() {
                    try line.send(VarlinkReply(parameters: ["string": reply], continues: index < 9 ? true : nil))
                }
            case "Test11":
                guard call.oneway == true else { throw Failure(description: "Test11 is not oneway") }
            default: try line.send(VarlinkReply(parameters: step.reply))
            }
            if step.method == "End" { return }
        }
        throw Failure(description: "the client went away before the end")
    }

    static func introspect(_ call: VarlinkCall) -> VarlinkReply<[String: JSONValue]> {
        guard call.parameters?["interface"] == nil else {
            return VarlinkReply(parameters: ["description": .string(interface)])
        }
        return VarlinkReply(parameters: [
            "vendor": .string("failover-agent"), "product": .string("certify"), "version": .string("1"),
            "url": .string(""),
            "interfaces": .array([.string("org.varlink.service"), .string("org.varlink.certification")]),
        ])
    }

    // MARK: - The client

    static func run(_ path: String) throws {
        let line = Line(try Line.socket())
        unsafe try Line.withAddress(path) { address, length in
            guard unsafe connect(line.number, address, length) == 0 else {
                throw Failure(description: "can't connect to \(path)")
            }
        }
        func call(_ method: String, _ parameters: [String: JSONValue]?, more: Bool? = nil, oneway: Bool? = nil) throws {
            try line.send(
                VarlinkCall(
                    method: "org.varlink.certification.\(method)", parameters: parameters, oneway: oneway, more: more))
        }
        func reply() throws -> VarlinkReply<[String: JSONValue]> {
            guard let message = try line.next() else { throw Failure(description: "the connection was closed") }
            let reply = try VarlinkJSON.decode(VarlinkReply<[String: JSONValue]>.self, from: message)
            if let error = reply.error { throw Failure(description: "\(error): \(reply.parameters ?? [:])") }
            return reply
        }
        try call("Start", nil)
        guard let id = try reply().parameters?["client_id"] else { throw Failure(description: "no client_id") }
        for step in steps {
            var parameters = step.call
            parameters["client_id"] = id
            switch step.method {
            case "Test10":
                try call(step.method, parameters, more: true)
                for (index, wanted) in replies.enumerated() {
                    let got = try reply()
                    try expect(got.parameters, ["string": wanted], step.method)
                    guard (got.continues == true) == (index < 9) else {
                        throw Failure(description: "continues is wrong")
                    }
                }
            case "Test11": try call(step.method, parameters, oneway: true)
            default:
                try call(step.method, parameters)
                try expect(try reply().parameters, step.reply, step.method)
            }
        }
        print("certification passed")
    }

    static let interface = """
        interface org.varlink.certification

        type Interface (foo: ?[]?[string](foo, bar, baz), anon: (foo: bool, bar: bool))

        type MyType (
          object: object, enum: (one, two, three), struct: (first: int, second: string), array: []string,
          dictionary: [string]string, stringset: [string](), nullable: ?string,
          nullable_array_struct: ?[](first: int, second: string), interface: Interface
        )

        method Start() -> (client_id: string)
        method Test01(client_id: string) -> (bool: bool)
        method Test02(client_id: string, bool: bool) -> (int: int)
        method Test03(client_id: string, int: int) -> (float: float)
        method Test04(client_id: string, float: float) -> (string: string)
        method Test05(client_id: string, string: string) -> (bool: bool, int: int, float: float, string: string)
        method Test06(client_id: string, bool: bool, int: int, float: float, string: string) -> (
          struct: (bool: bool, int: int, float: float, string: string)
        )
        method Test07(client_id: string, struct: (bool: bool, int: int, float: float, string: string)) -> (map: [string]string)
        method Test08(client_id: string, map: [string]string) -> (set: [string]())
        method Test09(client_id: string, set: [string]()) -> (mytype: MyType)
        method Test10(client_id: string, mytype: MyType) -> (string: string)
        method Test11(client_id: string, last_more_replies: []string) -> ()
        method End(client_id: string) -> (all_ok: bool)

        error ClientIdError ()
        error CertificationError (wants: object, got: object)

        """
}

/// One connection with this project's framing; it waits.
final class Line {
    let number: Int32
    private var framing = VarlinkFraming()

    init(_ number: Int32) { self.number = number }
    deinit { _ = close(number) }

    static func socket() throws -> Int32 {
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { throw Certify.Failure(description: "no socket") }
        return number
    }

    static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Certify.Failure(description: "the path is too long")
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        try unsafe withUnsafePointer(to: &address) { pointer in
            try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    func send(_ value: some Encodable) throws {
        let bytes = VarlinkFraming.frame(VarlinkJSON.encode(value))
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count == bytes.count else { throw Certify.Failure(description: "can't send") }
    }

    func next() throws -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            if let message = try framing.next() { return message }
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(number, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return nil }
            framing.append(chunk[..<count])
        }
    }
}
