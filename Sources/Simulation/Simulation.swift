import Addressing
import FailoverCore
import HeapModule
import VRRP

/// Runs a scenario: whole cores on a virtual network with a virtual clock, and the invariants beside them.
package struct Simulation {
    struct Entry: Comparable {
        enum What {
            case faultBegins(Int)
            case faultEnds(Int)
            /// The other cluster's next advertisements.
            case strangers(Int)
            /// The place is among all copies of its flow.
            case arrival(VirtualNetwork.Flow, place: Int, VirtualHost.Waiting)
            /// Likewise, by ARP.
            case claim(VirtualNetwork.Flow, place: Int, AddressClaim)
            /// The next word of another machine that claims an address, or of another daemon on a host.
            case claimant(Int)
            case rival(Int)
            /// An address goes because it was not renewed.
            case expiry(host: Int)
            case wake(host: Int)
            /// Scripts end, or somebody looks for what runs them.
            case notifications(host: Int)
            case audit
        }

        /// What decides between events of one moment. It depends on no order in which they were planned.
        struct Rank: Comparable {
            var kind: Int
            /// A host, or the number of a fault.
            var subject: Int
            var sender = 0
            var flow = 0
            var place = 0

            static func < (left: Self, right: Self) -> Bool {
                (left.kind, left.subject, left.sender, left.flow, left.place)
                    < (right.kind, right.subject, right.sender, right.flow, right.place)
            }
        }

        var at: Instant
        var rank: Rank
        var what: What

        init(at: Instant, what: What) {
            self.at = at
            self.what = what
            rank =
                switch what {
                case .faultBegins(let index): Rank(kind: 0, subject: index)
                case .faultEnds(let index): Rank(kind: 1, subject: index)
                case .strangers(let index): Rank(kind: 2, subject: index)
                case .arrival(let flow, let place, _):
                    Rank(kind: 3, subject: flow.receiver, sender: flow.sender, flow: flow.kind, place: place)
                case .claim(let flow, let place, _):
                    Rank(kind: 4, subject: flow.receiver, sender: flow.sender, flow: flow.kind, place: place)
                case .claimant(let index): Rank(kind: 5, subject: index)
                case .rival(let index): Rank(kind: 6, subject: index)
                case .expiry(let host): Rank(kind: 7, subject: host)
                case .wake(let host): Rank(kind: 8, subject: host)
                case .notifications(let host): Rank(kind: 9, subject: host)
                case .audit: Rank(kind: 10, subject: 0)
                }
        }

        static func < (left: Self, right: Self) -> Bool { (left.at, left.rank) < (right.at, right.rank) }
        static func == (left: Self, right: Self) -> Bool { (left.at, left.rank) == (right.at, right.rank) }
    }

    package let scenario: Scenario
    var now = Instant(sinceBoot: .seconds(1000))
    let start = Instant(sinceBoot: .seconds(1000))
    var queue = Heap<Entry>()
    var expiries: [Instant?]
    var wakes: [Instant?]
    var notificationWakes: [Instant?]
    var hosts: [VirtualHost]
    var network: VirtualNetwork
    /// The hosts to which their own packets come back.
    var echoes: [Int] = []
    var audit: Audit
    /// Something has happened since the hosts were last examined.
    private var hasNews = true
    /// When they would have been, with nothing new to be seen.
    private var unexaminedAt: Instant?
    let tells: Bool

    /// What happened, if it was to be told.
    package internal(set) var story: [String] = []
    package internal(set) var violation: String?
    var trace: Trace
    let traces: Bool
    /// Of everything that every host did, if it was to be traced: FNV-1a of the trace's lines.
    package var digest: UInt64 { trace.digest }
    /// Sixteen hexadecimal digits.
    package var digestText: String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
    /// Everything that every host did, if it was to be kept: `Trace` says in what order.
    package var traceLines: [String] { trace.lines }
    package internal(set) var faultsInjected = 0
    package internal(set) var packetsCarried = 0

    package enum Tracing {
        case none, digest, lines
    }

    /// - Parameters:
    ///   - tells: keep the story, for a person to read.
    ///   - tracing: whether to trace what the cores do.
    package init(_ scenario: Scenario, tells: Bool = false, tracing: Tracing = .none) {
        self.scenario = scenario
        self.tells = tells
        traces = tracing != .none
        trace = Trace(keepsLines: tracing == .lines)
        hosts = scenario.hosts.indices.map { VirtualHost($0, scenario, traces: tracing != .none) }
        wakes = hosts.map { _ in nil }
        expiries = wakes
        notificationWakes = wakes
        network = VirtualNetwork(scenario)
        audit = Audit(scenario, start: Instant(sinceBoot: .seconds(1000)))
    }

    /// How much virtual time has passed.
    package var duration: Duration { now - start }

    package mutating func run() {
        for index in scenario.faults.indices {
            schedule(start + scenario.faults[index].at, .faultBegins(index))
        }
        for host in hosts.indices {
            hosts[host].start(at: now)
            turn(host)
        }
        schedule(now, .audit)
        let end = start + scenario.end
        while violation == nil, let entry = queue.popMin(), entry.at <= end {
            now = entry.at
            take(entry.what)
        }
        if violation == nil { beNews() }
        trace.finish()
        if tells, let violation { tell("VIOLATION: \(violation)") }
    }

    mutating func schedule(_ at: Instant, _ what: Entry.What) {
        queue.insert(Entry(at: at, what: what))
    }

    mutating func take(_ what: Entry.What) {
        if case .audit = what {} else { beNews() }
        switch what {
        case .faultBegins(let index):
            faultsInjected += 1
            begin(scenario.faults[index].kind)
            switch scenario.faults[index].kind {
            case .strangers: schedule(now, .strangers(index))
            case .claims: schedule(now, .claimant(index))
            case .rival: schedule(now, .rival(index))
            default: break
            }
            schedule(now + scenario.faults[index].span, .faultEnds(index))
        case .faultEnds(let index):
            end(scenario.faults[index].kind)
        case .strangers(let index):
            let fault = scenario.faults[index]
            guard case .strangers(let priority) = fault.kind, now < start + fault.at + fault.span else { return }
            sendStrangers(priority)
            schedule(now + scenario.interval, .strangers(index))
        case .arrival(let flow, _, let packet):
            hosts[flow.receiver].receive(packet, at: now)
            turn(flow.receiver)
        case .claim(let flow, _, let claim):
            guard hosts[flow.receiver].kernel.isUp(claim.interface) else { return }
            hosts[flow.receiver].receive(claim)
            turn(flow.receiver)
        case .claimant(let index):
            guard isUnderWay(index) else { return }
            claim(index)
            schedule(now + .seconds(1), .claimant(index))
        case .rival(let index):
            guard isUnderWay(index), case .rival(let host, let router, let priority) = scenario.faults[index].kind
            else { return }
            sendRival(host, router, priority)
            schedule(now + scenario.interval, .rival(index))
        case .expiry(let host):
            guard expiries[host] == now else { return }
            expiries[host] = nil
            tellHost(host, hosts[host].kernel.expire(at: now))
            watchExpiries(host)
        case .wake(let host):
            guard wakes[host] == now else { return }
            wakes[host] = nil
            turn(host)
        case .notifications(let host):
            guard notificationWakes[host] == now else { return }
            notificationWakes[host] = nil
            pumpNotifications(host)
        case .audit:
            if hasNews { examine(at: now) } else { unexaminedAt = now }
            hasNews = false
            schedule(now + scenario.interval / 10, .audit)
        }
    }

    /// While nothing happens only time passes: one look at its end finds what many would.
    private mutating func beNews() {
        hasNews = true
        if let last = unexaminedAt { examine(at: last) }
        unexaminedAt = nil
    }

    func isUnderWay(_ fault: Int) -> Bool {
        now < start + scenario.faults[fault].at + scenario.faults[fault].span
    }

    mutating func watchExpiries(_ host: Int) {
        let next = hosts[host].kernel.nextExpiry
        guard expiries[host] != next else { return }
        expiries[host] = next
        if let next { schedule(max(next, now), .expiry(host: host)) }
    }

    private mutating func examine(at moment: Instant) {
        if let found = audit.examine(hosts, network, at: moment) { violation = violation ?? found }
    }

    // MARK: - Hosts

    mutating func turn(_ host: Int) {
        let before = tells ? states(host) : []
        let mastersBefore = hosts[host].masterSince
        var turns = 0
        repeat {
            hosts[host].turn(at: now)
            for effect in hosts[host].takeOutput() { carry(effect, from: host) }
            if traces { trace.add(hosts[host].takeTrace(), of: host, at: now - start) }
            turns += 1
        } while turns < 1000 && !hosts[host].isStalled && !hosts[host].inbox.isEmpty
        if let complaint = hosts[host].complaint, violation == nil { violation = complaint }
        for router in mastersBefore.indices where mastersBefore[router] == nil && hosts[host].masterSince[router] != nil
        {
            if let found = audit.judgeClaim(of: router, by: host, hosts, network, at: now) {
                violation = violation ?? found
            }
        }
        guard turns < 1000 else {
            violation = "host \(host) does not come to rest"
            return
        }
        if tells {
            for (router, (old, new)) in zip(before, states(host)).enumerated() where old != new {
                tell("host \(host), virtual router \(router): \(old) → \(new)")
            }
        }
        if hosts[host].hasOtherLinks {
            hosts[host].hasOtherLinks = false
            audit.disturb(at: now)
        }
        pumpNotifications(host)
        watchExpiries(host)
        if let deadline = hosts[host].nextDeadline() {
            let at = max(deadline, now)
            if wakes[host] != at {
                wakes[host] = at
                schedule(at, .wake(host: host))
            }
        } else {
            wakes[host] = nil
        }
    }

    func states(_ host: Int) -> [String] {
        scenario.addressCounts.indices.map { hosts[host].state(of: $0)?.rawValue ?? "not running" }
    }

    mutating func tell(_ line: String) {
        story.append("\(seconds(now - start)): \(line)")
    }
}
