package import VRRP

extension RunnerReport {
    package struct NotificationReport: Hashable, Sendable {
        /// Whose the calls are.
        package var sequence: UInt64
        package var progress: Progress
        /// Exit status, signal or errno; 0 otherwise.
        package var code: UInt8
        /// How long the call ran, or has to wait; in milliseconds.
        package var duration: UInt32
        package var output: OutputExcerpt

        package init(sequence: UInt64, progress: Progress, code: UInt8, duration: UInt32, output: OutputExcerpt) {
            self.sequence = sequence
            self.progress = progress
            self.code = code
            self.duration = duration
            self.output = output
        }
    }

    /// What has become of `startup_script` or `shutdown_script`.
    package struct HookReport: Hashable, Sendable {
        /// Never `replaced` or `delayed`. Where the file names no such script, it has exited with 0 at once.
        package var progress: Progress
        /// Exit status, signal or errno; 0 otherwise.
        package var code: UInt8
        /// In milliseconds.
        package var duration: UInt32
        package var output: OutputExcerpt

        package init(progress: Progress, code: UInt8, duration: UInt32, output: OutputExcerpt) {
            self.progress = progress
            self.code = code
            self.duration = duration
            self.output = output
        }
    }
}

extension RunnerReport.NotificationReport {
    init?(_ body: inout ByteReader) {
        guard let sequence = body.number(UInt64.self), let progress = body.value(RunnerReport.Progress.self),
            let code = body.number(UInt8.self), let duration = body.number(UInt32.self), let output = body.excerpt()
        else { return nil }
        self.init(sequence: sequence, progress: progress, code: code, duration: duration, output: output)
    }

    /// What is to be told of a call that has ended, or still runs.
    package init(_ call: NotificationQueue.Running, until now: Instant) {
        let (progress, code) = RunnerReport.progress(of: call.run)
        self.init(
            sequence: call.event.sequence, progress: progress, code: code,
            duration: (call.run.duration ?? now - call.run.startedAt).wholeMilliseconds, output: call.run.output)
    }
}

extension RunnerReport.HookReport {
    init?(_ body: inout ByteReader) {
        guard let progress = body.value(RunnerReport.Progress.self), progress != .replaced, progress != .delayed,
            let code = body.number(UInt8.self), let duration = body.number(UInt32.self), let output = body.excerpt()
        else { return nil }
        self.init(progress: progress, code: code, duration: duration, output: output)
    }

    /// What is to be told of a hook's run.
    package init(_ run: ScriptRun) {
        let (progress, code) = RunnerReport.progress(of: run)
        self.init(
            progress: progress, code: code, duration: (run.duration ?? .zero).wholeMilliseconds, output: run.output)
    }
}

extension RunnerReport {
    /// What has become of a run that is no check's, and the number that goes with it.
    fileprivate static func progress(of run: ScriptRun) -> (Progress, UInt8) {
        let (outcome, code) = outcome(of: run)
        return switch outcome {
        case .exited: (.exited, code)
        case .signalled: (.signalled, code)
        case .notStarted: (.notStarted, code)
        case .cutOff: (.cutOff, code)
        case .running: (.hanging, code)
        }
    }
}
