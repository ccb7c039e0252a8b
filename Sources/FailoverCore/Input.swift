package import Addressing
package import Configuration

/// What the core is told. Packets take a way of their own, `FailoverCore.receive`, because they are only lent.
package enum Input: Hashable, Sendable {
    /// RTM_NEWLINK.
    case link(Link)
    /// RTM_DELLINK.
    case linkRemoved(InterfaceIndex)
    /// RTM_NEWADDR.
    case address(InterfaceAddress)
    /// RTM_DELADDR.
    case addressRemoved(AddressKey)
    /// The kernel's whole table, from a dump: at the start, and after events were lost.
    case snapshot(links: [Link], addresses: [InterfaceAddress])
    /// The kernel's answer to a request. The events that the request caused are handed over before it.
    case completed(RequestID, RequestResult)
    /// The receive socket of an interface could not be opened.
    case receiverFailed(InterfaceFamily, reason: String)
    /// The socket that hears on a macvlan could not be opened.
    case macvlanReceiverFailed(InterfaceIndex, reason: String)
    /// The interface's receive socket was full: the kernel dropped packets, `count` since it was last asked.
    case packetsLost(InterfaceIndex, count: UInt32)
    /// Another host spoke as the owner of a shared address, by ARP or neighbour discovery.
    case addressClaimed(AddressClaim)
    /// An advertisement could not be sent, nor the same by another way, such as to another peer.
    case sendFailed(instance: RouterID, SendFailure)
    /// An advertisement could not be sent to one of several peers.
    case sendFailedInPart(instance: RouterID, SendFailure, destination: IPAddress)
    /// Something left of a virtual router of which `isFailingToSend` says that nothing did.
    case sent(instance: RouterID)
    /// What something says that virtual routers track: a script, a file. Interfaces the core judges itself, by their links.
    case tracker(TrackerName, TrackerState)
    /// Whether somebody is there who could say what scripts, files and processes are.
    case reporter(TrackerReporter)
    /// What there is to know about routes and rules.
    case routing(RoutingNews)
    /// Leave in order.
    case stop
}

/// Ties the kernel's answer to the request that it answers.
package struct RequestID: Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

package enum RequestResult: Hashable, Sendable {
    case done
    case refused(KernelRefusal)
}

/// A request that the kernel did not carry out.
package struct KernelRefusal: Hashable, Sendable {
    /// The error number; 0 where no answer came at all.
    package var code: Int32
    /// The kernel's own words.
    package var text: String

    package init(code: Int32, text: String) {
        self.code = code
        self.text = text
    }

    /// EEXIST: the address is there already.
    package var saysAlreadyThere: Bool { code == 17 }
    /// EADDRINUSE: of a macvlan that is switched on, its hardware address is that of another link on the same interface, or the interface's.
    package var saysInUse: Bool { code == 98 }
    /// EADDRNOTAVAIL, ENODEV: there is no such address, or no such interface any more.
    package var saysNotThere: Bool { code == 99 || code == 19 }
}
