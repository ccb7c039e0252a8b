import ArgumentParser
import Control

/// One question, and what becomes of its failures: a sentence on stderr and an exit code.
struct Question {
    let agent: AgentOptions
    /// How long each reply may take, in seconds; 0 for as long as it wants.
    var patience = 5
    /// What may pass by itself is told as `AgentAway`.
    var keepsTrying = false

    /// There is no agent at the moment.
    struct AgentAway: Error {
        let sentence: String
    }

    func ask(_ call: VarlinkCall, _ body: (AnyReply) throws -> Void) throws {
        do {
            try AgentConnection(path: agent.socket, patience: patience).call(call, body)
        } catch let error as ConnectionError where keepsTrying && error.isPassing {
            throw AgentAway(sentence: error.description)
        } catch let error as ConnectionError {
            Output.complain(error.description)
            throw ExitCode(error.exitCode)
        } catch let refusal as ErrorReply {
            if refusal.error == AgentInterface.noSuchInstance {
                throw unknown(refusal.parameters["name"]?.stringValue ?? "")
            }
            if refusal.error == AgentInterface.tooSlow {
                Output.complain("events came faster than they were read, and some are missing: begin anew")
                throw ExitCode(1)
            }
            Output.complain("the agent refused: \(refusal.error); are it and failoverctl of the same version?")
            throw ExitCode(3)
        }
    }

    /// A call with many replies.
    func stream(_ call: VarlinkCall, _ body: (AnyReply) throws -> Void) throws {
        do {
            try ask(call, body)
        } catch let closed as Output.Closed {
            // Whoever reads the output has seen enough.
            if closed.isReaderGone { throw ExitCode(0) }
            Output.complain(closed.description)
            throw ExitCode(1)
        }
    }

    /// Prints the parameters of the reply.
    func put(_ call: VarlinkCall) throws {
        try stream(call) { reply in
            try Output.write(reply.line)
        }
    }

    func status() throws -> StatusReport {
        var status: StatusReport?
        try ask(VarlinkCall(method: AgentInterface.getStatus)) { status = try $0.decoded(StatusReport.self) }
        guard let status else { throw ExitCode(3) }
        return status
    }

    /// All instances.
    func instances() throws -> [InstanceReport] {
        var reports: [InstanceReport] = []
        try ask(VarlinkCall(method: AgentInterface.listInstances, more: true)) { reply in
            reports.append(try reply.decoded(ListInstancesReply.self).instance)
        }
        return reports
    }

    /// The instance of that name, or a sentence with the nearest one.
    func instance(named name: String) throws -> InstanceReport {
        var report: InstanceReport?
        try ask(VarlinkCall(method: AgentInterface.listInstances, parameters: ["name": .string(name)])) { reply in
            report = try reply.decoded(ListInstancesReply.self).instance
        }
        guard let report else { throw ExitCode(3) }
        return report
    }

    /// Says that there is none of that name, and which is the nearest.
    func unknown(_ name: String) -> ExitCode {
        let all = (try? instances()) ?? []
        let members = all.filter { $0.group == name }.map { "'\($0.name)'" }
        guard members.isEmpty else {
            Output.complain(
                "'\(name)' is a sync group: name one of its instances, and all of them follow: "
                    + members.joined(separator: ", "))
            return ExitCode(2)
        }
        let nearest = all.map(\.name).filter { Self.distance($0, name) <= max(2, name.count / 2) }
            .min { Self.distance($0, name) < Self.distance($1, name) }
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
        Output.complain("there is no instance '\(name)'\(hint)")
        return ExitCode(2)
    }

    /// How many letters differ (Levenshtein).
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let above = row[column + 1]
                row[column + 1] = min(above + 1, row[column] + 1, diagonal + (letter == right[column] ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
