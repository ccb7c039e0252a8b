import Configuration

/// What a virtual router has because it is in a sync group.
struct Membership: Hashable, Sendable {
    /// The place of the group.
    var group: Int32
    /// What the file says of the router alone.
    var written: InstanceConfiguration
}

/// The sync groups: who is in each, what its members' own faults are, and which have to be looked at.
struct GroupTable: Sendable {
    struct Member: Sendable {
        var id: RouterID
        /// What keeps it from taking part by itself, as last judged; never what another member has.
        var fault: Fault?
    }

    private struct Group: Sendable {
        var name: String
        var members: [Member]
        /// The state that was told last.
        var told: InstanceState?
        /// It stands on the worklist.
        var isTouched = false
        /// A member's own fault has come or gone, or is another one.
        var hasNews = false
        /// A member that has just begun wishes to be master at once: what it has on the interfaces stays until all are asked.
        var isAsked = false
    }

    /// The place of a router that is in none.
    static let none: Int32 = -1

    private var groups: [Group] = []
    private var touched: [Int32] = []

    var isEmpty: Bool { groups.isEmpty }
    var count: Int { groups.count }
    /// Some group has to be looked at.
    var hasWork: Bool { !touched.isEmpty }

    func name(of group: Int32) -> String { groups[Int(group)].name }

    func members(of group: Int32) -> [Member] { groups[Int(group)].members }

    /// The state that was told last; `nil` before the first look.
    func told(of group: Int32) -> InstanceState? { groups[Int(group)].told }

    /// A member that has a fault of its own, beside one.
    func faulty(in group: Int32, beside id: RouterID) -> Member? {
        groups[Int(group)].members.first { $0.id != id && $0.fault != nil }
    }

    func hasFault(_ group: Int32) -> Bool { groups[Int(group)].members.contains { $0.fault != nil } }

    // MARK: - Changes

    /// Other groups. What is known of members, and what was told of a group of the same name, stays.
    mutating func change(to wanted: [(name: String, members: [RouterID])]) {
        let told = Dictionary(groups.map { ($0.name, $0.told) }, uniquingKeysWith: { first, _ in first })
        let faults = Dictionary(
            groups.flatMap(\.members).map { ($0.id, $0.fault) }, uniquingKeysWith: { first, _ in first })
        groups = wanted.map { group in
            Group(
                name: group.name, members: group.members.map { Member(id: $0, fault: faults[$0] ?? nil) },
                told: told[group.name] ?? nil)
        }
        touched = []
        for group in groups.indices {
            groups[group].hasNews = true
            touch(Int32(truncatingIfNeeded: group))
        }
    }

    /// Notes what keeps a member from taking part by itself; `nil` for nothing.
    mutating func note(_ fault: Fault?, of id: RouterID, in group: Int32) {
        let place = Int(group)
        guard let member = groups[place].members.firstIndex(where: { $0.id == id }),
            groups[place].members[member].fault != fault
        else { return }
        groups[place].members[member].fault = fault
        groups[place].hasNews = true
        touch(group)
    }

    mutating func tell(_ state: InstanceState, of group: Int32) { groups[Int(group)].told = state }

    /// A member has just begun, and all are about to be asked whether they can be master at once.
    mutating func ask(_ group: Int32) { groups[Int(group)].isAsked = true }

    func isAsked(_ group: Int32) -> Bool { groups[Int(group)].isAsked }

    /// - Returns: whether they were to be asked.
    mutating func endAsking(_ group: Int32) -> Bool {
        defer { groups[Int(group)].isAsked = false }
        return groups[Int(group)].isAsked
    }

    // MARK: - The worklist

    mutating func touch(_ group: Int32) {
        guard group != Self.none, !groups[Int(group)].isTouched else { return }
        groups[Int(group)].isTouched = true
        touched.append(group)
    }

    /// All that have to be looked at, in order.
    mutating func takeTouched() -> [Int32] {
        defer { touched = [] }
        for group in touched { groups[Int(group)].isTouched = false }
        return touched.sorted()
    }

    /// - Returns: whether the members have to be judged anew.
    mutating func takeNews(of group: Int32) -> Bool {
        defer { groups[Int(group)].hasNews = false }
        return groups[Int(group)].hasNews
    }
}
