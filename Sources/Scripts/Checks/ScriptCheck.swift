package import Configuration
package import VRRP

/// One `vrrp_script`: when it runs, and what its results come to. It starts nothing: it says what is to be started and ended, and is told what
/// came of it.
package struct ScriptCheck: Hashable, Sendable {
    /// What its results come to.
    package enum Verdict: UInt8, Hashable, Sendable, CaseIterable {
        /// There are too few results yet.
        case unknown
        case up
        case down
    }

    /// What is to be done now.
    package enum Order: Hashable, Sendable {
        /// Start the run of this number.
        case start(UInt64)
        /// Ask the run to end: SIGTERM to all of its processes.
        case terminate(UInt64)
        /// End the run: SIGKILL to all of its processes.
        case kill(UInt64)
        /// The run was killed and is still there, as a process is that waits for a file system which does not answer: another failure.
        case countStuck(UInt64)
    }

    /// What the run that has begun is doing.
    private enum Phase: Hashable, Sendable {
        case idle
        /// May become `ending` at its deadline, or idle at its end.
        case running
        /// It has failed, and is to go: SIGKILL follows at this time, and then `killed`. Becomes idle at its end.
        case ending(killAt: Instant)
        /// SIGKILL was sent. It counts as failed again at this time; `nil` for a check that is gone. Becomes idle at its end.
        case killed(countAt: Instant?)
    }

    /// How long a run may take to leave after SIGTERM.
    package static let grace = Duration.seconds(2)
    /// How long a run may take to be gone after SIGKILL, at most.
    private static let dying = Duration.seconds(1)
    /// So many runs in a row without an end of their own are a finding.
    package static let cutOffsToTell = 3

    package private(set) var policy: CheckPolicy
    package private(set) var verdict: Verdict
    /// `rise` or `fall` results have made the verdict: it is not only where the check began.
    package private(set) var isDecided = false
    /// Results of the same kind in a row: successes, or failures as a negative number.
    package private(set) var streak = 0
    /// The run that has begun and not ended.
    package private(set) var current: ScriptRun?
    /// The last run whose result counts: one that was cut off may not have ended yet.
    package private(set) var last: ScriptRun?
    /// Runs in a row that ran into the timeout.
    package private(set) var cutOffs = 0
    /// When the next run is due; later while the last one is still there.
    package private(set) var nextStart: Instant
    /// Starts that were left out because a run was still there.
    package private(set) var skippedStarts: UInt64 = 0
    /// How often the run that was killed has counted as failed because it was still there.
    package private(set) var stuckCounts: UInt64 = 0
    private var phase = Phase.idle
    /// A reload took the check out: only its run is still to end.
    private var isGivenUp = false
    private var runs: UInt64 = 0

    /// - Parameter now: the first run is due at once.
    package init(_ policy: CheckPolicy, at now: Instant) {
        self.policy = policy
        verdict = policy.isDownAtFirst ? .down : .unknown
        nextStart = now
    }

    /// Each run of the last few ran into the timeout: the check can never succeed.
    package var isAlwaysCutOff: Bool { cutOffs >= Self.cutOffsToTell }

    // MARK: - Time

    /// When `advance` has something to do; `nil` while a check that is gone waits for the end of a run that was killed.
    package var deadline: Instant? {
        switch phase {
        case .idle: nextStart
        case .running: current.map { $0.startedAt + policy.timeout }
        case .ending(let killAt): killAt
        case .killed(let countAt): countAt
        }
    }

    /// A run is to begin.
    func isStartDue(at now: Instant) -> Bool { phase == .idle && nextStart <= now }

    /// Does what is due.
    package mutating func advance(to now: Instant) -> Order? {
        guard let due = deadline, due <= now else { return nil }
        switch phase {
        case .idle:
            runs &+= 1
            current = ScriptRun(number: runs, startedAt: now)
            stuckCounts = 0
            phase = .running
            planNextStart(after: now)
            return .start(runs)
        case .running:
            guard var run = current else { return nil }
            run.wasCutOff = true
            current = run
            // Counted now: what the run answers to the signal says nothing.
            last = run
            cutOffs = cutOffs == .max ? cutOffs : cutOffs + 1
            count(success: false)
            phase = .ending(killAt: now + Self.grace)
            return .terminate(run.number)
        case .ending:
            guard let run = current else { return nil }
            // From deadline to deadline, as runs would have failed that could have begun; but it needs a moment to die.
            let next = max(run.startedAt + policy.timeout + policy.interval, now + min(policy.interval, Self.dying))
            phase = .killed(countAt: isGivenUp ? nil : next)
            return .kill(run.number)
        case .killed:
            guard let run = current else { return nil }
            stuckCounts &+= 1
            cutOffs = cutOffs == .max ? cutOffs : cutOffs + 1
            count(success: false)
            // After a pause of the machine once, not for all of it.
            let next = due + policy.interval
            phase = .killed(countAt: next > now ? next : now + policy.interval)
            return .countStuck(run.number)
        }
    }

    /// Runs begin at their times, whenever the last one began: an interval after the other, from start to start. After a pause of the
    /// machine they begin anew.
    private mutating func planNextStart(after now: Instant) {
        let planned = nextStart + policy.interval
        nextStart = planned > now ? planned : now + policy.interval
    }

    // MARK: - Results

    /// A run has ended, or could not be started.
    /// - Returns: whether it was the run that is waited for.
    @discardableResult
    package mutating func ended(_ number: UInt64, _ end: RunEnd, output: OutputExcerpt, at now: Instant) -> Bool {
        guard var run = current, run.number == number else { return false }
        run.endedAt = max(now, run.startedAt)
        run.end = end
        run.output = output
        last = run
        current = nil
        if !run.wasCutOff {
            cutOffs = 0
            count(success: end.isSuccess)
        }
        skipStarts(until: now, wasCutOff: run.wasCutOff)
        phase = .idle
        return true
    }

    /// No second copy starts beside a running one: what became due meanwhile is left out. A start that is due when a run that was cut off
    /// has gone is not: without a timeout of its own each run ends when the next one is due.
    private mutating func skipStarts(until now: Instant, wasCutOff: Bool) {
        guard nextStart < now else { return }
        if wasCutOff {
            // Late by no more than the grace and a moment.
            nextStart = now
            return
        }
        let missed = (now - nextStart).count(of: policy.interval) + 1
        skippedStarts &+= UInt64(missed)
        nextStart = nextStart + policy.interval * missed
    }

    private mutating func count(success: Bool) {
        if success {
            streak = streak > 0 ? (streak == .max ? streak : streak + 1) : 1
            if streak >= policy.rise { (verdict, isDecided) = (.up, true) }
        } else {
            streak = streak < 0 ? (streak == .min ? streak : streak - 1) : -1
            if streak <= -policy.fall { (verdict, isDecided) = (.down, true) }
        }
    }

    // MARK: - Reload

    /// A reload says something else about the same command and user: results, the run that has begun and what was counted stay. The next
    /// result is judged by the new numbers.
    package mutating func change(to policy: CheckPolicy, at now: Instant) {
        let old = self.policy
        self.policy = policy
        if policy.interval != old.interval {
            // As if the last start had been planned so.
            nextStart = max(lastStart(by: old) + policy.interval, now)
            if case .killed(let countAt?) = phase { phase = .killed(countAt: min(countAt, now + policy.interval)) }
        }
        // Before its first result init_fail decides.
        if last == nil, policy.isDownAtFirst != old.isDownAtFirst { verdict = policy.isDownAtFirst ? .down : .unknown }
    }

    /// When the last run was planned to begin.
    private func lastStart(by policy: CheckPolicy) -> Instant { nextStart - policy.interval }

    /// Somebody who takes a check out and puts it back has it run more often than its interval says, but no more than twenty times a minute.
    private static let leastPause = Duration.seconds(3)

    /// It was taken out and is put back: what it says is looked at again soon.
    mutating func hurry(at now: Instant) {
        nextStart = min(nextStart, max(now, lastStart(by: policy) + Self.leastPause))
    }

    /// A check that was given up is wanted again while its run is still there: it runs at once when that has gone, whose end says
    /// nothing. What it said before still counts.
    mutating func takeBack(_ policy: CheckPolicy, at now: Instant) {
        let old = self
        self = ScriptCheck(policy, at: now)
        (runs, current, phase) = (old.runs, old.current, old.phase)
        if old.isDecided { (verdict, isDecided, streak, last) = (old.verdict, true, old.streak, old.last) }
        current?.wasCutOff = true
        if case .killed = phase { phase = .killed(countAt: now + policy.interval) }
    }

    /// Gives the check up: its run is to end.
    package mutating func giveUp(at now: Instant) -> Order? {
        isGivenUp = true
        if case .killed = phase { phase = .killed(countAt: nil) }
        guard let run = current, phase == .running else { return nil }
        phase = .ending(killAt: now + Self.grace)
        return .terminate(run.number)
    }
}

extension Duration {
    /// How often a span fits into this one; a million times at most.
    fileprivate func count(of span: Duration) -> Int {
        guard span > .zero, self > .zero else { return 0 }
        return min(Int(clamping: attoseconds / span.attoseconds), 1_000_000)
    }
}
