import Addressing
package import FailoverCore
import VRRP

extension Health.Finding {
    /// A sentence for people.
    package var text: String { code.text }

    /// What to type, or what to change in which file; `nil` where that depends.
    package var advice: String? { code.advice(for: instance) }
}

extension FindingCode {
    fileprivate var text: String {
        switch self {
        case .takesNoPart(let reason, _): "takes no part: \(reason)"
        case .leavesFor(let fault): "gives up its addresses as soon as another host has them: \(fault)"
        case .lastTakeoverRefused(let fault): "the last takeover failed, and the next one may: \(fault)"
        case .waitsForGroup(let group, let member, let master, let since):
            "no host has been master for \(since.inSeconds): this one waits for \(member), of the same sync group \(group), whose "
                + "master is \(master)"
        case .trackerDown(let tracked, let priority):
            "\(tracked.words): the priority is \(priority.effective)"
                + (tracked.weight > 0
                    ? "; while it is up, it adds \(tracked.weight)"
                    : ", and \(priority.configured) in the configuration")
        case .addressOnTwoHosts(let split, _): "\(split)"
        case .inboundFiltered(let name, true?):
            "the reverse path filter (rp_filter) of \(name) drops the advertisements that arrive"
        case .inboundFiltered: "a firewall on this host drops the advertisements that arrive: let IP protocol 112 in"
        case .peerUnreached(let address, let failure, _): "advertisements to \(address) can't be sent: \(failure)"
        case .cannotSend(let failure, _, let isLastResort):
            "\(isLastResort ? "takes no part but as the last resort: " : "")advertisements can't be sent: \(failure)"
        case .handedOver(let requester): "handed over by \(requester)"
        case .otherNumber(let source, let number, let own):
            "\(source) advertises an address of this instance as virtual router \(number), not \(own)"
        case .addressContested(let prefix, _): "\(prefix) is contested: somebody takes it away"
        case .strayAddress(let prefix, let interface, _):
            "\(prefix) is on \(interface), although this host is not master: it answers for it"
        case .addressMissing(let prefix, let interface): "\(prefix) is not on \(interface)"
        case .routeMissing(let words, let problem): "\(words) \(problem.words)"
        case .routeContested(let words, _): "\(words) is contested: somebody takes it away"
        case .anotherCluster(let peer, let number, let addresses, let lately):
            "\(peer) uses virtual_router_id \(number), too, for other addresses: "
                + "\(addresses.shortList) (\(lately) advertisements in the last minute)"
        case .otherAddressesRejected(let peer, let reason, let number, let addresses, let lately):
            "\(peer) uses virtual_router_id \(number), too, for other addresses: "
                + "\(addresses.shortList); its advertisements are rejected: \(reason.difference(of: peer.family)) "
                + "(\(lately) in the last minute)"
        case .advertisementsRejected(let peer, let reason, let lately):
            "rejecting advertisements from \(peer)\(reason.difference(behind: peer)) (\(lately) in the last minute)"
        case .sameSource(let peer): "\(peer), from which this host sends, is another host's source, too"
        case .addressesNowhere(let master):
            "\(master) is master, and advertises none of this instance's addresses: they are on no host"
        case .addressListDiffers(let peer): "\(peer) advertises another list of addresses"
        case .intervalDiffers(let peer, let interval, let own):
            "\(peer) advertises every \(interval.inSeconds), and this host is to every \(own.inSeconds)"
        case .otherMaster(let peer): "\(peer) is master, too"
        }
    }

    /// - Parameter instance: by name.
    fileprivate func advice(for instance: String) -> String? {
        switch self {
        case .takesNoPart(_, let fault): return fault?.advice
        case .leavesFor(let fault), .lastTakeoverRefused(let fault): return fault.advice
        case .waitsForGroup(let group, _, let master, _):
            return
                "on \(master): failoverctl explain; it may have other members in its sync group \(group), or the network of one "
                + "member is cut between the hosts"
        case .trackerDown(let tracked, _): return tracked.advice
        case .addressOnTwoHosts(let split, let name):
            return split.cause.advice(for: instance, on: name, with: split.host)
        case .inboundFiltered(let name, let isReversePath):
            return SplitCause.unheardHere(interface: name, isReversePath: isReversePath)
                .advice(for: instance, on: name, with: .advertiser(.unspecified))
        case .peerUnreached(let address, let failure, let name): return failure.advice(interface: name, to: address)
        case .cannotSend(let failure, let name, _): return failure.advice(interface: name)
        case .handedOver: return "failoverctl resume \(instance.asShellWord)"
        case .otherNumber: return "make 'virtual_router_id' the same in both files, then: failoverctl reload"
        case .addressContested(_, let interface):
            return "see when, and so who: ip -timestamp monitor address dev \(interface)"
        // The host's own may be the one by which it is reached.
        case .strayAddress(_, _, true):
            return "give this host another address, and take this one out of its network configuration"
        case .strayAddress(let prefix, let interface, false): return "ip addr del \(prefix) dev \(interface)"
        case .addressMissing(_, let interface): return "ip addr show dev \(interface)"
        case .routeMissing(_, let problem): return problem.advice
        case .routeContested(_, let isRule):
            return "see when, and so who: ip -timestamp monitor \(isRule ? "rule" : "route")"
        case .anotherCluster:
            return
                "if it belongs to another cluster, give one of the two another 'virtual_router_id'; if it belongs to this one, a list "
                + "was mistyped: make 'virtual_ipaddress' the same in both files; then: failoverctl reload"
        case .otherAddressesRejected:
            return
                "if it belongs to another cluster, give one of the two another 'virtual_router_id', then: failoverctl reload"
        case .advertisementsRejected(_, let reason, _): return reason.advice
        case .sameSource(let peer):
            return SplitCause.sameSource(peer).advice(for: instance, on: "", with: .advertiser(peer))
        case .addressesNowhere:
            return
                "make 'virtual_ipaddress' the same in both files, then: failoverctl reload; ten minutes after it sent the same list "
                + "last, this host takes it for another cluster's"
        case .addressListDiffers:
            return "make 'virtual_ipaddress' the same in both files, in number and addresses, then: failoverctl reload"
        case .intervalDiffers: return "make 'advert_int' the same in both files, then: failoverctl reload"
        case .otherMaster:
            return "see why it does not hear this host, on that host: failoverctl explain \(instance.asShellWord)"
        }
    }
}
