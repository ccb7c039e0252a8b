/// The methods that change something.
extension VarlinkService {
    /// A handover or a confirmation later than that is a mistake.
    private static let longest = 365 * 86_400

    func change(
        _ call: IncomingCall, _ agent: some AgentControl, _ caller: Caller
    ) throws(IncomingCall.Invalid) -> Answer {
        switch call.method {
        case AgentInterface.handover: return try handover(call, agent, caller)
        case AgentInterface.resume: return try resume(call, agent)
        case AgentInterface.reload: return try reload(call, agent)
        case AgentInterface.setLogLevel:
            guard agent.setLogLevel(try call.parameters("level").requiredString("level")) else {
                throw IncomingCall.Invalid(parameter: "level")
            }
            return Self.reply([:])
        default:
            _ = try call.parameters()
            guard agent.confirm() else { return Self.error(AgentInterface.nothingToConfirm, [:]) }
            return Self.reply([:])
        }
    }

    private func handover(
        _ call: IncomingCall, _ agent: some AgentControl, _ caller: Caller
    ) throws(IncomingCall.Invalid) -> Answer {
        let parameters = try call.parameters("names", "seconds", "force", "never", "requestedBy")
        let instances: [Int]
        switch try named(parameters, agent) {
        case .missing(let name): return Self.noInstance(name)
        case .found(let found): instances = found
        }
        var requester = caller.name
        if let text = try parameters.string("requestedBy") {
            requester =
                "\(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(64).map(String.init).joined()) (\(caller.name))"
        }
        return .handover(
            agent.handOver(
                HandoverRequest(
                    instances: instances, seconds: try parameters.integer("seconds", in: 1...Self.longest),
                    isForced: try parameters.flag("force"), neverClaims: try parameters.flag("never"),
                    requestedBy: requester)))
    }

    /// The reply to `Handover`, once it is over; `nil` while it is not.
    package static func handoverReply(_ instances: [AskedInstance], from agent: some AgentControl) -> [UInt8]? {
        var failed: [JSONValue] = []
        var longest = 0
        for instance in instances {
            switch agent.handoverResult(of: instance) {
            case .underWay: return nil
            case .done: break
            case .nobodyTookOver(let milliseconds):
                failed.append(.string(instance.name))
                longest = max(longest, milliseconds)
            }
        }
        let answer =
            failed.isEmpty
            ? reply(["instances": .array(instances.map { .string($0.name) })])
            : error(
                AgentInterface.nobodyTookOver,
                ["instances": .array(failed), "milliseconds": .integer(Int64(longest))])
        guard case .reply(let bytes) = answer else { return nil }
        return bytes
    }

    private func resume(_ call: IncomingCall, _ agent: some AgentControl) throws(IncomingCall.Invalid) -> Answer {
        switch try named(call.parameters("names"), agent) {
        case .missing(let name): return Self.noInstance(name)
        case .found(let found):
            return Self.reply(["instances": .array(agent.resume(found).map { .string($0) })])
        }
    }

    private func reload(_ call: IncomingCall, _ agent: some AgentControl) throws(IncomingCall.Invalid) -> Answer {
        let parameters = try call.parameters("plan", "confirmSeconds")
        let seconds = try parameters.integer("confirmSeconds", in: 1...Self.longest)
        return switch agent.reload(isPlan: try parameters.flag("plan"), confirmSeconds: seconds) {
        case .done(let result): Self.answer(result)
        case .underWay(let number): .reload(number)
        }
    }

    private static func answer(_ result: ReloadResult) -> Answer {
        switch result {
        case .changed(let changes, let warnings):
            reply([
                "changes": .array(changes.map { .string($0) }), "warnings": .array(warnings.map { .string($0) }),
            ])
        case .invalid(let diagnostics):
            error(AgentInterface.configurationInvalid, ["diagnostics": .array(diagnostics.map { .string($0) })])
        }
    }

    /// The reply to `Reload`, once it is over; `nil` while it is not.
    package static func reloadReply(_ number: Int, from agent: some AgentControl) -> [UInt8]? {
        guard let result = agent.reloadResult(number), case .reply(let bytes) = answer(result) else { return nil }
        return bytes
    }

    private enum Named {
        case found([Int])
        case missing(String)
    }

    private func named(
        _ parameters: IncomingCall.Parameters, _ agent: some AgentControl
    ) throws(IncomingCall.Invalid) -> Named {
        guard let names = try parameters.strings("names") else { return .found(Array(0..<agent.instanceCount)) }
        var found: [Int] = []
        var known: Set<Int> = []
        for name in names {
            guard let index = agent.instanceIndex(named: name) else { return .missing(name) }
            if known.insert(index).inserted { found.append(index) }
        }
        return .found(found)
    }
}
