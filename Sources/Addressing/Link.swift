/// The kernel's number for a network interface. It is never given to another interface while the machine runs.
package struct InterfaceIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static func < (left: InterfaceIndex, right: InterfaceIndex) -> Bool { left.rawValue < right.rawValue }

    package var description: String { String(rawValue) }
}

/// A network interface as rtnetlink's RTM_NEWLINK describes it.
package struct Link: Hashable, Sendable {
    package var index: InterfaceIndex
    package var name: String
    /// IFF_UP: switched on by the administrator.
    package var isAdministrativelyUp: Bool
    /// IFF_RUNNING: the cable is in and the other side answers.
    package var isRunning: Bool
    /// IFF_NOARP: nothing on this link asks for hardware addresses.
    package var hasNoARP: Bool
    /// The hardware address, where the link has an Ethernet one.
    package var hardwareAddress: MACAddress?
    /// The largest IP packet in bytes.
    package var mtu: Int
    /// The kernel wants the neighbours told where this host is: a bond's other link is in use, or a virtual machine has moved.
    package var wantsAnnouncement = false
    package var isMacvlan = false
    /// Of a macvlan: whether it is of mode private.
    package var isPrivate = false
    /// IFLA_IFALIAS, where there is one.
    package var alias: String?
    /// As RTM_NEWLINK told them last: the kernel sends no event when somebody changes them by /proc/sys, and none of a link that is off.
    package var arp = ARPSettings()
    /// promote_secondaries, likewise.
    package var promotesSecondaries: Bool?
    /// Whether IPv4 packets that arrive there are forwarded, likewise.
    package var forwards: Bool?

    package init(
        index: InterfaceIndex, name: String, isAdministrativelyUp: Bool = true, isRunning: Bool = true,
        hasNoARP: Bool = false, hardwareAddress: MACAddress? = nil, mtu: Int = 1500
    ) {
        self.index = index
        self.name = name
        self.isAdministrativelyUp = isAdministrativelyUp
        self.isRunning = isRunning
        self.hasNoARP = hasNoARP
        self.hardwareAddress = hardwareAddress
        self.mtu = mtu
    }

    /// The kernel makes it first in every namespace.
    package var isLoopback: Bool { index.rawValue == 1 }

    /// Able to carry advertisements: IFF_UP and IFF_RUNNING.
    package var isUp: Bool { isAdministrativelyUp && isRunning }

    /// The mark of a macvlan that this program has made, in this run or an earlier one.
    package var mark: MacvlanMark? {
        guard isMacvlan, let alias else { return nil }
        return MacvlanMark(alias)
    }
}
