import EventLoop
import FailoverCore
import Kernel
import Reporting

/// What this host has too little room for: told in the journal when it begins and when it is over, and a finding meanwhile.
struct Shortages {
    enum Change: Hashable {
        case began
        case ended
    }

    private var present: [Shortage.Name: Shortage] = [:]

    var all: [Shortage] { Shortage.Name.allCases.compactMap { present[$0] } }

    /// - Parameter shortage: `nil` where there is room for all.
    /// - Returns: what to tell; `nil` where it has been told.
    mutating func note(_ name: Shortage.Name, _ shortage: Shortage?) -> Change? {
        guard let shortage else { return present.removeValue(forKey: name) == nil ? nil : .ended }
        return present.updateValue(shortage, forKey: name) == nil ? .began : nil
    }
}

extension Agent {
    /// - Parameter isTold: the journal knows of it already.
    func note(_ shortage: Shortage, isTold: Bool = false) {
        if shortages.note(shortage.name, shortage) == .began, !isTold {
            log.write(.warning, shortage.text, shortage.name.notice)
        }
    }

    /// There is room for all.
    func endShortage(_ name: Shortage.Name) {
        if shortages.note(name, nil) == .ended { log.write(.notice, name.endText, name.notice) }
    }

    /// - Parameter shortage: `nil` where there is room for all.
    func note(_ name: Shortage.Name, _ shortage: Shortage?) {
        if let shortage { note(shortage) } else { endShortage(name) }
    }

    /// What has no room, as far as nobody has said so before.
    func noteShortOfRoom() {
        if let state {
            note(.addressesNotKept, state.shortage.map { .addressesNotKept(count: $0.count, reason: $0.reason) })
        }
        noteSocketsKept()
        guard receiversAreOthers else { return }
        receiversAreOthers = false
        noteReceiveRoom()
    }

    private func noteSocketsKept() {
        guard let inheritance else { return }
        let (kept, unkept, most) = (inheritance.keptCount, inheritance.unkeptCount, DescriptorStore.capacity)
        note(
            .socketsNotKept,
            unkept == 0
                ? nil
                : .socketsNotKept(
                    interfaces: unkept, kept: kept, most: most,
                    possible: most < Self.mostDescriptors ? Self.mostDescriptors : nil))
    }

    /// As many have names that fit: `DescriptorStore.longestNames`.
    private static let mostDescriptors = 3400

    func noteConfigurationKept() {
        note(.configurationNotKept, keeper?.problem.map { .configurationNotKept(reason: $0) })
    }

    func note(rolesNotKept shortage: (count: Int, reason: String)?) {
        note(.rolesNotKept, shortage.map { .rolesNotKept(count: $0.count, reason: $0.reason) })
    }
}

extension Shortage.Name {
    fileprivate var notice: Notice? { self == .receiveBuffersSmall ? nil : .stateNotKept }
}
