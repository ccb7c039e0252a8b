import Addressing
import Configuration
import VRRP

/// What leaves from a virtual hardware address: a master's advertisements, and nothing beside a successor.
extension Core {
    /// The interface by which a virtual router's advertisements leave: its macvlan while this host is master, so that the switches learn where
    /// the virtual hardware address is.
    func outgoingInterface(of id: RouterID, priority: UInt8) -> InterfaceIndex? {
        guard let macvlan = instances[id].macvlan, !macvlan.wanted.sendsFromParent, !macvlan.isMute,
            priority == Priority.resigning && !macvlan.isGivenUp || wantsMacvlan(id),
            let link = macvlanLink(of: id), link.isAdministrativelyUp
        else { return instances[id].interface }
        return link.index
    }

    /// An advertisement could not leave from the macvlan, perhaps for a firewall that knows the parent alone: the next ones of this mastership
    /// leave from the parent.
    mutating func tryFromParent(_ id: RouterID, after failure: SendFailure) {
        guard !failure.isQueueFull, let interface = instances[id].interface,
            let outgoing = outgoingInterface(of: id, priority: Priority.lowest), outgoing != interface
        else { return }
        instances[id].macvlan?.noteMute()
    }

    // MARK: - Leaving

    /// A leaving master has heard its successor, which may use the same hardware address: nothing more leaves this host from it.
    mutating func leaveMacvlanToSuccessor(_ id: RouterID, at now: Instant) {
        guard instances[id].isLeaving, instances[id].election.hasSuccessor, let macvlan = instances[id].macvlan else {
            return
        }
        let positions = instances[id].placement.positions.filter { position in
            let address = instances[id].placement[position]
            return address.configuration.interface == macvlan.wanted.interface && address.takenOverAt == nil
        }
        guard !positions.isEmpty || !macvlan.isGivenUp else { return }
        for position in positions {
            instances[id].placement[position].noteTakenOver(at: now)
            instances[id].placement[position].stopWaiting()
        }
        giveUpMacvlan(id, at: now)
        instances[id].election.noteAnnouncement(isLast: isAnnounced(id), at: now)
        reconcile(id, at: now)
    }

    mutating func giveUpMacvlan(_ id: RouterID, at now: Instant) {
        guard instances[id].macvlan?.isGivenUp == false else { return }
        instances[id].macvlan?.isGivenUp = true
        instances[id].macvlan?.stopWaiting()
        reconcileMacvlan(id, at: now)
    }
}
