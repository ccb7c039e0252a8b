import EventLoop
import Scripts

/// What the runner tells people.
final class RunnerLog {
    /// The journal's numbers (syslog(3)).
    enum Level: Int {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
    }

    private let writer = MessageWriter(identifier: "failover-scripts")

    func write(_ level: Level, _ text: String) { writer.write(priority: level.rawValue, text) }

    /// A line that a script has said.
    /// - Parameter name: what the script is for.
    func write(_ line: OutputExcerpt, of name: String) {
        writer.write(priority: Level.info.rawValue, "\(name): \(line)", [("FAILOVER_SCRIPT", name)])
    }
}
