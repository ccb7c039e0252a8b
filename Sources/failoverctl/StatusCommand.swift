import ArgumentParser
import Control
import Glibc
import Screens

/// `failoverctl status`
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows each instance in a line, and what is not as it should be.",
        discussion: """
            ADDRESSES are as the kernel has them: 'here', 'MISSING' on a master, 'HERE' on a host that is not master, 'own' for an \
            address that the host has by itself, 'TAKEN' for one that somebody keeps taking away, 'TWICE' for one that another \
            host answers for, too. Exit codes: 0 the agent answered, 3 there is no agent.
            """
    )

    @OptionGroup var agent: AgentOptions

    @Flag(help: "Print the agent's replies as they are, one JSON object an instance.")
    var json = false

    @Flag(help: "Show it again each second, until it is interrupted, also while there is no agent.")
    var watch = false

    func validate() throws {
        if json, watch {
            throw ValidationError("for programs that follow what happens there is: failoverctl watch --json")
        }
    }

    func run() throws {
        let question = Question(agent: agent)
        if json {
            try question.stream(VarlinkCall(method: AgentInterface.listInstances, more: true)) { reply in
                try Output.write(reply.line)
            }
            return
        }
        guard watch else { return try Output.write(Array(screen(question).utf8)) }
        let patient = Question(agent: agent, keepsTrying: true)
        while true {
            let text: String
            do {
                text = try screen(patient)
            } catch let away as Question.AgentAway {
                text = "UNKNOWN: \(away.sentence)\n"
            }
            // Home, and what stood below away.
            try Output.write(Array(((Output.hasCursor ? "\u{1B}[H\u{1B}[J" : "") + text).utf8))
            sleep(1)
        }
    }

    private func screen(_ question: Question) throws -> String {
        StatusTable.render(
            try question.status(), try question.instances(), palette: Palette(isOn: Output.hasColours))
    }
}

/// `failoverctl show`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows everything about one instance: timers, peers, addresses, counters.",
        discussion: "Exit codes: 0 shown, 2 there is no such instance, 3 there is no agent.")

    @OptionGroup var agent: AgentOptions
    @OptionGroup var name: InstanceName
    @Flag(help: "Print the agent's reply as it is.")
    var json = false

    func run() throws {
        let question = Question(agent: agent)
        if json {
            try question.put(
                VarlinkCall(method: AgentInterface.listInstances, parameters: ["name": .string(name.name)]))
        } else {
            let report = try question.instance(named: name.name)
            try Output.write(Array(ShowText.render(report, palette: Palette(isOn: Output.hasColours)).utf8))
        }
    }
}

/// `failoverctl explain`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says why an instance is as it is, what to type to change that, and what comes next.",
        discussion: "Exit codes: 0 said, 2 there is no such instance, 3 there is no agent.")

    @OptionGroup var agent: AgentOptions
    @OptionGroup var name: InstanceName
    @Flag(help: "Print the agent's reply as it is.")
    var json = false

    func run() throws {
        let question = Question(agent: agent)
        let call = VarlinkCall(method: AgentInterface.explain, parameters: ["name": .string(name.name)])
        if json { return try question.put(call) }
        var explanation: ExplanationReport?
        try question.ask(call) { explanation = try $0.decoded(ExplanationReport.self) }
        if let explanation { try Output.write(Array(ExplainText.render(explanation).utf8)) }
    }
}

/// An instance's name.
struct InstanceName: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The instance.", valueName: "name"),
        completion: .instances)
    var name: String
}

extension CompletionKind {
    /// The names of the instances.
    static var instances: CompletionKind { .shellCommand("failoverctl instance-names 2>/dev/null") }
}

/// `failoverctl instance-names`: what the shells' completions ask for.
struct InstanceNamesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instance-names", abstract: "Prints the instances' names, one a line.",
        discussion: "Exit codes: 0 printed, 3 there is no agent.")

    @OptionGroup var agent: AgentOptions

    func run() throws {
        for report in try Question(agent: agent).instances() { try Output.line(report.name) }
    }
}

/// `failoverctl interfaces`
struct InterfacesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interfaces",
        abstract: "Shows the interfaces that the configuration names, with their addresses and whose those are.",
        discussion: "Exit codes: 0 shown, 3 there is no agent.")

    @OptionGroup var agent: AgentOptions
    @Flag(help: "Print the agent's replies as they are, one JSON object an interface.")
    var json = false

    func run() throws {
        var reports: [InterfaceReport] = []
        try Question(agent: agent).stream(VarlinkCall(method: AgentInterface.listInterfaces, more: true)) { reply in
            if json { return try Output.write(reply.line) }
            if let report = try reply.decoded(ListInterfacesReply.self).interface { reports.append(report) }
        }
        if !json { try Output.write(Array(InterfacesText.render(reports).utf8)) }
    }
}
