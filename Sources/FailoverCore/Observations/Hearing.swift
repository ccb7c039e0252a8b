import Addressing

/// What reaches the host and what of it reaches this program: the difference is a firewall.
struct Hearing: Hashable, Sendable {
    /// Seen beside the firewall since this program listens there.
    private(set) var seen: UInt64 = 0
    /// What had been heard when it began to.
    private var heardBefore: UInt64 = 0
    private(set) var isFiltered = false
    /// The host whose advertisements were seen last.
    private(set) var source: IPAddress?
    /// Whether the kernel's reverse path filter drops what comes from it; `nil` where that is not known.
    private(set) var isReversePath: Bool?

    /// So many that are seen and not heard are no accident.
    private static let enough: UInt64 = 2

    /// - Parameter heard: what this program has got until now.
    mutating func begin(heard: UInt64) {
        seen = 0
        heardBefore = heard
    }

    mutating func see(from source: IPAddress) {
        seen &+= 1
        self.source = source
    }

    /// - Parameters:
    ///   - heard: what this program has got until now.
    ///   - canHear: it takes part.
    /// - Returns: how many were seen and not heard, where that is news.
    mutating func end(heard: UInt64, canHear: Bool, isReversePath judge: (IPAddress) -> Bool?) -> UInt64? {
        if heard &- heardBefore > 0 {
            isFiltered = false
            isReversePath = nil
            return nil
        }
        guard seen >= Self.enough, canHear else { return nil }
        let isNew = !isFiltered
        isFiltered = true
        if let source { isReversePath = judge(source) }
        return isNew ? seen : nil
    }
}
