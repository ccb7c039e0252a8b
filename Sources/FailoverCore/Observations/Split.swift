import Addressing
import VRRP

/// Another host that has the addresses of an instance of which this host is master.
struct Split: Hashable, Sendable {
    /// The first sign of it, and the latest.
    private(set) var since: Instant
    private(set) var lastSeen: Instant
    private(set) var host: OtherHost
    /// When it advertised last.
    private var advertisedAt: Instant?
    /// The source of what it advertised last.
    private(set) var advertiser: IPAddress?
    /// When it was told last that there are two.
    private(set) var toldAt: Instant?
    private let interval: Duration
    /// No sign for so long: it is over.
    let memory: Duration
    /// As long as that two hosts may have the addresses on the way from one to the other.
    let patience: Duration

    /// The least memory: a host that answers by ARP is asked every five seconds.
    private static let leastMemory = Duration.seconds(15)

    /// - Parameters:
    ///   - interval: at which the other one is expected to advertise.
    ///   - patience: the master down interval.
    init(with host: OtherHost, interval: Duration, patience: Duration, at now: Instant) {
        since = now
        lastSeen = now
        self.host = host
        self.interval = interval
        self.patience = patience
        memory = max(Self.leastMemory, interval * 4)
        if case .advertiser(let address) = host {
            advertisedAt = now
            advertiser = address
        }
    }

    var deadline: Instant { lastSeen + memory }
    /// A master that is there advertises more often.
    var pause: Duration { max(interval * 3, .seconds(3)) }
    /// One that answers by ARP is asked more often.
    private static let pauseOfHolder = Duration.seconds(7)
    /// It has lasted longer than any takeover.
    var isLasting: Bool { lastSeen - since > patience }

    /// From the first sign to the latest.
    var lasted: Duration { lastSeen - since }

    mutating func noteTold(at now: Instant) { toldAt = now }

    mutating func see(_ host: OtherHost, at now: Instant) {
        // Signs that lie far apart are of two short moments, and not of a long one.
        if toldAt == nil, now - lastSeen > (host.isAdvertiser ? pause : Self.pauseOfHolder) { since = now }
        lastSeen = now
        // An address says more than a hardware address does.
        switch host {
        case .advertiser(let address):
            advertisedAt = now
            advertiser = address
            self.host = host
        case .holder:
            if advertisedAt.map({ now - $0 > memory }) ?? true { self.host = host }
        }
    }

    /// Whether to tell once more that it goes on: after a minute, ten, an hour, and once a day.
    func isNews(at now: Instant) -> Bool {
        guard let toldAt else { return true }
        let told = toldAt - since
        let marks: [Duration] = [.seconds(60), .seconds(600), .seconds(3600)]
        if marks.contains(where: { told < $0 && lasted >= $0 }) { return true }
        return now - toldAt >= .seconds(86_400)
    }
}
