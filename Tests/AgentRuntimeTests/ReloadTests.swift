import Configuration
import Control
import Foundation
import Kernel
import Scripts
import Testing
import VRRP

@testable import AgentRuntime

@Suite("Reloads that wait, and what became of them")
struct ReloadTests {
    @Test("A reload is under way until it is finished; its result is given once")
    func results() {
        var reloads = Reloads()
        let (first, second) = (reloads.nextNumber(), reloads.nextNumber())
        #expect(first != second)
        #expect(reloads.take(first) == nil)
        reloads.finish(first, .changed(["a"], warnings: []))
        #expect(reloads.take(second) == nil)
        #expect(reloads.take(first) == .changed(["a"], warnings: []))
        #expect(isForgotten(reloads.take(first)))
        #expect(isForgotten(reloads.take(77)), "nobody has asked for it")
    }

    @Test("Results that nobody asks for do not grow without end: the oldest goes")
    func bounded() {
        var reloads = Reloads()
        let numbers = (0..<200).map { _ in reloads.nextNumber() }
        for number in numbers { reloads.finish(number, .changed([], warnings: [])) }
        #expect(isForgotten(reloads.take(numbers[0])))
        #expect(reloads.take(numbers[199]) == .changed([], warnings: []))
    }

    private func isForgotten(_ result: ReloadResult?) -> Bool {
        guard case .invalid(let problems)? = result else { return false }
        return problems.contains { $0.contains("nobody knows any more") }
    }
}

@Suite("What is kept of scripts for the next run, on disk")
struct ScriptMemoryFileTests {
    private func session(_ instances: Int, wasUsed: Bool = true) -> RunnerSession {
        var entries: [NotificationDesk.Key: NotificationBook.Entry] = [:]
        var plan = ScriptingConfiguration()
        for number in 0..<instances {
            var entry = NotificationBook.Entry()
            entry.state = .backup
            entries[NotificationDesk.Key(kind: .instance, name: "I\(number)")] = entry
            let place = SourceLocation(file: "test", line: 1, column: 1)
            plan.subjects.append(ScriptSubject(kind: .instance, name: "I\(number)", location: place))
        }
        return RunnerSession(
            ScriptPlan(plan, digest: SHA256().digest()),
            book: NotificationBook(sequence: 7, entries: entries), wasUsed: wasUsed, at: at(0))
    }

    private func at(_ seconds: Double) -> Instant { Instant(sinceBoot: .seconds(seconds)) }

    /// Whether something was written.
    private func keeps(_ memory: ScriptMemoryFile, _ session: RunnerSession, isOther: Bool, _ seconds: Double) -> Bool {
        memory.keep(session, isOther: isOther, at: at(seconds), verdicts: { [:] }) != nil
    }

    @Test("What has changed is written at once where it is little, and up to ten times a second where it is much")
    func pace() {
        let memory = ScriptMemoryFile(nil, at: at(0))
        let few = session(300)
        #expect(keeps(memory, few, isOther: true, 1) && keeps(memory, few, isOther: true, 1.001))
        #expect(!keeps(memory, few, isOther: false, 2) && memory.dueAt == nil)
        let many = session(301)
        #expect(keeps(memory, many, isOther: true, 2))
        #expect(!keeps(memory, many, isOther: true, 2.05) && memory.dueAt == at(2) + .milliseconds(100))
        #expect(!keeps(memory, many, isOther: true, 2.09), "what changes meanwhile does not put it off")
        #expect(keeps(memory, many, isOther: false, 2.2) && memory.dueAt == nil)
    }

    @Test("The next run finds what was kept; after the agent's end, and where nothing is to be run, it finds nothing")
    func nextRun() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fotest-memory-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        func file() throws -> ScriptMemoryFile { ScriptMemoryFile(try BlobFile(path: path, capacity: 64), at: at(0)) }
        #expect(try !file().wasKept)
        do {
            let memory = try file()
            // More than there was room for.
            #expect(memory.keepAll(session(400), verdicts: { [:] }) == nil)
        }
        do {
            let memory = try file()
            #expect(memory.wasKept && memory.found.sequence == 7 && memory.found.entries.count == 400)
            memory.forget()
        }
        #expect(try !file().wasKept)
        do { _ = try file().keepAll(session(1), verdicts: { [:] }) }
        #expect(try file().wasKept)
        do { _ = try file().keepAll(session(1, wasUsed: false), verdicts: { [:] }) }
        #expect(try !file().wasKept)
    }

    @Test(
        "What a tracker said counts for a run that follows within a minute of the last one's life, for no later one",
        arguments: [(nil, false), (10, true), (70, true), (71, false), (5, false)] as [(Double?, Bool)])
    func age(start: Double?, counts: Bool) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fotest-memory-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let tracker = ScriptMemory.Tracker(name: TrackerName(.script, "nginx"), identity: "0")
        do {
            let memory = ScriptMemoryFile(try BlobFile(path: path, capacity: 64), at: at(1))
            memory.keepAll(session(1), verdicts: { [tracker: .up] })
            // The clock of another boot would be behind it; a run without a sign of life has no age.
            if start != nil { memory.noteUse(at: at(10)) }
        }
        let next = ScriptMemoryFile(try BlobFile(path: path, capacity: 64), at: at(start ?? 10))
        #expect(next.found.verdicts[tracker] == (counts ? .up : nil))
        #expect(next.wasKept && next.found.entries.count == 1, "what was told is not told again, however long ago")
    }
}
