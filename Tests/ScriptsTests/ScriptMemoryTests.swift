import Configuration
import Scripts
import Testing
import VRRP

@Suite("What is kept about scripts for the next run")
struct ScriptMemoryTests {
    private func memory() -> ScriptMemory {
        var memory = ScriptMemory()
        memory.sequence = 17
        memory.verdicts = [
            .init(name: TrackerName(.script, "check nginx"), identity: "ab12"): .down("exit code 1, 'no'"),
            .init(name: TrackerName(.file, "f"), identity: "00"): .number(-3),
            .init(name: TrackerName(.process, "p"), identity: "ff"): .up,
        ]
        var open = NotificationBook.Entry()
        open.state = .master
        open.priority = 90
        open.open = NotifyEvent(.master, priority: 90, sequence: 16)
        open.openCalls = 2
        var told = NotificationBook.Entry()
        told.state = .backup
        memory.entries = [.init(kind: .instance, name: "VI 1"): open, .init(kind: .group, name: "G"): told]
        return memory
    }

    @Test("It is read as it was written")
    func roundTrip() {
        #expect(ScriptMemory(encoded: memory().encoded) == memory())
    }

    @Test("Whatever the bytes are, something can be read, or nothing")
    func anyBytes() {
        let bytes = memory().encoded
        for count in 0..<bytes.count { _ = ScriptMemory(encoded: bytes.prefix(count)) }
        for place in bytes.indices {
            var broken = bytes
            broken[place] = 0xFF
            _ = ScriptMemory(encoded: broken)
        }
        #expect(ScriptMemory(encoded: [UInt8]()) == ScriptMemory())
    }

    @Test("Only what stands for the same counts: another command is another check")
    func identities() throws {
        func plan(_ command: String) throws -> ScriptPlan {
            var configuration = ScriptingConfiguration()
            configuration.checks = [
                CheckConfiguration(name: "c", location: place, command: try ScriptCommand(Array(command.utf8)))
            ]
            return ScriptPlan(configuration, digest: SHA256().digest())
        }
        let name = TrackerName(.script, "c")
        #expect(try plan("/bin/a b").identity(of: name) == plan("/bin/a b").identity(of: name))
        #expect(try plan("/bin/a b").identity(of: name) != plan("/bin/ab").identity(of: name))
        #expect(try plan("/bin/a").identity(of: TrackerName(.script, "d")) == nil)
    }
}
