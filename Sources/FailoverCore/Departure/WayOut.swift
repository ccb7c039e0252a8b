import VRRP

/// How one virtual router leaves: the order to hand over, whether it leaves for good, and its last word.
struct WayOut: Hashable, Sendable {
    /// Somebody wants another host to be master.
    @Seldom private(set) var order: HandoverOrder?
    private(set) var outcome = HandoverOutcome.done
    /// The way out that is under way ends in a stop.
    private(set) var isForGood = false
    /// A fault awaits it where its leaving ends.
    private(set) var isForFault = false
    /// It has left for good.
    private(set) var isOver = false
    /// Its successor may be one that detects duplicate addresses, and nobody has said that it is not.
    private(set) var doubtsSuccessor = false
    /// When the addresses are gone, one more advertisement is due, of this priority, which loses: the winner announces again.
    private(set) var farewell: UInt8?

    // MARK: - Handover

    /// - Parameter order: `nil` to take part as the configuration says.
    mutating func stand(back order: HandoverOrder?) { self.order = order }

    mutating func beginHandover() { outcome = .underWay }

    /// Another host is master, or this one was not, or a fault came first.
    mutating func endHandover() { outcome = .done }

    /// A fault has ended its taking part: who leaves for good has left, and there is nothing more to say.
    mutating func noteFault() {
        farewell = nil
        if outcome == .underWay { outcome = .done }
        if isForGood { isOver = true }
        isForFault = false
    }

    /// Nobody took over: an order that was not carried out is void; one by which this host is only the last resort stands.
    /// - Returns: whether it is void.
    mutating func noteNobodyTookOver(after waited: Duration) -> Bool {
        guard outcome == .underWay else { return false }
        order = nil
        outcome = .nobodyTookOver(after: waited)
        return true
    }

    // MARK: - For good, or for a fault

    mutating func leaveForGood() { isForGood = true }

    /// Wanted again while it was on its way out.
    mutating func stay() { isForGood = false }

    mutating func leaveForFault() { isForFault = true }

    /// - Returns: whether a fault awaited it here.
    mutating func takeFault() -> Bool {
        defer { isForFault = false }
        return isForFault
    }

    /// It has left, and does not come back.
    mutating func end() { isOver = true }

    // MARK: - The successor

    mutating func doubtSuccessor() { doubtsSuccessor = true }

    /// - Returns: whether it was doubted.
    mutating func trustSuccessor() -> Bool {
        defer { doubtsSuccessor = false }
        return doubtsSuccessor
    }

    // MARK: - The last word

    /// - Parameter priority: `nil` for none.
    mutating func oweFarewell(_ priority: UInt8?) { farewell = priority }
}
