package import Addressing
package import VRRP

/// The state of an instance as people speak of it.
package enum InstanceState: String, Hashable, Sendable {
    case fault
    case backup
    case master
    /// It has resigned, and keeps the addresses until its successor has announced them.
    case leaving
    /// On its way out: the program was told to stop.
    case stopped
}

/// Something that happened and that people want to be told. The history keeps thousands of them: what is long and seldom is kept apart
/// (`indirect`), so that the others are small.
package enum Event: Hashable, Sendable {
    case stateChanged(instance: String, from: InstanceState, to: InstanceState, reason: Reason)
    /// Trackers make another priority of the configured one.
    indirect case priorityChanged(instance: String, from: UInt8, TrackedPriority)
    /// The master that a backup follows is another one now.
    case masterHeard(instance: String, address: IPAddress, priority: UInt8)
    /// A losing master was heard while this host is master.
    case contested(instance: String, by: IPAddress, priority: UInt8)
    /// This host and another one were master at a time, as far as this host can know for so long.
    case splitBrain(instance: String, with: IPAddress, lasted: Duration, isWinner: Bool)
    /// Two hosts have had the addresses for longer than any takeover takes.
    indirect case addressOnTwoHosts(instance: String, split: SplitReport)
    /// Two hosts had the addresses, and now one has: no sign of the other one was seen for a while.
    case splitEnded(instance: String, with: OtherHost, lasted: Duration)
    case addressAdded(instance: String, address: IPPrefix, interface: String)
    case addressRemoved(instance: String, address: IPPrefix, interface: String)
    /// Somebody else removed it, and it was put back.
    case addressRestored(instance: String, address: IPPrefix, interface: String)
    /// It was put on anew, with the label, broadcast address and scope of the configuration.
    case addressRefitted(instance: String, address: IPPrefix, interface: String)
    /// An address that an earlier run left behind was removed, or, where `isFromThisRun`, one that the configuration names no
    /// more.
    case leftoverRemoved(address: IPPrefix, interface: String, isFromThisRun: Bool)
    /// The kernel refused a change.
    indirect case refused(KernelChange, address: IPPrefix, interface: String, refusal: KernelRefusal)
    /// Another host has an IPv6 address, by duplicate address detection, or had it for a moment.
    case detectionFailed(instance: String, address: IPPrefix, interface: String)
    /// The host has the address by itself: it answers for it whoever is master.
    case addressIsHostsOwn(instance: String, address: IPPrefix, interface: String)
    /// The first packet dropped for this reason, or the first in a minute; `count` were dropped since the last report.
    case packetsDropped(instance: String, reason: DropReason, from: IPAddress, count: Int)
    /// The sender's list of addresses is not the one configured here.
    case addressesDiffer(instance: String, from: IPAddress)
    /// An advertisement could not be sent; `to` is the peer that it did not reach, where others were reached.
    indirect case sendFailed(instance: String, failure: SendFailure, to: IPAddress? = nil)
    /// Advertisements leave again, after so long without one.
    case sendsAgain(instance: String, after: Duration)
    /// A host that is none of this virtual router's uses its number, with other addresses. The first time, or the first in a minute;
    /// `count` of its advertisements came since the last report.
    case anotherCluster(
        instance: String, from: IPAddress, virtualRouterID: UInt8, addresses: [IPAddress], count: Int)
    /// The master is silent, but this host may have missed what it said: it gets `span` more.
    case takeoverPostponed(instance: String, by: Duration)
    /// A master that does not preempt was stalled for `span`: it listens before it goes on.
    case lapsed(instance: String, after: Duration)
    /// It heard nobody and goes on.
    case resumed(instance: String)
    /// The receive socket was full. The first time, or the first in a minute.
    case packetsLost(interface: String, count: UInt64)
    /// Another host answers for a shared address.
    case addressConflict(instance: String, address: IPAddress, interface: String, hardwareAddress: MACAddress)
    /// A shared address appeared on this host, which is not master; it is taken away, or, where `isKept`, only told of.
    case strayAddress(instance: String, address: IPPrefix, interface: String, isKept: Bool)
    /// Advertisements reach this host, and not this program: the kernel's reverse path filter drops them, or a firewall.
    case inboundFiltered(instance: String, interface: String, count: UInt64, isReversePath: Bool?)
    /// The instance takes part again as its configuration says.
    case handoverEnded(instance: String)
    /// Something that can't be was found, and put right: a fault of this program.
    case repaired(instance: String, Flaw)
    /// A sync group is in another state than it was; `from` is `nil` for the first one. It follows what is told of its members.
    case groupChanged(group: String, from: InstanceState?, to: InstanceState)
    /// A route or rule came or went, or could not. `instance` is `nil` for one of an earlier run, or that the configuration names no
    /// more; `words` says which, such as "route default via 192.0.2.1".
    indirect case routingChanged(instance: String?, RoutingChange, words: String)
    /// A macvlan of this program came or went, or could not. `instance` is `nil` for one that no virtual router wants.
    indirect case macvlanChanged(instance: String?, MacvlanChange, name: String)
    /// Another configuration is in use.
    case reloaded(changes: Int)
}

/// What became of a route or rule.
package enum RoutingChange: Hashable, Sendable {
    case added
    case removed
    /// Somebody else removed it, or the kernel did with an address or a link, and it was put back.
    case restored
    /// One that no line of the configuration asks for.
    case leftoverRemoved
    /// The kernel did not take it.
    case refused(KernelRefusal)
    case removalRefused(KernelRefusal)
}

/// What became of a macvlan.
package enum MacvlanChange: Hashable, Sendable {
    case made(MACAddress)
    /// Somebody else deleted it, and it was made again.
    case restored(MACAddress)
    case switchedOn
    /// With its IPv6 addresses.
    case switchedOff
    case removed
    /// One that no line of the configuration asks for.
    case leftoverRemoved
    /// One that somebody had changed or renamed: another one is made.
    case removedChanged
    case refused(MacvlanStep, KernelRefusal)
    /// Nothing can be heard on it: another master with the same hardware address goes unnoticed while this host is one.
    case deaf(reason: String)
}

/// What the kernel was asked to do with a macvlan, or with the settings of the interface on top of which it lies.
package enum MacvlanStep: Hashable, Sendable {
    case make
    case switchOn
    case switchOff
    case delete
    /// arp_ignore and arp_announce of the interface below.
    case set
    case setMTU
    /// promote_secondaries of an interface.
    case setPromotion
}

/// What the kernel was asked to do with an address.
package enum KernelChange: Hashable, Sendable {
    case add
    case remove
    /// Put on anew, with another label, broadcast address or scope.
    case change
    /// promote_secondaries of its interface, so that its removal leaves others.
    case promoteSecondaries
}

/// What can't be, and was found all the same.
package enum Flaw: Hashable, Sendable, CaseIterable {
    case unfiledDeadline
    /// It took no part without a fault.
    case idleWithoutReason
    /// A claim waited for no answer of the kernel.
    case claimWithoutRequest
    /// Nobody listened on the interface.
    case deafInterface
}

/// Why an instance is in the state in which it is.
package enum Reason: Hashable, Sendable {
    case started
    /// Told to stop, or to hand over.
    case leaving
    /// To a host that is known, or was only heard to announce the addresses.
    case handedOver(to: IPAddress?)
    /// A handover found no successor.
    case nobodyTookOver(after: Duration)
    case stopping
    /// The configuration does not name it any more.
    case removed
    /// An earlier run was master; the program was away for less than anybody's down timer.
    case adopted(after: Duration)
    /// A reload gave it the addresses of a virtual router of which this host was master.
    case inherited
    case claimed(Claim)
    /// Another member of its sync group can't be master here.
    indirect case group(String, member: String)
    /// Another router with a better right advertises.
    case outranked(by: IPAddress, priority: UInt8)
    case fault(Fault)
    /// What was in the way is gone.
    case recovered

    /// Why the addresses were claimed: of `VirtualRouter.ClaimReason` what people are told.
    package enum Claim: Hashable, Sendable {
        /// Priority 255.
        case addressOwner
        /// Nothing was heard from the master for the whole master down interval; from `nil`, not even once.
        case masterSilent(IPAddress?, after: Duration)
        /// The master's host answers nothing any more (`fast_takeover`); its last advertisement was heard so long before.
        case masterHostDead(IPAddress, after: Duration)
        /// The master said priority 0.
        case masterResigned(IPAddress)
        /// The master has a lower priority than this router.
        case preempting(IPAddress, priority: UInt8)

        package init(_ reason: VirtualRouter.ClaimReason) {
            self =
                switch reason {
                case .addressOwner: .addressOwner
                case .masterSilent(let master, let span): .masterSilent(master?.address, after: span)
                case .masterHostDead(let master, let span): .masterHostDead(master.address, after: span)
                case .masterResigned(let master): .masterResigned(master.address)
                case .preempting(let master): .preempting(master.address, priority: master.priority)
                }
        }
    }
}

/// What keeps an instance from taking part.
package enum Fault: Hashable, Sendable {
    case noInterface(String)
    /// The file names none, and none was found: none has the source address, or, without one, no route leads to a peer.
    case noInterfaceFound(source: IPAddress?)
    case interfaceDown(String)
    case noCarrier(String)
    /// It is up, but not for as long as `interface_up_down_delays` wants it to be.
    case linkSettling(String)
    case noSourceAddress(String)
    /// No link-local IPv6 address to send from (RFC 9568, section 5.1.2.1) is in use on the interface: none is there, or the one that is
    /// there is tentative or has failed detection.
    case noLinkLocalAddress(String, DuplicateDetection?)
    indirect case receiverFailed(String, reason: String)
    /// The configured source address is not on this host.
    case noConfiguredSource(IPAddress)
    /// `unicast_fault_no_peer`, and there is none.
    case noPeer
    /// `vrrp_startup_delay` or `vrrp_delay_after_boot` is not over.
    case startDelayed
    /// Another program on this host advertises the same virtual router.
    case anotherDaemon(String, virtualRouterID: UInt8)
    /// The kernel did not make or switch on the macvlan.
    indirect case macvlanRefused(String, KernelRefusal)
    /// A link of the macvlan's name is there that this program has not made.
    case foreignLink(String)
    indirect case addressRefused(IPPrefix, interface: String, reason: String)
    /// Duplicate address detection says that another host has it (RFC 4862, section 5.4).
    indirect case addressInUse(IPPrefix, interface: String)
    /// Nothing that this host sends leaves it: it is master only where nobody else is.
    indirect case cannotSend(String, SendFailure)
    /// Somebody takes it away again and again: it was missing for more than half of the last ten seconds.
    case addressContested(IPPrefix, interface: String)
    /// What it tracks with weight 0 is down: all of that.
    case tracked([TrackedStatus])
    /// Another member of its sync group can't take part.
    indirect case memberOfGroup(String, member: String, Fault)
}

extension Fault {
    /// Nothing is wrong: the start is delayed, or something has said nothing yet, here or of another member of its sync group.
    package var isWaiting: Bool {
        switch self {
        case .startDelayed: true
        case .tracked(let parts): parts.allSatisfy { $0.effect == .awaited }
        case .memberOfGroup(_, _, let fault): fault.isWaiting
        default: false
        }
    }

    /// The interface works: only this host's own address is missing.
    var isAboutSource: Bool {
        switch self {
        case .noSourceAddress, .noLinkLocalAddress, .noConfiguredSource: true
        default: false
        }
    }

    /// The system said no; the same is tried again after a pause.
    var isRefusal: Bool {
        switch self {
        case .receiverFailed, .addressRefused, .addressInUse, .addressContested, .macvlanRefused: true
        case .noInterface, .noInterfaceFound, .interfaceDown, .noCarrier, .noSourceAddress, .noLinkLocalAddress,
            .noConfiguredSource,
            .noPeer, .startDelayed,
            .anotherDaemon, .cannotSend, .linkSettling, .tracked, .memberOfGroup, .foreignLink:
            false
        }
    }
}
