import Control
import Foundation
import Testing

/// An agent with two instances.
struct TwoInstances: AgentControl {
    let names = ["a", "b"]
    var instanceCount: Int { names.count }

    func instance(at index: Int) -> InstanceReport {
        InstanceReport(
            name: names[index], state: "backup", since: "2026-01-01T00:00:00.000Z", secondsInState: 1.5,
            reason: "started",
            interface: "eth0", virtualRouterId: 10, version: 2, priority: 100)
    }

    func instanceIndex(named name: String) -> Int? { names.firstIndex(of: name) }
    func handOver(_ request: HandoverRequest) -> [AskedInstance] {
        request.instances.map { AskedInstance(name: names[$0], key: $0) }
    }
    func handoverResult(of instance: AskedInstance) -> HandoverResult {
        instance.key == 0 ? .done : .nobodyTookOver(milliseconds: 2392)
    }
    func resume(_ instances: [Int]) -> [String] { instances.map { names[$0] } }
    func reload(isPlan: Bool, confirmSeconds: Int?) -> ReloadAnswer {
        switch confirmSeconds {
        case 13: .done(.invalid(["f:1:1: error: no"]))
        case 14: .underWay(7)
        default: .done(.changed([isPlan ? "planned" : "done"], warnings: []))
        }
    }
    func reloadResult(_ number: Int) -> ReloadResult? { number == 7 ? nil : .changed(["at last"], warnings: []) }
    func confirm() -> Bool { false }
    func setLogLevel(_ level: String) -> Bool { level == "info" }
    func explanation(at index: Int) -> ExplanationReport {
        ExplanationReport(summary: names[index], causes: [.init(text: "why", advice: "type this")], next: "then")
    }
    func check(configuration text: String) -> CheckReport {
        CheckReport(valid: text.isEmpty, diagnostics: [], changes: [])
    }
}

@Suite("Varlink framing")
struct FramingTests {
    @Test("A reply may be longer than a call")
    func longReply() throws {
        let reply = [UInt8](repeating: 0x20, count: VarlinkFraming.longestMessage * 4)
        var framing = VarlinkFraming(longest: VarlinkFraming.longestReply)
        framing.append(VarlinkFraming.frame(reply))
        #expect(try framing.next() == reply)
        var calls = VarlinkFraming()
        calls.append(VarlinkFraming.frame(reply))
        #expect(throws: VarlinkFraming.MessageTooLong.self) { try calls.next() }
    }

    @Test("Messages come out whole, however they arrive")
    func pieces() throws {
        let stream = Array("{\"a\":1}\0{}\0".utf8)
        for size in 1...stream.count {
            var framing = VarlinkFraming()
            var messages: [String] = []
            var rest = stream[...]
            while !rest.isEmpty {
                framing.append(rest.prefix(size))
                rest = rest.dropFirst(size)
                while let message = try framing.next() { messages.append(String(decoding: message, as: UTF8.self)) }
            }
            #expect(messages == ["{\"a\":1}", "{}"])
            #expect(!framing.hasMessage)
        }
    }

    @Test("A message of 64 KiB passes, a longer one is refused, with or without its end")
    func limit() throws {
        let longest = [UInt8](repeating: 0x20, count: VarlinkFraming.longestMessage)
        var framing = VarlinkFraming()
        framing.append(longest + [0])
        #expect(try framing.next()?.count == longest.count)
        framing.append(longest + [0x20])
        #expect(throws: VarlinkFraming.MessageTooLong.self) { try framing.next() }
        var ended = VarlinkFraming()
        ended.append(longest + [0x20, 0])
        #expect(throws: VarlinkFraming.MessageTooLong.self) { try ended.next() }
    }
}

@Suite("The Varlink service")
struct ServiceTests {
    private func answer(_ call: String, mayChange: Bool = true) -> VarlinkService.Answer {
        VarlinkService().answer(
            Array(call.utf8), from: TwoInstances(), to: Caller(name: "uid 1", mayChange: mayChange))
    }

    private func reply(_ call: String) throws -> VarlinkReply<[String: JSONValue]> {
        guard case .reply(let bytes) = answer(call) else { throw NoReply() }
        #expect(bytes.last == 0)
        return try VarlinkJSON.decode(VarlinkReply<[String: JSONValue]>.self, from: bytes.dropLast())
    }

    private struct NoReply: Error {}

    @Test(
        "GetInfo names the interfaces; absent, null and empty parameters are alike",
        arguments: [
            "{\"method\":\"org.varlink.service.GetInfo\"}",
            "{\"method\":\"org.varlink.service.GetInfo\",\"parameters\":null}",
            "{\"method\":\"org.varlink.service.GetInfo\",\"parameters\":{},\"more\":true}",
        ])
    func info(call: String) throws {
        let parameters = try #require(try reply(call).parameters)
        #expect(
            parameters["interfaces"] == .array([.string("org.varlink.service"), .string("io.failoveragent.Agent")]))
        #expect(parameters["version"] == .string(AgentVersion.current))
    }

    @Test("Interfaces describe themselves", arguments: ["org.varlink.service", "io.failoveragent.Agent"])
    func description(interface: String) throws {
        let reply = try reply(
            "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"\(interface)\"}}"
        )
        let text = try #require(reply.parameters?["description"]?.stringValue)
        #expect(text.contains("interface \(interface)\n"))
    }

    @Test(
        "Errors are the standard ones",
        arguments: [
            (
                "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"x.y\"}}",
                "org.varlink.service.InterfaceNotFound"
            ),
            ("{\"method\":\"org.varlink.service.GetInterfaceDescription\"}", "org.varlink.service.InvalidParameter"),
            ("{\"method\":\"org.varlink.service.Nothing\"}", "org.varlink.service.MethodNotFound"),
            ("{\"method\":\"io.failoveragent.Agent.Nothing\"}", "org.varlink.service.MethodNotFound"),
            ("{\"method\":\"no.such.interface.Method\"}", "org.varlink.service.InterfaceNotFound"),
            ("{\"method\":\"io.failoveragent.Agent.ListInstances\"}", "org.varlink.service.ExpectedMore"),
            (
                "{\"method\":\"io.failoveragent.Agent.ListInstances\",\"parameters\":{\"name\":7}}",
                "org.varlink.service.InvalidParameter"
            ),
            (
                "{\"method\":\"io.failoveragent.Agent.ListInstances\",\"parameters\":{\"name\":\"c\"}}",
                "io.failoveragent.Agent.NoSuchInstance"
            ),
        ])
    func errors(call: String, error: String) throws {
        #expect(try reply(call).error == error)
    }

    @Test("All instances stream, one is told alone")
    func instances() throws {
        #expect(answer("{\"method\":\"io.failoveragent.Agent.ListInstances\",\"more\":true}") == .instances)
        let one = try reply("{\"method\":\"io.failoveragent.Agent.ListInstances\",\"parameters\":{\"name\":\"b\"}}")
        guard case .object(let instance)? = one.parameters?["instance"] else {
            Issue.record("no instance")
            return
        }
        #expect(instance["name"] == .string("b"))
        #expect(instance["secondsInState"] == .number(1.5))
    }

    @Test(
        "A oneway call gets no reply, what is no call ends the connection",
        arguments: [
            ("{\"method\":\"org.varlink.service.GetInfo\",\"oneway\":true}", VarlinkService.Answer.none), ("", .hangUp),
            ("[]", .hangUp),
            ("{}", .hangUp), ("{\"method\":1}", .hangUp), ("\u{FF}", .hangUp),
            (String(repeating: "[", count: 60_000), .hangUp),
        ])
    func others(call: String, answer: VarlinkService.Answer) {
        #expect(self.answer(call) == answer)
    }

    @Test("Every field that is sent is described")
    func described() throws {
        let json = VarlinkJSON.encode(TwoInstances().instance(at: 0))
        guard case .object(let fields) = try VarlinkJSON.decode(JSONValue.self, from: json) else { return }
        for field in fields.keys {
            #expect(AgentInterface.description.contains("  \(field): "), "\(field)")
        }
    }
}

@Suite("Methods that change something")
struct ChangeTests {
    private func reply(_ method: String, _ parameters: String = "{}", mayChange: Bool = true) throws -> (
        error: String?, parameters: [String: JSONValue]
    ) {
        let call = "{\"method\":\"io.failoveragent.Agent.\(method)\",\"parameters\":\(parameters)}"
        let answer = VarlinkService().answer(
            Array(call.utf8), from: TwoInstances(), to: Caller(name: "uid 1000", mayChange: mayChange))
        let bytes: [UInt8]
        switch answer {
        case .reply(let reply): bytes = reply
        case .handover(let names): bytes = try #require(VarlinkService.handoverReply(names, from: TwoInstances()))
        default: throw Failure()
        }
        let reply = try VarlinkJSON.decode(VarlinkReply<[String: JSONValue]>.self, from: bytes.dropLast())
        return (reply.error, reply.parameters ?? [:])
    }

    private struct Failure: Error {}

    @Test("They are refused to others", arguments: ["Handover", "Resume", "Reload", "Confirm"])
    func permission(method: String) throws {
        #expect(try reply(method, mayChange: false).error == "org.varlink.service.PermissionDenied")
    }

    @Test("A handover answers with its instances, or says that nobody took over")
    func handover() throws {
        #expect(try reply("Handover", "{\"names\":[\"a\"]}").parameters == ["instances": .array([.string("a")])])
        let failed = try reply("Handover", "{\"names\":null,\"force\":false}")
        #expect(failed.error == "io.failoveragent.Agent.NobodyTookOver")
        #expect(failed.parameters == ["instances": .array([.string("b")]), "milliseconds": .integer(2392)])
        #expect(try reply("Handover", "{\"names\":[\"c\"]}").error == "io.failoveragent.Agent.NoSuchInstance")
    }

    @Test("A reload tells the changes, a plan what they would be, errors the diagnostics")
    func reload() throws {
        #expect(try reply("Reload").parameters["changes"] == .array([.string("done")]))
        #expect(try reply("Reload", "{\"plan\":true}").parameters["changes"] == .array([.string("planned")]))
        // One that waits for somebody is answered when it is over.
        let call = "{\"method\":\"io.failoveragent.Agent.Reload\",\"parameters\":{\"confirmSeconds\":14}}"
        let answer = VarlinkService().answer(
            Array(call.utf8), from: TwoInstances(), to: Caller(name: "uid 0", mayChange: true))
        #expect(answer == .reload(7))
        #expect(VarlinkService.reloadReply(7, from: TwoInstances()) == nil)
        #expect(VarlinkService.reloadReply(8, from: TwoInstances())?.isEmpty == false)
        let failed = try reply("Reload", "{\"confirmSeconds\":13}")
        #expect(failed.error == "io.failoveragent.Agent.ConfigurationInvalid")
        #expect(failed.parameters["diagnostics"] == .array([.string("f:1:1: error: no")]))
        #expect(try reply("Confirm").error == "io.failoveragent.Agent.NothingToConfirm")
    }

    @Test(
        "A parameter of the wrong type, or out of its range, is named",
        arguments: [
            ("Handover", "{\"names\":\"a\"}", "names"), ("Handover", "{\"names\":[1]}", "names"),
            ("Handover", "{\"seconds\":0}", "seconds"), ("Handover", "{\"seconds\":1.5}", "seconds"),
            ("Handover", "{\"force\":1}", "force"), ("Reload", "{\"confirmSeconds\":-1}", "confirmSeconds"),
            ("Reload", "{\"plan\":\"yes\"}", "plan"),
            ("Handover", "{\"seconds\":9223372036854775807}", "seconds"),
        ])
    func invalid(method: String, parameters: String, name: String) throws {
        let answer = try reply(method, parameters)
        #expect(answer.error == "org.varlink.service.InvalidParameter")
        #expect(answer.parameters == ["parameter": .string(name)])
    }
}

@Suite("Whatever a client sends")
struct CostTests {
    /// A nest that a decoder which looks at everything takes minutes for.
    @Test("Parameters are looked at no deeper than the method needs")
    func depth() throws {
        let nest =
            String(repeating: "[", count: 450) + Array(repeating: "\"\"", count: 15_000).joined(separator: ",")
            + String(repeating: "]", count: 450)
        for (method, error) in [
            ("x.y.Z", ServiceInterface.interfaceNotFound), (AgentInterface.explain, ServiceInterface.invalidParameter),
            (AgentInterface.getStatus, ServiceInterface.invalidParameter),
            (AgentInterface.handover, ServiceInterface.invalidParameter),
        ] {
            for name in ["name", "names", "a"] {
                let call = "{\"method\":\"\(method)\",\"parameters\":{\"\(name)\":\(nest)}}"
                let answer = VarlinkService().answer(
                    Array(call.utf8), from: TwoInstances(), to: Caller(name: "uid 1", mayChange: true))
                guard case .reply(let bytes) = answer else {
                    Issue.record("no reply")
                    continue
                }
                let reply = try VarlinkJSON.decode(VarlinkReply<[String: JSONValue]>.self, from: bytes.dropLast())
                #expect(reply.error == error)
            }
        }
    }

    @Test("A parameter that the method does not know is told, not passed over: a typo must not hand over everything")
    func unknown() throws {
        let call = "{\"method\":\"io.failoveragent.Agent.Handover\",\"parameters\":{\"name\":\"a\"}}"
        let answer = VarlinkService().answer(
            Array(call.utf8), from: TwoInstances(), to: Caller(name: "uid 0", mayChange: true))
        guard case .reply(let bytes) = answer else {
            Issue.record("no reply")
            return
        }
        let reply = try VarlinkJSON.decode(VarlinkReply<[String: JSONValue]>.self, from: bytes.dropLast())
        #expect(reply.error == ServiceInterface.invalidParameter)
        #expect(reply.parameters == ["parameter": .string("name")])
    }
}

@Suite("The interface description")
struct DescriptionTests {
    @Test("docs/io.failoveragent.Agent.varlink is what the agent serves")
    func file() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/io.failoveragent.Agent.varlink").standardized
        #expect(try String(contentsOf: path, encoding: .utf8) == AgentInterface.description)
    }

    @Test("Every method, type, field and error has its comment")
    func comments() {
        let lines = AgentInterface.description.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated()
        where line.hasPrefix("method ") || line.hasPrefix("type ") || line.hasPrefix("error ") {
            #expect(number > 0 && lines[number - 1].hasPrefix("#"), "\(line)")
        }
        // Fields that have a line of their own; the others are told of with their method or error.
        for (number, line) in lines.enumerated() where line.hasPrefix("  ") && line.contains(": ") {
            guard !line.contains("#") else { continue }
            #expect(lines[number - 1].hasPrefix("  #"), "\(line)")
        }
    }
}
