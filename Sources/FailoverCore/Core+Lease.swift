import Addressing
import Configuration
import VRRP

/// `address_lease`: the kernel itself takes the addresses away when this program does not renew them any more.
extension Core {
    /// Three attempts within a lease. Without one, only what an earlier run has left to lapse is made lasting again.
    mutating func renewIfDue(_ index: Int, at now: Instant) {
        guard let due = instances[index].renewAt, now >= due, instances[index].isMaster else { return }
        instances[index].renewAt = lease.map { now + $0 / 3 }
        for address in instances[index].addresses {
            guard let key = address.key, address.pending == nil, standings[key] == .ours,
                lease != nil || table.address(key)?.hasFiniteLifetime == true
            else { continue }
            effects.append(.renewAddress(assignment(of: address.configuration, at: key)))
        }
    }

    /// At a takeover.
    mutating func beginLease(_ index: Int, at now: Instant) {
        let isLapsing = instances[index].addresses.contains { address in
            address.key.flatMap { table.address($0) }?.hasFiniteLifetime == true
        }
        instances[index].renewAt = lease.map { now + $0 / 3 } ?? (isLapsing ? now : nil)
    }
}
