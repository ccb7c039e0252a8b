import Addressing
import VRRP

/// The hardware addresses from which advertisements of a virtual router came, the latest ones. They are seen on the wire now and then
/// (`see`): a raw socket does not tell them.
struct Senders: Hashable, Sendable {
    struct Sender: Hashable, Sendable {
        var hardwareAddress: MACAddress
        /// The source of its advertisements.
        var address: IPAddress
        /// They passed every check, and were no resignations.
        var isValid: Bool
        var seenAt: Instant
    }

    private var all: [Sender] = []

    private static let most = 8

    mutating func note(_ sender: Sender) {
        if let index = all.firstIndex(where: { $0.hardwareAddress == sender.hardwareAddress }) {
            // Once good it is a host of this virtual router, whatever it sends meanwhile.
            let wasValid = all[index].isValid && all[index].address == sender.address
            all[index] = sender
            all[index].isValid = sender.isValid || wasValid
            return
        }
        if all.count >= Self.most { all.remove(at: all.indices.min { all[$0].seenAt < all[$1].seenAt } ?? 0) }
        all.append(sender)
    }

    /// What is known of a sender needs no second look for so long: a thousand routers are seen every second.
    private static let freshness = Duration.seconds(10)

    func isKnown(_ hardwareAddress: MACAddress, as address: IPAddress, at now: Instant) -> Bool {
        sender(hardwareAddress).map { $0.address == address && $0.isValid && now - $0.seenAt < Self.freshness } ?? false
    }

    /// Whether a host was seen to send from a hardware address that is no virtual router's.
    func hasOwnHardwareAddress(_ address: IPAddress) -> Bool {
        let seen = all.filter { $0.address == address && $0.isValid }
        return !seen.isEmpty && seen.allSatisfy { !$0.hardwareAddress.isVirtualRouter }
    }

    func sender(_ hardwareAddress: MACAddress) -> Sender? { all.first { $0.hardwareAddress == hardwareAddress } }
}
