package import Addressing
package import VRRP

/// How well all is, for monitoring: the worst of what is found, with the reasons.
package struct Health: Hashable, Sendable {
    package enum Level: String, Comparable, Hashable, Sendable {
        case ok
        case warning
        case critical

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
        private var rank: Int { self == .ok ? 0 : self == .warning ? 1 : 2 }
    }

    /// Something that is not as it should be.
    package struct Finding: Hashable, Sendable {
        package var level: Level
        /// By name.
        package var instance: String
        package var code: FindingCode

        package init(level: Level, instance: String, code: FindingCode) {
            self.level = level
            self.instance = instance
            self.code = code
        }
    }

    package var findings: [Finding]
    package var level: Level { findings.map(\.level).max() ?? .ok }

    package init(findings: [Finding]) {
        self.findings = findings
    }
}

/// What is found about an instance, with what is to be told of it. Interfaces are named; `lately` counts the last minute.
package enum FindingCode: Hashable, Sendable {
    case takesNoPart(Reason, Fault?)
    /// A master that can't take part any more, and answers only until another host has taken over.
    case leavesFor(Fault)
    /// What the kernel refused when this host was last to become master. Perhaps it has been mended; only the next takeover shows it.
    case lastTakeoverRefused(Fault)
    /// No host is its master, for so long: this one waits for a member of the same sync group, which follows another host.
    case waitsForGroup(String, member: String, master: IPAddress, since: Duration)
    /// What it tracks with a weight is down.
    case trackerDown(TrackedStatus, TrackedPriority)
    case addressOnTwoHosts(SplitReport, interface: String)
    /// What arrives does not reach this program: by the reverse path filter for sure, for sure not, or nobody knows.
    case inboundFiltered(interface: String, isReversePath: Bool?)
    /// Nothing reaches one of several unicast peers.
    case peerUnreached(IPAddress, SendFailure, interface: String)
    /// Nothing leaves. Where `isLastResort`, the instance is in fault for it, and takes over only where nobody else is.
    case cannotSend(SendFailure, interface: String, isLastResort: Bool)
    case handedOver(by: String)
    /// A host advertises an address of the instance under another number.
    case otherNumber(IPAddress, UInt8, own: UInt8)
    case addressContested(IPPrefix, interface: String)
    /// A shared address is on a host that is not master; it may be one of the host's own, by which it is reached.
    case strayAddress(IPPrefix, interface: String, isHostsOwn: Bool)
    /// A master does not have it.
    case addressMissing(IPPrefix, interface: String)
    /// A master does not have a route or rule; `words` says which, such as "route default via 192.0.2.1".
    case routeMissing(words: String, RouteProblem)
    /// Somebody takes it away again and again.
    case routeContested(words: String, isRule: Bool)
    /// Another cluster uses the same number and the same password.
    case anotherCluster(IPAddress, virtualRouterID: UInt8, addresses: [IPAddress], lately: UInt64)
    /// A host whose advertisements fail a check uses the same number for other addresses.
    case otherAddressesRejected(
        IPAddress, DropReason, virtualRouterID: UInt8, addresses: [IPAddress], lately: UInt64)
    case advertisementsRejected(IPAddress, DropReason, lately: UInt64)
    case sameSource(IPAddress)
    /// The master that this host follows advertises none of the addresses.
    case addressesNowhere(master: IPAddress)
    case addressListDiffers(IPAddress)
    case intervalDiffers(IPAddress, Duration, own: Duration)
    case otherMaster(IPAddress)

    package var name: FindingName {
        switch self {
        case .takesNoPart, .leavesFor: .takesNoPart
        case .lastTakeoverRefused: .lastTakeoverRefused
        case .waitsForGroup: .waitsForGroup
        case .trackerDown: .trackerDown
        case .addressOnTwoHosts: .addressOnTwoHosts
        case .inboundFiltered: .inboundFiltered
        case .peerUnreached: .peerUnreached
        case .cannotSend: .cannotSend
        case .handedOver: .handedOver
        case .otherNumber: .otherNumber
        case .addressContested: .addressContested
        case .strayAddress: .strayAddress
        case .addressMissing: .addressMissing
        case .routeMissing: .routeMissing
        case .routeContested: .routeContested
        case .anotherCluster: .anotherCluster
        case .otherAddressesRejected: .otherAddressesRejected
        case .advertisementsRejected: .advertisementsRejected
        case .sameSource: .sameSource
        case .addressesNowhere: .addressesNowhere
        case .addressListDiffers: .addressListDiffers
        case .intervalDiffers: .intervalDiffers
        case .otherMaster: .otherMaster
        }
    }
}

/// What programs know a finding by. A name never gets another meaning.
package enum FindingName: String, Hashable, Sendable, CaseIterable {
    case takesNoPart
    case lastTakeoverRefused
    case waitsForGroup
    case trackerDown
    case addressOnTwoHosts
    case inboundFiltered
    case peerUnreached
    case cannotSend
    case handedOver
    case otherNumber
    case addressContested
    case strayAddress
    case addressMissing
    case routeMissing
    case routeContested
    case anotherCluster
    case otherAddressesRejected
    case advertisementsRejected
    case sameSource
    case addressesNowhere
    case addressListDiffers
    case intervalDiffers
    case otherMaster
}
