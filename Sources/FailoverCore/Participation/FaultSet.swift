/// Who says that a virtual router cannot take part. Each has a say of its own: what one of them takes back, another may still hold.
enum FaultSource: UInt8, CaseIterable, Hashable, Sendable {
    /// Its interfaces, its addresses, the kernel and other programs of this host.
    case network
}

/// The reasons for which a virtual router takes no part, at most one of each source.
struct FaultSet: Hashable, Sendable {
    private var faults: [FaultSource: Fault] = [:]

    var isEmpty: Bool { faults.isEmpty }

    /// The one that is told: of the source that is declared first.
    var first: Fault? { FaultSource.allCases.lazy.compactMap { faults[$0] }.first }

    func contains(from source: FaultSource) -> Bool { faults[source] != nil }

    /// - Parameter fault: `nil` where this source has no objection any more.
    mutating func set(_ fault: Fault?, from source: FaultSource) { faults[source] = fault }
}
