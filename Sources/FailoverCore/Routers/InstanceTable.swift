import Configuration
import VRRP

/// The virtual routers, each in a place of its own for as long as it lives, and which of them have changed.
struct InstanceTable: Sendable {
    private struct Slot: Sendable {
        var generation: Int32 = 0
        var isTaken = false
        var instance = InstanceTable.nobody
        /// Whether it stands on the worklist.
        var isTouched = false
        /// What it was when the worklist was last worked off.
        var filed: Filed?
        /// The timers that have run out and that were not looked at yet.
        var due: TimerKinds = []
    }

    /// What the core keeps elsewhere about a router, as it was when the worklist was last worked off.
    struct Filed: Hashable, Sendable {
        var isMaster: Bool
        var state: InstanceState
        var hasRival: Bool
        /// Of one that is in a group; `nil` for any other.
        var standing: VirtualRouter.Standing?
    }

    /// What stands in a free place.
    private static let nobody = Instance(
        InstanceConfiguration(
            name: String(), location: SourceLocation(file: String(), line: 0, column: 0), interface: String(),
            virtualRouterID: 0),
        at: Instant(sinceBoot: .zero))

    private var slots: ContiguousArray<Slot> = []
    private var free: [Int32] = []
    /// In the configuration's order; behind them those that it names no more and that are on their way out.
    private(set) var order: [RouterID] = []
    /// Those whose timers and counts may not be filed any more.
    private var touched: [RouterID] = []

    var count: Int { order.count }

    func contains(_ id: RouterID) -> Bool {
        slots.indices.contains(Int(id.slot)) && slots[Int(id.slot)].generation == id.generation
            && slots[Int(id.slot)].isTaken
    }

    /// A router that is there. Who changes it has put it on the worklist by that.
    subscript(id: RouterID) -> Instance {
        _read {
            assert(contains(id))
            yield slots[Int(id.slot)].instance
        }
        _modify {
            assert(contains(id))
            touch(id)
            yield &slots[Int(id.slot)].instance
        }
    }

    // MARK: - Birth and end

    /// Gives a new router its place. It has no rank yet: `arrange` gives it one.
    mutating func insert(_ instance: Instance) -> RouterID {
        let slot: Int32
        if let old = free.popLast() {
            slot = old
        } else {
            slot = Int32(slots.count)
            slots.append(Slot())
        }
        slots[Int(slot)].generation = slots[Int(slot)].generation == .max ? 1 : slots[Int(slot)].generation + 1
        let id = RouterID(slot: slot, generation: slots[Int(slot)].generation)
        slots[Int(slot)].instance = instance
        slots[Int(slot)].isTaken = true
        slots[Int(slot)].filed = nil
        // The one that was here before may have left both behind.
        slots[Int(slot)].isTouched = false
        slots[Int(slot)].due = []
        self[id].id = id
        return id
    }

    /// The end of a router. Its place waits for another one.
    /// - Returns: what was filed about it.
    mutating func remove(_ id: RouterID) -> Filed? {
        guard contains(id) else { return nil }
        defer { slots[Int(id.slot)].filed = nil }
        slots[Int(id.slot)].instance = Self.nobody
        slots[Int(id.slot)].isTaken = false
        free.append(id.slot)
        return slots[Int(id.slot)].filed
    }

    /// The order from now on: of all that are there.
    mutating func arrange(_ order: [RouterID]) { self.order = order }

    // MARK: - The worklist

    mutating func touch(_ id: RouterID) {
        guard !slots[Int(id.slot)].isTouched else { return }
        slots[Int(id.slot)].isTouched = true
        touched.append(id)
    }

    /// Takes one that has changed since it was last taken; `nil` when there is none any more.
    mutating func popTouched() -> RouterID? {
        while let id = touched.popLast() {
            guard contains(id) else { continue }
            slots[Int(id.slot)].isTouched = false
            return id
        }
        return nil
    }

    // MARK: - Timers that are due

    /// Notes that a timer of a router is due.
    /// - Returns: whether it is the first one of it.
    mutating func noteDue(_ kind: TimerKind, of id: RouterID) -> Bool {
        self[id].noteFired(kind)
        let isFirst = slots[Int(id.slot)].due.isEmpty
        slots[Int(id.slot)].due.formUnion(TimerKinds(kind))
        return isFirst
    }

    mutating func takeDue(of id: RouterID) -> TimerKinds {
        defer { slots[Int(id.slot)].due = [] }
        return slots[Int(id.slot)].due
    }

    // MARK: - What is filed

    /// Until when a timer of a router runs; read without putting the router on the worklist.
    func deadline(_ kind: TimerKind, of id: RouterID) -> Instant? {
        slots[Int(id.slot)].instance.deadline(kind)
    }

    /// The place of a router's group; read without putting the router on the worklist.
    func group(of id: RouterID) -> Int32 { slots[Int(id.slot)].instance.group }

    /// Notes what is filed about a router from now on, without putting it on the worklist.
    /// - Returns: what has changed since it was last noted, and what was filed then.
    mutating func file(_ id: RouterID) -> (changed: TimerKinds, old: Filed?, new: Filed) {
        let slot = Int(id.slot)
        var changed = slots[slot].instance.takeUnfiled()
        let old = slots[slot].filed
        let new = Filed(
            isMaster: slots[slot].instance.isMaster, state: slots[slot].instance.state,
            hasRival: slots[slot].instance.participation.hasRival,
            standing: slots[slot].instance.group == GroupTable.none ? nil : slots[slot].instance.election.standing)
        if old != new { changed.formUnion(.ofStates) }
        slots[slot].filed = new
        return (changed, old, new)
    }
}
