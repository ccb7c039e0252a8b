import Foundation
import Testing

/// A journal that is nothing but its socket, in a mount namespace of its own.
@Suite("The journal's socket")
struct JournalSocketTests {
    /// Runs the agent in host a with a journal that prints each entry, or reads none.
    private func start(_ lab: Lab, reads: Bool) throws -> (journal: Program, agent: Program) {
        let folder = lab.directory.appending(path: "journal").path()
        try FileManager.default.createDirectory(atPath: folder + "/systemd/journal", withIntermediateDirectories: true)
        let script = """
            import socket, time
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind("\(folder)/systemd/journal/socket")
            while not \(reads ? "False" : "True"):
                print(s.recv(65536).decode().replace("\\n", "|"), flush=True)
            time.sleep(600)
            """
        let journal = try lab.start("a", ["python3", try lab.write(script, as: "journal.py")])
        try lab.wait("the socket") { FileManager.default.fileExists(atPath: folder + "/systemd/journal/socket") }
        // The journal's path is fixed; ip netns exec has made a mount namespace.
        let shell = """
            mount --bind \(folder) /run || exit 1
            exec 2>\(folder)/stderr
            export JOURNAL_STREAM="$(stat -L -c %d:%i /proc/self/fd/2)"
            exec "$@"
            """
        let agent = try lab.agent("a", Guide.primary, wrapper: ["sh", "-c", shell, "sh"])
        return (journal, agent)
    }

    @Test("Entries have fields, a severity and the kind of event; a password never appears")
    func fields() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let (journal, agent) = try start(lab, reads: true)
        try lab.waitForHolder("a")
        #expect(agent.stop() == 0)
        try lab.wait("all is told") { journal.output.contains("NEW_STATE=stopped") }
        let entry = try #require(journal.output.split(separator: "\n").first { $0.contains("NEW_STATE=master") })
        for field in [
            "MESSAGE=Instance1: backup → master: no master was heard for 3.609 s", "PRIORITY=5",
            "SYSLOG_IDENTIFIER=failover-agent", "MESSAGE_ID=476a1e9c91354e668dcce1e37434d1bd", "INSTANCE=Instance1",
            "INTERFACE=eth0", "VIRTUAL_ROUTER_ID=10", "OLD_STATE=backup",
        ] {
            #expect(entry.split(separator: "|").contains { $0 == field }, "\(field) in \(entry)")
        }
        #expect(!journal.output.contains("s3cret"))
    }

    @Test("A journal that reads nothing delays no advertisement, and no address")
    func blocked() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        try lab.startCapture()
        let (_, agent) = try start(lab, reads: false)
        try lab.waitForHolder("a")
        // Not more often: an address that keeps disappearing is put back with growing pauses.
        for _ in 0..<8 {
            try lab.on("a", "addr", "flush", "dev", "eth0", "to", "192.0.2.1/32")
            try lab.on("a", "link", "set", "eth0", "mtu", "1400")
            try lab.on("a", "link", "set", "eth0", "mtu", "1500")
            try lab.waitForHolder("a", within: 5)
            Thread.sleep(forTimeInterval: 0.4)
        }
        #expect(agent.isRunning)
        let times = try lab.captured("vrrp", "frame.time_epoch").compactMap { Double($0[0]) }
        #expect(times.count > 4)
        for (first, second) in zip(times, times.dropFirst()) {
            #expect(second - first < 1.1)
        }
    }
}
