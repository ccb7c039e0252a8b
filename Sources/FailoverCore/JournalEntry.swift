import Addressing
import Configuration
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

/// The virtual router that an event is about, as the journal names it.
package struct EventPlace: Hashable, Sendable {
    package var interface: String
    package var virtualRouterID: UInt8

    package init(interface: String, virtualRouterID: UInt8) {
        self.interface = interface
        self.virtualRouterID = virtualRouterID
    }
}

extension Core {
    /// - Returns: `nil` where the event is about no virtual router, or about one that is not there any more.
    package func place(of event: Event) -> EventPlace? {
        guard let name = event.instance, let index = indexByName[name] else { return nil }
        let configuration = instances[index].configuration
        return EventPlace(interface: configuration.interface, virtualRouterID: configuration.virtualRouterID)
    }
}

extension JournalEntry {
    /// - Parameter place: the virtual router that the event is about, where it is known.
    package init(_ event: Event, at place: EventPlace?) {
        self.init(severity: event.severity, message: event.description, messageID: event.kind.rawValue)
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
    /// The kinds of events by their MESSAGE_ID. A kind that means something else later gets a new one.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case becameMaster = "476a1e9c91354e668dcce1e37434d1bd"
        case becameBackup = "27dff6b4aef44c5fb9935c4f7bee0f53"
        case enteredFault = "5c77cf3b25cf48f08640644016d46c0d"
        case startedLeaving = "68d6356810c8409283a017cc4ed142f3"
        case stopped = "eed460473a884c8bbf90e52595e160a5"
        case masterHeard = "c2e3cbe1a7e5471e94e272ea894f794e"
        case contested = "7839eed989b74f58b6d120f5d3d9abfa"
        case splitBrain = "0015afcecd004c96bde65b33b43fadc7"
        case addressAdded = "89011555a09e4e55826643c05dd54570"
        case addressRemoved = "85917b740d3b496795b29fdd89dfeed5"
        case addressRestored = "ba92a0ba195d40c3af80c69249c37772"
        case addressRefitted = "3eba0de3aed74a88a39eb8a358eb142b"
        case leftoverRemoved = "63bf69c90f9e4863b60c7d687ee1a251"
        case refused = "fce21134a7ad4c37b152b6a999a212ea"
        case addressIsHostsOwn = "013cadc12b1f4fa1a7a646552b6dbf78"
        case packetsDropped = "bdd7935301514f88b820d5634f7b9ee7"
        case addressesDiffer = "71145a6f27b34847a896112bd0800121"
        case sendsAgain = "5b7de2a4916c4f0883dfa1c62e90b745"
        case anotherCluster = "3f0d2b7c8e914a6fb5a7c1d94e2f6081"
        case addressOnTwoHosts = "8c41e6a0d7f24b13967b2a5c0e9d4f37"
        case splitEnded = "d2a95f13b06e4c7d8f31e7a4c95b0268"
        case sendFailed = "1e7a0230c8a6423b87973c839c6a0c5a"
        case takeoverPostponed = "29b2ea6dbdd940f8af1c970cdd388aeb"
        case lapsed = "318a4114a3f04536a14a8cefa9f6a975"
        case resumed = "59b20f407a424d9f9955ceda76ff83e2"
        case packetsLost = "66280f5a091044b292f9dff84b8927e1"
        case addressConflict = "503e18e57a1f485e8d00e9d0a5d08d3a"
        case strayAddress = "c1d5e7f20a8f4d0f9a3b6b7f5f0e2a91"
        case inboundFiltered = "5e0c9d6c3f2b4e55b6a1c8d7e4f9a0b2"
        case handoverEnded = "b88667a247d24a3aa897e5708ea53ec4"
        case repaired = "b7d711d60bc6471eb00da6c58f1cfaf3"
        case reloaded = "9f3c5c0a7d1b4c0e8a52d1f6b7e3a4c8"
    }

    package var kind: Kind {
        switch self {
        case .stateChanged(_, _, .master, _): .becameMaster
        case .stateChanged(_, _, .backup, _): .becameBackup
        case .stateChanged(_, _, .fault, _): .enteredFault
        case .stateChanged(_, _, .stopped, _): .stopped
        case .stateChanged(_, _, .leaving, _): .startedLeaving
        case .masterHeard: .masterHeard
        case .contested: .contested
        case .splitBrain: .splitBrain
        case .addressAdded: .addressAdded
        case .addressRemoved: .addressRemoved
        case .addressRestored: .addressRestored
        case .addressRefitted: .addressRefitted
        case .leftoverRemoved: .leftoverRemoved
        case .refused: .refused
        case .addressIsHostsOwn: .addressIsHostsOwn
        case .packetsDropped: .packetsDropped
        case .addressesDiffer: .addressesDiffer
        case .sendFailed: .sendFailed
        case .sendsAgain: .sendsAgain
        case .anotherCluster: .anotherCluster
        case .addressOnTwoHosts: .addressOnTwoHosts
        case .splitEnded: .splitEnded
        case .takeoverPostponed: .takeoverPostponed
        case .lapsed: .lapsed
        case .resumed: .resumed
        case .packetsLost: .packetsLost
        case .addressConflict: .addressConflict
        case .strayAddress: .strayAddress
        case .inboundFiltered: .inboundFiltered
        case .handoverEnded: .handoverEnded
        case .repaired: .repaired
        case .reloaded: .reloaded
        }
    }

    /// How much it matters to whoever reads the log.
    package var severity: JournalEntry.Severity {
        switch self {
        case .stateChanged(_, _, .fault, _): .warning
        case .stateChanged, .contested, .addressRestored, .leftoverRemoved, .resumed, .handoverEnded, .reloaded,
            .splitEnded, .sendsAgain:
            .notice
        case .masterHeard, .addressAdded, .addressRemoved, .addressRefitted: .info
        case .refused, .sendFailed, .repaired, .inboundFiltered, .anotherCluster, .addressOnTwoHosts: .error
        case .splitBrain, .addressConflict, .strayAddress, .addressIsHostsOwn, .packetsDropped, .addressesDiffer,
            .takeoverPostponed, .lapsed, .packetsLost:
            .warning
        }
    }

    /// The instance that it is about, by name.
    package var instance: String? {
        switch self {
        case .stateChanged(let instance, _, _, _), .masterHeard(let instance, _, _), .contested(let instance, _, _),
            .splitBrain(let instance, _, _, _), .addressAdded(let instance, _, _), .addressRemoved(let instance, _, _),
            .addressRestored(let instance, _, _), .addressIsHostsOwn(let instance, _, _),
            .addressRefitted(let instance, _, _),
            .packetsDropped(let instance, _, _, _), .addressesDiffer(let instance, _), .sendFailed(let instance, _),
            .takeoverPostponed(let instance, _), .lapsed(let instance, _), .resumed(let instance),
            .handoverEnded(let instance), .addressConflict(let instance, _, _, _), .strayAddress(let instance, _, _, _),
            .inboundFiltered(let instance, _, _, _), .repaired(let instance, _),
            .anotherCluster(let instance, _, _, _, _),
            .addressOnTwoHosts(let instance, _, _, _), .splitEnded(let instance, _, _),
            .sendsAgain(let instance, _):
            instance
        case .leftoverRemoved, .refused, .packetsLost, .reloaded: nil
        }
    }

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
        case .masterHeard(_, let address, let priority), .contested(_, let address, let priority):
            add("PEER", address)
            add("PEER_PRIORITY", priority)
        case .splitBrain(_, let peer, let span, let isWinner):
            add("PEER", peer)
            add("DURATION", span.inSeconds)
            add("WINNER", isWinner ? "this host" : peer.description)
        case .addressAdded(_, let address, let interface), .addressRemoved(_, let address, let interface),
            .addressRestored(_, let address, let interface), .leftoverRemoved(let address, let interface, _),
            .addressIsHostsOwn(_, let address, let interface), .addressRefitted(_, let address, let interface):
            add("ADDRESS", address)
            add("INTERFACE", interface)
        case .refused(let what, let address, let interface, let refusal):
            add("REQUEST", what)
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
        case .sendFailed(_, let failure):
            add("REASON", failure)
            add("ERRNO", failure.code)
        case .anotherCluster(_, let peer, let virtualRouterID, let addresses, let count):
            add("PEER", peer)
            add("VIRTUAL_ROUTER_ID", virtualRouterID)
            add("ADDRESSES", addresses.map(\.description).joined(separator: " "))
            add("COUNT", count)
        case .addressOnTwoHosts(_, let host, let span, _), .splitEnded(_, let host, let span):
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
        case .repaired(_, let what):
            add("REASON", what)
        case .reloaded(let count):
            add("COUNT", count)
        }
        return fields
    }
}

extension Reason {
    /// The router whose doing it is.
    var peer: IPv4Address? {
        switch self {
        case .claimed(.masterSilent(let master, _)): master
        case .claimed(.masterResigned(let master)), .claimed(.preempting(let master, _)): master
        case .outranked(let address, _): address
        case .handedOver(let address): address
        case .started, .leaving, .stopping, .nobodyTookOver, .removed, .adopted, .inherited, .claimed(.addressOwner),
            .fault,
            .recovered:
            nil
        }
    }
}
