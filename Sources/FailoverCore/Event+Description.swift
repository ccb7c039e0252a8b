import Addressing
package import VRRP

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
        case .masterResigned(let master): "master \(master) resigned"
        case .preempting(let master, let priority): "master \(master) has the lower priority \(priority)"
        }
    }
}

extension Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noInterface(let name): "interface \(name) does not exist"
        case .interfaceDown(let name): "interface \(name) is down"
        case .noCarrier(let name): "interface \(name) has no carrier"
        case .noSourceAddress(let name): "interface \(name) has no IPv4 address to send from"
        case .receiverFailed(let name, let reason): "can't listen on interface \(name): \(reason)"
        case .noConfiguredSource(let address): "this host does not have the source address \(address)"
        case .noPeer: "there is no unicast peer (unicast_fault_no_peer)"
        case .startDelayed: "the start is delayed (vrrp_startup_delay, vrrp_delay_after_boot)"
        case .anotherDaemon(let name, let virtualRouterID):
            "another VRRP daemon on this host uses virtual router \(virtualRouterID) on \(name)"
        case .cannotSend(let name, let failure): "advertisements can't be sent on \(name): \(failure)"
        case .addressContested(let address, let interface):
            "somebody takes \(address) away from \(interface) again and again: another host may keep it better"
        case .addressRefused(let address, let interface, let reason):
            "the kernel refused \(address) on \(interface): \(reason)"
        }
    }
}

extension Event: CustomStringConvertible {
    package var description: String {
        switch self {
        case .stateChanged(let instance, let from, let to, let reason):
            "\(instance): \(from == to ? "" : "\(from.rawValue) → ")\(to.rawValue): \(reason)"
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
            "\(instance): \(address) had been removed from \(interface) by somebody else and is back"
        case .addressRefitted(let instance, let address, let interface):
            "\(instance): put \(address) on \(interface) anew, with the label, broadcast address and scope of the configuration"
        case .leftoverRemoved(let address, let interface, let isFromThisRun):
            "removed \(address) from \(interface), "
                + (isFromThisRun ? "where the configuration does not have it" : "left behind by an earlier run")
        case .refused(let what, let address, let interface, let refusal):
            "the kernel refused to \(what) \(address) on \(interface): \(refusal.text)"
        case .addressIsHostsOwn(let instance, let address, let interface):
            "\(instance): \(address) on \(interface) is this host's own address: this host cannot give it up"
        case .packetsDropped(let instance, let reason, let source, let count):
            "\(instance): dropped \(count == 1 ? "an advertisement" : "\(count) advertisements") from \(source): "
                + reason.explanation
        case .addressesDiffer(let instance, let source):
            "\(instance): \(source) advertises another list of addresses than the one configured here"
        case .sendFailed(let instance, let failure):
            "\(instance): an advertisement could not be sent: \(failure)\(Self.advice(failure))"
        case .sendsAgain(let instance, let span):
            "\(instance): advertisements can be sent again, after \(span.inSeconds)"
        case .anotherCluster(let instance, let source, let virtualRouterID, let addresses, let count):
            "\(instance): \(source) uses virtual_router_id \(virtualRouterID), too, for other addresses: "
                + "\(addresses.shortList); dropped \(count == 1 ? "an advertisement" : "\(count) advertisements")"
        case .addressOnTwoHosts(let instance, _, _, let text): "\(instance): \(text)"
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
                + "nft insert rule inet filter input ip protocol vrrp accept"
        case .handoverEnded(let instance):
            "\(instance): the handover is over: it takes part again as its configuration says"
        case .reloaded(let count):
            "another configuration is in use: \(count == 1 ? "one thing is" : "\(count) things are") different"
        case .repaired(let instance, let what):
            "\(instance): \(what): put right; please report this"
        }
    }
}

extension Event {
    private static func advice(_ failure: SendFailure) -> String {
        guard failure.isForbidden else { return "" }
        return " (a firewall on this host drops it: nft insert rule inet filter output ip protocol vrrp accept)"
    }
}

extension DropReason {
    /// A half sentence for people.
    package var explanation: String {
        switch self {
        case .truncated: "the packet is cut short"
        case .notVRRP: "not a VRRP packet"
        case .destination: "it was sent to another address than this instance listens on"
        case .source: "its source is no address that a host can have"
        case .echo:
            "it equals what this host has sent: it has come back (a hairpin, a mirror port), or another host has the same address and the same priority"
        case .anotherCluster: "it names none of this instance's addresses, and comes from no known host of it"
        case .peer: "it is none of the unicast peers (check_unicast_src)"
        case .timeToLive: "its TTL is not what a host so near would send: it comes from another network"
        case .version: "it has another VRRP version than configured here"
        case .type: "its type is unknown"
        case .length: "its length does not fit its contents: not VRRP as configured here, perhaps CARP"
        case .noAddress: "it names no address"
        case .checksum: "its checksum is wrong"
        case .unknownVirtualRouter: "no virtual router of its number is configured on the interface"
        case .authenticationType: "its kind of authentication is not the one configured here"
        case .password: "its password is not the one configured here"
        case .interval: "its advertisement interval is not the one configured here"
        case .notReady: "this instance takes no part at present"
        }
    }
}

extension [IPv4Address] {
    /// The first few.
    var shortList: String {
        let most = 4
        let shown = prefix(most).map(\.description).joined(separator: ", ")
        return count > most ? "\(shown) and \(count - most) more" : shown
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    package var inMilliseconds: Int {
        Int(clamping: components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }

    /// Seconds with three decimals, rounded down.
    package var inSeconds: String {
        let milliseconds = max(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000, 0)
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    }
}
