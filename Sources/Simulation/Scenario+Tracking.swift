import Configuration
import VRRP

/// What virtual routers track. It is drawn from a stream of its own, and only where the seed is greater than those whose digests are
/// kept, so that these are what they were.
extension Scenario {
    /// A line of `track_interface`.
    package struct TrackedLink: Hashable, Sendable {
        /// The link, counted from 0: up0, up1.
        package var link: Int
        package var weight: Int
        package var isReversed = false

        package init(_ link: Int, weight: Int = 0, isReversed: Bool = false) {
            self.link = link
            self.weight = weight
            self.isReversed = isReversed
        }

        /// What it adds to the priority.
        func delta(isUp: Bool) -> Int {
            guard weight > 0 ? isUp : !isUp else { return 0 }
            return isReversed ? -weight : weight
        }

        /// Whether it takes the virtual router out of the election.
        func isFault(isUp: Bool) -> Bool { weight == 0 && isUp == isReversed }
    }

    /// The seeds up to this one have nothing of it: Tests/Simulate/baseline.txt.
    private static let lastWithout: UInt64 = 2000
    private static let trackingSalt: UInt64 = 0x7A_C4ED
    static let trackedLinks = 2

    /// Whether some virtual router tracks something.
    var tracks: Bool { hosts.joined().contains { !$0.tracked.isEmpty } }

    mutating func drawTracking() {
        guard seed > Self.lastWithout, !hasEqualSources else { return }
        var random = RandomSource(seed: seed ^ Self.trackingSalt)
        guard random.chance(25) else { return }
        for host in hosts.indices {
            for router in hosts[host].indices where random.chance(70) {
                let first = random.integer(0...Self.trackedLinks - 1)
                hosts[host][router].tracked = [Self.drawLine(&random, first)]
                if random.chance(40) { hosts[host][router].tracked.append(Self.drawLine(&random, 1 - first)) }
            }
        }
        for _ in 0..<random.integer(1...5) {
            let at = interval * 2 + random.part(of: interval * 25, from: 0, to: 1000)
            let length = random.part(of: interval, from: 50, to: 9000)
            let host = random.integer(0...hosts.count - 1)
            let router = random.integer(0...addressCounts.count - 1)
            let link = random.integer(0...Self.trackedLinks - 1)
            let isReload = random.chance(25)
            let isEdited = faults.contains { fault in
                switch fault.kind {
                // The end of one edit would undo another.
                case .reload(host, router, _): true
                case .reload(host, _, .move(to: router)): true
                default: false
                }
            }
            guard !isReload || !isEdited else { continue }
            faults.append(
                Fault(
                    at: at, span: length,
                    kind: isReload
                        ? .reload(host: host, router: router, .untracked) : .trackedLinkDown(host: host, link: link)))
        }
    }

    private static func drawLine(_ random: inout RandomSource, _ link: Int) -> TrackedLink {
        let weight = random.chance(35) ? 0 : random.integer(1...random.pick([20, 253])) * (random.chance(50) ? 1 : -1)
        // All links are up at first.
        return TrackedLink(link, weight: weight, isReversed: weight != 0 && random.chance(20))
    }

    // MARK: - As configurations

    static func nameOfTrackedLink(_ link: Int) -> String { "up\(link)" }

    func trackLines(of router: Router, _ place: SourceLocation) -> [TrackLine] {
        router.tracksNothing
            ? []
            : router.tracked.map { line in
                TrackLine(
                    location: place, tracker: TrackerName(.interface, Self.nameOfTrackedLink(line.link)),
                    weight: line.weight, isReversed: line.isReversed)
            }
    }
}

extension Scenario.Router {
    /// What it tracks in the configuration that was read.
    private var lines: [Scenario.TrackedLink] { tracksNothing ? [] : tracked }

    /// Whether a link is anything to it.
    func tracks(_ link: Int) -> Bool { lines.contains { $0.link == link } }

    /// The priority by which it takes part.
    /// - Parameter links: whether each tracked link is up.
    func effectivePriority(_ links: [Bool]) -> Int {
        guard priority < 255 else { return 255 }
        let sum = lines.reduce(Int(priority)) { $0 + $1.delta(isUp: links[$1.link]) }
        return min(max(sum, 1), 254)
    }

    /// Whether something that it tracks keeps it out of the election.
    func isTrackedOut(_ links: [Bool]) -> Bool { lines.contains { $0.isFault(isUp: links[$0.link]) } }
}

extension Scenario.TrackedLink: CustomStringConvertible {
    package var description: String { "up\(link) weight \(weight)\(isReversed ? " reverse" : "")" }
}
