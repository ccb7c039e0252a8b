import Configuration
import Foundation
import Kernel
import Scripts
import Testing

@Suite(
    "The runner's plan, and who may ask for it", .serialized,
    .enabled(if: geteuid() == 0, "only root can become others"))
struct RunnerPlanTests {
    private static func configuration(_ word: String) -> String {
        """
        global_defs {
          script_user root
        }
        vrrp_instance VI {
          notify "/bin/sh -c 'echo \(word) >>FOLDER/said'"
        }
        """
    }

    private func digest(_ host: RunnerHost, _ environment: String = "") throws -> SHA256.Digest {
        var archive = FileArchive()
        archive.add(host.folder + "/conf", Array(host.text("conf").utf8))
        let file = EnvironmentFile(environment.utf8)
        return SHA256.Digest(
            of: archive, readFrom: host.folder + "/conf",
            in: ReadingContext(configurationID: file.configurationID ?? "", environment: file.variables))
    }

    @Test("The plan that the files make is taken by its digest, which the agent makes of the same files")
    func digest() throws {
        let host = try RunnerHost("vrrp_instance ${_ENV NAME} {\n}\n")
        try host.write("environment", "NAME=VI\nFAILOVER_CONFIG_ID=node1\n")
        try host.start()
        let digest = try digest(host, "NAME=VI\nFAILOVER_CONFIG_ID=node1\n")
        #expect(try host.activate(digest) == .active(digest))
        let other = try self.digest(host, "NAME=VX\nFAILOVER_CONFIG_ID=node1\n")
        #expect(try host.activate(other) == .differs(digest))
    }

    @Test("The present plan and the one before can be chosen, whatever the files say now; others can't")
    func shelf() throws {
        let host = try RunnerHost(Self.configuration("first"))
        try host.start()
        let first = try host.activate()
        try host.write("conf", Self.configuration("second"))
        let second = try host.activate()
        try host.write("conf", Self.configuration("third"))
        #expect(try host.activate(first) == .active(first))
        #expect(try host.activate(second) == .active(second))
        // Of the present and the previous one.
        host.send(.notify(plan: first, object: 0, .init(.fault, priority: 0, sequence: 1)))
        host.send(.notify(plan: RunnerHost.nothing, object: 0, .init(.fault, priority: 0, sequence: 2)))
        host.send(.notify(plan: second, object: 1, .init(.fault, priority: 0, sequence: 3)))
        host.send(.notify(plan: second, object: 0, .init(.fault, priority: 0, sequence: 4)))
        _ = try host.wait { if case .notification(_, _, let report) = $0, report.sequence == 4 { true } else { nil } }
        #expect(host.text("said") == "first\nsecond\n", "what no plan has is passed over")
        let third = try host.activate()
        #expect(third != second)
        guard case .differs(third) = try host.activate(first) else {
            Issue.record("the plan before the previous one is gone")
            return
        }
    }

    @Test("The plans outlive the runner, in files for root alone, and are in use only at the agent's word")
    func kept() throws {
        let host = try RunnerHost(Self.configuration("first"))
        try host.start()
        let first = try host.activate()
        try host.write("conf", Self.configuration("second"))
        let second = try host.activate()
        #expect(host.stop(SIGKILL) != 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: host.folder + "/state")
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        let next = try RunnerHost(
            Self.configuration("other"),
            arguments: [
                "--config", host.folder + "/conf", "--state", host.folder + "/state",
                "--environment", host.folder + "/environment",
            ])
        try host.write("conf", "nonsense {")
        try next.start()
        next.send(.notify(plan: second, object: 0, .init(.fault, priority: 0, sequence: 1)))
        #expect(try next.activate(first) == .active(first))
        #expect(try next.activate(second) == .active(second))
        #expect(host.text("said").isEmpty)
    }

    @Test("Files that others can change, that are missing or have errors make no plan, and what is in use stays")
    func noPlan() throws {
        let host = try RunnerHost(Self.configuration("first"))
        try host.start()
        let first = try host.activate()
        try host.write("conf", Self.configuration("second"), mode: 0o666)
        #expect(try host.activate(RunnerHost.nothing) == .noPlan(.exposed))
        try host.write("conf", "include FOLDER/more\n\(Self.configuration("third"))")
        try host.write("more", "", mode: 0o664)
        #expect(try host.activate(RunnerHost.nothing) == .noPlan(.exposed))
        try host.write("conf", "vrrp_script x {\nscript /bin/true\ninterval soon\n}\n")
        #expect(try host.activate(RunnerHost.nothing) == .noPlan(.errors))
        try FileManager.default.removeItem(atPath: host.folder + "/conf")
        #expect(try host.activate(RunnerHost.nothing) == .noPlan(.unreadable))
        try host.write("environment", "A=1\n", mode: 0o666)
        try host.write("conf", Self.configuration("fourth"))
        #expect(try host.activate(RunnerHost.nothing) == .noPlan(.exposed))
        #expect(try host.activate(first) == .active(first))
    }

    @Test(
        "A reload that names what its user can't run is refused with the reason, and one of the same files, too, once others can write"
    )
    func unusable() throws {
        func configuration(_ user: String) -> String {
            "vrrp_script c {\n script FOLDER/check\n user \(user)\n}\n"
                + "vrrp_instance VI {\n track_script {\n c\n}\n}\n"
        }
        let host = try RunnerHost(configuration("root"))
        try host.write("check", "#!/bin/sh\n", mode: 0o700)
        try host.start()
        let first = try host.activate()
        #expect(try host.reload(first) == .active(first))
        for (user, words) in [("no_such_user", "no user 'no_such_user'"), ("nobody", "may not use")] {
            try host.write("conf", configuration(user))
            guard case .differs(let wanted) = try host.reload(first),
                case .noPlan(.unusable, let problem) = try host.reload(wanted)
            else {
                Issue.record("\(user): it is taken")
                continue
            }
            #expect(problem.description.contains(words), "\(problem)")
            // An agent that begins has nothing to stay with: the check fails then.
            #expect(try host.activate(first) == .active(first))
        }
        guard case .differs(let last) = try host.activate(RunnerHost.nothing) else { throw RunnerHost.NoAnswer() }
        #expect(try host.activate(last) == .active(last))
        try host.write("conf", configuration("nobody"), mode: 0o666)
        guard case .noPlan(.exposed, _) = try host.reload(last) else {
            Issue.record("others can write it")
            return
        }
        #expect(try host.activate(last) == .active(last), "what is in use stays")
    }

    @Test("What is no order closes the connection, and harms nobody else")
    func malformed() throws {
        let host = try RunnerHost(Self.configuration("first"))
        try host.start()
        for bytes in [[0], [1, 9], [1, 1, 2], [UInt8](repeating: 1, count: 600)] as [[UInt8]] {
            host.send(bytes)
            #expect(try host.next() == nil)
            try host.connect()
        }
        _ = try host.activate()
        #expect(host.stop() == 0)
    }

    @Test("A flood of orders for other plans is answered in order, and does not keep it from its work")
    func flood() throws {
        let host = try RunnerHost(Self.configuration("first"))
        try host.start()
        let plan = try host.activate()
        for _ in 0..<4 { host.send(.activate(RunnerHost.nothing)) }
        for sequence in 1...1000 as ClosedRange<UInt64> {
            host.send(.notify(plan: plan, object: 0, .init(.fault, priority: 0, sequence: sequence)))
        }
        for _ in 0..<4 { #expect(try host.wait { if case .differs = $0 { true } else { nil } }) }
        _ = try host.wait {
            if case .notification(_, _, let report) = $0, report.progress == .replaced { true } else { nil }
        }
        #expect(host.stop() == 0)
        // Twenty within a minute: the rest is replaced.
        #expect(host.text("said").split(separator: "\n").count <= 20)
    }

    @Test("Who is neither root nor the agent's user is turned away, also where the socket lets everybody in")
    func stranger() throws {
        let host = try RunnerHost(Self.configuration("first"), arguments: ["--agent-user", "daemon"])
        try host.start()
        #expect(unsafe chmod(host.folder + "/socket", 0o666) == 0)
        /// Whether it gets an answer.
        func asks(_ user: UInt32) throws -> Bool {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/setpriv")
            let text = """
                use Socket; socket(S, AF_UNIX, SOCK_SEQPACKET, 0); connect(S, sockaddr_un($ARGV[0])) or exit 2;
                send(S, pack("C2 a32 C", 1, 1, "", 0), 0); sysread(S, $x, 100) ? exit 0 : exit 1
                """
            process.arguments = [
                "--reuid=\(user)", "--regid=65534", "--clear-groups", "perl", "-e", text, host.folder + "/socket",
            ]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus < 2)
            return process.terminationStatus == 0
        }
        let daemon = try #require(PeerCredentials.user(named: "daemon"))
        #expect(try !asks(65_534))
        #expect(host.wait { host.journal.contains("user 65534 may not connect") })
        #expect(try asks(daemon))
        #expect(try asks(0))
    }

    @Test("A second connection takes the place of the first one")
    func newest() throws {
        let host = try RunnerHost(Self.configuration("first"))
        try host.start()
        let plan = try host.activate()
        try host.connect()
        #expect(try host.activate(plan) == .active(plan))
    }
}
