package import VRRP

/// How often something has begun within the last minute: an agent that somebody else controls can trigger what is configured, but not more
/// often than this.
package struct StartWindow: Hashable, Sendable {
    package static let length = Duration.seconds(60)
    /// So much may begin within it: of an object the calls for so many events, of a hook so many runs.
    package static let most = 20

    /// At most `most`, the earliest first.
    private var starts: [Instant] = []

    package init() {}

    /// When the next may begin; `nil` for now.
    package func opens(after now: Instant) -> Instant? {
        guard starts.count >= Self.most, let earliest = starts.first else { return nil }
        let opening = earliest + Self.length
        return opening > now ? opening : nil
    }

    package mutating func noteStart(at now: Instant) {
        starts.append(now)
        if starts.count > Self.most { starts.removeFirst() }
    }

    /// Nothing in it counts any more.
    package func isEmpty(at now: Instant) -> Bool { starts.last.map { $0 + Self.length <= now } ?? true }
}
