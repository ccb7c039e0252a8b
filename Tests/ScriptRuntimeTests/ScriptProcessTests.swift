import Foundation
import Kernel
import ScriptRuntime
import Scripts
import Testing

@Suite("A script's process", .enabled(if: geteuid() == 0, "only root can become others"))
struct ScriptProcessTests {
    private static let hasControlGroups = ControlGroup.ownFolder().map { unsafe access($0, W_OK) == 0 } ?? false

    /// Beside the tests.
    private let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "failover-scripts").path()

    /// What a script says, and its status as waitpid(2) gives it.
    private func run(
        _ words: [String], user: UInt32 = 65_534, group: UInt32 = 65_534, groups: [UInt32] = [],
        controlGroup: String? = nil, environment: [String] = ["PATH=/usr/bin:/bin"]
    ) throws -> (output: String, status: Int32, failure: Int32?) {
        let order = LaunchOrder(
            user: user, group: group, groups: groups, controlGroup: controlGroup,
            arguments: words.map { Array($0.utf8) })
        let process = try ScriptProcess(order, environment: environment, program: program)
        let failure = process.failure()
        var status: Int32 = 0
        while unsafe waitpid(process.process, &status, 0) < 0, errno == EINTR {}
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(process.output.number, &bytes, bytes.count)
        return (String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self), status, failure)
    }

    private func shell(_ text: String, user: UInt32 = 65_534, groups: [UInt32] = []) throws -> String {
        try run(["/bin/sh", "-c", text], user: user, groups: groups).output.trimmingCharacters(in: .newlines)
    }

    @Test("It ends as the script ends, and what the script says is heard, errors too")
    func ends() throws {
        let result = try run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"])
        #expect(result.output == "out\nerr\n" && result.status >> 8 == 3 && result.failure == nil)
        #expect(try run(["/bin/sh", "-c", "kill -9 $$"]).status & 0x7F == 9)
    }

    @Test("It is the user, with the group and no other groups unless they are given")
    func identity() throws {
        #expect(try shell("id -u; id -g; id -G") == "65534\n65534\n65534")
        #expect(try shell("id -G", groups: [4, 24]) == "65534 4 24")
        #expect(try shell("id -u", user: 0) == "0")
    }

    @Test("umask 022, an ordinary score, a process group of its own, no signal blocked or ignored")
    func clean() throws {
        #expect(try shell("umask") == "0022")
        #expect(try shell("cat /proc/self/oom_score_adj") == "0")
        #expect(try shell("[ $(cut -d ' ' -f 5 /proc/$$/stat) = $$ ] && echo own") == "own")
        let signals = try run(["/bin/grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"]).output
        #expect(signals == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
    }

    @Test("It has no descriptors but its three, and no capabilities")
    func nothingInherited() throws {
        let open = unsafe open("/dev/null", O_RDONLY)
        defer { close(open) }
        // The fourth one is how ls reads the folder.
        #expect(try run(["/bin/ls", "/proc/self/fd"]).output == "0\n1\n2\n3\n")
        let capabilities = try run(["/bin/grep", "-E", "^Cap(Inh|Prm|Eff|Amb)", "/proc/self/status"]).output
        #expect(capabilities.split(separator: "\n").allSatisfy { $0.hasSuffix("0000000000000000") })
    }

    @Test("Arguments come as they are, and so does the environment")
    func arguments() throws {
        #expect(try run(["/usr/bin/printf", "[%s]", "", "a b", "$HOME", "--exec"]).output == "[][a b][$HOME][--exec]")
        #expect(try run(["/usr/bin/env"], environment: ["A=b c"]).output == "A=b c\n")
    }

    @Test("What can't be started says why: a program that is missing, may not be run, or has no interpreter")
    func notStarted() throws {
        #expect(try run(["/no/such/program"]).failure == ENOENT)
        #expect(try run(["/etc/passwd"]).failure == EACCES)
        let path = "/var/tmp/fotest-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        // Written by another process: one that another test starts meanwhile would have it open for writing, too.
        _ = try run(["/bin/sh", "-c", "echo exit 0 >\(path); chmod 755 \(path)"], user: 0, group: 0)
        #expect(try run([path]).failure == ENOEXEC)
        #expect(try run(["/bin/true"], controlGroup: "/no/such/group").failure == ENOENT)
    }

    @Test(
        "What a run has started ends with its control group, also what has left its process group",
        .enabled(
            if: Self.hasControlGroups, "there are no control groups here"))
    func controlGroup() throws {
        let folder = try #require(ControlGroup.ownFolder())
        let group = try ControlGroup("fotest-\(UUID().uuidString)", in: folder)
        let order = LaunchOrder(
            user: 65_534, group: 65_534, controlGroup: group.path,
            arguments: ["/bin/sh", "-c", "setsid sleep 1000 & sleep 1000 & echo begun; exec sleep 1000"].map {
                Array($0.utf8)
            })
        let process = try ScriptProcess(order, environment: ["PATH=/usr/bin:/bin"], program: program)
        #expect(process.failure() == nil)
        var bytes = [UInt8](repeating: 0, count: 100)
        var entry = pollfd(fd: process.output.number, events: Int16(POLLIN), revents: 0)
        #expect(unsafe poll(&entry, 1, 10_000) == 1)
        #expect(unsafe read(process.output.number, &bytes, bytes.count) == 6)
        let processes = group.processes
        #expect(processes.contains(process.process) && processes.count >= 2)
        let wasRemoved = group.remove()
        #expect(!wasRemoved, "it is in use")
        group.kill()
        var status: Int32 = 0
        while unsafe waitpid(process.process, &status, 0) < 0, errno == EINTR {}
        #expect(status & 0x7F == SIGKILL)
        // The pipe's last writer has gone: the others have ended, too.
        entry.revents = 0
        #expect(unsafe poll(&entry, 1, 10_000) == 1)
        #expect(unsafe read(process.output.number, &bytes, bytes.count) == 0)
        // Their parent of old has yet to be told of them.
        var tries = 0
        while !group.remove(), tries < 1000 {
            usleep(10_000)
            tries += 1
        }
        #expect(tries < 1000)
    }
}
