import Addressing
import CNetlink
import Glibc

/// A received rtnetlink message, lent for the length of a call. The one place where its bytes are looked at.
@safe struct NetlinkMessage {
    private let header: UnsafeMutablePointer<nlmsghdr>

    init(header: UnsafeMutablePointer<nlmsghdr>) {
        unsafe self.header = unsafe header
    }

    var type: Int32 { unsafe Int32(header.pointee.nlmsg_type) }
    /// The port of the socket that asked for what an event tells of; 0 where the kernel did it of its own accord.
    var sender: UInt32 { unsafe header.pointee.nlmsg_pid }
    /// NLM_F_REPLACE: what the event tells of has taken the place of something else.
    var replaces: Bool { unsafe Int32(header.pointee.nlmsg_flags) & NLM_F_REPLACE != 0 }
    var sequence: UInt32 { unsafe header.pointee.nlmsg_seq }
    /// NLM_F_DUMP_INTR: the table changed during the dump, which is therefore no picture of any moment.
    var isInterrupted: Bool { unsafe Int32(header.pointee.nlmsg_flags) & NLM_F_DUMP_INTR != 0 }

    // MARK: - Answers

    /// The error of an NLMSG_ERROR or NLMSG_DONE message: 0 for an acknowledgement, else an errno value, with the
    /// kernel's own words where it sent some.
    var acknowledgement: (code: Int32, text: String?)? {
        guard let code: Int32 = payload() else { return nil }
        guard code != 0 else { return (0, nil) }
        var text: String?
        if unsafe Int32(header.pointee.nlmsg_flags) & NLM_F_ACK_TLVS != 0,
            // NETLINK_CAP_ACK: only the request's header is repeated.
            let attribute = unsafe nlmsg_find_attr(
                header, Int32(MemoryLayout<nlmsgerr>.size), Int32(NLMSGERR_ATTR_MSG.rawValue)),
            let words = unsafe nla_get_string(attribute)
        {
            text = unsafe String(cString: words)
        }
        return (code == Int32.min ? EIO : abs(code), text)
    }

    // MARK: - Links and addresses

    /// RTM_NEWLINK and RTM_DELLINK. Bridges tell of their ports with the same types: those are not links that come or go.
    var link: Link? {
        guard let info: ifinfomsg = payload(), info.ifi_family == UInt8(AF_UNSPEC),
            let nameAttribute = unsafe attribute(after: ifinfomsg.self, Int(IFLA_IFNAME)),
            let name = unsafe nla_get_string(nameAttribute)
        else { return nil }
        var link = Link(
            index: InterfaceIndex(rawValue: info.ifi_index),
            name: unsafe String(cString: name),
            isAdministrativelyUp: info.ifi_flags & UInt32(IFF_UP) != 0,
            isRunning: info.ifi_flags & UInt32(IFF_RUNNING) != 0,
            hasNoARP: info.ifi_flags & UInt32(IFF_NOARP) != 0
        )
        if let attribute = unsafe attribute(after: ifinfomsg.self, Int(IFLA_ADDRESS)), unsafe nla_len(attribute) == 6,
            let data = unsafe nla_data(attribute)
        {
            link.hardwareAddress = unsafe MACAddress(octets: UnsafeRawBufferPointer(start: data, count: 6))
        }
        if let attribute = unsafe attribute(after: ifinfomsg.self, Int(IFLA_MTU)) {
            link.mtu = Int(unsafe nla_get_u32(attribute))
        }
        if let attribute = unsafe attribute(after: ifinfomsg.self, Int(IFLA_EVENT)) {
            let event = unsafe nla_get_u32(attribute)
            link.wantsAnnouncement =
                event == UInt32(IFLA_EVENT_NOTIFY_PEERS) || event == UInt32(IFLA_EVENT_BONDING_FAILOVER)
        }
        return link
    }

    /// RTM_NEWADDR and RTM_DELADDR for IPv4.
    var address: InterfaceAddress? {
        guard let info: ifaddrmsg = payload(), info.ifa_family == UInt8(AF_INET),
            let local = unsafe attribute(after: ifaddrmsg.self, Int(IFA_LOCAL))
                ?? attribute(after: ifaddrmsg.self, Int(IFA_ADDRESS)),
            let prefix = IPv4Prefix(
                address: IPv4Address(rawValue: UInt32(bigEndian: unsafe nla_get_u32(local))),
                length: Int(info.ifa_prefixlen))
        else { return nil }
        var flags = UInt32(info.ifa_flags)
        if let attribute = unsafe attribute(after: ifaddrmsg.self, Int(IFA_FLAGS)) {
            flags = unsafe nla_get_u32(attribute)
        }
        var address = InterfaceAddress(
            key: AddressKey(
                interface: InterfaceIndex(rawValue: Int32(bitPattern: info.ifa_index)), prefix: IPPrefix(prefix)),
            isSecondary: flags & UInt32(IFA_F_SECONDARY) != 0,
            hasFiniteLifetime: flags & UInt32(IFA_F_PERMANENT) == 0,
            scope: info.ifa_scope
        )
        if let attribute = unsafe attribute(after: ifaddrmsg.self, Int(IFA_LABEL)),
            let label = unsafe nla_get_string(attribute)
        {
            address.label = unsafe String(cString: label)
        }
        if let attribute = unsafe attribute(after: ifaddrmsg.self, Int(IFA_BROADCAST)) {
            address.broadcast = IPv4Address(rawValue: UInt32(bigEndian: unsafe nla_get_u32(attribute)))
        }
        if let attribute = unsafe attribute(after: ifaddrmsg.self, Int(CNetlink_IFA_PROTO)) {
            address.origin = unsafe nla_get_u8(attribute)
        }
        if let attribute = unsafe attribute(after: ifaddrmsg.self, Int(IFA_CACHEINFO)),
            unsafe nla_len(attribute) >= Int32(MemoryLayout<ifa_cacheinfo>.size), let data = unsafe nla_data(attribute)
        {
            address.createdAt = unsafe data.loadUnaligned(as: ifa_cacheinfo.self).cstamp
        }
        return address
    }

    // MARK: - Settings and routes

    /// RTM_NEWNETCONF: rp_filter of an interface, or of all.
    var reversePathFilter: Int32? {
        guard type == Int32(RTM_NEWNETCONF),
            let attribute = unsafe attribute(after: netconfmsg.self, Int(NETCONFA_RP_FILTER))
        else { return nil }
        return unsafe Int32(bitPattern: nla_get_u32(attribute))
    }

    /// RTM_NEWROUTE: where the packet would leave.
    var outgoingInterface: Int32? {
        guard type == Int32(RTM_NEWROUTE),
            let attribute = unsafe attribute(after: rtmsg.self, Int(RTA_OIF.rawValue))
        else { return nil }
        return unsafe Int32(bitPattern: nla_get_u32(attribute))
    }

    // MARK: - Unix sockets

    /// A Unix socket as sock_diag(7) tells of it: its name as it was bound, and the user who made it.
    var unixSocket: (name: [UInt8], user: UInt32)? {
        guard let user = unsafe attribute(after: unix_diag_msg.self, Int(UNIX_DIAG_UID)),
            let name = unsafe attribute(after: unix_diag_msg.self, Int(UNIX_DIAG_NAME)),
            let data = unsafe nla_data(name)
        else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: data, count: Int(max(nla_len(name), 0)))
        return (unsafe Array(bytes), unsafe nla_get_u32(user))
    }

    func attribute<Header>(after: Header.Type, _ type: Int) -> UnsafeMutablePointer<nlattr>? {
        unsafe nlmsg_find_attr(header, Int32(MemoryLayout<Header>.size), Int32(type))
    }

    /// The fixed part, copied; `nil` when the message is too short for it.
    func payload<Fixed: BitwiseCopyable>() -> Fixed? {
        guard unsafe nlmsg_datalen(header) >= Int32(MemoryLayout<Fixed>.size),
            let data = unsafe CNetlink_data(header)
        else { return nil }
        return unsafe data.loadUnaligned(as: Fixed.self)
    }
}
