import Addressing
import VRRP

/// What other hosts say by ARP about the shared addresses.
extension Core {
    /// Another host has spoken as the owner of an address.
    mutating func addressClaimed(_ claim: AddressClaim, at now: Instant) {
        guard table.link(claim.interface)?.hardwareAddress != claim.hardwareAddress else { return }
        for place in placesByAddress[claim.address] ?? [] {
            guard instances[place.instance].addresses[place.position].key?.interface == claim.interface else {
                continue
            }
            instances[place.instance].router.noteAnnouncement(at: now)
            touch(place.instance)
        }
    }
}
