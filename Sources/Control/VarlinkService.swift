/// What the service can tell about the agent.
package protocol AgentInformation {
    var instanceCount: Int { get }
    /// - Parameter index: 0 up to `instanceCount`.
    func instance(at index: Int) -> InstanceReport
    var status: StatusReport { get }
    /// The place of the instance of that name.
    func instanceIndex(named name: String) -> Int?
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
            return .reply(VarlinkFraming.frame(VarlinkJSON.encode(VarlinkReply(parameters: agent.status))))
        case AgentInterface.listInstances:
            return listInstances(call, from: agent)
        case AgentInterface.handover, AgentInterface.resume, AgentInterface.reload, AgentInterface.confirm:
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
        VarlinkFraming.frame(
            VarlinkJSON.encode(
                VarlinkReply(parameters: ListInstancesReply(instance: instance), continues: continues ? true : nil)))
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
