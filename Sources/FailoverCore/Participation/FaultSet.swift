/// Who says that a virtual router cannot take part. Each has a say of its own: what one of them takes back, another may still hold.
enum FaultSource: UInt8, CaseIterable, Hashable, Sendable {
    /// Its interfaces, its addresses, the kernel and other programs of this host.
    case network
    /// What the configuration has it depend on beside that: `track_interface`.
    case tracking
    /// Another one of its sync group.
    case group
}

/// The reasons for which a virtual router takes no part, at most one of each source.
struct FaultSet: Hashable, Sendable {
    private var faults: [FaultSource: Fault] = [:]

    var isEmpty: Bool { faults.isEmpty }

    /// The one that is told: of the source that is declared first.
    var first: Fault? { FaultSource.allCases.lazy.compactMap { faults[$0] }.first }

    /// All, in the order of their sources.
    var all: [Fault] { FaultSource.allCases.compactMap { faults[$0] } }

    /// The first that is not another member's of its group.
    var firstOwn: Fault? { faults[.network] ?? faults[.tracking] }

    /// What one source says, whether it is told or not; `nil` where it has no objection.
    subscript(source: FaultSource) -> Fault? {
        get { faults[source] }
        set { faults[source] = newValue }
    }
}
