import Addressing
package import FailoverCore
import VRRP

/// An event as the journal keeps it: a sentence, and fields that programs can search for.
package struct JournalEntry: Hashable, Sendable {
    /// syslog's severities, as far as they are used here.
    package enum Severity: Int, Hashable, Sendable {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
    }

    package struct Field: Hashable, Sendable {
        /// Capital letters and underscores.
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var severity: Severity
    /// MESSAGE_ID: 32 hexadecimal digits that name the kind of event; systemd/failover-agent.catalog explains each.
    package var messageID: String
    package var message: String
    package var fields: [Field]

    package init(severity: Severity, message: String, messageID: String = "", fields: [Field] = []) {
        self.severity = severity
        self.messageID = messageID
        self.message = message
        self.fields = fields
    }
}

extension JournalEntry {
    /// - Parameter place: the virtual router that the event is about, where it is known.
    package init(_ event: Event, at place: EventPlace?) {
        let declaration = event.kind.declaration
        self.init(severity: declaration.severity, message: event.description, messageID: declaration.messageID)
        fields = event.fields
        guard let place else { return }
        if !fields.contains(where: { $0.name == "INTERFACE" }) {
            fields.append(.init(name: "INTERFACE", value: place.interface))
        }
        if !fields.contains(where: { $0.name == "VIRTUAL_ROUTER_ID" }) {
            fields.append(.init(name: "VIRTUAL_ROUTER_ID", value: "\(place.virtualRouterID)"))
        }
    }
}

extension Event {
    /// What it says, field by field.
    var fields: [JournalEntry.Field] {
        var fields: [JournalEntry.Field] = []
        func add(_ name: String, _ value: some CustomStringConvertible) {
            fields.append(.init(name: name, value: value.description))
        }
        if let instance { add("INSTANCE", instance) }
        switch self {
        case .stateChanged(_, let from, let to, let reason):
            add("OLD_STATE", from.rawValue)
            add("NEW_STATE", to.rawValue)
            add("REASON", reason)
            if let peer = reason.peer { add("PEER", peer) }
        case .groupChanged(let group, let from, let to):
            add("GROUP", group)
            add("OLD_STATE", from?.rawValue ?? "none")
            add("NEW_STATE", to.rawValue)
        case .priorityChanged(_, let old, let priority):
            add("OLD_PRIORITY", old)
            add("NEW_PRIORITY", priority.effective)
            add("CONFIGURED_PRIORITY", priority.configured)
            add(
                "REASON",
                priority.parts.isEmpty
                    ? "nothing that it tracks changes it" : priority.parts.map(\.words).joined(separator: "; "))
        case .masterHeard(_, let address, let priority), .contested(_, let address, let priority):
            add("PEER", address)
            add("PEER_PRIORITY", priority)
        case .splitBrain(_, let peer, let span, let isWinner):
            add("PEER", peer)
            add("DURATION", span.inSeconds)
            add("WINNER", isWinner ? "this host" : peer.description)
        case .addressAdded(_, let address, let interface), .addressRemoved(_, let address, let interface),
            .addressRestored(_, let address, let interface), .leftoverRemoved(let address, let interface, _),
            .addressIsHostsOwn(_, let address, let interface), .detectionFailed(_, let address, let interface),
            .addressRefitted(_, let address, let interface):
            add("ADDRESS", address)
            add("INTERFACE", interface)
        case .refused(let change, let address, let interface, let refusal):
            add("REQUEST", change.words)
            add("ADDRESS", address)
            add("INTERFACE", interface)
            add("REASON", refusal.text)
            add("ERRNO", refusal.code)
        case .packetsDropped(_, let reason, let peer, let count):
            add("REASON", reason.rawValue)
            add("PEER", peer)
            add("COUNT", count)
        case .addressesDiffer(_, let peer):
            add("PEER", peer)
        case .sendFailed(_, let failure, let peer):
            add("REASON", failure.words(to: peer))
            add("ERRNO", failure.code)
        case .anotherCluster(_, let peer, let virtualRouterID, let addresses, let count):
            add("PEER", peer)
            add("VIRTUAL_ROUTER_ID", virtualRouterID)
            add("ADDRESSES", addresses.map(\.description).joined(separator: " "))
            add("COUNT", count)
        case .addressOnTwoHosts(_, let split):
            add("OTHER_HOST", split.host)
            add("DURATION", split.lasted.inSeconds)
        case .splitEnded(_, let host, let span):
            add("OTHER_HOST", host)
            add("DURATION", span.inSeconds)
        case .takeoverPostponed(_, let span), .lapsed(_, let span), .sendsAgain(_, let span):
            add("DURATION", span.inSeconds)
        case .addressConflict(_, let address, let interface, let hardwareAddress):
            add("ADDRESS", address)
            add("INTERFACE", interface)
            add("HARDWARE_ADDRESS", hardwareAddress)
        case .strayAddress(_, let address, let interface, _):
            add("ADDRESS", address)
            add("INTERFACE", interface)
        case .inboundFiltered(_, let interface, let count, let isReversePath):
            add("INTERFACE", interface)
            add("COUNT", count)
            if let isReversePath { add("REASON", isReversePath ? "rp_filter" : "firewall") }
        case .resumed, .handoverEnded:
            break
        case .packetsLost(let interface, let count):
            add("INTERFACE", interface)
            add("COUNT", count)
        case .repaired(_, let flaw):
            add("REASON", flaw.words)
        case .routingChanged(_, let change, let words):
            add("ROUTE", words)
            if let refusal = change.refusal {
                add("REASON", refusal.text)
                add("ERRNO", refusal.code)
            }
        case .macvlanChanged(_, let change, let name):
            add("INTERFACE", name)
            if let address = change.hardwareAddress { add("HARDWARE_ADDRESS", address) }
            switch change {
            case .refused(_, let refusal):
                add("REASON", refusal.text)
                add("ERRNO", refusal.code)
            case .deaf(let reason): add("REASON", reason)
            case .made, .restored, .switchedOn, .switchedOff, .removed, .leftoverRemoved, .removedChanged: break
            }
        case .reloaded(let count):
            add("COUNT", count)
        }
        return fields
    }
}

extension Reason {
    /// The router whose doing it is.
    var peer: IPAddress? {
        switch self {
        case .claimed(.masterSilent(let master, _)): master
        case .claimed(.masterResigned(let master)), .claimed(.preempting(let master, _)),
            .claimed(.masterHostDead(let master, _)):
            master
        case .outranked(let address, _): address
        case .handedOver(let address): address
        case .started, .leaving, .stopping, .nobodyTookOver, .removed, .adopted, .inherited, .group,
            .claimed(.addressOwner), .fault, .recovered:
            nil
        }
    }
}
