import Addressing
import Configuration
import FailoverCore
import Kernel
import VRRP

/// Plays a takeover through, with a core of its own that nobody listens to: at the start, and in the last moments before a
/// takeover, which the program waits out awake.
///
/// The code of a takeover runs seldom, on both sides of the system calls. Played just before, it is in the processor's caches
/// when it counts.
enum Rehearsal {
    /// - Parameter instance: whose takeover; nothing is played for `nil`.
    static func play(
        _ instance: InstanceConfiguration?, with requests: RouteRequests, _ announcer: AddressAnnouncer
    ) {
        guard var instance, let shared = instance.addresses.first else { return }
        // Each costs a question to the kernel; two warm what a hundred would.
        instance.addresses = Array(instance.addresses.prefix(2))
        var now = Instant(sinceBoot: .zero)
        var core = Core(Configuration(instances: [instance]), at: now)
        let index = InterfaceIndex(rawValue: 1)
        let names = Set([instance.interface] + instance.addresses.map(\.interface))
        let links = names.enumerated().map { offset, name in
            Link(
                index: InterfaceIndex(rawValue: Int32(1 + offset)), name: name,
                hardwareAddress: MACAddress(rawValue: 1))
        }
        let own = InterfaceAddress(
            key: AddressKey(
                interface: links.first { $0.name == instance.interface }?.index ?? index,
                prefix: IPPrefix(host: ownAddress(beside: shared.prefix.address))))
        core.handle(.snapshot(links: links, addresses: [own]), at: now)
        for _ in 0..<8 {
            if let deadline = core.nextDeadline() { now = max(now, deadline) }
            core.sendDue(at: now)
            core.expire(at: now)
            for effect in core.takeEffects() {
                switch effect {
                case .addAddress(let id, let assignment):
                    requests.rehearse(.add(assignment))
                    core.handle(.address(assignment.placed(origin: 0, createdAt: 0)), at: now)
                    core.handle(.completed(id, .done), at: now)
                case .announce(let interface, let hardwareAddress, let addresses, _):
                    // No rounds: nothing leaves.
                    announcer.announce([
                        AddressAnnouncer.Burst(
                            addresses: addresses, hardwareAddress: hardwareAddress, interface: interface, rounds: 0
                        )
                    ]) { _, _, _ in }
                default: break
                }
            }
        }
    }

    /// From which to speak: none that is shared, and by IPv6 a link-local one.
    private static func ownAddress(beside shared: IPAddress) -> IPAddress {
        if let ipv4 = shared.ipv4 { return IPAddress(IPv4Address(rawValue: ~ipv4.rawValue)) }
        return IPAddress(IPv6Address(high: 0xFE80 << 48, low: ~(shared.ipv6?.low ?? 0)))
    }
}
