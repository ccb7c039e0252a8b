import ArgumentParser
import Control
import Glibc
import Screens

/// `failoverctl timeline`
struct TimelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline",
        abstract: "Shows who was master when: what each instance of this host was, and why it changed.",
        discussion:
            "As far back as the agent's events reach: they begin with its start. Times are UTC. Exit codes: 0 shown, 1 the picture can't be written, 2 there is no such instance, 3 there is no agent."
    )

    @OptionGroup var agent: AgentOptions
    @Option(help: ArgumentHelp("How far back: 90s, 15min, 2h or 7d.", valueName: "span"))
    var since = "24h"
    @Option(
        help: ArgumentHelp("Only this instance, or one that was called so.", valueName: "name"), completion: .instances)
    var instance: String?
    @Option(help: ArgumentHelp("Write it as a picture for a browser instead.", valueName: "file"), completion: .file())
    var svg: String?
    @Flag(help: "Overwrite the picture's file.")
    var force = false

    func validate() throws {
        guard Moment.span(since) != nil else {
            throw ValidationError("'\(since)' is no span: write for example --since 2h")
        }
    }

    func run() throws {
        let question = Question(agent: agent)
        var instances = try question.instances()
        var events: [EventReport] = []
        try question.ask(VarlinkCall(method: AgentInterface.listEvents, more: true)) { reply in
            if let event = try reply.decoded(ListEventsReply.self).event { events.append(event) }
        }
        if let instance {
            instances = instances.filter { $0.name == instance }
            events = events.filter { $0.instance == instance }
            if instances.isEmpty, events.isEmpty { _ = try question.instance(named: instance) }
        }
        let now = Self.now()
        let timeline = Timeline(events, instances, from: now - (Moment.span(since) ?? 0) * 1000, to: now)
        guard let svg else {
            return try Output.write(
                Array(TimelineText.render(timeline, palette: Palette(isOn: Output.hasColours)).utf8))
        }
        do {
            let file = try NewFile(path: svg, replaces: force, option: "--svg")
            try file.write(Array(TimelinePicture.render(timeline).utf8))
        } catch {
            Output.complain("\(error)")
            throw ExitCode(1)
        }
    }

    /// Milliseconds since 1970.
    private static func now() -> Int {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 else { return 0 }
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
