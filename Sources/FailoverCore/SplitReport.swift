package import Addressing
package import VRRP

/// What is known of two hosts that have the same addresses.
package struct SplitReport: Hashable, Sendable {
    /// The first of the addresses; `nil` where the instance has none.
    package var address: IPPrefix?
    /// How many addresses the instance has.
    package var count: Int
    /// From the first sign to the latest.
    package var lasted: Duration
    package var host: OtherHost
    package var cause: SplitCause

    package init(address: IPPrefix?, count: Int, lasted: Duration, host: OtherHost, cause: SplitCause) {
        self.address = address
        self.count = count
        self.lasted = lasted
        self.host = host
        self.cause = cause
    }
}

/// The other host of a split, by what it was noticed.
package enum OtherHost: Hashable, Sendable {
    /// It advertises.
    case advertiser(IPAddress)
    /// It answers by ARP.
    case holder(MACAddress)

    var isAdvertiser: Bool {
        if case .advertiser = self { return true }
        return false
    }
}

/// Why two hosts have the addresses: as far as it can be seen from here.
package enum SplitCause: Hashable, Sendable {
    case cannotSend(SendFailure)
    /// What arrives does not reach this program: for sure by the reverse path filter, for sure not, or nobody knows.
    case unheardHere(interface: String, isReversePath: Bool?)
    case rejected(DropReason)
    case otherNumber(UInt8, own: UInt8)
    case sameSource(IPAddress)
    /// Same address, same priority: what the other one sends can't be told from what this host has sent.
    case echo(IPAddress, priority: UInt8)
    case otherList
    /// It is heard here, and does not hear this host.
    case unheardThere(group: IPAddress?)
    /// It has advertised, and nothing of it arrives any more.
    case silentPeer(IPAddress, group: IPAddress?)
    /// It has never advertised, as far as was heard.
    case copy(MACAddress, group: IPAddress?)
}
