package import Configuration
package import VRRP

/// Whether as many processes run as `quorum` and `quorum_max` want, with the delays that damp it.
package struct ProcessQuorum: Hashable, Sendable {
    private var quorum: ClosedRange<Int>
    private var forkDelay: Duration
    private var terminateDelay: Duration
    /// How many run.
    package private(set) var count: Int
    /// What counts; the count may say otherwise while a delay runs.
    package private(set) var isMet: Bool
    /// When the other verdict begins to count.
    package private(set) var deadline: Instant?

    /// - Parameter count: how many run at the start: then nothing is delayed.
    package init(_ configuration: TrackProcessConfiguration, count: Int) {
        quorum = configuration.quorum
        forkDelay = configuration.forkDelay
        terminateDelay = configuration.terminateDelay
        self.count = count
        isMet = configuration.quorum.contains(count)
    }

    /// So many run now. What more processes bring waits for `fork_delay`, and what fewer bring for `terminate_delay`; when the count is back in
    /// time, nothing has happened.
    /// - Returns: whether `isMet` is another one.
    package mutating func change(count: Int, at now: Instant) -> Bool {
        let delay = count > self.count ? forkDelay : terminateDelay
        self.count = count
        guard quorum.contains(count) != isMet else {
            deadline = nil
            return false
        }
        guard deadline == nil else { return expire(at: now) }
        deadline = now + delay
        return expire(at: now)
    }

    /// - Returns: whether `isMet` is another one.
    package mutating func expire(at now: Instant) -> Bool {
        guard let due = deadline, due <= now else { return false }
        deadline = nil
        let isMet = quorum.contains(count)
        defer { self.isMet = isMet }
        return isMet != self.isMet
    }

    /// A reload says other numbers. Processes and what counts stay; another verdict waits for its delay.
    /// - Returns: whether `isMet` is another one.
    package mutating func change(to configuration: TrackProcessConfiguration, at now: Instant) -> Bool {
        quorum = configuration.quorum
        forkDelay = configuration.forkDelay
        terminateDelay = configuration.terminateDelay
        let begun = deadline
        deadline = nil
        guard quorum.contains(count) != isMet else { return false }
        // A delay that runs does not begin anew.
        let end = now + (isMet ? terminateDelay : forkDelay)
        deadline = begun.map { min($0, end) } ?? end
        return expire(at: now)
    }
}
