package import Addressing
private import Configuration
package import VRRP

/// What an instance is doing and why, for people and programs that ask.
package struct InstanceStatus: Hashable, Sendable {
    package var name: String
    package var state: InstanceState
    package var since: Instant
    package var reason: Reason
    package var interface: String
    package var virtualRouterID: UInt8
    package var version: UInt8
    /// The one that counts in the election and that it advertises: the configured one, and what trackers make of it.
    package var priority: UInt8
    package var configuredPriority: UInt8
    /// The sync group that it is in, and the other members of it, in the configuration's order.
    package var group: (name: String, others: [String])? {
        get { groupName.map { ($0, groupOthers) } }
        set { (groupName, groupOthers) = (newValue?.name, newValue?.others ?? []) }
    }
    private var groupName: String?
    private var groupOthers: [String] = []
    /// What it tracks, in the configuration's order.
    package var trackers: [TrackedStatus] = []
    /// Who advertises as master although this host has been one for a while.
    package var otherMasters: [IPAddress] = []
    /// The master that is followed, or this host when it is master itself; `nil` when none is known.
    package var master: Master?
    package var addresses: [AddressStatus]
    /// Its routes, then its rules.
    package var routes: [RouteStatus] = []
    /// Of `use_vmac`.
    package var virtualMAC: VirtualMACStatus?
    package var counters: InstanceCounters
    /// Somebody wants another host to be master.
    package var handover: HandoverOrder?
    /// A firewall on this host keeps advertisements away.
    package var isInboundFiltered: Bool
    package var peers: [HeardPeer]
    package var findings: [Health.Finding] = []
    /// Backup: when it takes over, if nothing is heard. Master: its next advertisement.
    package var nextStepAt: Instant?
    /// What comes next; `nil` where the time was not told.
    package var nextStep: NextStep?

    package struct Master: Hashable, Sendable {
        package var address: IPAddress
        package var priority: UInt8
    }

    init(_ instance: Instance, addresses: [AddressStatus]) {
        name = instance.name
        state = instance.state
        since = instance.tenure.since
        reason = instance.tenure.reason
        interface = instance.configuration.interface
        virtualRouterID = instance.configuration.virtualRouterID
        version = instance.configuration.version
        priority = instance.election.parameters.priority
        configuredPriority = instance.configuration.priority
        self.addresses = addresses
        counters = instance.observations.counters
        handover = instance.wayOut.order
        isInboundFiltered = instance.observations.hearing.isFiltered
        peers = instance.observations.peers.all
        nextStepAt = instance.election.nextStepAt
        if instance.isMaster, let source = instance.source {
            master = Master(address: source, priority: priority)
        } else if state == .backup, let known = instance.election.master, !known.hasResigned {
            master = Master(address: known.address, priority: known.priority)
        }
    }
}

/// A shared address, as the kernel's table has it now.
package struct AddressStatus: Hashable, Sendable {
    package var prefix: IPPrefix
    package var interface: String
    /// The kernel has the address on the interface.
    package var isPresent: Bool
    /// It is the host's own: it stays whoever is master.
    package var isHostsOwn: Bool
    /// Somebody has taken it away more than once in the last seconds.
    package var isContested: Bool
    /// Another host that answers for it.
    package var conflict: AddressConflict?
}

extension Core {
    /// Without those that a new configuration has removed and that wait for their successors; they are the last ones.
    package var stayingCount: Int { instances.count - departing.count }

    package func router(named name: String) -> RouterID? { directory.router(named: name) }

    package func isMaster(_ id: RouterID) -> Bool { instances.contains(id) && instances[id].isMaster }

    /// When a master has advertised last; `nil` for any other.
    package func lastAdvertisement(of id: RouterID) -> Instant? {
        guard isMaster(id), let next = instances[id].election.nextStepAt else { return nil }
        return next - instances[id].configuration.advertisementInterval
    }

    /// How many instances are in each state.
    package func count(of state: InstanceState) -> Int {
        counts[state] ?? 0
    }

    /// - Parameter id: one of `routers`.
    package func status(of id: RouterID, at now: Instant? = nil) -> InstanceStatus {
        let instance = instances[id]
        let addresses = instance.addresses.map { address in
            let key = address.key
            return AddressStatus(
                prefix: address.configuration.prefix,
                interface: address.configuration.interface,
                isPresent: isHeld(address),
                isHostsOwn: key.map { ledger.isHosts($0) } ?? false,
                isContested: address.isContested(at: now),
                conflict: presentConflict(address, of: instance, at: now)
            )
        }
        var status = InstanceStatus(instance, addresses: addresses)
        status.trackers = trackedStatus(of: instance)
        status.routes = routes(of: instance, at: now)
        status.virtualMAC = virtualMACStatus(of: id)
        status.group = groupName(of: id).map { name in
            (name, withGroup(id).filter { $0 != id }.map { instances[$0].name })
        }
        if let now {
            status.findings = findings(about: id, at: now)
            status.otherMasters = otherMasters(of: instance, at: now)
            status.nextStep = next(instance, at: now)
        }
        return status
    }
}
