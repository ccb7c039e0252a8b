import Scripts
import Testing
import VRRP

@Suite("What the agent and the runner say to each other")
struct WireTests {
    private let plan: SHA256.Digest = {
        var hash = SHA256()
        hash.add("plan".utf8)
        return hash.digest()
    }()

    private var orders: [RunnerOrder] {
        [
            .activate(plan), .activate(plan, keeping: SHA256().digest()), .activate(plan, isReload: true),
            .activate(plan, keeping: SHA256().digest(), isReload: true), .activate(plan, isStart: true),
        ]
            + NotifyState.allCases.map {
                .notify(plan: plan, object: 0xFFFF_FFFE, NotifyEvent($0, priority: 255, sequence: .max))
            } + Hook.allCases.map { .hook(plan: plan, $0) }
    }

    private var reports: [RunnerReport] {
        let output = OutputExcerpt(Array("it said Ü".utf8))
        var reports: [RunnerReport] = [.active(plan), .differs(plan)]
        reports += RunnerReport.NoPlan.allCases.flatMap { [.noPlan($0), .noPlan($0, output)] }
        for verdict in ScriptCheck.Verdict.allCases {
            for outcome in RunnerReport.Outcome.allCases {
                reports.append(
                    .check(
                        plan: plan, object: 7,
                        .init(
                            verdict: verdict, isDecided: verdict != .unknown, outcome: outcome, code: 127, run: 1 << 40,
                            duration: 250, untilNext: 750,
                            cutOffs: 3, output: output)))
            }
        }
        for fault in [nil] + TrackFileValue.Fault.allCases {
            reports.append(.file(plan: plan, object: 1, .init(value: -1 << 31, fault: fault)))
        }
        reports.append(.process(plan: plan, object: 2, .init(isMet: true, count: 3)))
        for progress in RunnerReport.Progress.allCases {
            reports.append(
                .notification(
                    plan: plan, object: 3,
                    .init(sequence: 9, progress: progress, code: 1, duration: 30_000, output: output)))
        }
        for progress in RunnerReport.Progress.allCases where progress != .replaced && progress != .delayed {
            reports.append(
                .hook(
                    plan: plan, .shutdown,
                    .init(progress: progress, code: 4, duration: 10_000, output: output)))
        }
        return reports
    }

    @Test("What one side writes the other one reads")
    func roundTrip() {
        for order in orders { #expect(RunnerOrder(order.encoded) == order) }
        for report in reports {
            #expect(RunnerReport(report.encoded) == report)
            #expect(report.encoded.count <= RunnerWire.longest)
        }
    }

    @Test("A notification, byte for byte")
    func bytes() {
        let order = RunnerOrder.notify(plan: plan, object: 0x0102, NotifyEvent(.fault, priority: 90, sequence: 5))
        // Version, kind; the digest; the object; state, priority; the sequence number.
        #expect(order.encoded == [1, 2] + plan.bytes + [0, 0, 1, 2] + [3, 90] + [0, 0, 0, 0, 0, 0, 0, 5])
    }

    @Test("What is cut off, or goes on, or is another version or kind, is no message")
    func damaged() {
        for order in orders {
            for length in 0..<order.encoded.count { #expect(RunnerOrder(order.encoded.prefix(length)) == nil) }
            #expect(RunnerOrder(order.encoded + [0]) == nil)
            #expect(RunnerOrder([2] + order.encoded.dropFirst()) == nil)
            #expect(RunnerOrder([1, 99] + order.encoded.dropFirst(2)) == nil)
        }
        for report in reports {
            // An excerpt may be shorter than it was: all else is of a fixed size.
            let fixed = report.encoded.count - (report.excerpt?.utf8.count ?? 0)
            for length in 0..<fixed { #expect(RunnerReport(report.encoded.prefix(length)) == nil) }
            if report.excerpt == nil { #expect(RunnerReport(report.encoded + [0]) == nil) }
        }
    }

    @Test("A number that no case has, or that is out of range, is no message")
    func values() {
        var order = RunnerOrder.notify(plan: plan, object: 1, NotifyEvent(.master, priority: 1, sequence: 1)).encoded
        for state in [UInt8(0), 9, 255] {
            order[38] = state
            #expect(RunnerOrder(order) == nil)
        }
        #expect(RunnerReport([1, 3, 0]) == nil)
        let file = RunnerReport.file(plan: plan, object: 1, .init(value: (1 << 31) + 1, fault: nil)).encoded
        #expect(RunnerReport(file) == nil)
        var process = RunnerReport.process(plan: plan, object: 1, .init(isMet: true, count: 1)).encoded
        process[38] = 2
        #expect(RunnerReport(process) == nil)
        for hook in [UInt8(0), 3, 255] {
            #expect(RunnerOrder(RunnerOrder.hook(plan: plan, .startup).encoded.dropLast() + [hook]) == nil)
        }
        var hook = RunnerReport.hook(
            plan: plan, .startup, .init(progress: .exited, code: 0, duration: 1, output: OutputExcerpt())
        ).encoded
        for progress in [RunnerReport.Progress.replaced, .delayed] {
            hook[35] = progress.rawValue
            #expect(RunnerReport(hook) == nil, "a hook is never \(progress)")
        }
    }

    @Test("No excerpt is taken that is longer than 200 bytes, or holds what would have been escaped")
    func excerpts() {
        let empty = RunnerReport.notification(
            plan: plan, object: 3,
            .init(sequence: 9, progress: .exited, code: 1, duration: 30_000, output: OutputExcerpt())
        ).encoded
        #expect(RunnerReport(empty + Array("fine".utf8)) != nil)
        #expect(RunnerReport(empty + [UInt8](repeating: 65, count: 200)) != nil)
        #expect(RunnerReport(empty + [UInt8](repeating: 65, count: 201)) == nil)
        for bad in [[27], [10], [0], [0xFF], [0xC3], Array("\u{202E}".utf8), Array("\u{85}".utf8)] as [[UInt8]] {
            #expect(RunnerReport(empty + bad) == nil)
        }
    }

    @Test("A check is told with its last run, its verdict and its next run")
    func check() {
        var check = ScriptCheck(.of(interval: .seconds(2)), at: at(0))
        #expect(RunnerReport.CheckReport(check, at: at(0)).outcome == .running)
        _ = check.advance(to: at(0))
        check.ended(1, .exited(3), output: OutputExcerpt(Array("x".utf8)), at: at(0.25))
        let report = RunnerReport.CheckReport(check, at: at(0.5))
        #expect(report.verdict == .down && report.outcome == .exited && report.code == 3)
        #expect(report.duration == 250 && report.untilNext == 1500 && report.run == 1)
        _ = check.advance(to: at(2))
        _ = check.advance(to: at(4))
        let cutOff = RunnerReport.CheckReport(check, at: at(4.5))
        #expect(cutOff.outcome == .cutOff && cutOff.cutOffs == 1 && cutOff.duration == 2500)
    }
}

extension RunnerReport {
    fileprivate var excerpt: String? {
        switch self {
        case .check(_, _, let report): report.output.description
        case .notification(_, _, let report): report.output.description
        case .hook(_, _, let report): report.output.description
        case .noPlan(_, let problem): problem.description
        default: nil
        }
    }
}
