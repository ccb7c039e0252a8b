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
        readMacvlan(into: &link)
        readSettings(into: &link)
        return link
    }

    /// RTM_NEWADDR and RTM_DELADDR.
    var address: InterfaceAddress? {
        guard let info: ifaddrmsg = payload(),
            // Without a peer IPv6 has IFA_ADDRESS alone.
            let local = ipAddress(IFA_LOCAL, after: ifaddrmsg.self) ?? ipAddress(IFA_ADDRESS, after: ifaddrmsg.self),
            Int32(info.ifa_family) == (local.isIPv4 ? AF_INET : AF_INET6),
            let prefix = IPPrefix(address: local, length: Int(info.ifa_prefixlen))
        else { return nil }
        var flags = UInt32(info.ifa_flags)
        if let attribute = unsafe attribute(after: ifaddrmsg.self, Int(IFA_FLAGS)) {
            flags = unsafe nla_get_u32(attribute)
        }
        var address = InterfaceAddress(
            key: AddressKey(interface: InterfaceIndex(rawValue: Int32(bitPattern: info.ifa_index)), prefix: prefix),
            // The same bit tells of IPv6's temporary addresses.
            isSecondary: local.isIPv4 && flags & UInt32(IFA_F_SECONDARY) != 0,
            hasFiniteLifetime: flags & UInt32(IFA_F_PERMANENT) == 0,
            scope: info.ifa_scope
        )
        address.addsNetworkRoute = flags & UInt32(IFA_F_NOPREFIXROUTE) == 0
        if !local.isIPv4 {
            address.isDeprecated = flags & UInt32(IFA_F_DEPRECATED) != 0
            if flags & UInt32(IFA_F_DADFAILED) != 0 {
                address.detection = .failed
            } else if flags & UInt32(IFA_F_TENTATIVE) != 0, flags & UInt32(IFA_F_OPTIMISTIC) == 0 {
                address.detection = .tentative
            }
        }
        if let attribute = unsafe attribute(after: ifaddrmsg.self, Int(IFA_LABEL)),
            let label = unsafe nla_get_string(attribute)
        {
            address.label = unsafe String(cString: label)
        }
        if let other = ipAddress(IFA_ADDRESS, after: ifaddrmsg.self), other != local { address.peer = other }
        address.broadcast = ipAddress(IFA_BROADCAST, after: ifaddrmsg.self)?.ipv4
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

    /// RTM_NEWNETCONF: forwarding of an interface.
    var forwarding: Int32? {
        guard type == Int32(RTM_NEWNETCONF),
            let attribute = unsafe attribute(after: netconfmsg.self, Int(NETCONFA_FORWARDING))
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

    /// An address of four or sixteen octets.
    func ipAddress<Number: BinaryInteger, Header>(_ type: Number, after header: Header.Type) -> IPAddress? {
        guard let attribute = unsafe attribute(after: header, Int(type)), let data = unsafe nla_data(attribute) else {
            return nil
        }
        let octets = unsafe UnsafeRawBufferPointer(start: data, count: Int(max(nla_len(attribute), 0)))
        switch octets.count {
        case 4: return IPAddress(unsafe octets[0], unsafe octets[1], unsafe octets[2], unsafe octets[3])
        case 16:
            // An IPv4-mapped address is none that an interface has.
            guard let address = unsafe IPv6Address(octets: octets), address.mappedIPv4 == nil else { return nil }
            return IPAddress(address)
        default: return nil
        }
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
