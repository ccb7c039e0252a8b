import Kernel
import Scripts
import VRRP

/// What is kept of scripts for the next run, on disk. All of it is written at once: where it is much, not at each change.
final class ScriptMemoryFile {
    /// With so many instances and groups and more it takes a millisecond or so.
    private static let few = 300
    private static let pause = Duration.milliseconds(100)

    /// What was said longer than that before this run began says nothing of now: a restart takes seconds.
    private static let longest = Duration.seconds(60)

    private let file: BlobFile?
    /// What the last run has left; without the verdicts where that run ended long ago.
    let found: ScriptMemory
    /// Whether it has left anything.
    let wasKept: Bool
    /// When what has changed is written; `nil` where nothing has.
    private(set) var dueAt: Instant?
    private var keptAt: Instant?

    init(_ file: BlobFile?, at now: Instant) {
        self.file = file
        let content = file?.content ?? []
        var found = ScriptMemory(encoded: content)
        wasKept = !content.isEmpty
        let age = file?.lastUse.map { now.sinceBoot - $0 }
        if age.map({ $0 < .seconds(-1) || $0 > Self.longest }) ?? true { found.verdicts = [:] }
        self.found = found
    }

    /// This run lives, and what it has kept is true.
    func noteUse(at now: Instant) { file?.noteUse(at: now.sinceBoot) }

    /// Writes what is known now, if that is other than what was written, and it is time.
    /// - Returns: why there is no room for it (`.some(nil)`: there is); `nil` where nothing was written.
    func keep(
        _ session: RunnerSession, isOther: Bool, at now: Instant,
        verdicts: () -> [ScriptMemory.Tracker: ScriptMemory.Verdict]
    ) -> String?? {
        if isOther, dueAt == nil {
            let isMuch = session.book.entries.count > Self.few
            dueAt = isMuch ? max(now, (keptAt ?? now) + Self.pause) : now
        }
        guard let due = dueAt, due <= now else { return nil }
        keptAt = now
        return keepAll(session, verdicts: verdicts)
    }

    /// Writes what is known now.
    /// - Returns: why there is no room for it.
    @discardableResult
    func keepAll(
        _ session: RunnerSession, verdicts: () -> [ScriptMemory.Tracker: ScriptMemory.Verdict]
    ) -> String? {
        dueAt = nil
        guard let file else { return nil }
        guard session.isNeeded else {
            forget()
            return nil
        }
        var memory = ScriptMemory()
        memory.sequence = session.book.sequence
        memory.entries = session.book.entries
        memory.verdicts = verdicts()
        let bytes = memory.encoded
        do throws(SystemError) {
            try file.makeRoom(for: bytes.count)
            _ = file.store(bytes)
            return nil
        } catch {
            forget()
            return "\(error)"
        }
    }

    /// The next run begins anew.
    func forget() { if file?.content?.isEmpty == false { _ = file?.store([]) } }
}
