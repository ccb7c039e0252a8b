import FailoverCore

/// The way through all virtual routers of one moment, which may take several turns. A reload in between may end some of them, name them
/// anew and change their order: each that is still there is told once.
struct InstanceWalk {
    private let routers: [RouterID]
    private var index = 0
    /// For when all that were left have gone.
    private var told: RouterID?

    init(_ routers: [RouterID]) {
        self.routers = routers
    }

    /// The next one that is still there; where none is left, the last one that was told, once more, if that is still there.
    mutating func next(where isThere: (RouterID) -> Bool) -> RouterID? {
        guard hasMore(where: isThere) else { return told.flatMap { isThere($0) ? $0 : nil } }
        let id = routers[index]
        index += 1
        told = id
        return id
    }

    /// Passes over those that have gone.
    mutating func hasMore(where isThere: (RouterID) -> Bool) -> Bool {
        while index < routers.count, !isThere(routers[index]) { index += 1 }
        return index < routers.count
    }
}
