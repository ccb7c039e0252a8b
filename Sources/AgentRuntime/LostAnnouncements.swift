import VRRP

/// Announcements by ARP that the kernel did not take: told, but not each one.
struct LostAnnouncements {
    private static let pause = Duration.seconds(10)
    private var count = 0
    private var nextAt: Instant?

    /// - Returns: of how many to tell now; `nil` for nothing.
    mutating func note(_ lost: Int, at now: Instant) -> Int? {
        count += lost
        if let nextAt, now < nextAt { return nil }
        nextAt = now + Self.pause
        defer { count = 0 }
        return count
    }
}
