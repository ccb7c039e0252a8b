import Foundation
import Testing

@Suite("The process")
struct ProcessTests {
    @Test("A second agent in the same network namespace says so and ends")
    func secondAgent() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let first = try lab.agent("a", Guide.primary)
        try lab.wait("the agent answers") { !lab.state("a").isEmpty }
        let second = try lab.start(
            "a",
            [
                "\(Lab.binaries)/failover-agent", "--config", lab.write(Guide.primary, as: "x.conf"), "--socket",
                lab.directory.appending(path: "x.sock").path(),
            ])
        #expect(second.waitForExit() == 69)
        #expect(second.output.contains("another failover-agent runs in this network namespace"))
        // In the same directory it can say which.
        let third = try lab.agent("a", Guide.primary)
        #expect(third.waitForExit() == 69)
        #expect(third.output.contains("another failover-agent runs in this network namespace (process \(first.id))"))
        let elsewhere = try lab.agent("b", Guide.secondary)
        try lab.wait("the other namespace has its own") { !lab.state("b").isEmpty }
        #expect(elsewhere.isRunning)
    }

    @Test("A second agent in another network namespace, with the same folder or the same socket, is told as that")
    func otherNamespace() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let first = try lab.agent("a", Guide.primary)
        try lab.wait("the agent answers") { !lab.state("a").isEmpty }
        func start(_ socket: String, _ folder: String) throws -> Program {
            try lab.start(
                "b",
                [
                    "\(Lab.binaries)/failover-agent", "--config", lab.write(Guide.secondary, as: "b.conf"), "--socket",
                    socket, "--state-dir", lab.directory.appending(path: folder).path(),
                ])
        }
        let inFolder = try start(lab.socket("b"), "a.state")
        #expect(inFolder.waitForExit() == 69)
        let words = "another failover-agent (process \(first.id)), in another network namespace, uses the folder "
        #expect(inFolder.output.contains(words), "\(inFolder.output)")
        #expect(inFolder.output.contains("--state-dir"))
        let onSocket = try start(lab.socket("a"), "b.state")
        #expect(onSocket.waitForExit() == 73)
        #expect(onSocket.output.contains("perhaps a failover-agent of another network namespace"), "\(onSocket.output)")
        #expect(first.isRunning)
        #expect(try lab.control("a", "status").code == 0)
    }

    @Test(
        "A configuration from a pipe: --check, check and migrate read it to its end; a reload refuses it and changes nothing"
    )
    func pipes() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let good = try lab.write(Guide.primary, as: "good.conf")
        try Lab.run("chmod", "600", good)
        func shell(_ line: String) throws -> (code: Int32, output: String) {
            let line = line.replacing("AGENT", with: "\(Lab.binaries)/failover-agent")
                .replacing("CTL", with: "\(Lab.binaries)/failoverctl").replacing("GOOD", with: good)
            let program = try Program(["bash", "-c", line])
            return (program.waitForExit(), program.output)
        }
        for line in [
            "cat GOOD | AGENT --check --config /dev/stdin", "(sleep 0.3; cat GOOD) | AGENT --check --config /dev/stdin",
            "AGENT --check --config <(cat GOOD)", "AGENT --check --config /dev/stdin <GOOD",
            "cat GOOD | AGENT --check --config=/proc/self/fd/0", "cat GOOD | CTL check /dev/stdin",
        ] {
            let (code, output) = try shell(line)
            #expect(code == 0 && output.isEmpty, "\(line): \(output)")
        }
        #expect(try shell("sed s/priority/prioritty/ GOOD | AGENT --check --config /dev/stdin").code == 2)
        let migrated = try shell("cat GOOD | CTL migrate /dev/stdin --output - 2>/dev/null")
        #expect(migrated.code == 0)
        #expect(migrated.output == Guide.primary)
        let endless = try shell("yes vrrp_instance | AGENT --check --config /dev/stdin")
        #expect(endless.code == 2)
        #expect(endless.output.contains("more than 16777216 bytes"), "\(endless.output)")

        let agent = try lab.start(
            "a",
            [
                "bash", "-c",
                "exec \(Lab.binaries)/failover-agent --config <(cat \(good)) --socket \(lab.socket("a"))",
            ])
        try lab.waitForHolder("a")
        let (code, output) = try lab.control("a", "reload")
        #expect(code == 1)
        #expect(output.contains("it is a pipe, which can be read once"), "\(output)")
        #expect(lab.holders() == "a")
        #expect(agent.stop() == 0)
    }

    @Test("Somebody removes the control socket: it is made anew, and goes at the end")
    func removedSocket() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Guide.primary)
        try lab.wait("the agent answers") { !lab.state("a").isEmpty }
        try FileManager.default.removeItem(atPath: lab.socket("a"))
        #expect(lab.state("a").isEmpty)
        try lab.wait("it answers again", within: 30) { !lab.state("a").isEmpty }
        #expect(agent.output.contains("somebody removed the control socket"))
        #expect(agent.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: lab.socket("a")))
    }

    @Test("Somebody removes the directory with the state: it is made anew, and the next process goes on all the same")
    func removedState() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let roles = lab.directory.appending(path: "a.state/roles").path()
        try FileManager.default.removeItem(atPath: lab.directory.appending(path: "a.state").path())
        try FileManager.default.createDirectory(
            at: lab.directory.appending(path: "a.state"), withIntermediateDirectories: false)
        try lab.wait("the files are there again, with what they held", within: 10) {
            FileManager.default.contents(atPath: roles)?.prefix(8).contains { $0 != 0 } == true
        }
        agent.end(SIGKILL)
        let next = try lab.agent("a", Guide.primary)
        try lab.wait("it goes on", within: 5) { lab.state("a") == "master" }
        #expect(next.output.contains("it goes on where the last run left off"))
    }

    @Test("One thread, and no more memory than promised")
    func size() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let program = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        #expect(program.status("Threads") == 1)
        let resident = try #require(program.status("VmRSS"))
        // A debug build is larger; contrib/test runs this with the release build.
        if ProcessInfo.processInfo.environment["FAILOVER_PROGRAMS"] != nil {
            #expect(resident <= 11_264, "\(resident) kB")
        }
    }

    @Test("It needs libnl and libsystemd, and no Swift runtime")
    func libraries() throws {
        guard ProcessInfo.processInfo.environment["FAILOVER_PROGRAMS"] != nil else { return }
        let libraries = try Lab.run("ldd", "\(Lab.binaries)/failover-agent")
        for name in ["libnl-3.so", "libnl-route-3.so", "libsystemd.so"] { #expect(libraries.contains(name)) }
        #expect(!libraries.contains("swift"))
        #expect(!libraries.contains("Foundation"))
    }

    @Test("From start to stop it starts no other program, and changes addresses through rtnetlink alone")
    func systemCalls() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let trace = lab.directory.appending(path: "trace").path()
        let program = try lab.agent(
            "a", Guide.primary,
            wrapper: [
                "strace", "-f", "-qq", "-v", "-e",
                "trace=execve,execveat,ioctl,openat,open,sendto,sendmsg,fork,vfork,clone,clone3", "-o", trace,
            ])
        try lab.waitForHolder("a")
        let child = try #require(
            Int32(try Lab.run("pgrep", "-P", String(program.id)).split(separator: "\n").first ?? ""))
        kill(child, SIGTERM)
        _ = program.waitForExit()
        let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        #expect(lines.filter { $0.contains("execve") }.count == 1)
        #expect(!lines.contains { $0.contains(/\b(clone3?|v?fork)\(/) }, "another process or thread")
        #expect(!lines.contains { $0.contains("SIOCSIF") || $0.contains("SIOCGIF") || $0.contains("SIOCDIF") })
        let opened = lines.filter {
            $0.contains("open")
                && ($0.contains("/proc/net") || $0.contains("/sys/class/net") || $0.contains("/proc/sys/net"))
        }
        #expect(opened.isEmpty, "\(opened)")
        // RTM_NEWADDR is 0x14, RTM_DELADDR 0x15; anything else that carries NLM_F_ACK would be another change.
        let changes = lines.filter { $0.contains("nlmsg_type") && $0.contains("NLM_F_ACK") && !$0.contains("recv") }
        #expect(changes.contains { $0.contains("RTM_NEWADDR") || $0.contains("0x14") })
        #expect(changes.contains { $0.contains("RTM_DELADDR") || $0.contains("0x15") })
        for change in changes {
            let isKnown = [
                "RTM_NEWADDR", "RTM_DELADDR", "RTM_GETLINK", "RTM_GETADDR", "0x14 ", "0x15 ", "0x12 ", "0x16 ",
            ].contains { change.contains($0) }
            #expect(isKnown, "\(change)")
        }
    }

    @Test("A configuration with errors: diagnostics, exit code 78; --check: 0, 1, 2")
    func exitCodes() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        func run(_ text: String, _ arguments: String...) throws -> (code: Int32, output: String) {
            let program = try lab.start(
                "a", ["\(Lab.binaries)/failover-agent", "--config", lab.write(text, as: "t.conf")] + arguments)
            let code = program.waitForExit()
            return (code, program.output)
        }
        let broken = Guide.primary.replacingOccurrences(of: "priority 100", with: "prioritty 100")
        #expect(try run(broken).code == 78)
        let check = try run(broken, "--check")
        #expect(check.code == 2)
        #expect(
            check.output.contains(
                "t.conf:5:5: error: unknown keyword 'prioritty' in vrrp_instance; did you mean 'priority'?"))
        #expect(try run(Guide.primary, "--check").code == 0)
        let warned = Guide.primary.replacingOccurrences(of: "s3cret", with: "$password")
        #expect(try run(warned, "--check").code == 0)
        let strict = try run(warned, "--check", "--strict")
        #expect(strict.code == 1)
        #expect(!strict.output.contains("$passw"))
        #expect(try run(Guide.primary, "--nonsense").code == 64)
        // What can't be run is told before it is needed; a start goes on all the same.
        let missing = Guide.primary.replacingOccurrences(
            of: "priority 100", with: "priority 100\nnotify \"/nowhere/at all\"")
        let unusable = try run(missing, "--check")
        #expect(unusable.code == 2)
        #expect(unusable.output.contains("error: there is no /nowhere/at, so that it can't be run"))
        let usable = missing.replacingOccurrences(of: "/nowhere/at all", with: "/bin/true all")
        #expect(try run(usable, "--check").code == 0)
    }

    @Test("Wrong usage, too, leaves nothing behind of a run that was killed")
    func wrongUsage() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let wrong = ["\(Lab.binaries)/failover-agent", "--bogus"]
        #expect(try lab.start("a", wrong).waitForExit() == 64)
        #expect(lab.holders() == "a", "the agent that runs keeps its address")
        agent.end(SIGKILL)
        #expect(lab.holders() == "a")
        #expect(try lab.start("a", wrong).waitForExit() == 64)
        #expect(lab.holders() == "")
    }

    @Test("Monitoring reads stdout alone, also without an agent")
    func standardOutput() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        func shell(_ command: String) throws -> (code: Int32, output: String) {
            let line = command.replacing("CTL", with: "\(Lab.binaries)/failoverctl").replacing(
                "SOCKET", with: lab.socket("a"))
            let program = try Program(["sh", "-c", line])
            return (program.waitForExit(), program.output)
        }
        let without = try shell("CTL health --socket SOCKET 2>/dev/null")
        #expect(without.code == 3)
        #expect(without.output.hasPrefix("UNKNOWN - no agent answers at "))
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        #expect(try shell("CTL health --socket SOCKET 2>/dev/null").output.hasPrefix("OK - "))
        #expect(try shell("CTL health --json --socket SOCKET 2>/dev/null").output.hasPrefix("{"))
    }

    @Test("failoverctl without an agent says what to do and ends with 3")
    func noAgent() throws {
        let program = try Program(["\(Lab.binaries)/failoverctl", "status", "--socket", "/nonexistent/agent.sock"])
        #expect(program.waitForExit() == 3)
        #expect(program.output.contains("no agent answers at /nonexistent/agent.sock"))
    }

    @Test("Neither SIGHUP nor a reader of the log that goes away ends it")
    func hangUp() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let file = try lab.write(Guide.primary, as: "a.conf")
        let command =
            "exec \(Lab.binaries)/failover-agent --config \(file) --socket \(lab.socket("a")) 2>&1 | head -n 1"
        let shell = try lab.start("a", ["sh", "-c", command])
        try lab.waitForHolder("a")
        let agent = try #require(
            Int32(try Lab.run("pgrep", "-f", "failover-agent --config \(file)").split(separator: "\n").last ?? ""))
        kill(agent, SIGHUP)
        try lab.on("a", "addr", "del", "192.0.2.1/32", "dev", "eth0")
        try lab.waitForHolder("a", within: 2)
        kill(agent, SIGTERM)
        try lab.wait("the address is gone") { lab.holders() == "" }
        #expect(shell.waitForExit() == 0)
    }

    @Test("The service manager is told when it is ready, what it does, and when it stops")
    func notifications() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let manager = try lab.serviceManager("a")
        let agent = try lab.agent("a", Guide.primary, wrapper: ["env", "NOTIFY_SOCKET=\(manager.path)"])
        try lab.waitForHolder("a")
        #expect(agent.stop() == 0)
        let lines = manager.program.output.split(separator: "\n").map(String.init)
        #expect(
            lines.filter { !$0.hasPrefix("FD") } == [
                "STATUS=backup of 1", "READY=1", "STATUS=master of 1", "STOPPING=1", "STATUS=leaving 1",
                "STATUS=stopped 1",
            ])
        #expect(lines.count { $0 == "FDSTORE=1" } == 2, "the receive sockets are kept for the next process")
    }
}
