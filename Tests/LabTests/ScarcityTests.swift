import Foundation
import Testing

/// A host that is short of something, or whose clock is wrong. Advertisements each 0.1 s: what costs time shows.
@Suite("A host that is short of something")
struct ScarcityTests {
    private func file(_ priority: Int) -> String {
        Guide.file(priority: priority, password: nil).replacingOccurrences(
            of: "advert_int 1", with: "version 3\nadvert_int 0.1")
    }

    /// - Returns: how often the second host was seen to have the address.
    private func falseMasters(_ lab: Lab, within seconds: Double) -> Int {
        let end = Date().addingTimeInterval(seconds)
        var count = 0
        while Date() < end {
            if lab.addresses("b").contains("192.0.2.1/32") { count += 1 }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return count
    }

    @Test("Memory at the control group's limit, with a neighbour that is killed again and again: no false master")
    func memory() throws {
        let group = try MemoryGroup(limit: 48 << 20)
        defer { group.remove() }
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        // As the unit has it, but with many signs of life: what the loop does seldom it shall do often here.
        let manager = try lab.serviceManager("c")
        let wrapper = [
            "env", "NOTIFY_SOCKET=\(manager.path)", "WATCHDOG_USEC=400000", "sh", "-c",
            "echo -900 >/proc/self/oom_score_adj; exec \"$@\"", "sh",
        ]
        let first = try lab.agent("a", file(100), wrapper: wrapper)
        try lab.waitForHolder("a")
        let second = try lab.agent("b", file(99), wrapper: wrapper)
        for agent in [first, second] { try group.add(agent.id) }
        Thread.sleep(forTimeInterval: 1)
        let greedy = """
            sleep 0.5
            end=$(($(date +%s) + 8))
            while [ $(date +%s) -lt $end ]; do head -c 100000000 /dev/zero | tail >/dev/null || echo killed; done
            """
        let hog = try lab.start("c", ["sh", "-c", greedy])
        try group.add(hog.id)
        #expect(falseMasters(lab, within: 8) == 0)
        _ = hog.waitForExit()
        #expect(hog.output.contains("illed"), "the limit was reached")
        #expect(first.isRunning && second.isRunning)
        #expect(lab.holders() == "a")
        #expect(lab.state("a") == "master")
        #expect(manager.program.output.count { $0 == "W" } > 30)
    }

    @Test("The service manager hangs: nothing waits for it, and later it gets what counts")
    func serviceManager() throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        let manager = try lab.serviceManager("c")
        // A sign of life each 33 ms: the queue, of some ten, is full at once.
        let wrapper = ["env", "NOTIFY_SOCKET=\(manager.path)", "WATCHDOG_USEC=100000"]
        try lab.agent("a", file(100), wrapper: wrapper)
        try lab.waitForHolder("a")
        try lab.agent("b", file(99))
        Thread.sleep(forTimeInterval: 1)
        manager.program.signal(SIGSTOP)
        #expect(falseMasters(lab, within: 4) == 0)
        #expect(lab.state("a") == "master")
        // What it misses.
        try lab.cut("a")
        try lab.waitForHolder("b", within: 2)
        try lab.mend("a")
        try lab.waitForHolder("a", within: 5)
        manager.program.signal(SIGCONT)
        try lab.wait("the last state", within: 5) {
            let lines = manager.program.output.split(separator: "\n").filter { $0.hasPrefix("STATUS=") }
            return lines.count > 2 && lines.last == "STATUS=master of 1"
        }
    }

    @Test("The service manager hangs and still has sockets of an interface that is gone: nobody waits for them")
    func forgottenSockets() throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        let manager = try lab.serviceManager("c")
        manager.program.signal(SIGSTOP)
        let agent = try lab.agent("a", file(100), wrapper: ["env", "NOTIFY_SOCKET=\(manager.path)"])
        try lab.waitForHolder("a")
        try lab.agent("b", file(99))
        try lab.on("a", "link", "set", "eth0", "name", "away0")
        try lab.waitForHolder("b", within: 5)
        // Its advertisements arrive on the sockets that the agent has closed.
        Thread.sleep(forTimeInterval: 1)
        #expect(lab.state("a") == "fault")
        let before = agent.processorTime
        Thread.sleep(forTimeInterval: 2)
        #expect(agent.processorTime - before < 0.5, "seconds of 2")
        #expect(agent.stop() == 0)
    }

    @Test("D-Bus hangs while the service is stopped: the other host hears of it before it would have missed anything")
    func silentBus() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let bus = lab.directory.appending(path: "bus").path()
        let script = """
            import socket, time
            s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            s.bind("\(bus)")
            s.listen(8)
            clients = []
            while True:
                clients.append(s.accept())
            """
        _ = try lab.start("a", ["python3", try lab.write(script, as: "bus.py")])
        try lab.wait("the bus") { FileManager.default.fileExists(atPath: bus) }
        let agent = try lab.agent("a", file(100), wrapper: ["env", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=\(bus)"])
        try lab.waitForHolder("a")
        let other = try lab.agent("b", file(99))
        Thread.sleep(forTimeInterval: 1)
        #expect(agent.stop() == 0)
        try lab.waitForHolder("b", within: 2)
        #expect(other.output.contains("backup → master: master 192.0.2.11 resigned"), "\(other.output)")
    }

    @Test("Fifty interfaces vanish in one moment: the router on another one stays on time")
    func vanishingTrunk() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        var text = file(100)
        for number in 1...50 {
            try lab.on("a", "link", "add", "v\(number)", "type", "veth", "peer", "name", "w\(number)")
            for name in ["v\(number)", "w\(number)"] { try lab.on("a", "link", "set", name, "up") }
            try lab.on("a", "addr", "add", "10.0.\(number).11/24", "dev", "v\(number)")
            text += """
                vrrp_instance V\(number) {
                  interface v\(number)
                  virtual_router_id 2
                  priority 100
                  virtual_ipaddress {
                    10.0.\(number).1
                  }
                }

                """
        }
        try lab.agent("a", text)
        try lab.waitForHolder("a")
        for number in 1...50 {
            try lab.wait("v\(number) has its address") {
                lab.addresses("a", "v\(number)").contains("10.0.\(number).1/32")
            }
        }
        try lab.agent("b", file(99))
        Thread.sleep(forTimeInterval: 1)
        let batch = try lab.write((1...50).map { "link del v\($0)\n" }.joined(), as: "vanish")
        try lab.on("a", "-batch", batch)
        #expect(falseMasters(lab, within: 3) == 0)
        #expect(lab.state("a") == "master")
    }

    @Test("The clock is set an hour on, and two back: nothing happens", arguments: ["a", "b"])
    func clock(host: String) throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        // Only this process's wall clock is false; the stamps of what it receives are the kernel's.
        let step = try lab.write("0", as: "step")
        let library = lab.directory.appending(path: "clock.so").path()
        try Lab.run("clang", "-shared", "-fPIC", "-o", library, lab.write(Self.falseClock, as: "clock.c"))
        let wrapper = ["env", "LD_PRELOAD=\(library)", "CLOCK_STEP=\(step)"]
        try lab.agent("a", file(100), wrapper: host == "a" ? wrapper : [])
        try lab.waitForHolder("a")
        try lab.agent("b", file(99), wrapper: host == "b" ? wrapper : [])
        Thread.sleep(forTimeInterval: 1)
        let prober = try lab.probe("c")
        for offset in ["3600", "-3600"] {
            _ = try lab.write(offset, as: "step")
            #expect(falseMasters(lab, within: 2) == 0)
            #expect(lab.state("a") == "master")
            #expect(lab.state("b") == "backup")
        }
        let (answers, outage) = prober.finish()
        #expect(answers > 200)
        #expect(outage < Prober.unnoticed)
        // Or the clock was not false, and this test says nothing.
        let since = try #require(lab.status(host).first?["since"] as? String)
        let reader = ISO8601DateFormatter()
        reader.formatOptions.insert(.withFractionalSeconds)
        let date = try #require(reader.date(from: since))
        #expect(abs(date.timeIntervalSinceNow) > 3000, "\(since)")
        // It still takes over, and in time.
        try lab.cut("a")
        try lab.waitForHolder("b", within: 2)
    }

    /// Stands before the C library: a wall clock that is wrong by the seconds that a file says.
    private static let falseClock = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <time.h>
        #include <unistd.h>
        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = (int)syscall(SYS_clock_gettime, clock, time);
            if (result != 0 || clock != CLOCK_REALTIME) return result;
            char text[32] = {0};
            int file = open(getenv("CLOCK_STEP"), O_RDONLY);
            if (file < 0) return result;
            if (read(file, text, sizeof text - 1) > 0) time->tv_sec += atoi(text);
            close(file);
            return result;
        }
        """
}

/// A control group with a limit on memory, in either version of control groups.
private final class MemoryGroup {
    let path: String

    init(limit: Int) throws {
        let name = "fotest-\(ProcessInfo.processInfo.processIdentifier)"
        if FileManager.default.fileExists(atPath: "/sys/fs/cgroup/memory/memory.limit_in_bytes") {
            path = "/sys/fs/cgroup/memory/\(name)"
        } else {
            path = "/sys/fs/cgroup/\(name)"
            try? Data("+memory".utf8).write(to: URL(filePath: "/sys/fs/cgroup/cgroup.subtree_control"))
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let file = path.contains("/memory/") ? "memory.limit_in_bytes" : "memory.max"
        try Data("\(limit)".utf8).write(to: URL(filePath: "\(path)/\(file)"))
    }

    func add(_ process: pid_t) throws {
        try Data("\(process)".utf8).write(to: URL(filePath: "\(path)/cgroup.procs"))
    }

    /// Its processes have ended.
    func remove() {
        for _ in 0..<100 {
            if unsafe rmdir(path) == 0 { return }
            usleep(50_000)
        }
    }
}
