/// The methods that change something.
extension VarlinkService {
    /// A parameter is of the wrong type, or out of its range.
    private struct Invalid: Error {
        var parameter: String
    }

    /// A handover or a confirmation later than that is a mistake.
    private static let longest = 365 * 86_400

    func change(_ call: VarlinkCall, _ agent: some AgentControl, _ caller: Caller) -> Answer {
        do throws(Invalid) {
            switch call.method {
            case AgentInterface.handover: return try handover(call, agent, caller)
            case AgentInterface.resume: return try resume(call, agent)
            case AgentInterface.reload: return try reload(call, agent)
            case AgentInterface.setLogLevel:
                guard let level = try string(call, "level"), agent.setLogLevel(level) else {
                    throw Invalid(parameter: "level")
                }
                return Self.reply([:])
            default:
                guard agent.confirm() else { return Self.error(AgentInterface.nothingToConfirm, [:]) }
                return Self.reply([:])
            }
        } catch {
            return Self.invalid(error.parameter)
        }
    }

    private func handover(_ call: VarlinkCall, _ agent: some AgentControl, _ caller: Caller) throws(Invalid) -> Answer {
        let instances: [Int]
        switch try named(call, agent) {
        case .missing(let name): return Self.error(AgentInterface.noSuchInstance, ["name": .string(name)])
        case .found(let found): instances = found
        }
        var requester = caller.name
        if let text = try string(call, "requestedBy") {
            requester =
                "\(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(64).map(String.init).joined()) (\(caller.name))"
        }
        agent.handOver(
            HandoverRequest(
                instances: instances, seconds: try integer(call, "seconds"), isForced: try flag(call, "force"),
                neverClaims: try flag(call, "never"), requestedBy: requester))
        return .handover(instances.map { agent.instance(at: $0).name })
    }

    /// The reply to `Handover`, once it is over; `nil` while it is not.
    package static func handoverReply(_ names: [String], from agent: some AgentControl) -> [UInt8]? {
        var failed: [JSONValue] = []
        var longest = 0
        for name in names {
            switch agent.handoverResult(ofInstanceNamed: name) {
            case .underWay: return nil
            case .done: break
            case .nobodyTookOver(let milliseconds):
                failed.append(.string(name))
                longest = max(longest, milliseconds)
            }
        }
        let answer =
            failed.isEmpty
            ? reply(["instances": .array(names.map { .string($0) })])
            : error(
                AgentInterface.nobodyTookOver,
                ["instances": .array(failed), "milliseconds": .integer(Int64(longest))])
        guard case .reply(let bytes) = answer else { return nil }
        return bytes
    }

    private func resume(_ call: VarlinkCall, _ agent: some AgentControl) throws(Invalid) -> Answer {
        switch try named(call, agent) {
        case .missing(let name): return Self.error(AgentInterface.noSuchInstance, ["name": .string(name)])
        case .found(let found):
            return Self.reply(["instances": .array(agent.resume(found).map { .string($0) })])
        }
    }

    private func reload(_ call: VarlinkCall, _ agent: some AgentControl) throws(Invalid) -> Answer {
        let seconds = try integer(call, "confirmSeconds")
        switch agent.reload(isPlan: try flag(call, "plan"), confirmSeconds: seconds) {
        case .changed(let changes, let warnings):
            return Self.reply([
                "changes": .array(changes.map { .string($0) }), "warnings": .array(warnings.map { .string($0) }),
            ])
        case .invalid(let diagnostics):
            return Self.error(
                AgentInterface.configurationInvalid, ["diagnostics": .array(diagnostics.map { .string($0) })])
        }
    }

    // MARK: - Parameters: absent and null are the same

    private enum Named {
        case found([Int])
        case missing(String)
    }

    private func named(_ call: VarlinkCall, _ agent: some AgentControl) throws(Invalid) -> Named {
        switch call.parameters?["names"] ?? .null {
        case .null: return .found(Array(0..<agent.instanceCount))
        case .array(let values):
            var found: [Int] = []
            for value in values {
                guard case .string(let name) = value else { throw Invalid(parameter: "names") }
                guard let index = agent.instanceIndex(named: name) else { return .missing(name) }
                if !found.contains(index) { found.append(index) }
            }
            return .found(found)
        default: throw Invalid(parameter: "names")
        }
    }

    private func flag(_ call: VarlinkCall, _ name: String) throws(Invalid) -> Bool {
        switch call.parameters?[name] ?? .null {
        case .null: return false
        case .bool(let value): return value
        default: throw Invalid(parameter: name)
        }
    }

    private func string(_ call: VarlinkCall, _ name: String) throws(Invalid) -> String? {
        switch call.parameters?[name] ?? .null {
        case .null: return nil
        case .string(let value): return value
        default: throw Invalid(parameter: name)
        }
    }

    private func integer(_ call: VarlinkCall, _ name: String) throws(Invalid) -> Int? {
        switch call.parameters?[name] ?? .null {
        case .null: return nil
        case .integer(let value) where (1...Int64(Self.longest)).contains(value): return Int(value)
        default: throw Invalid(parameter: name)
        }
    }
}
