package import Addressing

/// What the core wants done. `CoreDriver.carryOutEffects` has the order in which a batch is carried out: packets, announcements,
/// requests to the kernel a chunk at a time, renewals, and records last.
package enum Effect: Hashable, Sendable {
    /// Add an address; answered by `Input.completed`.
    case addAddress(RequestID, AddressAssignment)
    /// Remove an address; answered by `Input.completed`.
    case removeAddress(RequestID, AddressKey)
    /// Set promote_secondaries, so that the removal of a primary address leaves its secondaries; answered likewise.
    case promoteSecondaries(RequestID, InterfaceIndex)
    /// Set a route or rule, unless it is there; answered by `Input.completed`.
    case setRouting(RequestID, RoutingObject)
    /// Remove one of this program's; answered likewise.
    case removeRouting(RequestID, RoutingObject)
    /// Make, switch or delete a link of this program, or change settings of another; answered likewise.
    case link(RequestID, LinkOrder)
    /// Hear on a macvlan what is for a virtual router of `place`: frames from its own hardware address the kernel gives to it alone.
    case openMacvlanReceiver(InterfaceIndex, for: InterfaceFamily)
    case closeMacvlanReceiver(InterfaceIndex)
    /// Dump the routes and rules of this program and hand them in as `Input.routing`.
    case requestRouting
    /// Listen for a family's advertisements on the interface: those for this host, and those for `groups`. `shared` are the
    /// addresses from which IPv4's kernel would not deliver advertisements while they are this host's, too, and about whose claims
    /// by others the core wants to know.
    case openReceiver(InterfaceFamily, groups: [IPAddress], shared: [IPAddress])
    /// On the interface's packet socket for IPv4 let through advertisements from these sources alone.
    case tap(InterfaceIndex, sources: [IPAddress])
    case closeReceiver(InterfaceFamily)
    /// Send a whole IP packet, to a multicast group or a unicast peer. `priority` is what it says, 0 for a resignation.
    case advertise(
        instance: RouterID, interface: InterfaceIndex, destination: IPAddress, priority: UInt8, packet: [UInt8])
    /// See whether a packet leaves; answered by `Input.sendFailed` or `Input.sent`.
    case tryToSend(instance: RouterID, interface: InterfaceIndex, destination: IPAddress, packet: [UInt8])
    /// Tell all hosts of the link where each address is, by gratuitous ARP or unsolicited neighbour advertisement (RFC 9568, sections
    /// 8.1.2 and 8.2.2), the whole list `rounds` times.
    case announce(interface: InterfaceIndex, hardwareAddress: MACAddress, addresses: [IPAddress], rounds: Int)
    /// Let the lifetime of an address begin anew; nobody waits for the answer.
    case renewAddress(AddressAssignment)
    /// Ask who else has the addresses: by ARP (RFC 5227, section 2.1.1), or by neighbour solicitation (RFC 4861, section 4.3) from
    /// `source`, which is an IPv6 address where they are.
    case probe(interface: InterfaceIndex, hardwareAddress: MACAddress, source: IPAddress?, addresses: [IPAddress])
    /// Keep in the state file that the address is ours; `createdAt` is the kernel's creation stamp.
    case remember(AddressKey, createdAt: UInt32)
    case forget(AddressKey)
    /// This host is no master of it any more.
    case mastershipEnded(instance: RouterID)
    /// The instance goes on as master where an earlier run left off.
    case adopted(instance: RouterID)
    /// Events were lost or the table is doubtful: dump it and hand in a `snapshot`.
    case requestSnapshot
    /// Something to be told: to the journal, to subscribers.
    case record(RecordedEvent)
    /// Something that was recorded goes on: its entry in the history is brought up to date, and nobody is told.
    case amend(RecordedEvent)
    /// After `stop`: nothing of ours is left, or the time for it is over.
    case finished
}
