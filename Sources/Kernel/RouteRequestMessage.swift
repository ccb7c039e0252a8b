import Addressing
import CNetlink
import Glibc

/// A request to rtnetlink, or to nfnetlink, built by libnl.
@safe final class RouteRequestMessage {
    let message: OpaquePointer

    private init(adopting message: OpaquePointer) {
        unsafe self.message = unsafe message
    }

    deinit {
        unsafe nlmsg_free(message)
    }

    /// The bytes to write, under a sequence number.
    /// - Parameter isAnswered: the kernel says also of one that it has carried out that it has; dumps are answered anyway.
    func bytes(sequence: UInt32, isAnswered: Bool = true) -> [UInt8] {
        guard let header = unsafe nlmsg_hdr(message) else { return [] }
        unsafe header.pointee.nlmsg_seq = sequence
        unsafe header.pointee.nlmsg_pid = 0
        unsafe header.pointee.nlmsg_flags |= UInt16(NLM_F_REQUEST)
        if isAnswered, unsafe Int32(header.pointee.nlmsg_flags) & NLM_F_DUMP != NLM_F_DUMP {
            unsafe header.pointee.nlmsg_flags |= UInt16(NLM_F_ACK)
        }
        let length = unsafe Int(header.pointee.nlmsg_len)
        var bytes = unsafe Array(UnsafeRawBufferPointer(start: header, count: length))
        // The next message of a batch begins at a multiple of four.
        bytes += Array(repeating: 0, count: (4 - length % 4) % 4)
        return bytes
    }

    // MARK: - Dumps

    /// ip link show
    static func linkDump() throws(SystemError) -> RouteRequestMessage {
        let request = try make(Int32(RTM_GETLINK), flags: NLM_F_DUMP)
        try request.append(ifinfomsg())
        // The statistics of each link would be most of the answer.
        unsafe try request.put { unsafe nla_put_u32($0, Int32(IFLA_EXT_MASK), UInt32(RTEXT_FILTER_SKIP_STATS)) }
        return request
    }

    /// ip -4 addr show, ip -6 addr show
    static func addressDump(_ family: IPFamily) throws(SystemError) -> RouteRequestMessage {
        let request = try make(Int32(RTM_GETADDR), flags: NLM_F_DUMP)
        var header = ifaddrmsg()
        header.ifa_family = UInt8(number(of: family))
        try request.append(header)
        return request
    }

    // MARK: - Changes

    /// ip addr add [prefix] broadcast [broadcast] label [label] scope [scope] valid_lft [lifetime] proto 0xfa dev [interface]
    static func add(_ assignment: AddressAssignment) throws(SystemError) -> RouteRequestMessage {
        try assign(assignment, flags: NLM_F_CREATE | NLM_F_EXCL)
    }

    /// ip addr change [prefix] … valid_lft [lifetime] dev [interface]
    static func renew(_ assignment: AddressAssignment) throws(SystemError) -> RouteRequestMessage {
        try assign(assignment, flags: NLM_F_REPLACE)
    }

    private static func assign(
        _ assignment: AddressAssignment, flags: Int32
    ) throws(SystemError) -> RouteRequestMessage {
        let address = try unsafe routeAddress(assignment.key)
        defer { unsafe rtnl_addr_put(address) }
        unsafe rtnl_addr_set_scope(address, Int32(assignment.scope.rawValue))
        if let label = assignment.label {
            guard unsafe rtnl_addr_set_label(address, label) == 0 else { throw failure(EINVAL) }
        }
        if let broadcast = assignment.broadcast {
            let value = try unsafe networkAddress(IPAddress(broadcast), length: 32)
            defer { unsafe nl_addr_put(value) }
            guard unsafe rtnl_addr_set_broadcast(address, value) == 0 else { throw failure(EINVAL) }
        }
        if assignment.lifetime != nil || assignment.preferredLifetime != nil {
            let lifetime = assignment.lifetime ?? forever
            unsafe rtnl_addr_set_valid_lifetime(address, lifetime)
            // The kernel takes no preferred lifetime that is longer than the valid one.
            unsafe rtnl_addr_set_preferred_lifetime(address, min(assignment.preferredLifetime ?? lifetime, lifetime))
        }
        var message: OpaquePointer?
        guard unsafe rtnl_addr_build_add_request(address, flags, &message) == 0,
            let message = unsafe message
        else { throw failure(ENOMEM) }
        let request = unsafe RouteRequestMessage(adopting: message)
        if let peer = assignment.peer { try request.put(peer: peer) }
        // IFA_PROTO, which libnl 3.7 can't set; kernels before 5.18 pass over it.
        if assignment.isMarked {
            unsafe try request.put { unsafe nla_put_u8($0, Int32(CNetlink_IFA_PROTO), InterfaceAddress.ourOrigin) }
        }
        var flags: UInt32 = 0
        if !assignment.addsNetworkRoute { flags |= UInt32(IFA_F_NOPREFIXROUTE) }
        if assignment.key.family == .ipv6, !assignment.detectsDuplicates { flags |= UInt32(IFA_F_NODAD) }
        if flags != 0 { unsafe try request.put { unsafe nla_put_u32($0, Int32(IFA_FLAGS), flags) } }
        return request
    }

    /// INFINITY_LIFE_TIME
    private static let forever = UInt32.max

    /// libnl writes the address itself into IFA_ADDRESS, and version 3.7 takes no peer of an IPv6 address: it is put there instead.
    private func put(peer: IPAddress) throws(SystemError) {
        let octets = peer.octets
        guard let header = unsafe nlmsg_hdr(message),
            let attribute = unsafe nlmsg_find_attr(
                header, Int32(MemoryLayout<ifaddrmsg>.size), Int32(IFA_ADDRESS)),
            let data = unsafe nla_data(attribute), unsafe Int(nla_len(attribute)) == octets.count
        else { throw Self.failure(EINVAL) }
        unsafe data.copyMemory(from: octets, byteCount: octets.count)
    }

    /// ip addr del [prefix] peer [peer] dev [interface]
    /// - Parameter peer: as the kernel's table has it: an IPv4 address is another one without.
    static func remove(_ key: AddressKey, peer: IPAddress? = nil) throws(SystemError) -> RouteRequestMessage {
        let address = try unsafe routeAddress(key)
        defer { unsafe rtnl_addr_put(address) }
        var message: OpaquePointer?
        guard unsafe rtnl_addr_build_delete_request(address, 0, &message) == 0, let message = unsafe message else {
            throw failure(ENOMEM)
        }
        let request = unsafe RouteRequestMessage(adopting: message)
        if let peer { try request.put(peer: peer) }
        return request
    }

    /// ip link show lo
    static func lookUp() throws(SystemError) -> RouteRequestMessage {
        let request = try make(Int32(RTM_GETLINK), flags: 0)
        var header = ifinfomsg()
        header.ifi_index = 1
        try request.append(header)
        unsafe try request.put { unsafe nla_put_u32($0, Int32(IFLA_EXT_MASK), UInt32(RTEXT_FILTER_SKIP_STATS)) }
        return request
    }

    /// What ip netconf show dev [interface] asks.
    /// - Parameter index: an interface's number, or NETCONFA_IFINDEX_ALL.
    static func settings(
        of family: IPFamily, ofInterface index: Int32
    ) throws(SystemError) -> RouteRequestMessage {
        let request = try make(Int32(RTM_GETNETCONF), flags: 0)
        var header = netconfmsg()
        header.ncm_family = UInt8(number(of: family))
        try request.append(header)
        unsafe try request.put { unsafe nla_put_s32($0, Int32(NETCONFA_IFINDEX), index) }
        return request
    }

    /// ip route get [address]
    static func route(to address: IPv4Address) throws(SystemError) -> RouteRequestMessage {
        let request = try make(Int32(RTM_GETROUTE), flags: 0)
        var header = rtmsg()
        header.rtm_family = UInt8(AF_INET)
        header.rtm_dst_len = 32
        try request.append(header)
        unsafe try request.put { unsafe nla_put_u32($0, Int32(RTA_DST.rawValue), address.rawValue.bigEndian) }
        return request
    }

    // MARK: - libnl's objects

    static func make(_ type: Int32, flags: Int32) throws(SystemError) -> RouteRequestMessage {
        guard let message = unsafe nlmsg_alloc_simple(type, flags) else { throw failure(ENOMEM) }
        return unsafe RouteRequestMessage(adopting: message)
    }

    func append<Header: BitwiseCopyable>(_ header: Header) throws(SystemError) {
        let result = unsafe withUnsafeBytes(of: header) { bytes in
            unsafe nlmsg_append(message, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, 4)
        }
        guard result == 0 else { throw Self.failure(ENOMEM) }
    }

    func put(_ body: (OpaquePointer) -> Int32) throws(SystemError) {
        guard unsafe body(message) == 0 else { throw Self.failure(ENOMEM) }
    }

    private static func routeAddress(_ key: AddressKey) throws(SystemError) -> OpaquePointer {
        let local = try unsafe networkAddress(key.address, length: Int32(key.prefix.length))
        defer { unsafe nl_addr_put(local) }
        guard let address = unsafe rtnl_addr_alloc() else { throw failure(ENOMEM) }
        unsafe rtnl_addr_set_ifindex(address, key.interface.rawValue)
        guard unsafe rtnl_addr_set_local(address, local) == 0 else {
            unsafe rtnl_addr_put(address)
            throw failure(EINVAL)
        }
        return unsafe address
    }

    private static func networkAddress(_ address: IPAddress, length: Int32) throws(SystemError) -> OpaquePointer {
        var bytes = address.octets
        guard let result = unsafe nl_addr_build(number(of: address.family), &bytes, bytes.count) else {
            throw failure(ENOMEM)
        }
        unsafe nl_addr_set_prefixlen(result, length)
        return unsafe result
    }

    /// AF_INET, AF_INET6
    static func number(of family: IPFamily) -> Int32 { family == .ipv4 ? AF_INET : AF_INET6 }

    static func failure(_ code: Int32) -> SystemError {
        SystemError("can't build a request to rtnetlink", code: code)
    }
}
