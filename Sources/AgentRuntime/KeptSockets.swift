/// Which interfaces' pairs of sockets systemd keeps, so that it is never given more than it has room for: it would drop them without
/// a word.
package struct KeptSockets {
    /// How many sockets there is room for.
    private let capacity: Int
    /// How long their names may be together, in bytes, one more for each.
    private let longestNames: Int
    private var names: Set<String> = []
    private var length = 0

    package init(capacity: Int, longestNames: Int) {
        self.capacity = capacity
        self.longestNames = longestNames
    }

    package var interfaces: Int { names.count / 2 }

    /// - Returns: false where there is no room for all of them; then none is noted.
    package mutating func add(_ new: [String]) -> Bool {
        let added = Set(new).subtracting(names)
        let more = added.reduce(0) { $0 + $1.utf8.count + 1 }
        guard names.count + added.count <= capacity, length + more <= longestNames else { return false }
        names.formUnion(added)
        length += more
        return true
    }

    package mutating func remove(_ name: String) {
        if names.remove(name) != nil { length -= name.utf8.count + 1 }
    }
}
