import Foundation
import Testing

/// Hosts in network namespaces on a bridge, with the real programs in them. Everything that a lab makes bears its name, and
/// goes with it, also when a test fails.
final class Lab {
    /// What the namespaces' names begin with; contrib/test removes what a killed run has left.
    static let prefix = "fotest"

    private static let counter = Counter()
    let name: String
    let directory: URL
    let hosts: [String]
    private var programs: [Program] = []
    private var capture: Program?

    /// - Parameters:
    ///   - hosts: letters; host number n gets the address 192.0.2.(11 + n)/24 on eth0.
    ///   - addressed: whether the hosts get those addresses.
    ///   - folder: where its folder is to be; the one for temporary files unless given.
    init(_ hosts: String, addressed: Bool = true, interfaces: [String] = ["eth0"], under folder: String? = nil) throws {
        self.hosts = hosts.map(String.init)
        name = "\(Self.prefix)-\(ProcessInfo.processInfo.processIdentifier)-\(Self.counter.next())"
        directory = (folder.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory).appending(path: name)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for host in ["sw"] + self.hosts {
            try ip("netns", "add", namespace(host))
            try ip("-n", namespace(host), "link", "set", "lo", "up")
        }
        for (number, interface) in interfaces.enumerated() {
            try ip("-n", namespace("sw"), "link", "add", "br\(number)", "type", "bridge", "mcast_snooping", "0")
            try ip("-n", namespace("sw"), "link", "set", "br\(number)", "up")
            for (index, host) in self.hosts.enumerated() {
                try plug(host, interface: interface, bridge: "br\(number)")
                if addressed {
                    try on(
                        host, "addr", "add", "\(number == 0 ? "192.0.2" : "198.51.100").\(11 + index)/24", "dev",
                        interface)
                }
            }
        }
    }

    /// Ends what runs and removes what was made. Every test calls it in a `defer`.
    func tearDown() {
        capture?.end(SIGTERM)
        for program in programs { program.end(SIGKILL) }
        for host in ["sw"] + hosts {
            // Scripts that a runner has left when it was killed.
            let left = (try? Self.run("ip", "netns", "pids", namespace(host))) ?? ""
            for process in left.split(separator: "\n").compactMap({ pid_t($0) }) { kill(process, SIGKILL) }
            _ = try? Self.run("ip", "netns", "del", namespace(host))
        }
        try? FileManager.default.removeItem(at: directory)
    }

    func namespace(_ host: String) -> String { "\(name)-\(host)" }

    /// The switch's port of a host's interface.
    func port(_ host: String, _ interface: String = "eth0") -> String { "p\(interface.last ?? "0")\(host)" }

    private func plug(_ host: String, interface: String, bridge: String) throws {
        let port = port(host, interface)
        try ip(
            "-n", namespace("sw"), "link", "add", port, "type", "veth", "peer", "name", interface, "netns",
            namespace(host))
        try ip("-n", namespace("sw"), "link", "set", port, "master", bridge, "up")
        try on(host, "link", "set", interface, "up")
    }

    // MARK: - The network

    func cut(_ host: String) throws { try ip("-n", namespace("sw"), "link", "set", port(host), "down") }
    func mend(_ host: String) throws { try ip("-n", namespace("sw"), "link", "set", port(host), "up") }

    /// `ip` in a host's namespace.
    @discardableResult
    func on(_ host: String, _ arguments: String...) throws -> String {
        try Self.run(["ip", "-n", namespace(host)] + arguments)
    }

    @discardableResult
    private func ip(_ arguments: String...) throws -> String { try Self.run(["ip"] + arguments) }

    /// The IPv4 addresses of an interface with their prefix lengths.
    func addresses(_ host: String, _ interface: String = "eth0") -> [String] {
        let output = (try? on(host, "-o", "-4", "addr", "show", "dev", interface)) ?? ""
        return output.matches(of: /inet ([0-9.]+\/[0-9]+|[0-9.]+)/).map { String($0.1) }
    }

    /// The hosts that have the address, in order.
    func holders(_ address: String = "192.0.2.1", _ interface: String = "eth0") -> String {
        hosts.filter { host in addresses(host, interface).contains { $0.split(separator: "/")[0] == address } }.joined()
    }

    /// Waits until a condition holds; labs are slow when the machine is, so the bound is wide.
    func wait(_ what: String, within seconds: Double = 20, _ condition: () -> Bool) throws {
        let end = Date().addingTimeInterval(seconds)
        while !condition() {
            guard Date() < end else {
                throw Failure(
                    "not within \(seconds) s: \(what); holders \(holders()); \(programs.map(\.output).joined(separator: "\n"))"
                )
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    func waitForHolder(
        _ hosts: String, _ address: String = "192.0.2.1", _ interface: String = "eth0", within seconds: Double = 20
    ) throws {
        try wait("\(hosts) holds \(address)", within: seconds) { holders(address, interface) == hosts }
    }

    // MARK: - Programs

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// Where failover-agent and failoverctl lie.
    static var binaries: String {
        ProcessInfo.processInfo.environment["FAILOVER_PROGRAMS"]
            ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.build/debug").standardized
            .path()
    }

    /// Where the tests' own programs lie.
    static var debugBinaries: String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.build/debug").standardized.path()
    }

    @discardableResult
    func agent(
        _ host: String, _ configuration: String, wrapper: [String] = [], runner: Bool = false
    ) throws -> Program {
        let file = try write(configuration, as: "\(host).conf")
        return try start(
            host,
            wrapper + [
                "\(Self.binaries)/failover-agent", "--config", file, "--socket", socket(host), "--state-dir",
                stateDirectory(host),
            ] + (runner ? ["--runner", runnerSocket(host), "--environment", environmentFile(host)] : []))
    }

    @discardableResult
    func keepalived(_ host: String, _ configuration: String, wrapper: [String] = []) throws -> Program {
        let file = try write(configuration, as: "\(host).keepalived.conf")
        let base = directory.appending(path: host).path()
        return try start(
            host,
            wrapper + ["keepalived", "-n", "-l", "-D", "-P", "-f", file, "-p", "\(base).pid", "-r", "\(base).vrrp.pid"])
    }

    func socket(_ host: String) -> String { directory.appending(path: "\(host).sock").path() }

    private func stateDirectory(_ host: String) -> String {
        let path = directory.appending(path: "\(host).state")
        try? FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        return path.path()
    }

    func write(_ text: String, as name: String) throws -> String {
        let path = directory.appending(path: name)
        try Data(text.utf8).write(to: path)
        return path.path()
    }

    func start(_ host: String, _ command: [String]) throws -> Program {
        try startOutside(["ip", "netns", "exec", namespace(host)] + command)
    }

    /// A program in the tests' own network namespace.
    func startOutside(_ command: [String]) throws -> Program {
        let program = try Program(command)
        programs.append(program)
        return program
    }

    /// The agent's answer to `failoverctl status --json`, one object an instance.
    func status(_ host: String) throws -> [[String: Any]] {
        let output = try Self.run("\(Self.binaries)/failoverctl", "status", "--json", "--socket", socket(host))
        return try output.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return try #require(object?["instance"] as? [String: Any])
        }
    }

    /// `failoverctl` towards a host's agent.
    func control(_ host: String, _ arguments: String...) throws -> (code: Int32, output: String) {
        try control(host, arguments)
    }

    func control(_ host: String, _ arguments: [String]) throws -> (code: Int32, output: String) {
        let program = try Program(
            ["\(Self.binaries)/failoverctl"] + arguments + ["--socket", socket(host)])
        let code = program.waitForExit()
        return (code, program.output)
    }

    /// Probes an address every 5 ms from a host until it is stopped.
    func probe(_ host: String, _ address: String = "192.0.2.1") throws -> Prober {
        Prober(try start(host, ["ping", "-n", "-D", "-i", "0.005", "-W", "1", address]))
    }

    /// A socket as systemd's for sd_notify(3), and a program that prints what it gets, a message a line.
    func serviceManager(_ host: String) throws -> (path: String, program: Program) {
        let path = directory.appending(path: "notify").path()
        let script = """
            import socket
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind("\(path)")
            while True:
                print(s.recv(4096).decode(), flush=True)
            """
        let program = try start(host, ["python3", try write(script, as: "notify.py")])
        try wait("the service manager's socket") { FileManager.default.fileExists(atPath: path) }
        return (path, program)
    }

    func state(_ host: String) -> String { (try? status(host).first?["state"] as? String) ?? "" }

    @discardableResult
    static func run(_ command: String...) throws -> String { try run(command) }

    @discardableResult
    static func run(_ command: [String]) throws -> String {
        let program = try Program(command)
        let code = program.waitForExit()
        guard code == 0 else {
            throw Failure("\(command.joined(separator: " ")): exit code \(code): \(program.output)")
        }
        return program.output
    }

    // MARK: - The wire

    /// Writes down every VRRP and ARP frame on the switch from now on.
    func startCapture(only filter: String = "proto 112 or arp") throws {
        let program = try start(
            "sw", ["dumpcap", "-q", "-i", "br0", "-w", captureFile, "-f", filter, "-s", "0"])
        programs.removeLast()
        capture = program
        try wait("the capture runs", within: 20) { (try? Data(contentsOf: URL(filePath: captureFile)).count) ?? 0 > 0 }
        Thread.sleep(forTimeInterval: 0.3)
    }

    private var captureFile: String { directory.appending(path: "wire.pcapng").path() }

    /// The captured frames as tshark decodes them, each a list of fields.
    func captured(_ filter: String, _ fields: String...) throws -> [[String]] {
        // dumpcap writes in blocks: what was sent just now needs a moment.
        Thread.sleep(forTimeInterval: 1.2)
        capture?.end(SIGTERM)
        capture = nil
        let arguments =
            ["tshark", "-r", captureFile, "-Y", filter, "-T", "fields", "-E", "separator=|"]
            + fields.flatMap { ["-e", $0] }
        return try Self.run(arguments + []).split(separator: "\n").filter { !$0.contains("Running as user") }
            .map { $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init) }
    }
}

/// A client that probes.
final class Prober {
    /// What a change that costs a client nothing may show of `outage` where the machine is busy with other tests: a process that is
    /// scheduled late costs some probes. In seconds; below what the first repeated announcement (0.1 s later) or keepalived's least
    /// (0.22 s, for an address that somebody deletes) would cost. How little it is on a quiet machine, contrib/bench tells.
    static let unnoticed = 0.1

    private let program: Program

    init(_ program: Program) { self.program = program }

    /// Ends it.
    /// - Returns: how many probes were answered, and the longest time around unanswered ones, in seconds.
    func finish() -> (answers: Int, outage: Double) {
        // The last probe's answer may be on its way.
        usleep(50_000)
        program.end(SIGINT)
        var answers = 0
        var outage = 0.0
        var last: (time: Double, sequence: Int)?
        for match in program.output.matches(of: /\[([0-9.]+)\] .*icmp_seq=([0-9]+) ttl/) {
            guard let time = Double(match.1), let sequence = Int(match.2) else { continue }
            answers += 1
            if let last, sequence > last.sequence + 1 { outage = max(outage, time - last.time) }
            last = (time, sequence)
        }
        return (answers, outage)
    }
}

/// Numbers the labs of a run.
private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var last = 0

    func next() -> Int {
        lock.withLock {
            last += 1
            return last
        }
    }
}
