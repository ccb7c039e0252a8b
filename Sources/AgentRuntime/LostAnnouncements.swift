import Addressing
import VRRP

/// Announcements by ARP that the kernel did not take: told, but not each one.
struct LostAnnouncements {
    private static let pause = Duration.seconds(10)
    private var count = 0
    private var nextAt: Instant?

    /// - Returns: what to tell now.
    mutating func note(_ lost: Int, _ reason: String, on interface: InterfaceIndex, at now: Instant) -> String? {
        count += lost
        if let nextAt, now < nextAt { return nil }
        nextAt = now + Self.pause
        defer { count = 0 }
        let what = count == 1 ? "announcement" : "announcements"
        return "\(count) \(what) by ARP could not be sent, the last one through interface \(interface): \(reason). "
            + "Neighbours may look for the address elsewhere for longer"
    }
}
