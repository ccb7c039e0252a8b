import Addressing
import Configuration
import Control
import FailoverCore
import Kernel
import Reporting
import Scripts
import VRRP

extension InstanceReport {
    /// Nobody reads more, and a reply has to be made in one go.
    private static let mostFindings = 32

    /// - Parameters:
    ///   - runs: the last run of a script that it tracks.
    ///   - now: the boot clock.
    ///   - epoch: the wall clock at the same moment, as time since 1970.
    init(
        _ status: InstanceStatus, runs: (TrackerName) -> RunnerReport.CheckReport?, now: Instant, epoch: Duration
    ) {
        let age = now - status.since
        self.init(
            name: status.name,
            state: status.state.rawValue,
            since: Clocks.timestamp(epoch - age),
            secondsInState: (age / .milliseconds(1)).rounded() / 1000,
            reason: status.reason.description,
            interface: status.interface,
            virtualRouterId: Int(status.virtualRouterID),
            version: Int(status.version),
            priority: Int(status.priority),
            master: status.master.map { Master(address: $0.address.description, priority: Int($0.priority)) },
            handover: status.handover.map {
                Handover(
                    requestedBy: $0.requestedBy, requestedAt: $0.requestedAt,
                    secondsLeft: $0.until.map { max(($0 - now) / .seconds(1), 0) }, never: $0.neverClaims)
            },
            inboundFiltered: status.isInboundFiltered,
            addresses: status.addresses.map {
                Address(
                    address: $0.prefix.description, interface: $0.interface, present: $0.isPresent,
                    hostsOwn: $0.isHostsOwn, contested: $0.isContested,
                    conflict: $0.conflict?.hardwareAddress.description)
            },
            counters: Counters(status.counters)
        )
        peers = status.peers.map { PeerReport($0, now: now) }
        findings = status.findings.prefix(Self.mostFindings).map(FindingReport.init)
        if status.findings.count > Self.mostFindings {
            findings.append(
                FindingReport(
                    .moreOfInstance(
                        status.findings.count - Self.mostFindings,
                        status.findings.dropFirst(Self.mostFindings).map(\.level).max() ?? .warning),
                    instance: status.name))
        }
        next = status.next
        configuredPriority = Int(status.configuredPriority)
        group = status.group?.name
        groupMembers = status.group?.others
        trackers = status.trackers.map { Tracker($0, run: runs($0.tracker), now: now) }
        routes = status.routes.map {
            Route(
                text: $0.words, kind: $0.isRule ? "rule" : "route", present: $0.isPresent, contested: $0.isContested,
                problem: $0.problem?.words)
        }
        virtualMac = status.virtualMAC.map {
            VirtualMAC(interface: $0.interface, address: $0.hardwareAddress.description, active: $0.isOn)
        }
        secondsToNextStep = status.nextStepAt.map { max(($0 - now) / .seconds(1), 0) }
    }
}

extension FindingReport {
    init(_ finding: Health.Finding) {
        self.init(
            level: finding.level.rawValue, instance: finding.instance, text: finding.text, advice: finding.advice,
            code: finding.code.name.rawValue)
    }

    init(_ finding: AgentFinding, instance: String? = nil) {
        self.init(
            level: finding.level.rawValue, instance: instance, text: finding.text, advice: finding.advice,
            code: finding.name.rawValue)
    }
}

extension FindingReport {
    init(_ shortage: Shortage) {
        self.init(
            level: shortage.level.rawValue, instance: nil, text: shortage.text, advice: shortage.advice,
            code: shortage.name.rawValue)
    }
}

extension InstanceReport.Tracker {
    /// - Parameter run: the last one, of a script.
    fileprivate init(_ tracked: TrackedStatus, run: RunnerReport.CheckReport?, now: Instant) {
        self.init(
            kind: tracked.tracker.kind.word, name: tracked.tracker.name, weight: tracked.weight,
            reverse: tracked.isReversed, state: tracked.stateWord,
            secondsInState: tracked.since.map { max((now - $0) / .seconds(1), 0) }, text: tracked.words,
            effect: tracked.effectWords)
        if case .number(let number) = tracked.state { self.number = number }
        lastRun = run.map { InstanceReport.ScriptRun($0) }
    }
}

extension InstanceReport.ScriptRun {
    fileprivate init(_ report: RunnerReport.CheckReport) {
        let outcome =
            switch report.outcome {
            case .exited: "exited"
            case .signalled: "signalled"
            case .notStarted: "notStarted"
            case .cutOff: "cutOff"
            case .running: "running"
            }
        self.init(
            number: Int(clamping: report.run), outcome: outcome, code: Int(report.code),
            milliseconds: Int(report.duration), output: report.output.description,
            millisecondsToNext: Int(report.untilNext), text: report.runWords)
    }
}

extension TrackedStatus {
    fileprivate var stateWord: String {
        switch state {
        case .unknown: "unknown"
        case .up: "up"
        case .down: "down"
        case .number: "number"
        }
    }
}

extension InstanceReport.PeerReport {
    fileprivate init(_ peer: FailoverCore.HeardPeer, now: Instant) {
        self.init(
            address: peer.address.description, priority: peer.priority.map(Int.init),
            secondsSinceHeard: peer.heardAt.map { (now - $0) / .seconds(1) }, advertisements: peer.advertisements,
            addressesDiffer: peer.addressesDiffer)
        intervalDiffers = peer.intervalDiffers
        for (reason, drops) in peer.dropped {
            dropped[reason.rawValue] = drops.total
            droppedInLastMinute[reason.rawValue] = drops.lately(at: now)
        }
    }
}

extension InstanceReport.Counters {
    fileprivate init(_ counters: InstanceCounters) {
        self.init()
        for counter in Counter.allCases { self[keyPath: counter.reported] = counters[counter] }
        for (reason, count) in counters.dropped {
            dropped[reason.rawValue] = count
        }
    }
}

extension Counter {
    /// Where the report tells it.
    var reported: WritableKeyPath<InstanceReport.Counters, UInt64> {
        switch self {
        case .advertisementsSent: \.advertisementsSent
        case .advertisementsReceived: \.advertisementsReceived
        case .resignationsSent: \.resignationsSent
        case .resignationsReceived: \.resignationsReceived
        case .becameMaster: \.becameMaster
        case .sendErrors: \.sendErrors
        case .addressListDifferences: \.addressListDifferences
        case .pseudoHeaderChecksums: \.pseudoHeaderChecksums
        case .plainChecksums: \.plainChecksums
        case .takeoversPostponed: \.takeoversPostponed
        case .defences: \.defences
        }
    }
}
