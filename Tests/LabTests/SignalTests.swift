import Foundation
import Glibc
import Testing

@Suite("Signals and descriptors")
struct SignalTests {
    /// Those of a crash, the service manager's watchdog, and what the kernel does by itself.
    private static let deadly = [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGKILL, SIGSTOP]

    @Test("No signal but those that are meant to end it ends or stops it, nor takes the address; habits are answered")
    func everySignal() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        for number in 1...64 where !(Self.deadly + [SIGTERM, SIGINT]).contains(Int32(number)) {
            agent.signal(Int32(number))
        }
        try lab.wait("the last one has arrived") { agent.output.contains("SIGRTMIN+30") }
        let first = Int(agent.id)
        #expect(agent.isRunning)
        #expect(lab.holders() == "a")
        let state = try String(contentsOfFile: "/proc/\(first)/stat", encoding: .utf8).split(separator: ")").last
        #expect(state?.split(separator: " ").first != "T", "it is not stopped")
        #expect(try lab.control("a", "status").code == 0)
        for words in [
            "SIGUSR1, sent by process", "'failoverctl metrics'", "SIGRTMIN+2, sent", "'failoverctl status --json'",
            "SIGQUIT, sent", "SIGTSTP, sent", "SIGALRM, sent", "reload: nothing has changed",
        ] {
            #expect(agent.output.contains(words), "\(words)")
        }
        // Ten thousand more are not one line more.
        let lines = agent.output.split(separator: "\n").count
        for _ in 0..<10_000 {
            agent.signal(SIGUSR1)
            agent.signal(SIGUSR2)
        }
        #expect(try lab.control("a", "status").code == 0)
        #expect(agent.output.split(separator: "\n").count == lines)
        #expect(agent.stop() == 0)
        #expect(lab.holders() == "")
    }

    @Test("The watchdog's signal ends it at once, as those of a crash do", arguments: [SIGABRT, SIGSEGV, SIGSYS])
    func crash(number: Int32) throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        // However the parent has set them.
        let agent = try lab.agent(
            "a", Guide.primary,
            wrapper: [
                "python3", "-c",
                """
                import os, signal, sys
                signal.signal(\(number), signal.SIG_IGN)
                signal.pthread_sigmask(signal.SIG_BLOCK, [\(number)])
                os.execvp(sys.argv[1], sys.argv[1:])
                """,
            ])
        try lab.waitForHolder("a")
        agent.signal(number)
        #expect(agent.waitForExit() == 128 + number)
    }

    @Test("Also at its start nothing ends it, and what is told to end then ends in order")
    func start() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        for turn in 0..<8 {
            let agent = try lab.agent("a", Guide.primary)
            usleep(UInt32(turn * 3000))
            // Before its first instruction nothing is the program's to decide: the system's loader runs.
            try lab.wait("the program has begun") { Self.blocked(agent) & 1 == 1 }
            for number in [SIGUSR1, SIGHUP, 36, SIGQUIT, 33] { agent.signal(number) }
            if turn % 2 == 0 {
                try lab.waitForHolder("a")
                #expect(agent.isRunning)
            }
            #expect(agent.stop() == 0, "\(agent.output)")
            #expect(lab.holders() == "")
        }
    }

    /// The signals that a process blocks, one bit each, from the number 1.
    private static func blocked(_ program: Program) -> UInt64 {
        let text = (try? String(contentsOfFile: "/proc/\(program.id)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
        return line.flatMap { UInt64($0.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) } ?? 0
    }

    @Test("A stop during the pause after failed starts does not wait for the pause")
    func stopInPause() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let state = lab.directory.appending(path: "a.state")
        try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
        var now = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &now)
        try Data("30 \(now.tv_sec)\n".utf8).write(to: state.appending(path: "starts"))
        let agent = try lab.agent("a", Guide.primary)
        try lab.wait("it waits") { agent.output.contains("starting after") }
        let begin = Date()
        #expect(agent.stop() == 0)
        #expect(Date().timeIntervalSince(begin) < 5)
    }

    @Test(
        "Started with closed descriptors, it opens them first: nothing that it says lands in a file of its own",
        arguments: ["<&- >&- 2>&-", "2>&-", "<&-", ">&- 2>&-"])
    func closedDescriptors(closing: String) throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Guide.primary, wrapper: ["sh", "-c", "exec \"$@\" \(closing)", "sh"])
        try lab.waitForHolder("a")
        for number in 0...2 {
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(agent.id)/fd/\(number)")
            #expect(target == "/dev/null" || target.contains("fotest-output"), "\(number): \(target)")
        }
        agent.signal(SIGHUP)
        #expect(try lab.control("a", "reload").code == 0)
        for name in ["lock", "addresses", "roles", "starts", "handovers"] {
            let file = lab.directory.appending(path: "a.state/\(name)").path()
            let text = FileManager.default.contents(atPath: file) ?? Data()
            #expect(text.range(of: Data("Instance1:".utf8)) == nil, "\(name)")
            #expect(text.range(of: Data("reload".utf8)) == nil, "\(name)")
        }
        #expect(agent.stop() == 0)
    }

    @Test("failoverctl, too: what it says goes nowhere, and what it was asked is done")
    func closedForControl() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        func shell(_ line: String) throws -> Int32 {
            try Program(["bash", "-c", "\(Lab.binaries)/failoverctl --socket \(lab.socket("a")) \(line)"]).waitForExit()
        }
        #expect(try shell("is-master Instance1 <&- >&- 2>&-") == 0)
        #expect(try shell("handover --all --force >&- 2>&-") == 0)
        #expect(try shell("resume --all 2> >(exec true) >/dev/null") == 0)
    }
}
