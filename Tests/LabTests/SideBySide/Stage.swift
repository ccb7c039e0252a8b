import Foundation

/// Plays stories to both daemons: at the same time, in networks of their own, a few stories side by side.
///
/// A story sleeps most of the time, and the tests' threads are few: each has a thread of its own.
actor Stage {
    static let shared = Stage()

    private var free = 10
    /// Networks are set up one after the other: all at once, nothing else gets a turn.
    private static let workshop = NSLock()
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// What differs and is not meant, with what the daemons said; nothing where all is well.
    func play(_ story: Story, against: Side.Daemon) async throws -> String {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
        defer {
            if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
        }
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try Self.tell(story, against: against) })
            }
        }
    }

    /// A machine that keeps everybody waiting shows nothing: then the story is told again.
    private static func tell(_ story: Story, against daemon: Side.Daemon) throws -> String {
        for _ in 0..<2 {
            let (differences, lateness) = try tellOnce(story, against: daemon)
            if differences.isEmpty || lateness < 0.3 { return differences }
        }
        return try tellOnce(story, against: daemon).differences
    }

    private static func tellOnce(
        _ story: Story, against daemon: Side.Daemon
    ) throws -> (differences: String, lateness: Double) {
        var sides: [Side] = []
        defer { workshop.withLock { sides.forEach { $0.tearDown() } } }
        try workshop.withLock {
            for daemon in [.keepalived, daemon] { sides.append(try Side(daemon, story)) }
        }
        if story.peerStart < 0 {
            for side in sides { try side.startPeer() }
            Thread.sleep(forTimeInterval: -story.peerStart)
        }
        var clock = Clock()
        for side in sides { try side.start() }
        clock.begin()
        let peer = story.peerStart < 0 ? nil : story.peer.map { Story.Step.at(story.peerStart, .startPeer($0)) }
        for step in ([peer].compactMap(\.self) + story.steps).sorted(by: { $0.time < $1.time }) {
            clock.wait(until: step.time)
            for side in sides { try side.perform(step.action) }
        }
        clock.wait(until: story.length)
        let recordings = try sides.map { try $0.recording(begin: clock.zero) }
        if let folder = ProcessInfo.processInfo.environment["SIDE_BY_SIDE_NOTES"] {
            try note(story, sides, recordings, in: folder)
        }
        let differences = Comparison.differences(story, keepalived: recordings[0], agent: recordings[1])
        guard !differences.isEmpty else { return ("", clock.lateness) }
        let logs = sides.map { "---- \($0.daemon.rawValue) said:\n\($0.log)" }
        return (([story.sentence] + differences + logs).joined(separator: "\n"), clock.lateness)
    }

    /// All that was seen, for a person who writes stories.
    private static func note(_ story: Story, _ sides: [Side], _ recordings: [Recording], in folder: String) throws {
        try sides.last?.filled(story.file).write(
            toFile: "\(folder)/\(story.name).conf", atomically: true, encoding: .utf8)
        var text = story.sentence + "\n"
        for (side, recording) in zip(sides, recordings) {
            text += "==== \(side.daemon.rawValue)\n"
            for (channel, facts) in recording.channels.sorted(by: { $0.key < $1.key }) {
                text += "\(channel)\n"
                for fact in facts { text += String(format: "    %6.2f ", fact.time) + fact.what + "\n" }
            }
            text += "---- said\n\(side.log)\n"
        }
        try text.write(toFile: "\(folder)/\(story.name)", atomically: true, encoding: .utf8)
    }
}

/// The time of a story, and how late it was at most.
private struct Clock {
    /// When the story began, in seconds since 1970.
    private(set) var zero = Date().timeIntervalSince1970
    private(set) var lateness = 0.0

    /// What came before it is no part of it, but shows how busy the machine is.
    mutating func begin() {
        let now = Date().timeIntervalSince1970
        lateness = now - zero
        zero = now
    }

    mutating func wait(until time: Double) {
        var now = Date().timeIntervalSince1970
        lateness = max(lateness, now - zero - time)
        while now < zero + time {
            // In short naps: what keeps this one waiting keeps the daemons waiting.
            let end = min(now + 0.05, zero + time)
            Thread.sleep(forTimeInterval: end - now)
            now = Date().timeIntervalSince1970
            lateness = max(lateness, now - end)
        }
    }
}
