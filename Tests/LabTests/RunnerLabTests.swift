import Foundation
import Testing

/// What the agent makes of `failover-scripts`: results that outlive it, a runner that goes, and files that change.
@Suite("The agent and the program that runs its scripts")
struct RunnerLabTests {
    private let lab: Lab
    private let base: String

    init() throws {
        // Only what root alone can change is run.
        lab = try Lab("abc", under: "/run")
        base = lab.directory.path()
    }

    /// A file with a check that must succeed, and a notify script that writes down what it is told.
    private func file(priority: Int = 100, interval: String = "1", extra: String = "", note: String = "calls") -> String
    {
        """
        vrrp_script service {
            script "/usr/bin/test ! -e \(base)/fails"
            interval 1
        }
        \(extra)
        vrrp_instance Instance1 {
            state BACKUP
            interface eth0
            virtual_router_id 10
            priority \(priority)
            version 3
            advert_int \(interval)
            track_script {
                service
            }
            notify "/bin/sh -c 'echo \\"$@\\" >>\(base)/\(note)' notify"
            virtual_ipaddress {
                192.0.2.1
            }
        }
        """
    }

    private var peer: String {
        """
        vrrp_instance Instance1 {
            state BACKUP
            interface eth0
            virtual_router_id 10
            priority 90
            version 3
            advert_int 1
            virtual_ipaddress {
                192.0.2.1
            }
        }
        """
    }

    private func calls(_ name: String = "calls") -> [String] {
        let text = (try? String(contentsOfFile: "\(base)/\(name)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map { $0.split(separator: " ").dropFirst(2).first.map(String.init) ?? "" }
    }

    private func findings(_ host: String) throws -> String { try lab.control(host, "health").output }

    private func master() throws -> (agent: Program, runner: Program) {
        let runner = try lab.runner("a", file())
        let agent = try lab.agent("a", file(), runner: true)
        try lab.waitForHolder("a")
        try lab.wait("it is told") { calls().last == "MASTER" }
        return (agent, runner)
    }

    @Test("A notify script that fails is a finding with what it said, until one of the same instance succeeds")
    func notifyFails() throws {
        defer { lab.tearDown() }
        let script = """
            notify_master "/bin/sh -c 'echo the cloud says no; exit 3'"
            notify_fault "/bin/true"
            """
        let text = peer.replacing("virtual_ipaddress", with: script + "\n    virtual_ipaddress")
        _ = try lab.runner("a", text)
        try lab.agent("a", text, runner: true)
        try lab.waitForHolder("a")
        let failure = "Instance1: a notify script failed: exit code 3, 'the cloud says no'"
        try lab.wait("it is told") { (try? findings("a"))?.contains(failure) == true }
        try lab.cut("a")
        try lab.wait("the next call succeeds") { (try? findings("a"))?.contains("notify script") == false }
    }

    @Test("Killed and started again: a master goes on with the last results, and no state is told twice")
    func restart() throws {
        defer { lab.tearDown() }
        let (agent, _) = try master()
        try lab.agent("b", peer)
        Thread.sleep(forTimeInterval: 2)
        let prober = try lab.probe("c")
        Thread.sleep(forTimeInterval: 0.5)
        let before = calls()
        agent.end(SIGKILL)
        try lab.agent("a", file(), runner: true)
        Thread.sleep(forTimeInterval: 4)
        #expect(lab.holders() == "a")
        let (answers, outage) = prober.finish()
        #expect(answers > 100, "on a machine that is busy")
        #expect(outage < 0.2)
        #expect(calls() == before)
        let instance = try #require(try lab.status("a").first)
        let trackers = try #require(instance["trackers"] as? [[String: Any]])
        #expect(trackers.first?["state"] as? String == "up")
        #expect((trackers.first?["lastRun"] as? [String: Any])?["outcome"] as? String == "exited")
    }

    @Test(
        "The runner begins anew: what checks have said stands until they have decided again, also with init_fail",
        arguments: [SIGTERM, SIGKILL])
    func runnerRestarted(by signal: Int32) throws {
        defer { lab.tearDown() }
        let checks = """
            vrrp_script weighs {
                script "/usr/bin/test -e \(base)/is/not/there"
                interval 1
                fall 3
                weight -20
            }
            vrrp_script begins_down {
                script "/bin/true"
                interval 1
                rise 3
                init_fail
            }
            """
        let text = file(extra: checks).replacing("service\n", with: "service\nweighs\nbegins_down\n")
        let runner = try lab.runner("a", text)
        try lab.agent("a", text, runner: true)
        try lab.waitForHolder("a")
        try lab.wait("it has decided") { (try? lab.status("a").first?["priority"] as? Int) == 80 }
        // Runs enough, so that those of the next one are told apart.
        Thread.sleep(forTimeInterval: 2)
        let events = try lab.control("a", "events").output
        runner.end(signal)
        _ = try lab.runner("a", text)
        func runs() -> [Int] {
            let trackers = (try? lab.status("a").first?["trackers"]) as? [[String: Any]] ?? []
            return trackers.compactMap { ($0["lastRun"] as? [String: Any])?["number"] as? Int }
        }
        try lab.wait("it counts its runs anew") { runs().count == 3 && runs().allSatisfy { $0 < 4 } }
        try lab.wait("all have decided again") { runs().allSatisfy { $0 > 4 } }
        #expect(try lab.control("a", "events").output == events, "nobody has moved, and no priority has")
        #expect(lab.state("a") == "master")
    }

    @Test(
        "The runner is killed: the master stays one with its last results, health says so, and it is there again by itself"
    )
    func runnerKilled() throws {
        defer { lab.tearDown() }
        let (_, runner) = try master()
        runner.end(SIGKILL)
        _ = FileManager.default.createFile(atPath: "\(base)/fails", contents: nil)
        try lab.wait("health says so") { (try? findings("a"))?.contains("failover-scripts is not there") ?? false }
        #expect(lab.state("a") == "master")
        _ = try lab.runner("a", file())
        try lab.wait("the check counts again") { lab.state("a") == "fault" || lab.state("a") == "leaving" }
        try FileManager.default.removeItem(atPath: "\(base)/fails")
        try lab.waitForHolder("a")
        #expect(!(try findings("a")).contains("failover-scripts"))
    }

    @Test("The runner is stopped: nothing waits for it, and a state that changed meanwhile is told when it goes on")
    func runnerStopped() throws {
        defer { lab.tearDown() }
        let (_, runner) = try master()
        runner.signal(SIGSTOP)
        try lab.cut("a")
        try lab.wait("fault") { lab.state("a") == "fault" }
        #expect(calls().last == "MASTER")
        runner.signal(SIGCONT)
        try lab.wait("told") { calls().last == "FAULT" }
    }

    @Test("Without a runner a start takes part after 10 s, and only where no master is heard")
    func noRunner() throws {
        defer { lab.tearDown() }
        try lab.agent("b", peer)
        try lab.waitForHolder("b")
        _ = try lab.write("", as: "a.environment")
        try lab.agent("a", file(), runner: true)
        try lab.wait("it waits") { lab.state("a") == "fault" }
        try lab.wait("it takes part") { lab.state("a") == "backup" }
        Thread.sleep(forTimeInterval: 5)
        #expect(lab.holders() == "b", "a lower master stays one")
        try lab.cut("b")
        try lab.waitForHolder("a")
    }

    @Test("A reload waits for the runner: what both have read is in use, and errors of either change nothing")
    func reload() throws {
        defer { lab.tearDown() }
        _ = try master()
        // Another script for the same states.
        _ = try lab.write(file(note: "others"), as: "a.conf")
        let reloaded = try lab.control("a", "reload")
        #expect(reloaded.code == 0, "\(reloaded.output)")
        _ = FileManager.default.createFile(atPath: "\(base)/fails", contents: nil)
        try lab.wait("told by the new file") { calls("others").contains("FAULT") }
        try FileManager.default.removeItem(atPath: "\(base)/fails")
        try lab.waitForHolder("a")
        // A file that others than root can change is not run, whatever the agent thinks of it.
        let path = try lab.write(file(priority: 101), as: "a.conf")
        try Lab.run("chmod", "666", path)
        let refused = try lab.control("a", "reload")
        #expect(refused.code != 0 && refused.output.contains("somebody besides root"), "\(refused.output)")
        #expect(try lab.status("a").first?["priority"] as? Int == 100)
        // Not even where it says what is in use already.
        try Lab.run("chmod", "666", try lab.write(file(note: "others"), as: "a.conf"))
        let same = try lab.control("a", "reload")
        #expect(same.code != 0 && same.output.contains("somebody besides root"), "\(same.output)")
        // The agent, which is not root, can't know what somebody else can run: the runner does.
        _ = try lab.write("global_defs {\nscript_user no_such_user\n}\n" + file(), as: "a.conf")
        try Lab.run("chmod", "644", path)
        let unusable = try lab.control("a", "reload")
        #expect(unusable.code != 0 && unusable.output.contains("there is no user 'no_such_user'"), "\(unusable.output)")
        #expect(lab.holders() == "a" && lab.state("a") == "master")
    }

    @Test("Nobody confirms a reload: the runner goes back to the plan before, too")
    func rollback() throws {
        defer { lab.tearDown() }
        _ = try master()
        _ = try lab.write(file(note: "others"), as: "a.conf")
        let reloaded = try lab.control("a", "reload", "--confirm", "2")
        #expect(reloaded.code == 0, "\(reloaded.output)")
        Thread.sleep(forTimeInterval: 3)
        let before = calls().count
        _ = FileManager.default.createFile(atPath: "\(base)/fails", contents: nil)
        try lab.wait("told by the old file") { calls().dropFirst(before).contains("FAULT") }
        #expect(!calls("others").contains("FAULT"))
    }

    @Test("A start with a broken file uses the last accepted one, and the runner has its plan")
    func lastAccepted() throws {
        defer { lab.tearDown() }
        let (agent, _) = try master()
        #expect(agent.stop() == 0)
        _ = try lab.write(file() + "nonsense {\n", as: "a.conf")
        let before = calls().count
        try lab.agent("a", file() + "nonsense {\n", runner: true)
        try lab.waitForHolder("a")
        try lab.wait("it is told") { calls().dropFirst(before).contains("MASTER") }
        #expect(try findings("a").contains("the last accepted one is in use"))
    }

    @Test(
        "Scripts that hang, fork and flood, and a runner that is killed and stopped: no advertisement is late by an interval"
    )
    func inTheWay() throws {
        defer { lab.tearDown() }
        var extra = ""
        var lines = ""
        for (kind, count, command) in [
            ("fine", 20, "/bin/true"), ("hangs", 10, "/bin/sleep 1000"),
            ("forks", 3, "/bin/sh -c 'for i in 1 2 3 4 5 6 7 8 9; do /bin/sleep 1000 & done; wait'"),
            ("floods", 3, "/usr/bin/head -c 1000000000 /dev/zero"),
        ] {
            for number in 0..<count {
                extra += "vrrp_script \(kind)\(number) {\nscript \"\(command)\"\ninterval 1\nweight 0\n}\n"
                lines += "\(kind)\(number) weight 1\n"
            }
        }
        let text = file(interval: "0.5", extra: extra).replacing("        service\n", with: "        service\n\(lines)")
        var runner = try lab.runner("a", text)
        let agent = try lab.agent("a", text, runner: true)
        let other = peer.replacing("advert_int 1", with: "advert_int 0.5")
        try lab.waitForHolder("a")
        try lab.agent("b", other)
        Thread.sleep(forTimeInterval: 3)
        try lab.startCapture(only: "proto 112")
        let memory = agent.residentKilobytes
        Thread.sleep(forTimeInterval: 4)
        runner.end(SIGKILL)
        Thread.sleep(forTimeInterval: 1)
        runner = try lab.runner("a", text)
        Thread.sleep(forTimeInterval: 3)
        runner.signal(SIGSTOP)
        Thread.sleep(forTimeInterval: 3)
        runner.signal(SIGCONT)
        Thread.sleep(forTimeInterval: 2)
        #expect(runner.residentKilobytes < 60_000)
        let growth = agent.residentKilobytes - memory
        #expect(growth < 2000, "kB")
        let frames = try lab.captured("vrrp", "ip.src", "frame.time_epoch")
        let times = frames.filter { $0[0] == "192.0.2.11" }.compactMap { Double($0[1]) }
        #expect(times.count > 20)
        #expect(frames.allSatisfy { $0[0] == "192.0.2.11" }, "nobody else was master")
        let longest = zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? 0
        #expect(longest < 1)
    }
}
