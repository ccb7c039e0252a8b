import Addressing
import Configuration
import VRRP

/// `address_lease`: the kernel itself takes the addresses away when this program does not renew them any more.
extension Core {
    /// Three attempts within a lease. Without one, only what an earlier run has left to lapse is made lasting again, and what
    /// somebody else has put there becomes ours.
    mutating func renewIfDue(_ id: RouterID, at now: Instant) {
        guard instances[id].isMaster, instances[id].placement.takeRenewal(every: lease.map { $0 / 3 }, at: now) else {
            return
        }
        for address in instances[id].addresses {
            guard let key = address.key, address.pending == nil, let present = table.address(key),
                ledger.isOurs(key) && (lease != nil || present.hasFiniteLifetime) || ledger.standing(of: key) == .stray
            else { continue }
            if ledger.standing(of: key) == .stray {
                // Another daemon's, which has gone, or somebody's who came too early.
                ledger.set(.ours, of: key)
                remember(key, createdAt: present.createdAt)
            }
            effects.append(.renewAddress(assignment(of: address.configuration, at: key)))
        }
    }

    /// At a takeover.
    mutating func beginLease(_ id: RouterID, at now: Instant) {
        let isDoubtful = instances[id].addresses.contains { address in
            guard let key = address.key else { return false }
            return ledger.standing(of: key) == .stray
                || ledger.isOurs(key) && lease == nil && table.address(key)?.hasFiniteLifetime == true
        }
        instances[id].placement.planRenewal(at: isDoubtful ? now : lease.map { now + $0 / 3 })
    }
}
