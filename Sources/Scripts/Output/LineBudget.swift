package import VRRP

/// How many lines of one script go to the journal: a check that says a lot every second would push out all else.
package struct LineBudget: Hashable, Sendable {
    /// Lines within `length`.
    package static let most = 30
    package static let length = Duration.seconds(60)

    /// When the lines that count began.
    private var start: Instant?
    private var count = 0
    /// Lines that were left out since.
    private var left = 0

    package init() {}

    /// Another line.
    /// - Returns: whether it is told, and how many were left out before it.
    package mutating func take(at now: Instant) -> (isTold: Bool, leftOut: Int) {
        guard let start, now - start < Self.length else {
            defer { (self.start, count, left) = (now, 1, 0) }
            return (true, left)
        }
        guard count < Self.most else {
            left = left == .max ? left : left + 1
            return (false, 0)
        }
        count += 1
        return (true, 0)
    }
}
