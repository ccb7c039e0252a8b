import Addressing
import Configuration
import VRRP

/// Why a master does not have a route or rule.
package enum RouteProblem: Hashable, Sendable {
    /// In the kernel's words.
    case refused(reason: String)
    case noInterface(String)
    /// IPv6 takes one route of a metric to a destination, and the host has another one.
    case occupied
}

/// A route or rule of a virtual router, as far as is known.
package struct RouteStatus: Hashable, Sendable {
    /// As ip(8) writes it, behind "route" or "rule".
    package var words: String
    package var isRule: Bool
    /// The kernel has it, and it is this program's.
    package var isPresent: Bool
    /// Somebody has taken it away more than once in the last seconds.
    package var isContested: Bool
    /// Of a master.
    package var problem: RouteProblem?
}

extension Core {
    /// - Parameter now: `nil` where what has happened lately is not asked for.
    func routes(of instance: Instance, at now: Instant?) -> [RouteStatus] {
        (instance.routing?.lines ?? []).map { line in
            RouteStatus(
                words: line.wanted.words, isRule: line.wanted.object.isRule, isPresent: line.isHeld,
                isContested: now.map { line.isContested(at: $0) } ?? false,
                problem: instance.wantsRouting ? problem(of: line) : nil)
        }
    }

    private func problem(of line: PlacedRouting) -> RouteProblem? {
        if line.object == nil { return .noInterface(line.wanted.interface ?? "") }
        guard !line.isHeld else { return nil }
        if line.isOccupied { return .occupied }
        return line.refusal.map { .refused(reason: $0.text) }
    }
}
