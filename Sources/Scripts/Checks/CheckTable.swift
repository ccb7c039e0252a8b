package import Configuration
package import VRRP

/// All checks of the plan in use, and those that a reload took out while they still have a run.
package struct CheckTable: Hashable, Sendable {
    /// A check, and what is run for it.
    package struct Entry: Hashable, Sendable {
        /// Stays the same for as long as the check exists, whatever reloads do.
        package let id: UInt64
        package var name: String
        package var command: ScriptCommand
        /// `nil` for the default.
        package var user: ScriptUser?
        package var check: ScriptCheck
    }

    /// An order to a check.
    package struct Order: Hashable, Sendable {
        package var id: UInt64
        package var order: ScriptCheck.Order

        package init(id: UInt64, order: ScriptCheck.Order) {
            self.id = id
            self.order = order
        }
    }

    /// A check that is gone, until it would have run next.
    private struct Rest: Hashable, Sendable {
        var command: ScriptCommand
        var user: ScriptUser?
        var check: ScriptCheck

        func isLike(_ new: CheckConfiguration) -> Bool { command == new.command && user == new.user }
    }

    /// In the order of the plan.
    package private(set) var entries: [Entry] = []
    private var departing: [Entry] = []
    /// When checks that are gone would have run next: who takes them out and puts them back does not have them run more often.
    private var resting: [Rest] = []
    private var ids: UInt64 = 0

    package init() {}

    /// When `advance` has something to do.
    package var deadline: Instant? { (entries + departing).compactMap(\.check.deadline).min() }

    package func entry(_ id: UInt64) -> Entry? { (entries + departing).first { $0.id == id } }

    /// Does what is due: what ends first of all, then what starts, the longest due first.
    /// - Parameter starts: how many runs may begin; the others stay due. A start takes its time, and where many are due at once, no run is to be
    ///   behind its deadline before it has begun.
    package mutating func advance(to now: Instant, atMost starts: Int = .max) -> [Order] {
        var orders: [Order] = []
        for index in entries.indices where entries[index].check.current != nil {
            while let order = entries[index].check.advance(to: now) {
                orders.append(Order(id: entries[index].id, order: order))
            }
        }
        for index in departing.indices {
            while let order = departing[index].check.advance(to: now) {
                orders.append(Order(id: departing[index].id, order: order))
            }
        }
        let due = entries.indices.filter { entries[$0].check.isStartDue(at: now) }
            .sorted { (entries[$0].check.nextStart, $0) < (entries[$1].check.nextStart, $1) }
        for index in due.prefix(starts) {
            if let order = entries[index].check.advance(to: now) {
                orders.append(Order(id: entries[index].id, order: order))
            }
        }
        return orders
    }

    /// A run has ended.
    /// - Returns: the check's place in the plan, if it is still in it, and the run was the one that is waited for.
    package mutating func ended(
        _ id: UInt64, run: UInt64, _ end: RunEnd, output: OutputExcerpt, at now: Instant
    ) -> Int? {
        departing.removeAll { $0.id == id && $0.check.current?.number == run }
        guard let index = entries.firstIndex(where: { $0.id == id }),
            entries[index].check.ended(run, end, output: output, at: now)
        else { return nil }
        return index
    }

    /// Takes over what a plan says.
    ///
    /// A check whose command and user are the same is the same check, also at another place or under another name; where several are alike, the
    /// one of the same name goes first. It keeps its results, its counts and the run that has begun. All others begin anew.
    /// - Returns: what becomes of runs whose check is gone.
    package mutating func change(to checks: [CheckConfiguration], at now: Instant) -> [Order] {
        var left = entries
        func take(where fits: (Entry) -> Bool) -> Entry? {
            left.firstIndex(where: fits).map { left.remove(at: $0) }
        }
        var kept: [Entry?] = checks.map { new in
            take { $0.command == new.command && $0.user == new.user && $0.name == new.name }
        }
        for (index, new) in checks.enumerated() where kept[index] == nil {
            kept[index] = take { $0.command == new.command && $0.user == new.user }
        }
        resting.removeAll { $0.check.nextStart <= now }
        entries = zip(checks, kept).map { new, old in
            guard var entry = old else { return begin(new, at: now) }
            entry.name = new.name
            entry.check.change(to: new.policy, at: now)
            return entry
        }
        resting += left.filter { $0.check.current == nil && $0.check.nextStart > now }.map {
            Rest(command: $0.command, user: $0.user, check: $0.check)
        }
        var orders: [Order] = []
        for var entry in left where entry.check.current != nil {
            if let order = entry.check.giveUp(at: now) { orders.append(Order(id: entry.id, order: order)) }
            departing.append(entry)
        }
        return orders
    }

    /// A check that was not there before, or was taken out a moment ago: then what it said is no older than its interval, and counts. It runs soon,
    /// but never beside its last run, and not more often for being taken out and put back.
    private mutating func begin(_ new: CheckConfiguration, at now: Instant) -> Entry {
        if let place = departing.firstIndex(where: { $0.command == new.command && $0.user == new.user }) {
            var entry = departing.remove(at: place)
            entry.name = new.name
            entry.check.takeBack(new.policy, at: now)
            return entry
        }
        ids &+= 1
        var check = ScriptCheck(new.policy, at: now)
        if let place = resting.firstIndex(where: { $0.isLike(new) }) {
            check = resting.remove(at: place).check
            check.change(to: new.policy, at: now)
            check.hurry(at: now)
        }
        return Entry(id: ids, name: new.name, command: new.command, user: new.user, check: check)
    }
}
