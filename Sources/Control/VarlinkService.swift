/// What the service can tell about the agent.
package protocol AgentInformation {
    var instanceCount: Int { get }
    /// - Parameter index: 0 up to `instanceCount`.
    func instance(at index: Int) -> InstanceReport
    var status: StatusReport { get }
    /// The place of the instance of that name.
    func instanceIndex(named name: String) -> Int?
    /// - Parameter index: 0 up to `instanceCount`.
    func explanation(at index: Int) -> ExplanationReport
    /// - Parameter text: a configuration of at most `VarlinkService.longestConfiguration` bytes.
    func check(configuration text: String) -> CheckReport
}

/// Turns the bytes of a call into replies. It holds no state: each connection keeps its own stream of replies.
package struct VarlinkService: Sendable {
    /// What answers a call.
    package enum Answer: Hashable, Sendable {
        /// Nothing: the call was `oneway`.
        case none
        /// One framed reply.
        case reply([UInt8])
        /// One reply an instance, to be made as the client takes them.
        case instances
        /// One reply an interface, likewise.
        case interfaces
        /// One reply for each event after this one, likewise.
        case events(after: Int)
        /// One reply an instance, then one for each event as it happens.
        case watch
        /// The metrics in pieces.
        case metrics
        /// To be answered when the handover of the named instances is over.
        case handover([String])
        /// Not a Varlink call: the connection is of no use any more.
        case hangUp
    }

    package init() {}

    /// - Parameter message: a message without its zero byte.
    /// - Parameter caller: who asks.
    package func answer(_ message: [UInt8], from agent: some AgentControl, to caller: Caller) -> Answer {
        guard let call = try? VarlinkJSON.decode(VarlinkCall.self, from: message) else { return .hangUp }
        let answer = answer(call, from: agent, to: caller)
        return call.oneway == true ? .none : answer
    }

    private func answer(_ call: VarlinkCall, from agent: some AgentControl, to caller: Caller) -> Answer {
        switch call.method {
        case ServiceInterface.getInfo:
            return Self.reply([
                "vendor": .string("failover-agent"),
                "product": .string("failover-agent"),
                "version": .string(AgentVersion.current),
                "url": .string(""),
                "interfaces": .array([.string(ServiceInterface.name), .string(AgentInterface.name)]),
            ])
        case ServiceInterface.getInterfaceDescription:
            return interfaceDescription(call)
        case AgentInterface.getStatus:
            return .reply(Self.framed(agent.status))
        case AgentInterface.listInstances:
            return listInstances(call, from: agent)
        case AgentInterface.listInterfaces, AgentInterface.listEvents, AgentInterface.watch, AgentInterface.getMetrics:
            return stream(call)
        case AgentInterface.explain: return explain(call, agent)
        case AgentInterface.checkConfiguration: return check(call, agent)
        case AgentInterface.handover, AgentInterface.resume, AgentInterface.reload, AgentInterface.confirm,
            AgentInterface.setLogLevel:
            guard caller.mayChange else { return Self.error(ServiceInterface.permissionDenied, [:]) }
            return change(call, agent, caller)
        default:
            return unknown(call.method)
        }
    }

    private func interfaceDescription(_ call: VarlinkCall) -> Answer {
        guard case .string(let name)? = call.parameters?["interface"] else {
            return Self.invalid("interface")
        }
        switch name {
        case ServiceInterface.name: return Self.reply(["description": .string(ServiceInterface.description)])
        case AgentInterface.name: return Self.reply(["description": .string(AgentInterface.description)])
        default: return Self.error(ServiceInterface.interfaceNotFound, ["interface": .string(name)])
        }
    }

    private func listInstances(_ call: VarlinkCall, from agent: some AgentInformation) -> Answer {
        switch call.parameters?["name"] ?? .null {
        case .null:
            guard call.more == true else { return Self.error(ServiceInterface.expectedMore, [:]) }
            return .instances
        case .string(let name):
            guard let index = agent.instanceIndex(named: name) else {
                return Self.error(AgentInterface.noSuchInstance, ["name": .string(name)])
            }
            return .reply(Self.instanceReply(agent.instance(at: index), continues: false))
        default:
            return Self.invalid("name")
        }
    }

    /// Methods with as many replies as it takes.
    private func stream(_ call: VarlinkCall) -> Answer {
        guard call.more == true else { return Self.error(ServiceInterface.expectedMore, [:]) }
        switch call.method {
        case AgentInterface.listInterfaces: return .interfaces
        case AgentInterface.watch: return .watch
        case AgentInterface.getMetrics: return .metrics
        default:
            switch call.parameters?["since"] ?? .null {
            case .null: return .events(after: 0)
            case .integer(let sequence) where sequence >= 0: return .events(after: Int(sequence))
            default: return Self.invalid("since")
            }
        }
    }

    private func explain(_ call: VarlinkCall, _ agent: some AgentInformation) -> Answer {
        guard case .string(let name)? = call.parameters?["name"] else { return Self.invalid("name") }
        guard let index = agent.instanceIndex(named: name) else {
            return Self.error(AgentInterface.noSuchInstance, ["name": .string(name)])
        }
        return .reply(Self.framed(agent.explanation(at: index)))
    }

    /// In bytes. Read in about a millisecond.
    package static let longestConfiguration = 8 << 10

    private func check(_ call: VarlinkCall, _ agent: some AgentInformation) -> Answer {
        guard case .string(let text)? = call.parameters?["text"] else { return Self.invalid("text") }
        guard text.utf8.count <= Self.longestConfiguration else {
            return Self.error(
                AgentInterface.configurationTooLong, ["mostBytes": .integer(Int64(Self.longestConfiguration))])
        }
        return .reply(Self.framed(agent.check(configuration: text)))
    }

    private func unknown(_ method: String) -> Answer {
        guard let dot = method.lastIndex(of: ".") else {
            return Self.error(ServiceInterface.methodNotFound, ["method": .string(method)])
        }
        let interface = String(method[..<dot])
        if interface == ServiceInterface.name || interface == AgentInterface.name {
            return Self.error(ServiceInterface.methodNotFound, ["method": .string(method)])
        }
        return Self.error(ServiceInterface.interfaceNotFound, ["interface": .string(interface)])
    }

    /// One of the replies to `ListInstances`, framed.
    package static func instanceReply(_ instance: InstanceReport, continues: Bool) -> [UInt8] {
        framed(ListInstancesReply(instance: instance), continues: continues)
    }

    /// A reply with these parameters.
    package static func framed(_ parameters: some Codable & Sendable, continues: Bool = false) -> [UInt8] {
        VarlinkFraming.frame(
            VarlinkJSON.encode(VarlinkReply(parameters: parameters, continues: continues ? true : nil)))
    }

    /// The end of a connection whose client takes its events too slowly.
    package static var tooSlow: [UInt8] {
        VarlinkFraming.frame(VarlinkJSON.encode(VarlinkReply<[String: JSONValue]>(error: AgentInterface.tooSlow)))
    }

    static func reply(_ parameters: [String: JSONValue]) -> Answer {
        .reply(VarlinkFraming.frame(VarlinkJSON.encode(VarlinkReply(parameters: parameters))))
    }

    static func error(_ name: String, _ parameters: [String: JSONValue]) -> Answer {
        .reply(VarlinkFraming.frame(VarlinkJSON.encode(VarlinkReply(parameters: parameters, error: name))))
    }

    static func invalid(_ parameter: String) -> Answer {
        error(ServiceInterface.invalidParameter, ["parameter": .string(parameter)])
    }
}
