private import HeapModule
import VRRP

/// Which instance has to be looked at next, and when.
///
/// An instance has one live entry. A changed deadline leaves its old entry in the heap, to be skipped when it
/// surfaces: cheaper than to look for it.
struct DeadlineQueue: Sendable {
    private struct Entry: Comparable {
        var deadline: Instant
        var instance: Int

        static func < (left: Entry, right: Entry) -> Bool {
            (left.deadline, left.instance) < (right.deadline, right.instance)
        }
    }

    private var heap = Heap<Entry>()
    private var live: [Instant?]

    init(count: Int) {
        live = Array(repeating: nil, count: count)
    }

    /// Sets or, with `nil`, clears an instance's deadline.
    mutating func set(_ deadline: Instant?, for instance: Int) {
        guard live[instance] != deadline else { return }
        live[instance] = deadline
        if let deadline {
            heap.insert(Entry(deadline: deadline, instance: instance))
        }
        // Stale entries never outnumber the live ones by much.
        if heap.count > 64 + 4 * live.count {
            heap = Heap(
                live.enumerated().compactMap { index, deadline in
                    deadline.map { Entry(deadline: $0, instance: index) }
                })
        }
    }

    func deadline(of instance: Int) -> Instant? { live[instance] }

    /// The earliest deadline.
    mutating func next() -> Instant? { first()?.deadline }

    /// The earliest deadline and its instance.
    mutating func first() -> (deadline: Instant, instance: Int)? {
        while let first = heap.min {
            if live[first.instance] == first.deadline { return (first.deadline, first.instance) }
            heap.removeMin()
        }
        return nil
    }

    /// Takes the instance with the earliest deadline that is not after `now`; its deadline is cleared.
    mutating func popDue(at now: Instant) -> Int? {
        guard let deadline = next(), deadline <= now else { return nil }
        let instance = heap.removeMin().instance
        live[instance] = nil
        return instance
    }
}
