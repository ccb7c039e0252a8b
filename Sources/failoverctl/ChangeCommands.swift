import ArgumentParser
import Control
import Glibc

/// A call that changes something, with its answer in words.
struct ChangeCall {
    let agent: AgentOptions
    let method: String
    var parameters: [String: JSONValue] = [:]
    /// How long the answer may take, in seconds.
    var patience = 5

    /// So many instances are named one by one.
    private static let mostNames = 20

    /// - Returns: the reply's parameters.
    func send() throws -> [String: JSONValue] {
        do {
            let connection = try AgentConnection(path: agent.socket, patience: patience)
            var answer: [String: JSONValue] = [:]
            try connection.call(VarlinkCall(method: method, parameters: parameters)) { reply in
                answer = reply.parameters
            }
            return answer
        } catch let error as ConnectionError {
            Output.complain(error.description)
            throw ExitCode(error.exitCode)
        } catch let refusal as ErrorReply {
            try explain(refusal)
            throw ExitCode(1)
        }
    }

    private func explain(_ refusal: ErrorReply) throws {
        switch refusal.error {
        case ServiceInterface.permissionDenied:
            Output.complain("only root, the agent's user and the members of admin_group may do this")
        case AgentInterface.nobodyTookOver:
            let milliseconds = refusal.parameters["milliseconds"].map { "\($0.integerValue ?? 0)" } ?? "?"
            let names = refusal.parameters["instances"]?.strings ?? []
            for name in names.prefix(Self.mostNames) {
                Output.complain("\(name): nobody took over in \(milliseconds) ms; still master")
            }
            if names.count > Self.mostNames {
                Output.complain("and \(names.count - Self.mostNames) more: nobody took over; see 'failoverctl status'")
            }
        case AgentInterface.configurationInvalid:
            for diagnostic in refusal.parameters["diagnostics"]?.strings ?? [] { Output.note(diagnostic) }
            Output.complain("the configuration has errors: nothing was changed")
        case AgentInterface.nothingToConfirm:
            Output.complain("there is nothing to confirm")
        case AgentInterface.noSuchInstance:
            throw Question(agent: agent).unknown(refusal.parameters["name"]?.stringValue ?? "")
        default:
            Output.complain("the agent refused: \(refusal.error)")
        }
    }
}

extension JSONValue {
    var strings: [String] {
        if case .array(let values) = self { return values.compactMap(\.stringValue) }
        return []
    }

    var integerValue: Int64? {
        if case .integer(let value) = self { return value }
        return nil
    }
}

/// A span such as 90, 90s, 5m, 2h, 1d.
struct Span: ExpressibleByArgument {
    let seconds: Int

    init?(argument: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let factor = argument.last.flatMap { units[$0] }
        let digits = factor == nil ? argument[...] : argument.dropLast()
        guard digits.count <= 9, let number = Int(digits), number > 0, !digits.hasPrefix("+"),
            number <= 365 * 86_400 / (factor ?? 1)
        else { return nil }
        seconds = number * (factor ?? 1)
    }
}

/// Instances by name, or all.
struct InstanceSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("The instances.", valueName: "name"), completion: .instances)
    var names: [String] = []

    @Flag(help: "All instances.")
    var all = false

    func validate() throws {
        if names.isEmpty != all { throw ValidationError("name instances, or use --all") }
    }

    var parameter: JSONValue { all ? .null : .array(names.map { .string($0) }) }
}

/// `failoverctl handover`
struct HandoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "handover",
        abstract: "Lets another host be master, without a gap.",
        discussion: """
            The instance then preempts nobody, and becomes master again only when nobody else is there. It lasts until 'resume', \
            over restarts and reboots, or for the time given. Exit codes: 0 another host is master, 1 nobody took over (this \
            host goes on) or not allowed, 2 there is no such instance, 3 there is no agent.
            """
    )

    @OptionGroup var agent: AgentOptions
    @OptionGroup var selection: InstanceSelection

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("End it by itself after this time, such as 90s, 5m, 2h.", valueName: "time"))
    var span: Span?

    @Flag(help: "Let go also when nobody takes over.")
    var force = false

    @Flag(help: "Do not become master even when nobody else is there.")
    var never = false

    func run() throws {
        var parameters: [String: JSONValue] = [
            "names": selection.parameter, "force": .bool(force), "never": .bool(never),
        ]
        if let span { parameters["seconds"] = .integer(Int64(span.seconds)) }
        if let name = unsafe getenv("SUDO_USER") ?? getenv("USER") {
            parameters["requestedBy"] = .string(unsafe String(cString: name))
        }
        // The agent waits for a successor for up to 5 s.
        let answer = try ChangeCall(
            agent: agent, method: AgentInterface.handover, parameters: parameters, patience: 15
        ).send()
        let names = answer["instances"]?.strings ?? []
        let reports = names.isEmpty ? [] : try Question(agent: agent).instances()
        for name in names {
            let master = reports.first { $0.name == name }?.master
            try Output.line(
                "\(name): "
                    + (master.map { "handed over; \($0.address) is master" }
                        ?? "this host stands back; no other master has been heard"))
        }
    }
}

/// `failoverctl resume`
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Ends a handover: the instance takes part as its configuration says.",
        discussion: "Exit codes: 0 done, 1 not allowed, 2 there is no such instance, 3 there is no agent.")

    @OptionGroup var agent: AgentOptions
    @OptionGroup var selection: InstanceSelection

    func run() throws {
        let answer = try ChangeCall(
            agent: agent, method: AgentInterface.resume, parameters: ["names": selection.parameter]
        ).send()
        let names = answer["instances"]?.strings ?? []
        for name in names { try Output.line("\(name): takes part again") }
        if names.isEmpty { try Output.line("nothing was handed over") }
    }
}

/// `failoverctl reload`
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Has the agent read its configuration again; only what differs changes.",
        discussion: """
            A configuration with errors changes nothing. Exit codes: 0 done, 1 the configuration has errors or not allowed, 3 there is \
            no agent.
            """)

    @OptionGroup var agent: AgentOptions

    @Flag(help: "Only say what would change, and for how long an address would be unreachable.")
    var plan = false

    @Option(
        help: ArgumentHelp(
            "Return to the present configuration after this time, unless 'confirm' follows.", valueName: "time"))
    var confirm: Span?

    func run() throws {
        var parameters: [String: JSONValue] = ["plan": .bool(plan)]
        if let confirm { parameters["confirmSeconds"] = .integer(Int64(confirm.seconds)) }
        let answer = try ChangeCall(agent: agent, method: AgentInterface.reload, parameters: parameters).send()
        for warning in answer["warnings"]?.strings ?? [] { Output.note(warning) }
        let changes = answer["changes"]?.strings ?? []
        for change in changes { try Output.line(change) }
        if changes.isEmpty { try Output.line(plan ? "nothing would change" : "nothing has changed") }
        if let confirm, !plan { try Output.line("confirm within \(confirm.seconds) s: failoverctl confirm") }
    }
}

/// `failoverctl confirm`
struct ConfirmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm", abstract: "Keeps the configuration of 'reload --confirm'.",
        discussion: "Exit codes: 0 done, 1 there was nothing to confirm or not allowed, 3 there is no agent.")

    @OptionGroup var agent: AgentOptions

    func run() throws {
        _ = try ChangeCall(agent: agent, method: AgentInterface.confirm).send()
        try Output.line("confirmed")
    }
}
