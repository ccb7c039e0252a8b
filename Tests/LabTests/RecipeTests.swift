import Foundation
import Testing

@Suite("The recipes of docs/health-checks.md, as they are printed: keepalived takes the same files")
struct RecipeTests {
    static let daemons: [Side.Daemon] = [.keepalived] + (Lab.hasRunner ? [.agent] : [])

    /// The blocks whose first line names a recipe and a file: "```sh cloud/take-floating-ip".
    private static func printed() throws -> [String: String] {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/health-checks.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let blocks = text.matches(of: /(?m)^```[a-z]+ ([a-z]+\/[a-z.-]+)\n((?:.*\n)*?)```$/)
        return Dictionary(uniqueKeysWithValues: blocks.map { (String($0.1), String($0.2)) })
    }

    /// Two hosts that follow a recipe. Their /usr/local/sbin and /usr/local/etc are folders of the lab's.
    private final class Pair {
        let lab: Lab
        let files: [String: String]
        private var runners: [Program] = []

        let daemon: Side.Daemon
        private let recipe: String

        init(_ recipe: String, _ daemon: Side.Daemon, interfaces: [String] = ["eth0"]) throws {
            self.recipe = recipe
            self.daemon = daemon
            files = try RecipeTests.printed().filter { $0.key.hasPrefix(recipe + "/") }
            lab = try Lab("ab", interfaces: interfaces, under: "/run")
            try Lab.run("chmod", "755", lab.directory.path())
        }

        func tearDown() {
            for runner in runners { runner.end(SIGTERM) }
            lab.tearDown()
        }

        func folder(_ host: String, _ name: String) throws -> String {
            let path = lab.directory.appending(path: "\(host).\(name)")
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
            return path.path()
        }

        func install(_ host: String, _ folder: String, _ name: String, _ text: String, mode: String) throws {
            let source = try lab.write(text, as: "\(host).\(name).text")
            try Lab.run("install", "-m", mode, source, "\(self.folder(host, folder))/\(name)")
        }

        func start(_ host: String) throws {
            var text = try #require(files["\(recipe)/failover-agent.conf"])
            if host == "b" {
                text = text.replacing("priority 100", with: "priority 90").replacing("192.0.2.11", with: "PEER")
                    .replacing("192.0.2.12", with: "192.0.2.11").replacing("PEER", with: "192.0.2.12")
            }
            let mounts =
                try ["sbin", "etc"].map { "mount --bind \(try folder(host, $0)) /usr/local/\($0)" }
                .joined(separator: " && ")
            let wrapper = [
                "env", "PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "unshare", "--mount", "sh", "-c",
                "\(mounts) && exec \"$@\"", "sh",
            ]
            switch daemon {
            case .keepalived: try lab.keepalived(host, text, wrapper: wrapper)
            case .agent:
                runners.append(try lab.runner(host, text, wrapper: wrapper))
                try lab.agent(host, text, runner: true)
            }
        }
    }

    @Test(
        "nginx: the server on a host is gone, and the address goes; it is back, and so is the address",
        arguments: daemons)
    func nginx(daemon: Side.Daemon) throws {
        let pair = try Pair("nginx", daemon)
        defer { pair.tearDown() }
        func serve(_ host: String) throws -> Program {
            let folder = try pair.folder(host, "www")
            let command = ["/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory", folder, "80"]
            return try pair.lab.start(host, command)
        }
        let server = try serve("a")
        _ = try serve("b")
        for host in ["a", "b"] { try pair.start(host) }
        try pair.lab.waitForHolder("a")
        server.end(SIGKILL)
        try pair.lab.waitForHolder("b")
        if daemon == .agent {
            let explanation = try pair.lab.control("a", "explain", "web").output
            #expect(explanation.contains("priority 80 = 100 − 20"), "\(explanation)")
        }
        _ = try serve("a")
        try pair.lab.waitForHolder("a")
    }

    @Test("A cloud: who becomes master asks for the floating IP, and repeats what fails", arguments: daemons)
    func cloud(daemon: Side.Daemon) throws {
        let pair = try Pair("cloud", daemon)
        defer { pair.tearDown() }
        for (host, number) in [("a", "4711"), ("b", "4712")] {
            let script = try #require(pair.files["cloud/take-floating-ip"])
            let settings = try #require(pair.files["cloud/floating-ip"]).replacing("4711", with: number)
            try pair.install(host, "sbin", "take-floating-ip", script, mode: "755")
            try pair.install(host, "etc", "floating-ip", settings, mode: "600")
            // The first call fails, as a cloud's do.
            let calls = "\(try pair.folder(host, "etc"))/calls"
            try pair.install(
                host, "sbin", "curl", "#!/bin/sh\necho \"$*\" >>\(calls)\n[ \"$(wc -l <\(calls))\" -gt 1 ]\n",
                mode: "755")
        }
        func calls(_ host: String) throws -> [String] {
            let path = "\(try pair.folder(host, "etc"))/calls"
            return (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []
        }
        try pair.start("a")
        try pair.lab.wait("a has the floating IP") { (try? calls("a").count) == 2 }
        try pair.start("b")
        Thread.sleep(forTimeInterval: 5)
        let call = try #require(calls("a").last)
        #expect(call.contains("--data {\"server\": 4711}"), "\(call)")
        #expect(call.contains("Bearer secret"), "\(call)")
        #expect(call.hasSuffix("https://api.hetzner.cloud/v1/floating_ips/42/actions/assign"), "\(call)")
        #expect(try calls("b").isEmpty)
        try pair.lab.cut("a")
        try pair.lab.wait("b has the floating IP") { (try? calls("b").count) == 2 }
        #expect(try calls("b").last?.contains("--data {\"server\": 4712}") == true)
        #expect(try calls("a").count == 2)
    }

    @Test("Two interfaces: one link is lost, and both addresses go; it is back, and so are both", arguments: daemons)
    func group(daemon: Side.Daemon) throws {
        let pair = try Pair("group", daemon, interfaces: ["eth0", "eth1"])
        defer { pair.tearDown() }
        for host in ["a", "b"] { try pair.start(host) }
        func wait(_ holder: String) throws {
            try pair.lab.waitForHolder(holder)
            try pair.lab.waitForHolder(holder, "198.51.100.1", "eth1")
        }
        try wait("a")
        if daemon == .agent {
            let answer = try pair.lab.control("a", "handover", "gateway")
            #expect(answer.code == 2 && answer.output.contains("'gateway' is a sync group"), "\(answer)")
        }
        try pair.lab.on("sw", "link", "set", pair.lab.port("a", "eth1"), "down")
        try wait("b")
        try pair.lab.on("sw", "link", "set", pair.lab.port("a", "eth1"), "up")
        try wait("a")
    }
}
