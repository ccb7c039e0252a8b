package import Addressing
package import VRRP

/// The system around a core: the runtime with its sockets, a simulated host, a test's kernel, a fuzzer's.
///
/// The order of a turn is written here, once (`turn`, `carryOutEffects`), and stands between a system that reads and does and a core that
/// decides. A system answers these questions and carries out these orders, and does nothing of its own accord.
package protocol CoreDriver: ~Copyable {
    /// Lends the core. Nothing of the system runs meanwhile.
    mutating func withCore<Result>(_ body: (inout Core) -> Result) -> Result
    /// What the next turn has to do first.
    var duties: TurnDuties { get set }
    /// The time now. Within one turn it may pass.
    mutating func readClock() -> Instant

    // MARK: Reading

    /// Hands one batch of the kernel's events to the core.
    /// - Returns: whether more may be waiting.
    mutating func readEvents(at now: Instant) -> Bool
    /// Hands the kernel's whole table to the core.
    /// - Returns: false where it could not be read now.
    mutating func readTable(at now: Instant) -> Bool
    /// Hands one batch of packets from each interface to the core.
    /// - Returns: the interfaces that may have more, and when the last packet that was read there had arrived.
    mutating func readPackets(at now: Instant) -> [InterfaceIndex: Instant]
    /// Tells the core of packets that the kernel has dropped: before a backup claims, it has to know.
    mutating func readLosses(at now: Instant)

    // MARK: Doing

    /// Sees what is about to be carried out.
    mutating func see(_ effects: [Effect])
    /// Asks the kernel, in one write.
    /// - Returns: an answer for each; `nil` for one that comes later, as `Input.completed`.
    mutating func perform(_ requests: ArraySlice<SystemRequest>) -> [RequestResult?]
    /// Sends packets, in order.
    /// - Returns: for each, why it could not be sent; `nil` when it left.
    mutating func send(_ packets: [AdvertisementOrder]) -> [SendFailure?]
    /// Broadcasts gratuitous ARPs, in order.
    mutating func announce(_ announcements: ArraySlice<Announcement>)
    /// Lets lifetimes begin anew; nobody waits for the answers.
    mutating func renew(_ assignments: ArraySlice<AddressAssignment>)
    /// Everything else that nobody waits for: receivers, questions by ARP, the state file, adopted roles.
    mutating func carryOut(_ effect: Effect)
    /// Tells what has happened.
    mutating func record(_ events: [RecordedEvent])
    /// The core has left: nothing of ours is there any more, or the time for it is over.
    mutating func finish()
}

/// What a turn has to do because of what came before it.
package struct TurnDuties: Hashable, Sendable {
    /// Events were lost, or the table is doubtful: it is read as a whole.
    package var readsTable: Bool
    /// Before the next advertisement leaves, what has arrived is read: somebody else may be master by now.
    package var listensFirst = false

    package init(readsTable: Bool) {
        self.readsTable = readsTable
    }
}

/// A request to the kernel that is answered.
package struct SystemRequest: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case add(AddressAssignment)
        case remove(AddressKey)
        /// Set promote_secondaries on the interface.
        case promoteSecondaries(InterfaceIndex)
        case setRouting(RoutingObject)
        case removeRouting(RoutingObject)
        case link(LinkOrder)
    }

    package let id: RequestID
    package let kind: Kind
}

/// A whole IP packet, on its way to one destination.
package struct AdvertisementOrder: Hashable, Sendable {
    package let instance: RouterID
    package let interface: InterfaceIndex
    package let destination: IPAddress
    /// What it says, 0 for a resignation; `nil` for a packet that only shows whether anything leaves.
    package let priority: UInt8?
    package let packet: [UInt8]
}

/// Gratuitous ARPs for some addresses, the whole list `rounds` times.
package struct Announcement: Hashable, Sendable {
    package let interface: InterfaceIndex
    package let hardwareAddress: MACAddress
    package let addresses: [IPAddress]
    package let rounds: Int
}
