package import VRRP

/// What the runner tells the agent.
package enum RunnerReport: Hashable, Sendable {
    /// The plan of this digest is in use.
    case active(SHA256.Digest)
    /// The files were read again, and make another plan: this one.
    case differs(SHA256.Digest)
    /// There is no plan: the files can't be read, are not root's alone, or have errors.
    case noPlan(NoPlan)
    /// A check has a result, or its verdict is another one.
    case check(plan: SHA256.Digest, object: UInt32, CheckReport)
    /// A track file holds something else, or is not as it should be.
    case file(plan: SHA256.Digest, object: UInt32, FileReport)
    /// Processes come up to their quorum, or do not any more.
    case process(plan: SHA256.Digest, object: UInt32, ProcessReport)
    /// Something has become of the calls for an event.
    case notification(plan: SHA256.Digest, object: UInt32, NotificationReport)

    package enum NoPlan: UInt8, Hashable, Sendable, CaseIterable {
        case unreadable = 1
        /// Somebody besides root can change a file, or a folder above it.
        case exposed = 2
        case errors = 3
    }

    /// How a run ended, as a number goes with it: an exit status, a signal, or errno.
    package enum Outcome: UInt8, Hashable, Sendable, CaseIterable {
        case exited = 1
        case signalled = 2
        case notStarted = 3
        /// It ran into its timeout.
        case cutOff = 4
        /// It still runs.
        case running = 5
    }

    package struct CheckReport: Hashable, Sendable {
        package var verdict: ScriptCheck.Verdict
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
            verdict: ScriptCheck.Verdict, outcome: Outcome, code: UInt8, run: UInt64, duration: UInt32,
            untilNext: UInt32,
            cutOffs: UInt16, output: OutputExcerpt
        ) {
            self.verdict = verdict
            self.outcome = outcome
            self.code = code
            self.run = run
            self.duration = duration
            self.untilNext = untilNext
            self.cutOffs = cutOffs
            self.output = output
        }
    }

    package struct FileReport: Hashable, Sendable {
        /// -2^31 to 2^31.
        package var value: Int64
        package var fault: TrackFileValue.Fault?

        package init(value: Int64, fault: TrackFileValue.Fault?) {
            self.value = value
            self.fault = fault
        }
    }

    package struct ProcessReport: Hashable, Sendable {
        package var isMet: Bool
        package var count: UInt32

        package init(isMet: Bool, count: UInt32) {
            self.isMet = isMet
            self.count = count
        }
    }

    package struct NotificationReport: Hashable, Sendable {
        /// Whose the calls are.
        package var sequence: UInt64
        package var progress: Progress
        /// Exit status, signal or errno; 0 otherwise.
        package var code: UInt8
        /// In milliseconds.
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

    package enum Progress: UInt8, Hashable, Sendable, CaseIterable {
        case exited = 1
        case signalled = 2
        case notStarted = 3
        /// It was ended at its `notify_timeout`.
        case cutOff = 4
        /// It runs for longer than it should.
        case hanging = 5
        /// It was not made: a newer event came first.
        case replaced = 6
    }

    private enum Kind: UInt8 {
        case active = 1
        case differs = 2
        case noPlan = 3
        case check = 4
        case file = 5
        case process = 6
        case notification = 7
    }

    package var encoded: [UInt8] {
        var bytes: [UInt8]
        func begin(_ kind: Kind, _ plan: SHA256.Digest, _ object: UInt32) -> [UInt8] {
            var bytes = RunnerWire.header(kind.rawValue) + plan.bytes
            bytes.append(number: object)
            return bytes
        }
        switch self {
        case .active(let plan): bytes = RunnerWire.header(Kind.active.rawValue) + plan.bytes
        case .differs(let plan): bytes = RunnerWire.header(Kind.differs.rawValue) + plan.bytes
        case .noPlan(let why): bytes = RunnerWire.header(Kind.noPlan.rawValue) + [why.rawValue]
        case .check(let plan, let object, let report):
            bytes = begin(.check, plan, object)
            bytes += [report.verdict.rawValue, report.outcome.rawValue, report.code]
            bytes.append(number: report.run)
            bytes.append(number: report.duration)
            bytes.append(number: report.untilNext)
            bytes.append(number: report.cutOffs)
            bytes += report.output.description.utf8
        case .file(let plan, let object, let report):
            bytes = begin(.file, plan, object)
            bytes.append(number: UInt64(bitPattern: report.value))
            bytes.append(report.fault?.rawValue ?? 0)
        case .process(let plan, let object, let report):
            bytes = begin(.process, plan, object)
            bytes.append(report.isMet ? 1 : 0)
            bytes.append(number: report.count)
        case .notification(let plan, let object, let report):
            bytes = begin(.notification, plan, object)
            bytes.append(number: report.sequence)
            bytes += [report.progress.rawValue, report.code]
            bytes.append(number: report.duration)
            bytes += report.output.description.utf8
        }
        return bytes
    }

    /// - Returns: `nil` for bytes that are no report.
    package init?(_ bytes: some Collection<UInt8>) {
        guard let (number, reader) = RunnerWire.open(bytes), let kind = Kind(rawValue: number) else { return nil }
        var body = reader
        if kind == .noPlan {
            guard let why = body.value(NoPlan.self), body.rest.isEmpty else { return nil }
            self = .noPlan(why)
            return
        }
        guard let plan = body.digest() else { return nil }
        switch kind {
        case .active: self = .active(plan)
        case .differs: self = .differs(plan)
        default:
            guard let object = body.number(UInt32.self), let report = Self(kind, plan, object, &body) else {
                return nil
            }
            self = report
        }
        guard body.rest.isEmpty else { return nil }
    }

    /// A report about one object.
    private init?(_ kind: Kind, _ plan: SHA256.Digest, _ object: UInt32, _ body: inout ByteReader) {
        switch kind {
        case .check:
            guard let report = CheckReport(&body) else { return nil }
            self = .check(plan: plan, object: object, report)
        case .file:
            guard let report = FileReport(&body) else { return nil }
            self = .file(plan: plan, object: object, report)
        case .process:
            guard let isMet = body.flag(), let count = body.number(UInt32.self) else { return nil }
            self = .process(plan: plan, object: object, ProcessReport(isMet: isMet, count: count))
        case .notification:
            guard let report = NotificationReport(&body) else { return nil }
            self = .notification(plan: plan, object: object, report)
        case .active, .differs, .noPlan:
            return nil
        }
    }
}

extension RunnerReport.CheckReport {
    fileprivate init?(_ body: inout ByteReader) {
        guard let verdict = body.value(ScriptCheck.Verdict.self), let outcome = body.value(RunnerReport.Outcome.self),
            let code = body.number(UInt8.self), let run = body.number(UInt64.self),
            let duration = body.number(UInt32.self), let untilNext = body.number(UInt32.self),
            let cutOffs = body.number(UInt16.self), let output = body.excerpt()
        else { return nil }
        self.init(
            verdict: verdict, outcome: outcome, code: code, run: run, duration: duration, untilNext: untilNext,
            cutOffs: cutOffs, output: output)
    }

    /// What is to be told of a check.
    package init(_ check: ScriptCheck, at now: Instant) {
        let run = check.last
        let (outcome, code) = RunnerReport.outcome(of: run)
        self.init(
            verdict: check.verdict, outcome: outcome, code: code, run: run?.number ?? 0,
            duration: ((run?.duration ?? run.map { now - $0.startedAt }) ?? .zero).wholeMilliseconds,
            untilNext: (check.nextStart - now).wholeMilliseconds, cutOffs: UInt16(clamping: check.cutOffs),
            output: run?.output ?? OutputExcerpt())
    }
}

extension RunnerReport.FileReport {
    fileprivate init?(_ body: inout ByteReader) {
        let most = Int64(1) << 31
        guard let bits = body.number(UInt64.self), let fault = body.number(UInt8.self) else { return nil }
        let value = Int64(bitPattern: bits)
        guard (-most...most).contains(value), fault == 0 || TrackFileValue.Fault(rawValue: fault) != nil else {
            return nil
        }
        self.init(value: value, fault: TrackFileValue.Fault(rawValue: fault))
    }
}

extension RunnerReport.NotificationReport {
    fileprivate init?(_ body: inout ByteReader) {
        guard let sequence = body.number(UInt64.self), let progress = body.value(RunnerReport.Progress.self),
            let code = body.number(UInt8.self), let duration = body.number(UInt32.self), let output = body.excerpt()
        else { return nil }
        self.init(sequence: sequence, progress: progress, code: code, duration: duration, output: output)
    }

    /// What is to be told of a call that has ended.
    package init(_ call: NotificationQueue.Running) {
        let (outcome, code) = RunnerReport.outcome(of: call.run)
        let progress: RunnerReport.Progress =
            switch outcome {
            case .exited: .exited
            case .signalled: .signalled
            case .notStarted: .notStarted
            case .cutOff: .cutOff
            case .running: .hanging
            }
        self.init(
            sequence: call.event.sequence, progress: progress, code: code,
            duration: (call.run.duration ?? .zero).wholeMilliseconds, output: call.run.output)
    }
}

extension RunnerReport {
    /// How a run ended, and the number that goes with it.
    fileprivate static func outcome(of run: ScriptRun?) -> (Outcome, UInt8) {
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
    fileprivate var wholeMilliseconds: UInt32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 4_000_000 else { return .max }
        return UInt32(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
