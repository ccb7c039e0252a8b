import VRRP

/// Timers in the order in which they run out, each of which knows its place. One that moves to a later time stays where it is
/// until it comes to the top: a backup's, which each advertisement puts off, costs next to nothing.
struct TimerHeap: Sendable {
    private struct Entry: Sendable {
        /// By which it is sorted; never later than `due`.
        var filedAt: Instant
        var due: Instant
        var router: RouterID
        var kind: TimerKind

        func isBefore(_ other: Entry) -> Bool {
            if filedAt != other.filedAt { return filedAt < other.filedAt }
            if router.slot != other.router.slot { return router.slot < other.router.slot }
            return kind.rawValue < other.kind.rawValue
        }
    }

    private static let nowhere: Int32 = -1
    /// The kinds that are kept here: the first one, and how many.
    private let first: UInt8
    private let width: Int

    private var heap: ContiguousArray<Entry> = []
    /// Where each timer stands in the heap, by slot and kind.
    private var places: ContiguousArray<Int32> = []

    init(_ kinds: ClosedRange<UInt8>) {
        first = kinds.lowerBound
        width = kinds.count
    }

    // MARK: - Questions

    var count: Int { heap.count }

    func deadline(_ kind: TimerKind, of id: RouterID) -> Instant? {
        let number = number(kind, id)
        guard places.indices.contains(number), places[number] != Self.nowhere else { return nil }
        return heap[Int(places[number])].due
    }

    /// All that run, in no order.
    var armed: [TimerTable.Alarm] {
        heap.map { TimerTable.Alarm(at: $0.due, router: $0.router, kind: $0.kind) }
    }

    /// The earliest one.
    mutating func next() -> TimerTable.Alarm? {
        while let first = heap.first {
            guard first.filedAt != first.due else {
                return TimerTable.Alarm(at: first.due, router: first.router, kind: first.kind)
            }
            heap[0].filedAt = first.due
            sink(0)
        }
        return nil
    }

    // MARK: - Changes

    /// Arms a timer, moves it, or, with `nil`, stops it.
    mutating func set(_ kind: TimerKind, of id: RouterID, to due: Instant?) {
        let number = number(kind, id)
        if number >= places.count {
            guard due != nil else { return }
            makeRoom(for: id)
        }
        let place = places[number]
        guard let due else {
            if place != Self.nowhere { remove(at: Int(place)) }
            return
        }
        guard place != Self.nowhere else {
            heap.append(Entry(filedAt: due, due: due, router: id, kind: kind))
            places[number] = Int32(heap.count - 1)
            rise(heap.count - 1)
            return
        }
        let index = Int(place)
        heap[index].due = due
        heap[index].router = id
        guard due < heap[index].filedAt else { return }
        heap[index].filedAt = due
        rise(index)
    }

    /// Takes out the earliest timer, if it is due.
    mutating func popDue(at now: Instant) -> TimerTable.Alarm? {
        guard let first = heap.first, first.filedAt <= now, let alarm = next(), alarm.at <= now else { return nil }
        remove(at: 0)
        return alarm
    }

    // MARK: - The heap

    private func number(_ kind: TimerKind, _ id: RouterID) -> Int {
        Int(id.slot) * width + Int(kind.rawValue &- first)
    }

    private mutating func makeRoom(for id: RouterID) {
        let wanted = (Int(id.slot) + 1) * width
        places.append(contentsOf: repeatElement(Self.nowhere, count: wanted - places.count))
    }

    private mutating func put(_ entry: Entry, at index: Int) {
        heap[index] = entry
        places[number(entry.kind, entry.router)] = Int32(truncatingIfNeeded: index)
    }

    private mutating func remove(at index: Int) {
        places[number(heap[index].kind, heap[index].router)] = Self.nowhere
        let last = heap.removeLast()
        guard index < heap.count else { return }
        put(last, at: index)
        rise(index)
        sink(Int(places[number(last.kind, last.router)]))
    }

    private mutating func rise(_ start: Int) {
        let entry = heap[start]
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            put(heap[parent], at: index)
            index = parent
        }
        if index != start { put(entry, at: index) }
    }

    private mutating func sink(_ start: Int) {
        let entry = heap[start]
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            put(heap[child], at: index)
            index = child
        }
        if index != start { put(entry, at: index) }
    }
}
