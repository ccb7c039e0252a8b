import Foundation
import Testing

/// What happens to a host that runs a file, told to keepalived and to this agent alike.
///
/// In its texts `@DIR@` is a folder of the run's own, with these programs: `@DIR@/record WORD …` writes its arguments down, and `@DIR@/check NAME` does
/// what the story says by `check`. `@PROCESS@` is a name for a process that no other run has.
struct Story: Sendable, CustomTestStringConvertible {
    /// One word, for the shell.
    let name: String
    let sentence: String
    var interfaces = ["eth0"]
    /// The file of host a, which is looked at.
    let file: String
    /// The file of host b, which is keepalived's in both runs; without one it runs nothing.
    var peer: String? = instance(priority: 100)
    /// When it starts, in seconds, before host a (negative) or after it: never so that it is a matter of luck who is master first.
    var peerStart = 1.5
    /// What there is before the daemons start.
    var before: [Action] = []
    let steps: [Step]
    /// When the story ends, in seconds; what happens later is not looked at.
    let length: Double
    /// How far the two runs may be apart, in seconds.
    var bound = 1.5
    var meant: [Difference] = []
    /// It uses keywords for which the agent needs its runner.
    var needsRunner = true
    /// It tracks processes: keepalived learns of them in the first network namespace alone.
    var tracksProcesses = false

    var testDescription: String { name }

    struct Step: Sendable {
        let time: Double
        let action: Action
    }

    enum Action: Sendable {
        /// From now on the check of this name behaves so: `ok`, `fail`, `hang`, `stubborn` (it ignores SIGTERM), `polite` (it ends with 0 on SIGTERM),
        /// `say TEXT`, `status N`, or `signal N`.
        case check(String, String)
        /// Writes a file in the folder, in one go.
        case write(String, String)
        /// The same, for a program.
        case program(String, String)
        /// Something listens on this TCP port of host a.
        case serve(port: Int)
        case remove(String)
        /// The switch's port of host a's interface.
        case link(String, isUp: Bool)
        /// Host a's interface itself.
        case ownLink(String, isUp: Bool)
        /// Host b hears no advertisements, or hears them again; host a hears it all the time.
        case deafPeer
        case hearingPeer
        /// Host a is stopped as its administrator would.
        case stop
        /// Host b comes to its end, in this way.
        case endPeer(Int32)
        /// Host b runs this file from now on.
        case startPeer(String)
        /// Host a reads this file.
        case reload(String)
        case startProcess(count: Int)
        case endProcesses
    }

    /// A difference that is meant.
    struct Difference: Sendable {
        /// What it is about, as `Recording` names it.
        let channel: String
        let keepalived: [String]
        let agent: [String]
        /// A sentence of docs/configuration.md.
        let reason: String
        /// What the agent may do as well, where that is luck.
        var orAgent: [String]?
    }
}

extension Story.Step {
    static func at(_ time: Double, _ action: Story.Action) -> Story.Step { Story.Step(time: time, action: action) }
}

// MARK: - Texts

extension Story {
    /// A `vrrp_instance` block of version 3, four advertisements a second: who is silent is followed after 0.9 s.
    static func instance(
        _ name: String = "V1", id: Int = 10, interface: String = "eth0", priority: Int, address: String? = "192.0.2.1",
        version: Int = 3, interval: String = "0.25", _ extra: String = ""
    ) -> String {
        let addresses = address.map { "virtual_ipaddress {\n        \($0)\n    }" } ?? ""
        return """
            vrrp_instance \(name) {
                state BACKUP
                version \(version)
                interface \(interface)
                virtual_router_id \(id)
                priority \(priority)
                advert_int \(version == 2 ? "1" : interval)
                \(addresses)
            \(extra)
            }

            """
    }

    /// A `vrrp_script` block. Its timeout is such that no machine is too slow for it.
    static func script(
        _ name: String, _ extra: String = "", interval: Int = 1, timeout: Int? = 4, command: String? = nil
    ) -> String {
        """
        vrrp_script \(name) {
            script \(command ?? "\"@DIR@/check \(name)\"")
            interval \(interval)
            \(timeout.map { "timeout \($0)" } ?? "")
            \(extra)
        }

        """
    }

    /// Every notify keyword of states, each recorded under a name of its own.
    static func notify(_ object: String) -> String {
        ["master", "backup", "fault", "stop"].map { "    notify_\($0) \"@DIR@/record \(object).state \($0)\"\n" }
            .joined()
            + "    notify \"@DIR@/record \(object).notify\"\n"
    }

    static func track(_ line: String) -> String { "    track_script {\n        \(line)\n    }\n" }

    static let fifo = "global_defs {\n    vrrp_notify_fifo @DIR@/fifo\n}\n"
}
