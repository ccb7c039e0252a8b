import Addressing
import Configuration
import DequeModule
import VRRP

/// Announcements that leave their interfaces one at a time (`vrrp_garp_interval`, `vrrp_gna_interval`, `garp_group`), each family at a
/// pace of its own.
struct AnnouncementPacer: Sendable {
    /// An announcement that waits for its turn.
    struct Entry: Hashable, Sendable {
        var instance: RouterID
        var interface: InterfaceIndex
        var address: IPAddress
    }

    /// Announcements that share one pace. A newer burst of an address takes the place of what is left of the older one: its entries
    /// stay where they are and are passed over.
    private struct Queue: Sendable {
        struct Waiting: Sendable {
            var entry: Entry
            var burst: UInt64
        }

        let lane: Lane
        var waiting: Deque<Waiting> = []
        /// The latest burst of each, and how many of its entries wait.
        var latest: [Entry: (burst: UInt64, count: Int)] = [:]
        /// How many entries are not passed over.
        var live = 0
        /// When the next one may leave.
        var nextAt: Instant

        init(lane: Lane, nextAt: Instant) {
            self.lane = lane
            self.nextAt = nextAt
        }

        mutating func add(_ entries: [Entry], rounds: Int, burst: UInt64) {
            for entry in entries {
                live += rounds - (latest[entry]?.count ?? 0)
                latest[entry] = (burst, rounds)
            }
            for _ in 0..<rounds {
                for entry in entries { waiting.append(Waiting(entry: entry, burst: burst)) }
            }
            // What is passed over must not fill the memory.
            if waiting.count > 64 + 2 * live {
                waiting = Deque(waiting.filter { latest[$0.entry]?.burst == $0.burst })
            }
        }

        mutating func popFirst() -> Entry? {
            while let next = waiting.popFirst() {
                guard var state = latest[next.entry], state.burst == next.burst else { continue }
                state.count -= 1
                latest[next.entry] = state.count > 0 ? state : nil
                live -= 1
                return next.entry
            }
            return nil
        }
    }

    /// Interfaces that share one pace.
    private enum Lane: Hashable, Sendable {
        case one(String, IPFamily, Duration)
        case group(Int, IPFamily, Duration)

        var interval: Duration {
            switch self {
            case .one(_, _, let interval), .group(_, _, let interval): interval
            }
        }
    }

    private var settings: AnnouncementPacing
    private var queues: [Queue] = []
    private var bursts: UInt64 = 0

    init(_ settings: AnnouncementPacing) {
        self.settings = settings
    }

    /// Other settings: what waits keeps the pace that it had.
    mutating func change(to settings: AnnouncementPacing) { self.settings = settings }

    /// Whether the interface lets a family's announcements out one at a time.
    func isPaced(_ name: String, _ family: IPFamily) -> Bool { lane(of: name, family) != nil }

    private func lane(of name: String, _ family: IPFamily) -> Lane? {
        if let index = settings.groups.firstIndex(where: { $0.interfaces.contains(name) }) {
            let group = settings.groups[index]
            let interval = family == .ipv4 ? group.interval : group.neighbourInterval
            return interval > .zero ? .group(index, family, interval) : nil
        }
        let interval = family == .ipv4 ? settings.interval : settings.neighbourInterval
        return interval > .zero ? .one(name, family, interval) : nil
    }

    /// When the next one may leave; `nil` while none waits.
    var nextAt: Instant? { queues.lazy.filter { $0.live > 0 }.map(\.nextAt).min() }

    /// A burst of an instance, of one family's addresses.
    /// - Parameter name: the interface's, which is paced.
    mutating func add(
        _ addresses: [IPAddress], of instance: RouterID, on interface: InterfaceIndex, named name: String,
        rounds: Int,
        at now: Instant
    ) {
        guard let family = addresses.first?.family, let lane = lane(of: name, family) else { return }
        bursts &+= 1
        let index: Int
        if let known = queues.firstIndex(where: { $0.lane == lane }) {
            index = known
        } else {
            index = queues.count
            queues.append(Queue(lane: lane, nextAt: now))
        }
        let entries = addresses.map { Entry(instance: instance, interface: interface, address: $0) }
        queues[index].add(entries, rounds: rounds, burst: bursts)
    }

    /// An announcement whose turn has come.
    struct Due: Sendable {
        var entry: Entry
        fileprivate var queue: Int
    }

    /// Takes out one whose turn has come. One that is not wanted any more costs no time: the next one's turn comes at once.
    mutating func popDue(at now: Instant) -> Due? {
        for index in queues.indices where queues[index].nextAt <= now {
            if let entry = queues[index].popFirst() { return Due(entry: entry, queue: index) }
        }
        return nil
    }

    /// It leaves: the next one of its pace waits.
    mutating func noteSent(_ due: Due, at now: Instant) {
        queues[due.queue].nextAt = now + queues[due.queue].lane.interval
    }
}
