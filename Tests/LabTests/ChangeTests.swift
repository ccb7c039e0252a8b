import Foundation
import Testing

@Suite("Changes while it runs")
struct ChangeTests {
    private func write(_ lab: Lab, _ host: String, _ text: String) throws {
        _ = try lab.write(text, as: "\(host).conf")
    }

    @Test("reload: an address more is added and announced, a broken file changes nothing, a plan only tells")
    func reload() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let agent = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let more = Guide.file(state: "MASTER", priority: 100, addresses: ["192.0.2.1", "192.0.2.2"])
        try write(lab, "a", more)
        let plan = try lab.control("a", "reload", "--plan")
        #expect(plan.code == 0)
        #expect(plan.output.contains("~ Instance1: + 192.0.2.2/32 on eth0"))
        #expect(lab.holders("192.0.2.2") == "")
        #expect(try lab.control("a", "reload").code == 0)
        try lab.waitForHolder("a", "192.0.2.2", within: 2)
        for broken in ["", String(more.prefix(120)), more + "\nnonsense\n"] {
            try write(lab, "a", broken)
            let answer = try lab.control("a", "reload")
            #expect(answer.code == 1)
            #expect(answer.output.contains("error:"))
            #expect(!answer.output.contains("s3cret"))
        }
        #expect(lab.addresses("a").count == 3)
        try write(lab, "a", Guide.primary)
        agent.signal(SIGHUP)
        try lab.wait("the second address goes", within: 2) { lab.holders("192.0.2.2") == "" }
        #expect(lab.holders() == "a")
        #expect(lab.state("a") == "master")
    }

    @Test("A reload is told to those who watch: what has changed, and all of the state once more")
    func watched() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let watch = try Program(["\(Lab.binaries)/failoverctl", "watch", "--json", "--socket", lab.socket("a")])
        defer { watch.end(SIGTERM) }
        func replies() -> [[String: Any]] {
            watch.output.split(separator: "\n").compactMap {
                try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
        }
        func names(_ replies: [[String: Any]]) -> [String] {
            replies.compactMap { ($0["instance"] as? [String: Any])?["name"] as? String }
        }
        try lab.wait("the present state is told") { names(replies()) == ["Instance1"] }
        let first = Guide.file(priority: 100, addresses: ["192.0.2.2"], name: "First", id: 20)
        try write(lab, "a", first + Guide.file(state: "MASTER", priority: 90, name: "Renamed"))
        #expect(try lab.control("a", "reload").code == 0)
        try lab.wait("all of it is told again", within: 5) { names(replies()) == ["Instance1", "First", "Renamed"] }
        let told = replies()
        let reload = try #require(told.firstIndex { ($0["event"] as? [String: Any])?["kind"] as? String == "reloaded" })
        let again = try #require(told.lastIndex { $0["instance"] != nil })
        #expect(reload < again)
        #expect(told[again]["remaining"] as? Int == 0)
        #expect((told[again]["instance"] as? [String: Any])?["priority"] as? Int == 90)
        // And then it goes on.
        try lab.on("a", "addr", "del", "192.0.2.1/32", "dev", "eth0")
        try lab.wait("what happens then is told", within: 5) {
            replies().last.flatMap { ($0["event"] as? [String: Any])?["kind"] as? String } == "addressRestored"
        }
    }

    @Test("reload without an instance: its address stays until the other host has it")
    func departure() throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        let other = Guide.file(priority: 100, addresses: ["192.0.2.2"], name: "Instance2", id: 20)
        try lab.agent("a", Guide.primary + other)
        try lab.waitForHolder("a")
        try lab.agent("b", Guide.secondary)
        try lab.wait("the other one follows") { lab.state("b") == "backup" }
        Thread.sleep(forTimeInterval: 2)
        let prober = try lab.probe("c")
        Thread.sleep(forTimeInterval: 0.5)
        try write(lab, "a", other)
        #expect(try lab.control("a", "reload").code == 0)
        try lab.waitForHolder("b", within: 5)
        try lab.wait("it is forgotten", within: 3) { (try? lab.status("a").count) == 1 }
        let (answers, outage) = prober.finish()
        #expect(answers > 100)
        #expect(outage < Prober.unnoticed)
        #expect(lab.holders("192.0.2.2") == "a")
    }

    @Test("reload --confirm: without a confirmation the configuration before comes back")
    func confirm() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        try write(lab, "a", Guide.file(state: "MASTER", priority: 100, addresses: ["192.0.2.1", "192.0.2.2"]))
        #expect(try lab.control("a", "reload", "--confirm", "2s").code == 0)
        try lab.waitForHolder("a", "192.0.2.2", within: 2)
        try lab.wait("it comes back", within: 5) { lab.holders("192.0.2.2") == "" }
        #expect(try lab.control("a", "confirm").code == 1)
        // The configuration that has come back is kept: nothing is warned of.
        let again = try lab.control("a", "reload", "--confirm", "2s")
        #expect(again.code == 0)
        #expect(!again.output.contains("is not kept"))
        #expect(try lab.control("a", "confirm").code == 0)
        Thread.sleep(forTimeInterval: 3)
        #expect(lab.holders("192.0.2.2") == "a")
    }

    @Test("reload --confirm: killed before the confirmation, the next run begins with the configuration before")
    func confirmAndDie() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let first = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let more = Guide.file(state: "MASTER", priority: 100, addresses: ["192.0.2.1", "192.0.2.2"])
        try write(lab, "a", more)
        #expect(try lab.control("a", "reload", "--confirm", "10m").code == 0)
        try lab.waitForHolder("a", "192.0.2.2", within: 2)
        first.end(SIGKILL)
        let second = try lab.agent("a", more)
        try lab.wait("it is master with what was confirmed", within: 10) {
            lab.state("a") == "master" && lab.holders() == "a"
        }
        #expect(lab.holders("192.0.2.2") == "")
        #expect(second.output.contains("nobody has confirmed what the file says"))
        #expect(try lab.control("a", "health").output.contains("nobody has confirmed"))
        #expect(try lab.control("a", "confirm").code == 1)
        // Asked for by name, the file is taken, and from then on every run begins with it.
        #expect(try lab.control("a", "reload").code == 0)
        try lab.waitForHolder("a", "192.0.2.2", within: 2)
        #expect(second.stop() == 0)
        try lab.agent("a", more)
        try lab.waitForHolder("a", "192.0.2.2", within: 10)
    }

    @Test("confirm keeps what is in use, not what was read since")
    func confirmAfterPlan() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let first = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        func file(_ more: String) -> String {
            Guide.file(state: "MASTER", priority: 100, addresses: ["192.0.2.1", more])
        }
        try write(lab, "a", file("192.0.2.2"))
        #expect(try lab.control("a", "reload", "--confirm", "10m").code == 0)
        try write(lab, "a", file("192.0.2.77"))
        #expect(try lab.control("a", "reload", "--plan").code == 0)
        try write(lab, "a", "nonsense\n")
        #expect(try lab.control("a", "reload").code == 1)
        #expect(try lab.control("a", "confirm").code == 0)
        first.end(SIGKILL)
        try lab.agent("a", "nonsense\n")
        try lab.wait("it is master with what was confirmed", within: 10) {
            lab.state("a") == "master" && lab.holders("192.0.2.2") == "a"
        }
        #expect(lab.holders("192.0.2.77") == "")
    }

    @Test("Started with a broken file after a good one: the last accepted configuration is in use")
    func lastAccepted() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let first = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        #expect(first.stop() == 0)
        let second = try lab.agent("a", "vrrp_instance x {\n nonsense\n}\n")
        try lab.waitForHolder("a", within: 10)
        #expect(second.output.contains("the last one that was accepted is in use"))
    }

    @Test("handover and resume, and a handover that finds nobody")
    func handover() throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        let alone = try lab.control("a", "handover", "Instance1")
        #expect(alone.code == 1)
        #expect(alone.output.contains("nobody took over in 2"))
        #expect(alone.output.contains("still master"))
        #expect(lab.holders() == "a")
        try lab.agent("b", Guide.secondary)
        Thread.sleep(forTimeInterval: 3)
        let prober = try lab.probe("c")
        let answer = try lab.control("a", "handover", "--all", "--for", "1h")
        #expect(answer.code == 0, "\(answer.output)")
        #expect(lab.holders() == "b")
        Thread.sleep(forTimeInterval: 5)
        #expect(lab.holders() == "b", "it does not take it back")
        #expect(prober.finish().outage < Prober.unnoticed)
        #expect(try lab.control("a", "status").output.contains("HANDED OVER Instance1, by"))
        #expect(try lab.control("a", "status").output.contains("→ failoverctl resume Instance1\n"))
        #expect(try lab.control("a", "instance-names").output == "Instance1\n", "what completions ask for")
        #expect(try lab.control("a", "resume", "--all").code == 0)
        try lab.waitForHolder("a", within: 10)
        #expect(try lab.control("a", "handover", "nobody").output.contains("there is no instance 'nobody'"))
        #expect(try lab.control("a", "handover").code == 64)
    }

    @Test("A handover survives a restart of the agent")
    func survives() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let first = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        try lab.agent("b", Guide.secondary)
        Thread.sleep(forTimeInterval: 3)
        #expect(try lab.control("a", "handover", "--all").code == 0)
        #expect(first.stop() == 0)
        try lab.agent("a", Guide.primary)
        Thread.sleep(forTimeInterval: 6)
        #expect(lab.holders() == "b")
        #expect(try lab.control("a", "status").output.contains("HANDED OVER Instance1, by"))
    }

    @Test("Others may ask, and not change")
    func permission() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        try Lab.run("chmod", "666", lab.socket("a"))
        let program = try lab.start(
            "a",
            [
                "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "\(Lab.binaries)/failoverctl",
                "handover", "--all", "--socket", lab.socket("a"),
            ])
        #expect(program.waitForExit() == 1)
        #expect(program.output.contains("only root, the agent's user and the members of admin_group may do this"))
        #expect(lab.holders() == "a")
    }

    @Test("socket_group: the socket is that group's, until the file names it no more; one that there is not is told of")
    func socketGroup() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        func file(_ group: String) -> String { "global_defs {\n    socket_group \(group)\n}\n" + Guide.primary }
        func group() throws -> String {
            try Lab.run("stat", "-c", "%G %a", lab.socket("a")).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        try lab.agent("a", file("nogroup"))
        try lab.wait("it answers") { !lab.state("a").isEmpty }
        #expect(try group() == "nogroup 660")
        try write(lab, "a", Guide.primary)
        #expect(try lab.control("a", "reload").code == 0)
        #expect(try group() == "root 660")
        try write(lab, "a", file("no-such-group"))
        #expect(try lab.control("a", "reload").code == 0)
        #expect(try group() == "root 660")
        let (code, line) = try lab.control("a", "health")
        #expect(code == 1)
        #expect(line.contains("there is no group 'no-such-group'"))
    }

    @Test("socket_group without the right to give the socket away: an access list lets the group in, and no other")
    func socketGroupByList() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        func file(_ group: String) -> String { "global_defs {\n    socket_group \(group)\n}\n" + Guide.primary }
        try Lab.run("chmod", "755", lab.directory.path())
        let state = lab.directory.appending(path: "a.state").path()
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try Lab.run("chown", "-R", "65533:65533", lab.directory.path())
        // As the packaged unit runs it: a user of its own with two capabilities, and a member of no other group.
        let asService = [
            "setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups", "--inh-caps", "+net_admin,+net_raw",
            "--ambient-caps", "+net_admin,+net_raw", "--bounding-set", "-all,+net_admin,+net_raw",
        ]
        let agent = try lab.agent("a", file("nogroup"), wrapper: asService)
        func asked(_ group: String) throws -> Int32 {
            try lab.start(
                "a",
                [
                    "setpriv", "--reuid", "65532", "--regid", group, "--clear-groups", "\(Lab.binaries)/failoverctl",
                    "status", "--socket", lab.socket("a"),
                ]
            ).waitForExit()
        }
        try lab.wait("it answers") { !lab.state("a").isEmpty }
        #expect(try asked("nogroup") == 0, "\(agent.output)")
        #expect(try asked("65533") == 3, "whoever is in the agent's own group alone has nothing to ask")
        #expect(try asked("daemon") == 3)
        #expect(!agent.output.contains("socket_group"))
        // Another group, and none.
        try write(lab, "a", file("daemon"))
        #expect(try lab.control("a", "reload").code == 0)
        #expect(try asked("daemon") == 0)
        #expect(try asked("nogroup") == 3)
        try write(lab, "a", Guide.primary)
        #expect(try lab.control("a", "reload").code == 0)
        #expect(try asked("daemon") == 3)
        #expect(try asked("65533") == 0)
    }
}
