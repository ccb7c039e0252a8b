import Addressing
import Configuration
package import FailoverCore
import VRRP

extension Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .started: "started"
        case .leaving: "it resigned and waits for its successor"
        case .handedOver(let successor): "handed over to \(successor?.description ?? "another host")"
        case .adopted(let span): "it goes on where the last run left off, \(span.inSeconds) ago"
        case .nobodyTookOver(let span): "nobody took over in \(span.inMilliseconds) ms"
        case .removed: "it is not in the configuration any more"
        case .stopping: "the agent stops"
        case .inherited: "a reload gave it addresses of which this host was master"
        case .claimed(let reason): "\(reason)"
        case .group(let group, let member): "member \(member) of the sync group \(group) can't be master here"
        case .outranked(let by, let priority): "\(by) advertises priority \(priority)"
        case .fault(let fault): "\(fault)"
        case .recovered: "able to take part"
        }
    }
}

extension Reason.Claim: CustomStringConvertible {
    package var description: String {
        switch self {
        case .addressOwner: "owner of the addresses (priority 255)"
        case .masterSilent(nil, let span): "no master was heard for \(span.inSeconds)"
        case .masterSilent(.some(let master), let span): "nothing was heard from master \(master) for \(span.inSeconds)"
        case .masterHostDead(let master, let span):
            "the host of master \(master) answers nothing any more, \(span.inSeconds) after its last advertisement (fast_takeover)"
        case .masterResigned(let master): "master \(master) resigned"
        case .preempting(let master, let priority): "master \(master) has the lower priority \(priority)"
        }
    }
}

extension Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noInterface(let name): "interface \(name) does not exist"
        case .noInterfaceFound(let source): InterfaceQuestion.failure(source: source)
        case .interfaceDown(let name): "interface \(name) is down"
        case .noCarrier(let name): "interface \(name) has no carrier"
        case .linkSettling(let name):
            "interface \(name) is up, but not for long enough yet (interface_up_down_delays)"
        case .tracked(let reasons): reasons.map(\.words).joined(separator: "; ")
        case .memberOfGroup(let group, let member, let fault): "member \(member) of the sync group \(group): \(fault)"
        case .noSourceAddress(let name): "interface \(name) has no IPv4 address to send from"
        case .noLinkLocalAddress(let name, .tentative?):
            "interface \(name) has no link-local IPv6 address to send from yet: duplicate address detection is under way"
        case .noLinkLocalAddress(let name, .failed?):
            "interface \(name) has no link-local IPv6 address to send from: another host has the same one (duplicate address detection)"
        case .noLinkLocalAddress(let name, _): "interface \(name) has no link-local IPv6 address to send from"
        case .receiverFailed(let name, let reason): "can't listen on interface \(name): \(reason)"
        case .noConfiguredSource(let address): "this host does not have the source address \(address)"
        case .noPeer: "there is no unicast peer (unicast_fault_no_peer)"
        case .startDelayed: "the start is delayed (vrrp_startup_delay, vrrp_delay_after_boot, startup_script)"
        case .anotherDaemon(let name, let virtualRouterID):
            "another VRRP daemon on this host uses virtual router \(virtualRouterID) on \(name)"
        case .cannotSend(let name, let failure): "advertisements can't be sent on \(name): \(failure)"
        case .addressContested(let address, let interface):
            "somebody takes \(address) away from \(interface) again and again: another host may keep it better"
        case .addressInUse(let address, let interface):
            "another host has \(address): duplicate address detection on \(interface) failed"
        case .macvlanRefused(let name, let refusal):
            "the kernel refused the macvlan \(name), which carries the virtual MAC address: \(refusal.wordsOfMacvlan)"
        case .foreignLink(let name):
            "there is an interface \(name) that this agent has not made: it is not used for the virtual MAC address, and not touched"
        case .addressRefused(let address, let interface, let reason):
            "the kernel refused \(address) on \(interface): \(reason)"
        }
    }
}

extension Fault {
    /// What to type.
    var advice: String? {
        switch self {
        case .noInterface: "ip -br link, and compare with 'interface' in the configuration"
        case .noInterfaceFound(let source?): "ip addr show, and compare with 'unicast_src_ip': \(source)"
        case .noInterfaceFound(nil): "see where a packet to a peer would go: ip route get PEER"
        case .interfaceDown(let name): "ip link set \(name) up"
        case .noCarrier(let name): "check the cable or the switch's port: ip -br link show \(name)"
        case .noSourceAddress(let name): "give this host an address of its own: ip addr add ADDRESS/LENGTH dev \(name)"
        case .noLinkLocalAddress(let name, .failed?):
            "find the host with the same hardware address or IPv6 address: ip -6 addr show dev \(name)"
        case .noLinkLocalAddress(_, .tentative?): nil
        case .noLinkLocalAddress(let name, _):
            "look for one, and whether IPv6 is switched off: ip -6 addr show dev \(name); sysctl net.ipv6.conf.\(name).disable_ipv6 "
                + "net.ipv6.conf.\(name).addr_gen_mode"
        case .noConfiguredSource(let address):
            "ip addr show, and compare with 'unicast_src_ip' or 'mcast_src_ip': \(address)"
        case .noPeer: "name the other hosts in 'unicast_peer', then: failoverctl reload"
        case .anotherDaemon: "stop the other one; if it is keepalived: systemctl disable --now keepalived"
        case .addressInUse(let address, let interface):
            "find the host that has \(address.address): ip -6 neigh show \(address.address) dev \(interface); or remove '-nodad'"
        case .macvlanRefused(_, let refusal) where refusal.saysInUse:
            "find the link with the same hardware address: ip -br link; delete it, or write another address behind 'use_vmac'; it is tried "
                + "again after a pause"
        case .macvlanRefused(let name, _): "ip -d link show \(name); it is tried again after a pause"
        case .foreignLink(let name):
            "write another name in 'use_vmac', then: failoverctl reload; or, if nobody needs it: ip link delete \(name)"
        case .addressRefused(_, let interface, _): "ip addr show dev \(interface)"
        case .addressContested(_, let interface):
            "see when it is taken away, and so who does: ip -timestamp monitor address dev \(interface)"
        case .cannotSend(let name, let failure): failure.advice(interface: name)
        case .tracked(let reasons): reasons.lazy.compactMap(\.advice).first
        case .memberOfGroup(_, _, let fault): fault.advice
        case .receiverFailed, .startDelayed, .linkSettling: nil
        }
    }
}
