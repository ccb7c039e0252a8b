import ArgumentParser
import Control
import Screens

/// `failoverctl events`
struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract:
            "Shows what has happened, the oldest first: the agent keeps the latest 1024 events, or eight an instance.",
        discussion:
            "What goes on or repeats itself is one event, with the time when it was seen last. Exit codes: 0 shown, 2 there is no such instance, 3 there is no agent."
    )

    @OptionGroup var agent: AgentOptions
    @Option(help: ArgumentHelp("Only those after this one: the 'sequence' of its JSON object.", valueName: "sequence"))
    var since: Int?
    @Option(
        help: ArgumentHelp("Only those about this instance, or one that was called so.", valueName: "name"),
        completion: .instances)
    var instance: String?
    @Flag(help: "Print each event as a JSON object.")
    var json = false

    func run() throws {
        let parameters: [String: JSONValue]? = since.map { ["since": .integer(Int64(max($0, 0)))] }
        let palette = Palette(isOn: Output.hasColours)
        let call = VarlinkCall(method: AgentInterface.listEvents, parameters: parameters, more: true)
        let question = Question(agent: agent)
        var isEmpty = true
        try question.stream(call) { reply in
            guard let event = try reply.decoded(ListEventsReply.self).event,
                instance == nil || event.instance == instance
            else { return }
            isEmpty = false
            try json ? Output.write(reply.line(of: "event")) : Output.line(EventText.line(event, palette: palette))
        }
        // Or there is no such instance.
        if let instance, isEmpty, since == nil { _ = try question.instance(named: instance) }
    }
}

/// `failoverctl watch`
struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Shows the present state, and then every event as it happens, a line each.",
        discussion:
            "It ends when it is interrupted, with exit code 3 when the agent ends, or with 1 when events came faster than they were read."
    )

    @OptionGroup var agent: AgentOptions
    @Flag(help: "Print the agent's replies as they are, one JSON object a line.")
    var json = false

    func run() throws {
        let palette = Palette(isOn: Output.hasColours)
        try Question(agent: agent, patience: 0).stream(VarlinkCall(method: AgentInterface.watch, more: true)) { reply in
            if json { return try Output.write(reply.line) }
            let news = try reply.decoded(WatchReply.self)
            if let report = news.instance { try Output.line(EventText.line(report, palette: palette)) }
            if let event = news.event { try Output.line(EventText.line(event, palette: palette)) }
        }
    }
}

/// `failoverctl log-level`
struct LogLevelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level",
        abstract: "Sets what is written to the journal, until the agent is started anew.",
        discussion: "Exit codes: 0 done, 1 not allowed, 3 there is no agent.")

    enum Level: String, ExpressibleByArgument, CaseIterable {
        case error
        case warning
        case notice
        case info
    }

    @OptionGroup var agent: AgentOptions
    @Argument(help: ArgumentHelp("error, warning, notice or info.", valueName: "level"))
    var level: Level

    func run() throws {
        _ = try ChangeCall(
            agent: agent, method: AgentInterface.setLogLevel, parameters: ["level": .string(level.rawValue)]
        ).send()
    }
}
