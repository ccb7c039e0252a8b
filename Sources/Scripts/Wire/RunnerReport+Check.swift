package import VRRP

extension RunnerReport {
    package struct CheckReport: Hashable, Sendable {
        package var verdict: ScriptCheck.Verdict
        /// `ScriptCheck.isDecided`.
        package var isDecided: Bool
        package var outcome: Outcome
        /// Exit status, signal or errno; 0 otherwise.
        package var code: UInt8
        /// Which run, counted from 1.
        package var run: UInt64
        /// How long the run took, in milliseconds.
        package var duration: UInt32
        /// Until the next run, in milliseconds.
        package var untilNext: UInt32
        /// Runs in a row that ran into the timeout.
        package var cutOffs: UInt16
        package var output: OutputExcerpt

        package init(
            verdict: ScriptCheck.Verdict, isDecided: Bool, outcome: Outcome, code: UInt8, run: UInt64, duration: UInt32,
            untilNext: UInt32, cutOffs: UInt16, output: OutputExcerpt
        ) {
            self.verdict = verdict
            self.isDecided = isDecided
            self.outcome = outcome
            self.code = code
            self.run = run
            self.duration = duration
            self.untilNext = untilNext
            self.cutOffs = cutOffs
            self.output = output
        }
    }
}

extension RunnerReport.CheckReport {
    init?(_ body: inout ByteReader) {
        guard let verdict = body.value(ScriptCheck.Verdict.self), let isDecided = body.flag(),
            !isDecided || verdict != .unknown, let outcome = body.value(RunnerReport.Outcome.self),
            let code = body.number(UInt8.self), let run = body.number(UInt64.self),
            let duration = body.number(UInt32.self), let untilNext = body.number(UInt32.self),
            let cutOffs = body.number(UInt16.self), let output = body.excerpt()
        else { return nil }
        self.init(
            verdict: verdict, isDecided: isDecided, outcome: outcome, code: code, run: run, duration: duration,
            untilNext: untilNext, cutOffs: cutOffs, output: output)
    }

    /// What is to be told of a check.
    package init(_ check: ScriptCheck, at now: Instant) {
        let run = check.last
        let (outcome, code) = RunnerReport.outcome(of: run)
        self.init(
            verdict: check.verdict, isDecided: check.isDecided, outcome: outcome, code: code, run: run?.number ?? 0,
            duration: ((run?.duration ?? run.map { now - $0.startedAt }) ?? .zero).wholeMilliseconds,
            untilNext: (check.nextStart - now).wholeMilliseconds, cutOffs: UInt16(clamping: check.cutOffs),
            output: run?.output ?? OutputExcerpt())
    }
}

extension RunnerReport {
    /// How a run ended, and the number that goes with it.
    static func outcome(of run: ScriptRun?) -> (Outcome, UInt8) {
        guard let run, !run.wasCutOff else { return (run == nil ? .running : .cutOff, 0) }
        return switch run.end {
        case .exited(let status): (.exited, status)
        case .signalled(let signal): (.signalled, signal)
        case .notStarted(let error): (.notStarted, UInt8(clamping: error))
        case nil: (.running, 0)
        }
    }
}

extension Duration {
    /// Rounded down; 0 for what lies behind.
    package var wholeMilliseconds: UInt32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 4_000_000 else { return .max }
        return UInt32(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
