import Addressing
import Configuration
import VRRP

/// The routes and rules of one virtual router, each with where it stands. Rules stand behind the routes, as in the configuration.
struct RoutePlacement: Sendable {
    var lines: [PlacedRouting]
    /// Of ours, and in the configuration no more: they go when what replaces them is there.
    private(set) var outgoing: [RoutingObject] = []
    /// When all of them are looked at again: the kernel may have dropped them without a word.
    private(set) var lookAt: Instant?
    /// When one was last looked at because of a doubt.
    private var lookedAt: Instant?
    /// On its way out, this host has begun to give up the addresses.
    var isGivenUp = false

    /// A doubt is cleared up at once, but not more often than that.
    private static let lookPause = Duration.milliseconds(100)
    /// Without any doubt.
    private static let lookPeriod = Duration.seconds(30)

    /// - Returns: `nil` without a route, a rule, or something to take away.
    init?(_ wanted: [VirtualRouting], after old: RoutePlacement? = nil) {
        lines = wanted.map { PlacedRouting($0) }
        if let old {
            for position in lines.indices {
                if let known = old.lines.first(where: { $0.wanted.isSame(as: wanted[position]) }) {
                    lines[position].adopt(known)
                }
            }
            let kept = old.lines.filter { line in
                line.mayStay && !wanted.contains { $0.isSame(as: line.wanted) }
            }
            outgoing = old.outgoing + kept.compactMap(\.object)
            (lookAt, lookedAt, isGivenUp) = (old.lookAt, old.lookedAt, old.isGivenUp)
        }
        if lines.isEmpty, outgoing.isEmpty { return nil }
    }

    var isEmpty: Bool { lines.isEmpty && outgoing.isEmpty }

    /// Whether the kernel may have something of it.
    var holdsSomething: Bool { !outgoing.isEmpty || lines.contains { $0.mayBeThere || $0.pending != nil } }

    /// Whether there is anything to do where it does not belong on this host.
    var hasSomethingToGo: Bool { holdsSomething || lookAt != nil }

    /// Whether there is anything to do where it belongs on this host.
    func hasWork(at now: Instant) -> Bool {
        let looks = mayLook(at: now)
        return lookAt == nil || isGivenUp || !outgoing.isEmpty
            || lines.contains { $0.object != nil && $0.isDue(at: now, looks: looks) }
    }

    /// Whether the kernel has not taken one.
    var isRefused: Bool { lines.contains { $0.refusal != nil || $0.isOccupied } }

    /// What the kernel may have of it for good.
    var estate: [RoutingObject] { lines.compactMap { $0.mayStay ? $0.object : nil } + outgoing }

    // MARK: - When to look

    /// - Parameter isWanted: it belongs on this host now.
    func deadline(isWanted: Bool) -> Instant? {
        guard isWanted else { return lines.lazy.compactMap(\.removeAt).min() }
        return [lines.lazy.compactMap(\.retryAt).min(), lookAt, doubtAt].compactMap { $0 }.min()
    }

    /// When what is doubtful may be looked at; `nil` where nothing is.
    private var doubtAt: Instant? {
        // What has its own pause is looked at then; what is under way is answered soon.
        guard lines.contains(where: { $0.isHeld && $0.isDoubtful && $0.retryAt == nil && $0.pending == nil }) else {
            return nil
        }
        return lookedAt.map { $0 + Self.lookPause } ?? Instant(sinceBoot: .zero)
    }

    /// Whether what is doubtful may be asked for now.
    func mayLook(at now: Instant) -> Bool { doubtAt.map { now >= $0 } ?? true }

    mutating func noteLook(at now: Instant) { lookedAt = now }

    /// The addresses are not all there: what is doubtful waits for them.
    mutating func postpone(at now: Instant) { if doubtAt != nil { lookedAt = now } }

    /// An address is back: what has gone with it need not wait.
    mutating func endPostponement() {
        lookedAt = nil
        for position in lines.indices { lines[position].endRefusal() }
    }

    /// It belongs on this host: from now on it is looked at again and again.
    mutating func beginTenure(at now: Instant) {
        lookAt = lookAt ?? now + Self.lookPeriod
        isGivenUp = false
    }

    mutating func endLooks() { lookAt = nil }

    mutating func noteGone(_ address: IPAddress) {
        for position in lines.indices { lines[position].noteGone(address) }
    }

    mutating func takeLook(at now: Instant) {
        guard let due = lookAt, now >= due else { return }
        lookAt = now + Self.lookPeriod
        for position in lines.indices { lines[position].doubt() }
    }

    /// Each may have gone, and what was refused may be taken now.
    mutating func doubt(at now: Instant) {
        for position in lines.indices {
            lines[position].doubt()
            lines[position].tryAgain(at: now + Self.lookPause)
        }
    }

    /// What was refused may be taken now.
    mutating func tryAgain(at now: Instant) {
        for position in lines.indices { lines[position].tryAgain(at: now + Self.lookPause) }
    }

    mutating func endPauses(at now: Instant) {
        if doubtAt.map({ now >= $0 }) == true { lookedAt = now }
        for position in lines.indices { lines[position].endPause(at: now) }
    }

    // MARK: - What goes

    mutating func takeOutgoing() -> [RoutingObject] {
        defer { outgoing = [] }
        return outgoing
    }

    /// Takes out what has to go before new ones come: where IPv6 takes no two, and where the kernel would remove the new one instead.
    mutating func takeOutgoing(before new: [RoutingObject]) -> [RoutingObject] {
        guard !outgoing.isEmpty else { return [] }
        func isInTheWay(_ old: RoutingObject) -> Bool { new.contains { $0.excludes(old) || old.removalMayTake($0) } }
        defer { outgoing.removeAll(where: isInTheWay) }
        return outgoing.filter(isInTheWay)
    }

    /// The interface of a line has gone, has come, or has another name or number.
    /// - Parameter leaves: what the kernel has of it stays there.
    mutating func move(_ position: Int, to object: RoutingObject?, leaves: Bool) {
        if leaves, lines[position].mayStay, let old = lines[position].object { outgoing.append(old) }
        lines[position].move(to: object)
    }

    /// What was to go, and is wanted again, stays.
    mutating func reclaim() {
        guard !outgoing.isEmpty else { return }
        for position in lines.indices {
            guard let object = lines[position].object, outgoing.contains(object) else { continue }
            outgoing.removeAll { $0 == object }
            lines[position].inherit(isSure: false)
        }
    }
}

/// What the kernel was asked for about a route or rule.
struct RoutingRequest: Hashable, Sendable {
    /// `nil` for what no virtual router has.
    var router: RouterID?
    var object: RoutingObject
    var isRemoval: Bool
    /// For people.
    var words: String
    /// It comes back at once: nobody is told.
    var isAside = false
}

extension OpenRequests<RoutingRequest> {
    func isRemoving(_ object: RoutingObject) -> Bool { all.contains { $0.isRemoval && $0.object == object } }
}
