import Addressing
package import FailoverCore
import VRRP

extension Event: CustomStringConvertible {
    package var description: String {
        switch self {
        case .stateChanged(let instance, let from, let to, let reason):
            "\(instance): \(from == to ? "" : "\(from.rawValue) → ")\(to.rawValue): \(reason)"
        case .priorityChanged(let instance, let old, let priority):
            "\(instance): priority \(old) → \(priority)"
        case .masterHeard(let instance, let address, let priority):
            "\(instance): master is \(address), priority \(priority)"
        case .contested(let instance, let address, let priority):
            "\(instance): \(address) advertises, too, with the losing priority \(priority)"
        case .splitBrain(let instance, let address, let span, let isWinner):
            "\(instance): this host and \(address) were both master, for up to \(span.inSeconds); "
                + "\(isWinner ? "this host" : "the other one") goes on"
        case .addressAdded(let instance, let address, let interface):
            "\(instance): added \(address) to \(interface)"
        case .addressRemoved(let instance, let address, let interface):
            "\(instance): removed \(address) from \(interface)"
        case .addressRestored(let instance, let address, let interface):
            "\(instance): \(address) had gone from \(interface), by somebody else's doing, and is back"
        case .addressRefitted(let instance, let address, let interface):
            "\(instance): put \(address) on \(interface) anew, with the label, broadcast address and scope of the configuration"
        case .leftoverRemoved(let address, let interface, let isFromThisRun):
            "removed \(address) from \(interface), "
                + (isFromThisRun ? "where the configuration does not have it" : "left behind by an earlier run")
        case .refused(let change, let address, let interface, let refusal):
            "the kernel refused to \(change.words) \(address) on \(interface): \(refusal.text)"
        case .detectionFailed(let instance, let address, let interface):
            "\(instance): another host had \(address) when the kernel asked for it on \(interface) (duplicate address detection)"
        case .addressIsHostsOwn(let instance, let address, let interface):
            "\(instance): \(address) on \(interface) is this host's own address: this host cannot give it up"
        case .packetsDropped(let instance, let reason, let source, let count):
            "\(instance): dropped \(count == 1 ? "an advertisement" : "\(count) advertisements") from \(source)"
                + reason.explanation(behind: source)
        case .addressesDiffer(let instance, let source):
            "\(instance): \(source) advertises another list of addresses than the one configured here"
        case .sendFailed(let instance, let failure, let peer):
            "\(instance): an advertisement could not be sent: \(failure.words(to: peer))\(Self.advice(failure))"
        case .sendsAgain(let instance, let span):
            "\(instance): advertisements can be sent again, after \(span.inSeconds)"
        case .anotherCluster(let instance, let source, let virtualRouterID, let addresses, let count):
            "\(instance): \(source) uses virtual_router_id \(virtualRouterID), too, for other addresses: "
                + "\(addresses.shortList); dropped \(count == 1 ? "an advertisement" : "\(count) advertisements")"
        case .addressOnTwoHosts(let instance, let split): "\(instance): \(split)"
        case .splitEnded(let instance, let host, let span):
            "\(instance): the addresses are on one host again; for \(span.inSeconds) they were on \(host), too"
        case .takeoverPostponed(let instance, let span):
            "\(instance): the master is silent, but this host was stalled or lost packets: waiting \(span.inSeconds) more"
        case .lapsed(let instance, let span):
            "\(instance): this host was stalled for \(span.inSeconds): listening before advertising again"
        case .resumed(let instance):
            "\(instance): no other master was heard, going on"
        case .packetsLost(let interface, let count):
            "\(interface): the receive socket was full, \(count) packet\(count == 1 ? "" : "s") lost"
        case .addressConflict(let instance, let address, let interface, let hardwareAddress):
            "\(instance): another host, \(hardwareAddress), answers for \(address) on \(interface)"
        case .strayAddress(let instance, let address, let interface, let isKept):
            "\(instance): somebody added \(address) to \(interface), although this host is not master: "
                + (isKept ? "it is left there, as the host has no other address, or leases it" : "it is removed")
        case .inboundFiltered(let instance, let interface, let count, true?):
            "\(instance): the reverse path filter of \(interface) drops the advertisements that arrive (\(count) seen, none heard): "
                + "sysctl -w net.ipv4.conf.\(interface).rp_filter=2"
        case .inboundFiltered(let instance, _, let count, _):
            "\(instance): a firewall on this host drops the advertisements that arrive (\(count) seen, none heard): "
                + "nft insert rule inet filter input meta l4proto vrrp accept"
        case .handoverEnded(let instance):
            "\(instance): the handover is over: it takes part again as its configuration says"
        case .groupChanged(let group, let from, let to):
            "sync group \(group): \(from.map { "\($0.rawValue) → " } ?? "")\(to.rawValue)"
        case .routingChanged(let instance, let change, let words):
            "\(instance.map { "\($0): " } ?? "")\(change.words(words))"
        case .macvlanChanged(let instance, let change, let name):
            "\(instance.map { "\($0): " } ?? "")\(change.words(name))"
        case .reloaded(let count):
            "another configuration is in use: \(count == 1 ? "one thing is" : "\(count) things are") different"
        case .repaired(let instance, let flaw):
            "\(instance): \(flaw.words): put right; please report this"
        }
    }
}

extension Event {
    private static func advice(_ failure: SendFailure) -> String {
        guard failure.isForbidden else { return "" }
        return " (a firewall on this host drops it: nft insert rule inet filter output meta l4proto vrrp accept)"
    }
}

extension KernelChange {
    /// After "refused to".
    var words: String {
        switch self {
        case .add: "add"
        case .remove: "remove"
        case .change: "change"
        case .promoteSecondaries: "set promote_secondaries for"
        }
    }
}

extension Flaw {
    var words: String {
        switch self {
        case .unfiledDeadline: "a deadline was not filed"
        case .idleWithoutReason: "it took no part without a reason"
        case .claimWithoutRequest: "a claim waited for nothing"
        case .deafInterface: "nobody listened on its interface"
        }
    }
}
