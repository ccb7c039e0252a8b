/// The two IPv4 settings of an interface that decide whose hardware address its ARP messages name; `nil` for one that is left alone.
package struct ARPSettings: Hashable, Sendable {
    /// arp_ignore: 1 answers for the interface's own addresses alone.
    package var ignore: UInt32?
    /// arp_announce: 2 never names another interface's address as the sender.
    package var announce: UInt32?

    package init(ignore: UInt32? = nil, announce: UInt32? = nil) {
        self.ignore = ignore
        self.announce = announce
    }

    package var isEmpty: Bool { ignore == nil && announce == nil }
}

/// What tells a macvlan of this program from all others: the link's alias. It also keeps for which interface it was made (of one that is
/// a macvlan itself the kernel names the interface below), and what that one's settings were before, so that any later run can put them back.
package struct MacvlanMark: Hashable, Sendable {
    package var parent: InterfaceIndex
    /// The parent's settings before this program changed them; `nil` for those that it did not have to change.
    package var lent: ARPSettings

    package init(parent: InterfaceIndex, lent: ARPSettings = ARPSettings()) {
        self.parent = parent
        self.lent = lent
    }

    private static let name = "failover-agent"

    /// As it stands in IFLA_IFALIAS.
    package var text: String {
        var words = [Self.name, "parent=\(parent)"]
        if let ignore = lent.ignore { words.append("arp_ignore=\(ignore)") }
        if let announce = lent.announce { words.append("arp_announce=\(announce)") }
        return words.joined(separator: " ")
    }

    /// - Returns: `nil` for an alias of somebody else.
    package init?(_ alias: String) {
        let words = alias.split(separator: " ")
        guard let first = words.first, first == Self.name else { return nil }
        lent = ARPSettings()
        var parent: InterfaceIndex?
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = UInt32(parts[1]) else { return nil }
            switch parts[0] {
            case "parent": parent = InterfaceIndex(rawValue: Int32(truncatingIfNeeded: value))
            case "arp_ignore": lent.ignore = value
            case "arp_announce": lent.announce = value
            default: return nil
            }
        }
        guard let parent else { return nil }
        self.parent = parent
    }
}

/// A macvlan to be made: a link with a virtual router's hardware address on top of the interface on which the router speaks.
package struct Macvlan: Hashable, Sendable {
    /// At most 15 bytes.
    package var name: String
    package var hardwareAddress: MACAddress
    package var mark: MacvlanMark
    /// Whether IPv4 packets that arrive there are forwarded; `nil` for the kernel's default.
    package var forwards: Bool?

    package init(
        name: String, parent: InterfaceIndex, hardwareAddress: MACAddress, lent: ARPSettings = ARPSettings()
    ) {
        self.name = name
        self.hardwareAddress = hardwareAddress
        mark = MacvlanMark(parent: parent, lent: lent)
    }

    package var parent: InterfaceIndex { mark.parent }
}

/// A change of links that rtnetlink is asked for.
package enum LinkOrder: Hashable, Sendable {
    /// Make a macvlan (private), mark it and set it up; it is switched off. One of that name is left alone: EEXIST.
    case make(Macvlan)
    case switchOn(InterfaceIndex)
    /// The kernel takes its IPv6 addresses away with it, and keeps those of IPv4.
    case switchOff(InterfaceIndex)
    /// Delete it, and put back the settings of the interface under it that its mark keeps: after it nothing would know them any more.
    /// - Parameter restoring: `nil` where others are on that interface, too.
    case delete(InterfaceIndex, restoring: MacvlanMark? = nil)
    /// Delete many at a time, which takes the kernel hardly longer than one: for a stop. At most `mostAtOnce`.
    /// - Parameter restoring: the marks of those that are the last on their interfaces, one for each interface.
    case deleteAll([InterfaceIndex], restoring: [MacvlanMark])
    /// promote_secondaries of an interface.
    case setPromotion(Bool, on: InterfaceIndex)
    /// The largest IP packet in bytes: the kernel lowers a macvlan's with that of the interface under it, and never raises it again.
    case setMTU(Int, of: InterfaceIndex)
    /// Change settings of an interface.
    case set(ARPSettings, on: InterfaceIndex)

    package static let mostAtOnce = 255

    /// The links that it deletes, and the settings that it puts back.
    package var deletion: (links: [InterfaceIndex], restoring: [MacvlanMark]) {
        switch self {
        case .delete(let index, let mark): ([index], mark.map { [$0] } ?? [])
        case .deleteAll(let indices, let marks): (indices, marks)
        case .make, .switchOn, .switchOff, .setPromotion, .setMTU, .set: ([], [])
        }
    }
}
