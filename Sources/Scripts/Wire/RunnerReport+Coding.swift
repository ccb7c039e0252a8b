extension RunnerReport {
    private enum Kind: UInt8 {
        case active = 1
        case differs = 2
        case noPlan = 3
        case check = 4
        case file = 5
        case process = 6
        case notification = 7
        case hook = 8
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
        case .noPlan(let why, let problem):
            bytes = RunnerWire.header(Kind.noPlan.rawValue) + [why.rawValue] + problem.description.utf8
        case .check(let plan, let object, let report):
            bytes = begin(.check, plan, object)
            bytes += [report.verdict.rawValue, report.isDecided ? 1 : 0, report.outcome.rawValue, report.code]
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
        case .hook(let plan, let hook, let report):
            bytes = RunnerWire.header(Kind.hook.rawValue) + plan.bytes
            bytes += [hook.rawValue, report.progress.rawValue, report.code]
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
            guard let why = body.value(NoPlan.self), let problem = body.excerpt() else { return nil }
            self = .noPlan(why, problem)
            return
        }
        guard let plan = body.digest() else { return nil }
        switch kind {
        case .active: self = .active(plan)
        case .differs: self = .differs(plan)
        case .hook:
            guard let hook = body.value(Hook.self), let report = HookReport(&body) else { return nil }
            self = .hook(plan: plan, hook, report)
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
        case .active, .differs, .noPlan, .hook:
            return nil
        }
    }
}
