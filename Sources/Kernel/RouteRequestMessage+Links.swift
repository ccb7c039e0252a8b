import Addressing
import CNetlink
import Glibc

/// Macvlans, and settings of links.
extension RouteRequestMessage {
    /// One message of several that a request takes.
    struct Step {
        let message: RouteRequestMessage
        /// A refusal with this error number is no failure of the request; 0 for none.
        let passesOver: Int32

        init(_ message: RouteRequestMessage, passesOver: Int32 = 0) {
            self.message = message
            self.passesOver = passesOver
        }
    }

    /// The messages of an order, for one write.
    static func steps(of order: LinkOrder) throws(SystemError) -> [Step] {
        switch order {
        case .make(let macvlan): try make(macvlan: macvlan, group: .random(in: unusedGroups))
        case .switchOn(let interface): [Step(try `switch`(interface, on: true))]
        case .switchOff(let interface): [Step(try `switch`(interface, on: false))]
        // In one write: a program that is killed has done all of it or nothing.
        case .delete(let interface, let mark): [Step(try delete(interface))] + (try restore(mark.map { [$0] } ?? []))
        case .deleteAll(let interfaces, let marks):
            try deleteAll(interfaces, group: .random(in: unusedGroups)) + restore(marks)
        case .setPromotion(let isOn, let interface): [Step(try promoteSecondaries(isOn, on: interface))]
        case .setMTU(let bytes, let interface): [Step(try setMTU(bytes, of: interface))]
        case .set(let settings, let interface): [Step(try set(settings, on: interface))]
        }
    }

    /// Administrators take small numbers.
    private static let unusedGroups: Range<UInt32> = 1 << 30..<1 << 31

    // MARK: - To make a macvlan

    /// The messages that make a macvlan. The kernel works a write off in one go: no end of this program leaves a macvlan without its mark.
    ///
    /// Settings can't be in the message that makes a link: Linux refuses it with EAFNOSUPPORT. The messages after it do not name the link,
    /// but its group: where the first one is refused, because the name is taken, they reach nothing, and not somebody else's link.
    /// - Parameter group: that of no other link.
    static func make(macvlan: Macvlan, group: UInt32) throws(SystemError) -> [Step] {
        [
            Step(try create(macvlan, group: group)), Step(try mark(macvlan, group: group)),
            // The host has no IPv6, or the link no room for its packets (1280 bytes).
            Step(try addNoAddresses(group: group), passesOver: EAFNOSUPPORT),
        ]
    }

    /// ip link add link [parent] name [name] address [address] group [group] type macvlan mode private
    private static func create(_ macvlan: Macvlan, group: UInt32) throws(SystemError) -> RouteRequestMessage {
        let request = try link(Int32(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL)
        try request.put(Int32(IFLA_LINK), UInt32(bitPattern: macvlan.parent.rawValue))
        try request.put(name: macvlan.name)
        try request.put(Int32(IFLA_ADDRESS), macvlan.hardwareAddress.octets)
        try request.put(Int32(IFLA_GROUP), group)
        try request.nest(Int32(IFLA_LINKINFO)) { () throws(SystemError) in
            unsafe try request.put { unsafe nla_put_string($0, Int32(IFLA_INFO_KIND), macvlanKind) }
            try request.nest(Int32(IFLA_INFO_DATA)) { () throws(SystemError) in
                try request.put(Int32(IFLA_MACVLAN_MODE), MACVLAN_MODE_PRIVATE.rawValue)
            }
        }
        return request
    }

    static let macvlanKind = "macvlan"

    /// ip link set group [group] alias [mark], and sysctl net.ipv4.conf.[name]…
    private static func mark(_ macvlan: Macvlan, group: UInt32) throws(SystemError) -> RouteRequestMessage {
        let request = try link(Int32(RTM_NEWLINK))
        try request.put(Int32(IFLA_GROUP), group)
        try request.put(Int32(IFLA_IFALIAS), Array(macvlan.mark.text.utf8))
        var settings: [(Int, UInt32)] = [
            // Answers for its own addresses alone.
            (IPV4_DEVCONF_ARP_IGNORE, 1),
            // The kernel takes the larger one of this and `all`: 2, loose, is safe from a strict `all`.
            (IPV4_DEVCONF_RP_FILTER, 2),
            (IPV4_DEVCONF_PROMOTE_SECONDARIES, 1),
            // A successor announces an address by requests from it: the kernel would answer each of them while this host has it, too, and the
            // switches would learn the old port again.
            (IPV4_DEVCONF_ACCEPT_LOCAL, 0),
        ]
        if let forwards = macvlan.forwards { settings.append((IPV4_DEVCONF_FORWARDING, forwards ? 1 : 0)) }
        try request.put(settings: settings)
        return request
    }

    /// ip link set group [group] addrgenmode none: without an address of its own it asks no router for more, and joins no group.
    private static func addNoAddresses(group: UInt32) throws(SystemError) -> RouteRequestMessage {
        let request = try link(Int32(RTM_NEWLINK))
        try request.put(Int32(IFLA_GROUP), group)
        try request.nest(Int32(IFLA_AF_SPEC)) { () throws(SystemError) in
            try request.nest(AF_INET6) { () throws(SystemError) in
                unsafe try request.put {
                    unsafe nla_put_u8(
                        $0, Int32(IFLA_INET6_ADDR_GEN_MODE), UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue))
                }
            }
        }
        return request
    }

    /// Puts a macvlan that has been made into the group of all links. That its hardware address is set once more changes nothing, and lets
    /// the kernel tell of the mark and the settings: of what else changes on a link that is off it tells nobody.
    static func finish(_ macvlan: Macvlan) throws(SystemError) -> RouteRequestMessage {
        let request = try link(Int32(RTM_SETLINK))
        try request.put(name: macvlan.name)
        try request.put(Int32(IFLA_ADDRESS), macvlan.hardwareAddress.octets)
        try request.put(Int32(IFLA_GROUP), 0)
        return request
    }

    /// ip link del [name]
    static func delete(name: String) throws(SystemError) -> RouteRequestMessage {
        let request = try link(Int32(RTM_DELLINK))
        try request.put(name: name)
        return request
    }

    // MARK: - Links that are there

    /// ip link set dev [interface] up|down
    static func `switch`(_ interface: InterfaceIndex, on: Bool) throws(SystemError) -> RouteRequestMessage {
        try link(Int32(RTM_SETLINK), interface, change: UInt32(IFF_UP), to: on ? UInt32(IFF_UP) : 0)
    }

    /// ip link del dev [interface]
    static func delete(_ interface: InterfaceIndex) throws(SystemError) -> RouteRequestMessage {
        try link(Int32(RTM_DELLINK), interface)
    }

    /// ip link set dev [interface] group [group] for each, and ip link del group [group]: then the kernel waits once, and not for each of them.
    private static func deleteAll(_ interfaces: [InterfaceIndex], group: UInt32) throws(SystemError) -> [Step] {
        var steps: [Step] = []
        for interface in interfaces {
            let grouping = try link(Int32(RTM_SETLINK), interface)
            try grouping.put(Int32(IFLA_GROUP), group)
            // One that has gone meanwhile is no failure.
            steps.append(Step(grouping, passesOver: ENODEV))
        }
        let deletion = try link(Int32(RTM_DELLINK))
        try deletion.put(Int32(IFLA_GROUP), group)
        return steps + [Step(deletion, passesOver: ENODEV)]
    }

    private static func restore(_ marks: [MacvlanMark]) throws(SystemError) -> [Step] {
        var steps: [Step] = []
        for mark in marks where !mark.lent.isEmpty {
            steps.append(Step(try set(mark.lent, on: mark.parent), passesOver: ENODEV))
        }
        return steps
    }

    /// sysctl net.ipv4.conf.[interface].arp_ignore=… net.ipv4.conf.[interface].arp_announce=…
    static func set(
        _ settings: ARPSettings, on interface: InterfaceIndex
    ) throws(SystemError) -> RouteRequestMessage {
        let request = try link(Int32(RTM_SETLINK), interface)
        try request.put(
            settings: [(IPV4_DEVCONF_ARP_IGNORE, settings.ignore), (IPV4_DEVCONF_ARP_ANNOUNCE, settings.announce)]
                .compactMap { id, value in value.map { (id, $0) } })
        return request
    }

    /// sysctl net.ipv4.conf.[interface].promote_secondaries=1, or =0
    static func promoteSecondaries(
        _ isOn: Bool = true, on interface: InterfaceIndex
    ) throws(SystemError) -> RouteRequestMessage {
        let request = try link(Int32(RTM_SETLINK), interface)
        try request.put(settings: [(IPV4_DEVCONF_PROMOTE_SECONDARIES, isOn ? 1 : 0)])
        return request
    }

    /// ip link set dev [interface] mtu [bytes]
    private static func setMTU(_ bytes: Int, of interface: InterfaceIndex) throws(SystemError) -> RouteRequestMessage {
        let request = try link(Int32(RTM_SETLINK), interface)
        try request.put(Int32(IFLA_MTU), UInt32(clamping: bytes))
        return request
    }

    // MARK: - Parts

    /// - Parameters:
    ///   - interface: `nil` for one that is found by its name or group, or made.
    ///   - change: the flags (IFF_…) that become those of `value`.
    private static func link(
        _ type: Int32, flags: Int32 = 0, _ interface: InterfaceIndex? = nil, change: UInt32 = 0, to value: UInt32 = 0
    ) throws(SystemError) -> RouteRequestMessage {
        let request = try make(type, flags: flags)
        var header = ifinfomsg()
        header.ifi_index = interface?.rawValue ?? 0
        header.ifi_flags = value
        header.ifi_change = change
        try request.append(header)
        return request
    }

    /// IFLA_AF_SPEC { AF_INET { IFLA_INET_CONF { IPV4_DEVCONF_… = … } } }
    private func put(settings: [(id: Int, value: UInt32)]) throws(SystemError) {
        try nest(Int32(IFLA_AF_SPEC)) { () throws(SystemError) in
            try nest(AF_INET) { () throws(SystemError) in
                try nest(Int32(IFLA_INET_CONF)) { () throws(SystemError) in
                    for (id, value) in settings { try put(Int32(id), value) }
                }
            }
        }
    }

    /// An attribute of those that `body` puts there.
    func nest(_ type: Int32, _ body: () throws(SystemError) -> Void) throws(SystemError) {
        guard let nest = unsafe nla_nest_start(message, type) else { throw Self.failure(ENOMEM) }
        try body()
        guard unsafe nla_nest_end(message, nest) == 0 else { throw Self.failure(ENOMEM) }
    }

    private func put(_ type: Int32, _ value: UInt32) throws(SystemError) {
        unsafe try put { unsafe nla_put_u32($0, type, value) }
    }

    func put(_ type: Int32, _ bytes: [UInt8]) throws(SystemError) {
        unsafe try put { unsafe nla_put($0, type, Int32(clamping: bytes.count), bytes) }
    }

    private func put(name: String) throws(SystemError) {
        unsafe try put { unsafe nla_put_string($0, Int32(IFLA_IFNAME), name) }
    }
}
