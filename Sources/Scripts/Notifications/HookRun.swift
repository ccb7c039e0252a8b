package import VRRP

/// A hook, from the agent's word to its end: `startup_script` begins at once, `shutdown_script` when no notify script runs or waits, or after
/// its own timeout at the latest. It ends at its timeout: SIGTERM, and SIGKILL a moment later.
package struct HookRun: Hashable, Sendable {
    /// What is to be done now.
    package enum Order: Hashable, Sendable {
        case start
        /// SIGTERM to all of its processes.
        case terminate
        /// SIGKILL to all of its processes.
        case kill
    }

    private enum Phase: Hashable, Sendable {
        /// Becomes `running` when nothing runs, or at this time.
        case waiting(until: Instant)
        /// May become `ending` at its timeout, or over at its end.
        case running
        /// SIGKILL follows at this time, or was sent (`nil`). Becomes over at its end.
        case ending(killAt: Instant?)
        case over
    }

    private let timeout: Duration
    package private(set) var run: ScriptRun
    private var phase: Phase

    /// - Parameters:
    ///   - timeout: of the script.
    ///   - waits: for the notify scripts.
    package init(timeout: Duration, waits: Bool, at now: Instant) {
        self.timeout = timeout
        run = ScriptRun(number: 1, startedAt: now)
        phase = .waiting(until: waits ? now + timeout : now)
    }

    package var isOver: Bool { phase == .over }

    /// When `advance` has something to do.
    package var deadline: Instant? {
        switch phase {
        case .waiting(let until): until
        case .running: run.startedAt + timeout
        case .ending(let killAt): killAt
        case .over: nil
        }
    }

    /// Does what is due.
    /// - Parameter isQuiet: no notify script runs or waits.
    package mutating func advance(to now: Instant, isQuiet: Bool) -> Order? {
        switch phase {
        case .waiting(let until):
            guard isQuiet || until <= now else { return nil }
            run.startedAt = now
            phase = .running
            return .start
        case .running:
            guard run.startedAt + timeout <= now else { return nil }
            run.wasCutOff = true
            phase = .ending(killAt: now + ScriptCheck.grace)
            return .terminate
        case .ending(let killAt):
            guard let killAt, killAt <= now else { return nil }
            phase = .ending(killAt: nil)
            return .kill
        case .over: return nil
        }
    }

    /// Its script has ended, or could not be started.
    package mutating func ended(_ end: RunEnd, output: OutputExcerpt, at now: Instant) {
        guard !isOver else { return }
        run.endedAt = max(now, run.startedAt)
        run.end = end
        run.output = output
        phase = .over
    }
}
