import Addressing
import FailoverCore
import VRRP

/// Routes and rules as Linux keeps them, as far as hosts of the simulation have any.
extension VirtualKernel {
    private static func refused(_ code: Int32, _ text: String) -> RequestResult {
        .refused(KernelRefusal(code: code, text: text))
    }

    mutating func set(_ object: RoutingObject) -> RequestResult {
        if routing.contains(where: { object.matches($0) || object.excludes($0) }) {
            return Self.refused(17, "File exists")
        }
        guard takes(object) else { return Self.refused(101, "Network is unreachable") }
        // IPv4 puts one before others to the same destination.
        let place = routing.firstIndex { !object.isRule && object.isConcerned(by: $0) }
        routing.insert(object, at: place ?? routing.endIndex)
        return .done
    }

    /// Whether what a route needs is there.
    func takes(_ object: RoutingObject) -> Bool {
        guard case .route(let route) = object else { return true }
        return route.source.map { answers(for: $0) } ?? true && route.gateway.map { isNear($0) } ?? true
    }

    mutating func unset(_ object: RoutingObject) -> RequestResult {
        guard let place = routing.firstIndex(where: { object.removalMayTake($0) }) else {
            return Self.refused(3, "No such process")
        }
        routing.remove(at: place)
        return .done
    }

    /// Somebody removes a route or rule.
    /// - Returns: the events.
    mutating func take(_ object: RoutingObject) -> [Input] {
        guard let taken = routing.first(where: { object.removalMayTake($0) }), unset(object) == .done else { return [] }
        return [.routing(.disturbed(taken))]
    }

    /// The kernel tells nothing of the routes that go with an address.
    mutating func dropRoutes(from address: IPAddress) {
        guard !routing.isEmpty, !answers(for: address) else { return }
        routing.removeAll { object in
            if case .route(let route) = object { route.source == address } else { false }
        }
    }

    private func isNear(_ gateway: IPAddress) -> Bool { addresses.contains { $0.key.prefix.contains(gateway) } }
}
