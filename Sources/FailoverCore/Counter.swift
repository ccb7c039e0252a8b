/// The counters of an instance, one by one: whoever tells all of them goes through these. `dropped` is apart, by reason.
package enum Counter: Hashable, Sendable, CaseIterable {
    case advertisementsSent
    case advertisementsReceived
    case resignationsSent
    case resignationsReceived
    case becameMaster
    case sendErrors
    case addressListDifferences
    case pseudoHeaderChecksums
    case plainChecksums
    case takeoversPostponed
    case defences

    package var place: WritableKeyPath<InstanceCounters, UInt64> {
        switch self {
        case .advertisementsSent: \.advertisementsSent
        case .advertisementsReceived: \.advertisementsReceived
        case .resignationsSent: \.resignationsSent
        case .resignationsReceived: \.resignationsReceived
        case .becameMaster: \.becameMaster
        case .sendErrors: \.sendErrors
        case .addressListDifferences: \.addressListDifferences
        case .pseudoHeaderChecksums: \.pseudoHeaderChecksums
        case .plainChecksums: \.plainChecksums
        case .takeoversPostponed: \.takeoversPostponed
        case .defences: \.defences
        }
    }
}

extension InstanceCounters {
    package subscript(_ counter: Counter) -> UInt64 { self[keyPath: counter.place] }
}
