/// The timers' arithmetic, in nanoseconds: whole centiseconds would make all backups fire at once at short intervals.
package enum Timers {
    /// How many advertisements may be missed before the master is called dead.
    package static let standardDownAdvertisements = 3

    /// Skew_Time: the higher the priority, the earlier a backup moves.
    ///
    /// RFC 3768, section 6.1: (256 − priority) / 256 seconds, whatever the interval.
    /// RFC 9568, section 6.1: (256 − priority) × Active_Adver_Interval / 256.
    /// - Parameters:
    ///   - interval: the interval that the master advertises; at most 255 s.
    package static func skew(version: ProtocolVersion, priority: UInt8, interval: Duration) -> Duration {
        let distance = 256 - Int(priority)
        switch version {
        case .v2: return Duration.nanoseconds(distance * (1_000_000_000 / 256))
        case .v3: return interval * distance / 256
        }
    }

    /// Master_Down_Interval (RFC 3768, section 6.1), Active_Down_Interval (RFC 9568, section 6.1).
    package static func masterDownInterval(
        version: ProtocolVersion, priority: UInt8, interval: Duration,
        advertisements: Int = standardDownAdvertisements
    ) -> Duration {
        interval * advertisements + skew(version: version, priority: priority, interval: interval)
    }
}
