import Configuration
import VRRP

/// The shared addresses of one virtual router, each with where it stands, and when they have to be looked at again.
struct Placement: Sendable {
    private(set) var addresses: [PlacedAddress]
    /// When the addresses' lifetimes have to begin anew.
    @Seldom private(set) var renewAt: Instant?
    /// No address is due before that.
    @Seldom private(set) var retryAt: Instant?
    @Seldom private(set) var refitAt: Instant?

    init(_ wanted: [SharedAddress]) {
        addresses = wanted.indices.map { PlacedAddress(wanted, at: $0) }
    }

    var positions: Range<Int> { addresses.indices }

    /// - Parameter position: in the configuration's order.
    subscript(position: Int) -> PlacedAddress {
        get { addresses[position] }
        _modify {
            defer { consider(position) }
            yield &addresses[position]
        }
    }

    private mutating func consider(_ position: Int) {
        if let due = addresses[position].retryAt { retryAt = min(retryAt ?? due, due) }
        if let due = addresses[position].refitAt { refitAt = min(refitAt ?? due, due) }
    }

    // MARK: - What is due

    /// Takes out the addresses that are to be looked at again.
    mutating func takeRetries(at now: Instant) -> [Int] {
        guard let due = retryAt, now >= due else { return [] }
        let positions = addresses.indices.filter { addresses[$0].takeRetry(at: now) }
        retryAt = addresses.lazy.compactMap(\.retryAt).min()
        return positions
    }

    /// Takes out those that are to be put on anew.
    mutating func takeRefits(at now: Instant) -> [Int] {
        guard let due = refitAt, now >= due else { return [] }
        let positions = addresses.indices.filter { addresses[$0].refitAt.map { now >= $0 } ?? false }
        for position in positions { addresses[position].dropRefit() }
        refitAt = addresses.lazy.compactMap(\.refitAt).min()
        return positions
    }

    /// - Returns: whether the lifetimes begin anew now; then again after a third of the lease, `nil` for never.
    mutating func takeRenewal(every period: Duration?, at now: Instant) -> Bool {
        guard let due = renewAt, now >= due else { return false }
        renewAt = period.map { now + $0 }
        return true
    }

    mutating func planRenewal(at due: Instant?) { renewAt = due }

    // MARK: - All of them

    /// What an addition waited for does not keep an address once it has to go.
    mutating func endPauses() {
        for position in addresses.indices { addresses[position].stopWaiting() }
        retryAt = nil
    }

    /// This host begins to leave: nobody has announced any of them yet.
    mutating func beginLeaving() {
        for position in addresses.indices { addresses[position].beginLeaving() }
    }

    /// What is known of the same addresses under an older configuration.
    mutating func adopt(_ old: Placement) {
        renewAt = old.renewAt
        let known = Dictionary(
            old.addresses.map { ($0.configuration.place, $0) }, uniquingKeysWith: { first, _ in first })
        for position in addresses.indices {
            guard let old = known[addresses[position].configuration.place] else { continue }
            self[position].adopt(old)
        }
    }
}
