import VRRP

/// Every timer that runs, by virtual router and kind. What is armed can be shown, and a wake-up says for whom and why.
struct TimerTable: Sendable {
    /// A timer that runs.
    struct Alarm: Hashable, Sendable {
        var at: Instant
        var router: RouterID
        var kind: TimerKind
    }

    /// The masters' advertisements apart, because they go before everything else.
    private var advertisements = TimerHeap(0...0)
    private var others = TimerHeap(1...UInt8(TimerKind.allCases.count - 1))

    func deadline(_ kind: TimerKind, of id: RouterID) -> Instant? {
        kind == .advertisement ? advertisements.deadline(kind, of: id) : others.deadline(kind, of: id)
    }

    /// All that run, the earliest first: for people and tests.
    var armed: [Alarm] {
        (advertisements.armed + others.armed)
            .sorted { ($0.at, $0.router, $0.kind.rawValue) < ($1.at, $1.router, $1.kind.rawValue) }
    }

    mutating func nextAdvertisement() -> Alarm? { advertisements.next() }

    /// The earliest of the others.
    mutating func next() -> Alarm? { others.next() }

    /// Arms a timer, moves it, or, with `nil`, stops it.
    mutating func set(_ kind: TimerKind, of id: RouterID, to due: Instant?) {
        if kind == .advertisement {
            advertisements.set(kind, of: id, to: due)
        } else {
            others.set(kind, of: id, to: due)
        }
    }

    /// Stops all of a router's.
    mutating func stopAll(of id: RouterID) {
        for kind in TimerKind.allCases { set(kind, of: id, to: nil) }
    }

    /// Takes out the earliest advertisement that is due.
    mutating func popDueAdvertisement(at now: Instant) -> RouterID? { advertisements.popDue(at: now)?.router }

    /// Takes out the earliest of the others that is due.
    mutating func popDue(at now: Instant) -> Alarm? { others.popDue(at: now) }
}
