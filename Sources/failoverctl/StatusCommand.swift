import ArgumentParser
import Control
import Glibc

/// `failoverctl status`
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows each instance: its state, since when and why, the master and the addresses.",
        discussion: "Exit codes: 0 the agent answered, 3 there is no agent at the socket."
    )

    @OptionGroup var agent: AgentOptions

    @Flag(help: "Print the agent's replies as they are, one JSON object a line.")
    var json = false

    func run() throws {
        do {
            let connection = try AgentConnection(path: agent.socket)
            let call = VarlinkCall(method: AgentInterface.listInstances, more: true)
            var reports: [InstanceReport] = []
            try connection.call(call) { reply in
                if json {
                    try Output.write(VarlinkJSON.encode(reply.parameters ?? [:]) + [UInt8(ascii: "\n")])
                } else {
                    reports.append(try reply.decoded(ListInstancesReply.self).instance)
                }
            }
            if !json {
                try Output.write(Array(StatusText.render(reports).utf8))
            }
        } catch let refusal as Refusal {
            Output.complain("the agent refused: \(refusal.error)")
            throw ExitCode(1)
        } catch let error as ConnectionError {
            Output.complain(error.description)
            throw ExitCode(error.exitCode)
        }
    }
}
