import Foundation
import Testing

@Suite("The service's ways out")
struct ServiceTests {
    private let address = "192.0.2.1/32"

    /// A lab in which an agent was killed and has left its address behind.
    private func labWithLeftover() throws -> Lab {
        let lab = try Lab("a")
        let agent = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        agent.end(SIGKILL)
        #expect(lab.holders() == "a", "the kernel keeps it")
        return lab
    }

    private func agent(_ lab: Lab, _ arguments: String...) throws -> (code: Int32, output: String) {
        let program = try lab.start(
            "a",
            ["\(Lab.binaries)/failover-agent", "--state-dir", lab.directory.appending(path: "a.state").path()]
                + arguments)
        let code = program.waitForExit()
        return (code, program.output)
    }

    @Test("A refused configuration: 78, and an address that was left behind goes")
    func refused() throws {
        let lab = try labWithLeftover()
        defer { lab.tearDown() }
        // As on a host that never had a good one.
        try FileManager.default.removeItem(at: lab.directory.appending(path: "a.state/accepted"))
        let file = try lab.write("vrrp_instance x {\n nonsense\n}\n", as: "broken.conf")
        let (code, output) = try agent(lab, "--config", file, "--socket", lab.socket("a"))
        #expect(code == 78)
        #expect(output.contains("removed \(address) from eth0, left behind by an earlier run"))
        #expect(lab.addresses("a") == ["192.0.2.11/24"])
    }

    @Test("A missing configuration says where to begin")
    func missing() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let (code, output) = try agent(lab, "--config", "/nonexistent/f.conf", "--socket", lab.socket("a"))
        #expect(code == 78)
        #expect(
            output.contains("/nonexistent/f.conf:1:1: error: there is no such file: make it with 'failoverctl migrate'")
        )
    }

    @Test("No place for the socket: 73, and the address goes")
    func socket() throws {
        let lab = try labWithLeftover()
        defer { lab.tearDown() }
        let file = try lab.write(Guide.primary, as: "good.conf")
        let (code, output) = try agent(lab, "--config", file, "--socket", "/proc/nowhere/agent.sock")
        #expect(code == 73)
        #expect(output.contains("/proc/nowhere/agent.sock"))
        #expect(lab.addresses("a") == ["192.0.2.11/24"])
    }

    @Test(
        "--release and --stop-post remove it; while an agent runs they touch nothing and end with 69",
        arguments: [
            "--release", "--stop-post",
        ])
    func release(option: String) throws {
        let lab = try labWithLeftover()
        defer { lab.tearDown() }
        #expect(try agent(lab, option).code == 0)
        #expect(lab.addresses("a") == ["192.0.2.11/24"])
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        #expect(try agent(lab, option).code == 69)
        #expect(lab.holders() == "a")
    }

    @Test("--stop-post leaves the address to a process that systemd is about to start; if none comes it goes after 5 s")
    func restartComing() throws {
        let lab = try labWithLeftover()
        defer { lab.tearDown() }
        let program = try lab.start(
            "a",
            [
                "env", "SERVICE_RESULT=signal", "EXIT_CODE=killed", "EXIT_STATUS=KILL",
                "\(Lab.binaries)/failover-agent", "--stop-post",
            ])
        #expect(program.waitForExit() == 0)
        #expect(lab.holders() == "a")
        #expect(try lab.on("a", "-4", "addr", "show", "dev", "eth0").contains(/valid_lft [1-5]sec/))
        try lab.wait("the kernel takes it away", within: 10) { lab.holders().isEmpty }
    }

    @Test("Somebody without privileges takes the name by which agents know of each other: it starts all the same, once")
    func squatter() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let script =
            "import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('\\0failover-agent'); time.sleep(60)"
        let squatter = try lab.start(
            "a",
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "/usr/bin/python3", "-c", script])
        try lab.wait("the name is taken") {
            (try? Lab.run("ip", "netns", "exec", lab.namespace("a"), "cat", "/proc/self/net/unix"))?
                .contains("@failover-agent") ?? false
        }
        let first = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        #expect(first.output.contains("user 65534 holds the name by which agents know of each other"))
        #expect(try agent(lab, "--release").code == 69)
        // They know of each other by other names, and wherever their sockets are.
        let second = {
            try lab.start(
                "a",
                [
                    "\(Lab.binaries)/failover-agent", "--config", lab.write(Guide.primary, as: "x.conf"), "--socket",
                    lab.directory.appending(path: "x/agent.sock").path(),
                ])
        }
        #expect(try second().waitForExit() == 69)
        squatter.end(SIGKILL)
        #expect(try second().waitForExit() == 69)
        #expect(lab.holders() == "a")
        _ = first.stop()
    }

    @Test("Without the capabilities: 77, and which they are")
    func capabilities() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let program = try lab.start(
            "a",
            [
                "setpriv", "--bounding-set", "-net_raw", "\(Lab.binaries)/failover-agent", "--config",
                lab.write(Guide.primary, as: "a.conf"), "--socket", lab.socket("a"),
            ])
        #expect(program.waitForExit() == 77)
        #expect(program.output.contains("CAP_NET_RAW"))
        #expect(!program.output.contains("CAP_NET_ADMIN"))
    }

    @Test("Starts that fail one after the other pause, and say so; an orderly end forgets them")
    func pauses() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        var outputs: [String] = []
        for _ in 0..<6 {
            let agent = try lab.agent("a", Guide.primary)
            try lab.wait("it runs") { !lab.state("a").isEmpty }
            agent.end(SIGKILL)
            outputs.append(agent.output)
        }
        #expect(!outputs[3].contains("in a row"))
        #expect(outputs[4].contains("ended 4 times in a row without being told to: starting after 0.1 seconds"))
        #expect(outputs[5].contains("starting after 0.2 seconds"))
        let agent = try lab.agent("a", Guide.primary)
        try lab.wait("it runs") { !lab.state("a").isEmpty }
        #expect(agent.stop() == 0)
        let last = try lab.agent("a", Guide.primary)
        try lab.wait("it runs") { !lab.state("a").isEmpty }
        #expect(!last.output.contains("in a row"))
    }

    @Test("A password that everybody can read is warned about")
    func exposed() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let file = try lab.write(Guide.primary, as: "a.conf")
        _ = unsafe chmod(file, 0o644)
        let (code, output) = try agent(lab, "--check", "--config", file)
        #expect(code == 0)
        #expect(output.contains("it holds a password and every user of this host can read it: chmod o-r \(file)"))
        _ = unsafe chmod(file, 0o640)
        #expect(try agent(lab, "--check", "--config", file).output.isEmpty)
    }

    @Test("A file that the service may not read: what to type")
    func unreadable() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let file = try lab.write(Guide.primary, as: "a.conf")
        _ = unsafe chmod(file, 0o600)
        let program = try lab.start(
            "a",
            [
                "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "\(Lab.binaries)/failover-agent",
                "--check", "--config", file,
            ])
        #expect(program.waitForExit() == 2)
        #expect(program.output.contains("chown root:failover-agent \(file) && chmod 640 \(file)"))
    }
}

@Suite("Another VRRP daemon on the same host")
struct RivalTests {
    @Test("Beside a keepalived that is master, the agent stands back and says why; when it stops, the agent takes over")
    func keepalivedFirst() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let keepalived = try lab.keepalived("a", Guide.primary)
        try lab.waitForHolder("a")
        try lab.agent("a", Guide.primary)
        let sentence = "another VRRP daemon on this host uses virtual router 10 on eth0"
        try lab.wait("the agent stands back") { (try? lab.status("a").first?["reason"] as? String) == sentence }
        Thread.sleep(forTimeInterval: 5)
        #expect(lab.state("a") == "fault")
        #expect(lab.holders() == "a")
        _ = keepalived.stop()
        try lab.wait("the agent is master") { lab.state("a") == "master" }
        #expect(lab.holders() == "a")
    }

    @Test("A keepalived that is started beside the agent is noticed, too")
    func keepalivedSecond() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        try lab.keepalived("a", Guide.primary)
        // It takes over some 4 s after its start, since no daemon hears others of its own host.
        let prober = try lab.probe("b")
        try lab.wait("the agent stands back", within: 15) { lab.state("a") == "fault" }
        // keepalived has the address now, and nothing makes it give it up.
        Thread.sleep(forTimeInterval: 6)
        #expect(lab.state("a") == "fault")
        #expect(lab.holders() == "a")
        let (answers, outage) = prober.finish()
        #expect(answers > 500)
        #expect(outage < Prober.unnoticed)
    }
}
