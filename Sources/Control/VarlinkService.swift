/// What the service can tell about the agent.
package protocol AgentInformation {
    var instanceCount: Int { get }
    /// - Parameter index: 0 up to `instanceCount`.
    func instance(at index: Int) -> InstanceReport
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
        /// One reply, for which every instance has to be looked at.
        case status
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
        case handover([AskedInstance])
        /// To be answered when the reload of that number is over.
        case reload(Int)
        /// Not a Varlink call: the connection is of no use any more.
        case hangUp
    }

    package init() {}

    /// - Parameter message: a message without its zero byte.
    /// - Parameter caller: who asks.
    package func answer(_ message: [UInt8], from agent: some AgentControl, to caller: Caller) -> Answer {
        guard let call = IncomingCall(message) else { return .hangUp }
        let answer = answer(call, from: agent, to: caller)
        return call.isOneway ? .none : answer
    }

    private func answer(_ call: IncomingCall, from agent: some AgentControl, to caller: Caller) -> Answer {
        do throws(IncomingCall.Invalid) {
            switch call.method {
            case ServiceInterface.getInfo:
                _ = try call.parameters()
                return Self.information
            case ServiceInterface.getInterfaceDescription:
                return interfaceDescription(try call.parameters("interface").requiredString("interface"))
            case AgentInterface.getStatus:
                _ = try call.parameters()
                return .status
            case AgentInterface.listInstances: return try listInstances(call, from: agent)
            case AgentInterface.listInterfaces, AgentInterface.listEvents, AgentInterface.watch,
                AgentInterface.getMetrics:
                return try stream(call)
            case AgentInterface.explain: return try explain(call, agent)
            case AgentInterface.checkConfiguration: return try check(call, agent)
            case AgentInterface.handover, AgentInterface.resume, AgentInterface.reload, AgentInterface.confirm,
                AgentInterface.setLogLevel:
                guard caller.mayChange else { return Self.error(ServiceInterface.permissionDenied, [:]) }
                return try change(call, agent, caller)
            default:
                return unknown(call.method)
            }
        } catch {
            return Self.invalid(error.parameter)
        }
    }

    private static var information: Answer {
        reply([
            "vendor": .string("failover-agent"),
            "product": .string("failover-agent"),
            "version": .string(AgentVersion.current),
            "url": .string(""),
            "interfaces": .array([.string(ServiceInterface.name), .string(AgentInterface.name)]),
        ])
    }

    private func interfaceDescription(_ name: String) -> Answer {
        switch name {
        case ServiceInterface.name: Self.reply(["description": .string(ServiceInterface.description)])
        case AgentInterface.name: Self.reply(["description": .string(AgentInterface.description)])
        default: Self.error(ServiceInterface.interfaceNotFound, ["interface": .string(name)])
        }
    }

    private func listInstances(
        _ call: IncomingCall, from agent: some AgentInformation
    ) throws(IncomingCall.Invalid) -> Answer {
        guard let name = try call.parameters("name").string("name") else {
            return call.wantsMore ? .instances : Self.error(ServiceInterface.expectedMore, [:])
        }
        guard let index = agent.instanceIndex(named: name) else { return Self.noInstance(name) }
        return .reply(Self.instanceReply(agent.instance(at: index), continues: false))
    }

    /// Methods with as many replies as it takes.
    private func stream(_ call: IncomingCall) throws(IncomingCall.Invalid) -> Answer {
        let since =
            call.method == AgentInterface.listEvents
            ? try call.parameters("since").integer("since", in: 0...Int.max) : nil
        if call.method != AgentInterface.listEvents { _ = try call.parameters() }
        guard call.wantsMore else { return Self.error(ServiceInterface.expectedMore, [:]) }
        switch call.method {
        case AgentInterface.listInterfaces: return .interfaces
        case AgentInterface.watch: return .watch
        case AgentInterface.getMetrics: return .metrics
        default: return .events(after: since ?? 0)
        }
    }

    private func explain(_ call: IncomingCall, _ agent: some AgentInformation) throws(IncomingCall.Invalid) -> Answer {
        let name = try call.parameters("name").requiredString("name")
        guard let index = agent.instanceIndex(named: name) else { return Self.noInstance(name) }
        return .reply(Self.framed(agent.explanation(at: index)))
    }

    static func noInstance(_ name: String) -> Answer {
        error(AgentInterface.noSuchInstance, ["name": .string(name)])
    }

    /// In bytes. Read in about a millisecond.
    package static let longestConfiguration = 8 << 10

    private func check(_ call: IncomingCall, _ agent: some AgentInformation) throws(IncomingCall.Invalid) -> Answer {
        let text = try call.parameters("text").requiredString("text")
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
