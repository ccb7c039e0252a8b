import Addressing
import VRRP

/// Routes and rules that no virtual router has, and that the kernel would not remove: it is asked again, after growing pauses.
struct KeptRouting: Sendable {
    private struct Refusal: Sendable {
        var object: RoutingObject
        var code: Int32
        var pauses = RepeatedRefusal()
        /// `nil` while the kernel is asked.
        var retryAt: Instant?
    }

    private var refusals: [Refusal] = []

    var isEmpty: Bool { refusals.isEmpty }

    /// When the kernel is next asked.
    var nextAt: Instant? { refusals.lazy.compactMap(\.retryAt).min() }

    /// The kernel has refused to remove one.
    /// - Returns: whether that is news.
    mutating func note(_ object: RoutingObject, _ refusal: KernelRefusal, at now: Instant) -> Bool {
        guard let place = refusals.firstIndex(where: { $0.object == object }) else {
            var first = Refusal(object: object, code: refusal.code)
            first.retryAt = now + first.pauses.countAndPause()
            refusals.append(first)
            return true
        }
        let isNews = refusals[place].code != refusal.code
        refusals[place].code = refusal.code
        refusals[place].retryAt = now + refusals[place].pauses.countAndPause()
        return isNews
    }

    /// It has gone, or is a virtual router's again.
    mutating func end(_ object: RoutingObject) {
        if !refusals.isEmpty { refusals.removeAll { $0.object == object } }
    }

    /// Takes out those for which it is time; each stays on the list until the kernel has answered.
    mutating func takeDue(at now: Instant) -> [RoutingObject] {
        guard let next = nextAt, now >= next else { return [] }
        var due: [RoutingObject] = []
        for place in refusals.indices {
            guard let retryAt = refusals[place].retryAt, now >= retryAt else { continue }
            refusals[place].retryAt = nil
            due.append(refusals[place].object)
        }
        return due
    }

    /// A stop waits for them: they need not wait themselves.
    mutating func endPauses(at now: Instant) {
        for place in refusals.indices where refusals[place].retryAt != nil { refusals[place].retryAt = now }
    }
}
