import Addressing
import Configuration
import VRRP

/// Which virtual routers have routes and rules, found by what those are about.
struct RoutingDirectory: Sendable {
    /// Those that have some, or have some to take away.
    private(set) var routers: [RouterID] = []
    private var byPlace: [RoutingPlace: Few<RouterID>] = [:]
    /// When all were last doubted, and when that is due again.
    private var doubtedAt: Instant?
    private(set) var doubtDue: Instant?

    /// With so few, each event is a reason to look at all of them.
    private static let few = 16
    /// With more, events are taken together.
    private static let pause = Duration.milliseconds(100)

    init() {}

    init(_ instances: InstanceTable, after old: RoutingDirectory) {
        (doubtedAt, doubtDue) = (old.doubtedAt, old.doubtDue)
        routers = instances.order.filter { instances[$0].routing != nil }
        if routers.isEmpty { doubtDue = nil }
        for id in routers {
            for place in Set((instances[id].routing?.lines ?? []).map(\.wanted.object.place)) {
                Few.add(id, to: &byPlace[place])
            }
        }
    }

    var isEmpty: Bool { routers.isEmpty }

    /// Those that have a line about the same.
    func routers(with object: RoutingObject) -> [RouterID] { byPlace[object.place]?.all ?? [] }

    /// - Returns: whether all of them are to be doubted now; otherwise it is planned.
    mutating func mayDoubt(at now: Instant) -> Bool {
        if routers.count > Self.few, let last = doubtedAt, now < last + Self.pause {
            doubtDue = last + Self.pause
            return false
        }
        (doubtedAt, doubtDue) = (now, nil)
        return true
    }
}
