import Addressing
import Configuration
import VRRP

/// What one virtual router has counted and heard. It decides nothing; what it remembers of other hosts is asked for elsewhere: whether a
/// sender is one of this virtual router (`Core.isKnown`), and whose hardware address answers.
struct Observations: Sendable {
    var counters = InstanceCounters()
    private(set) var peers = Peers()
    /// Another host that advertises one of the addresses as those of another virtual router.
    @Seldom private(set) var otherNumber: OtherNumber?
    private var warnings = WarningLimiter()
    /// The router whose address list differs, so that it is reported once.
    @Seldom private var addressesDifferFrom: IPAddress?
    /// Advertisements that reached the host, and those that this program got, while it listened beside the firewall.
    private(set) var hearing = Hearing()
    /// Who has sent advertisements of it.
    private(set) var senders = Senders()

    // MARK: - Advertisements

    /// One that passed every check.
    /// - Parameters:
    ///   - interval: the one that is configured here.
    ///   - countsForms: version 3, where there are two forms of the checksum.
    mutating func hear(_ heard: HeardAdvertisement, interval: Duration, countsForms: Bool, at now: Instant) {
        counters.advertisementsReceived &+= 1
        peers.hear(heard, interval: interval, at: now)
        if countsForms {
            switch heard.checksumForm {
            case .pseudoHeader: counters.pseudoHeaderChecksums &+= 1
            case .plain: counters.plainChecksums &+= 1
            }
        }
        if heard.priority == Priority.resigning { counters.resignationsReceived &+= 1 }
    }

    /// Compares the list of addresses with the one that is configured here.
    /// - Returns: whether it is news that the sender's is another one.
    mutating func compareList(of heard: HeardAdvertisement) -> Bool {
        guard heard.addressesDiffer else {
            if addressesDifferFrom == heard.source { addressesDifferFrom = nil }
            return false
        }
        counters.addressListDifferences &+= 1
        guard addressesDifferFrom != heard.source else { return false }
        addressesDifferFrom = heard.source
        return true
    }

    /// One that was dropped.
    /// - Parameter addresses: what it named, where none of it is this virtual router's.
    /// - Returns: how many cases to tell of now; `nil` to keep quiet.
    mutating func drop(
        _ reason: DropReason, from source: IPAddress, naming addresses: [IPAddress]? = nil, at now: Instant
    ) -> Int? {
        counters.dropped[reason, default: 0] &+= 1
        peers.drop(reason, from: source, naming: addresses, at: now)
        guard reason != .notReady else { return nil }
        return warnings.count(reason, at: now)
    }

    mutating func hear(_ other: OtherNumber) { otherNumber = other }

    // MARK: - Listening beside the firewall

    mutating func beginListening() { hearing.begin(heard: counters.heard) }

    /// An advertisement has reached the host.
    mutating func see(from source: IPAddress) { hearing.see(from: source) }

    mutating func note(_ sender: Senders.Sender) { senders.note(sender) }

    /// - Parameter isReversePath: whether the kernel's reverse path filter drops what comes from an address.
    /// - Returns: how many were seen and not heard, where that is news.
    mutating func endListening(canHear: Bool, isReversePath: (IPAddress) -> Bool?) -> UInt64? {
        hearing.end(heard: counters.heard, canHear: canHear, isReversePath: isReversePath)
    }

    // MARK: - Another configuration

    /// Another configuration of the same virtual router: whose list differs from it is told anew.
    /// - Parameter isSameNumber: whom this host heard of another number is no host of this one.
    mutating func change(isSameNumber: Bool) {
        addressesDifferFrom = nil
        guard !isSameNumber else { return }
        peers = Peers()
        hearing = Hearing()
        senders = Senders()
    }
}
