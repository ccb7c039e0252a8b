import Addressing
import Configuration
import FailoverCore
import VRRP

/// What happened, in words that stay when the code gives it other names. Texts for people are left out: they may be put better.
enum TraceWords {
    /// - Returns: the virtual router or, where it is about none, what else it is about.
    static func channel(of event: Event) -> String {
        if let name = event.instance { return name }
        return switch event {
        case .leftoverRemoved(let address, let interface, _), .refused(_, let address, let interface, _):
            "address \(interface) \(address)"
        case .packetsLost(let interface, _): "interface \(interface)"
        default: "agent"
        }
    }

    static func words(_ event: Event) -> String {
        switch event {
        case .stateChanged(_, let old, let new, let reason):
            "state \(old.rawValue) to \(new.rawValue): \(words(reason))"
        case .priorityChanged(_, let old, let priority):
            "priority \(old) to \(priority.effective)"
        case .masterHeard(_, let address, let priority): "master-heard \(address) priority \(priority)"
        case .contested(_, let address, let priority): "contested by \(address) priority \(priority)"
        case .splitBrain(_, let other, let span, let isWinner):
            "split-brain with \(other) for \(words(span)) \(isWinner ? "wins" : "loses")"
        case .addressOnTwoHosts(_, let split):
            "address-on-two-hosts with \(words(split.host)) for \(words(split.lasted))"
        case .splitEnded(_, let other, let span): "split-ended with \(words(other)) after \(words(span))"
        case .addressAdded(_, let address, let interface): "address-added \(address) \(interface)"
        case .addressRemoved(_, let address, let interface): "address-removed \(address) \(interface)"
        case .addressRestored(_, let address, let interface): "address-restored \(address) \(interface)"
        case .addressRefitted(_, let address, let interface): "address-refitted \(address) \(interface)"
        case .leftoverRemoved(let address, let interface, let isOfThisRun):
            "leftover-removed \(address) \(interface) of \(isOfThisRun ? "this" : "an earlier") run"
        case .refused(_, let address, let interface, let refusal):
            "refused \(address) \(interface) error \(refusal.code)"
        case .detectionFailed(_, let address, let interface): "detection-failed \(address) \(interface)"
        case .addressIsHostsOwn(_, let address, let interface): "address-is-hosts-own \(address) \(interface)"
        case .packetsDropped(_, let reason, let source, let count):
            "packets-dropped \(reason.rawValue) from \(source) count \(count)"
        case .addressesDiffer(_, let source): "addresses-differ from \(source)"
        case .sendFailed(_, let failure, _): "send-failed \(words(failure))"
        case .sendsAgain(_, let span): "sends-again after \(words(span))"
        case .anotherCluster(_, let source, let number, let addresses, let count):
            "another-cluster \(source) number \(number) addresses \(list(addresses)) count \(count)"
        case .takeoverPostponed(_, let span): "takeover-postponed by \(words(span))"
        case .lapsed(_, let span): "lapsed after \(words(span))"
        case .resumed: "resumed"
        case .packetsLost(let interface, let count): "packets-lost \(interface) count \(count)"
        case .addressConflict(_, let address, let interface, let hardware):
            "address-conflict \(address) \(interface) \(hardware)"
        case .strayAddress(_, let address, let interface, let isKept):
            "stray-address \(address) \(interface) \(isKept ? "kept" : "removed")"
        case .inboundFiltered(_, let interface, let count, let isReversePath):
            "inbound-filtered \(interface) count \(count) by \(isReversePath == true ? "rp_filter" : "firewall")"
        case .handoverEnded: "handover-ended"
        case .groupChanged(let group, let old, let new): "group \(group) \(old?.rawValue ?? "none") to \(new.rawValue)"
        case .repaired: "repaired"
        case .macvlanChanged(_, let change, let name): "macvlan \(name) \(words(change))"
        case .routingChanged(_, .added, let words): "added \(words)"
        case .routingChanged(_, .removed, let words): "removed \(words)"
        case .routingChanged(_, .restored, let words): "restored \(words)"
        case .routingChanged(_, .leftoverRemoved, let words): "leftover-removed \(words)"
        case .routingChanged(_, .refused(let refusal), let words): "refused \(words) error \(refusal.code)"
        case .routingChanged(_, .removalRefused(let refusal), let words): "kept \(words) error \(refusal.code)"
        case .reloaded(let count): "reloaded changes \(count)"
        }
    }

    static func words(_ reason: Reason) -> String {
        switch reason {
        case .started: "started"
        case .leaving: "leaving"
        case .handedOver(let successor): "handed-over to \(successor?.description ?? "?")"
        case .nobodyTookOver(let span): "nobody-took-over in \(words(span))"
        case .stopping: "stopping"
        case .removed: "removed"
        case .adopted(let span): "adopted after \(words(span))"
        case .inherited: "inherited"
        case .group(let group, let member): "group \(group) member \(member)"
        case .claimed(.addressOwner): "claimed as owner"
        case .claimed(.masterSilent(let master, let span)):
            "claimed as \(master?.description ?? "nobody") was silent for \(words(span))"
        case .claimed(.masterHostDead(let master, let span)):
            "claimed as the host of \(master) was dead, \(words(span)) after its advertisement"
        case .claimed(.masterResigned(let master)): "claimed as \(master) resigned"
        case .claimed(.preempting(let master, let priority)): "claimed over \(master) priority \(priority)"
        case .outranked(let other, let priority): "outranked by \(other) priority \(priority)"
        case .fault(let fault): "fault \(words(fault))"
        case .recovered: "recovered"
        }
    }

    static func words(_ fault: FailoverCore.Fault) -> String {
        switch fault {
        case .noInterface(let name): "no-interface \(name)"
        case .noInterfaceFound(let source): "no-interface-found \(source?.description ?? "route")"
        case .interfaceDown(let name): "interface-down \(name)"
        case .noCarrier(let name): "no-carrier \(name)"
        case .linkSettling(let name): "link-settling \(name)"
        case .tracked(let reasons):
            "tracked \(reasons.map { "\($0.tracker.name) \(words($0.state))" }.joined(separator: ","))"
        case .noSourceAddress(let name): "no-source-address \(name)"
        case .noLinkLocalAddress(let name, let detection):
            "no-link-local-address \(name) \(detection.map { "\($0)" } ?? "none")"
        case .receiverFailed(let name, _): "receiver-failed \(name)"
        case .noConfiguredSource(let address): "no-configured-source \(address)"
        case .noPeer: "no-peer"
        case .memberOfGroup(let group, let member, let fault): "group \(group) member \(member) \(words(fault))"
        case .startDelayed: "start-delayed"
        case .anotherDaemon(let name, let number): "another-daemon \(name) number \(number)"
        case .addressInUse(let address, let interface): "address-in-use \(address) \(interface)"
        case .addressRefused(let address, let interface, _): "address-refused \(address) \(interface)"
        case .cannotSend(let name, let failure): "cannot-send \(name) \(words(failure))"
        case .macvlanRefused(let name, _): "macvlan-refused \(name)"
        case .foreignLink(let name): "foreign-link \(name)"
        case .addressContested(let address, let interface): "address-contested \(address) \(interface)"
        }
    }

    static func words(_ state: TrackerState) -> String {
        switch state {
        case .unknown: "unknown"
        case .up: "up"
        case .down(.link(.missing)): "missing"
        case .down(.link(.switchedOff)): "switched-off"
        case .down(.link(.noCarrier)): "no-carrier"
        case .down(.link(.settling)): "settling"
        case .down(.failed): "failed"
        case .number(let number): "number \(number)"
        }
    }

    static func words(_ host: OtherHost) -> String {
        switch host {
        case .advertiser(let address): "\(address)"
        case .holder(let address): "the host with the hardware address \(address)"
        }
    }

    static func words(_ failure: SendFailure) -> String { "error \(failure.code)" }

    /// Whole nanoseconds: what is rounded hides differences.
    static func words(_ span: Duration) -> String { "\(span.nanoseconds) ns" }

    static func list(_ addresses: [IPAddress]) -> String {
        addresses.map(\.description).joined(separator: ",")
    }

    static func words(_ order: LinkOrder) -> String {
        switch order {
        case .make(let macvlan): "make \(macvlan.name) \(macvlan.hardwareAddress) alias \(macvlan.mark.text)"
        case .switchOn(let index): "on \(index)"
        case .switchOff(let index): "off \(index)"
        case .delete, .deleteAll: "delete \(order.deletion.links.map { "\($0)" }.joined(separator: " "))"
        case .setMTU(let bytes, let index): "set the MTU of \(index) to \(bytes)"
        case .setPromotion(let isOn, let index): "set \(index) promote \(isOn)"
        case .set(let settings, let index):
            "set \(index) ignore \(settings.ignore.map(String.init) ?? "-") announce \(settings.announce.map(String.init) ?? "-")"
        }
    }

    private static func words(_ change: MacvlanChange) -> String {
        switch change {
        case .made(let address): "made \(address)"
        case .restored(let address): "restored \(address)"
        case .switchedOn: "on"
        case .switchedOff: "off"
        case .removed: "removed"
        case .leftoverRemoved: "leftover-removed"
        case .removedChanged: "changed-removed"
        case .refused(let step, let refusal): "refused \(step) error \(refusal.code)"
        case .deaf: "deaf"
        }
    }
}
