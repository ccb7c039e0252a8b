import Addressing
import CNetlink
import Glibc
import Testing

@testable import Kernel

/// Messages as the kernel sends them, put together by hand.
private struct Bytes {
    private(set) var all: [UInt8] = []

    mutating func add(_ value: some BitwiseCopyable) {
        unsafe withUnsafeBytes(of: value) { unsafe all.append(contentsOf: $0) }
    }

    mutating func add(attribute type: Int, _ value: [UInt8]) {
        add(UInt16(4 + value.count))
        add(UInt16(type))
        all += value
        pad()
    }

    mutating func pad() { while all.count % 4 != 0 { all.append(0) } }

    /// With a header before it.
    /// - Parameter missing: how many bytes are cut off at the end.
    func message(_ type: Int, flags: Int32 = 0, sequence: UInt32 = 1, missing: Int = 0) -> [UInt8] {
        var header = nlmsghdr()
        header.nlmsg_len = UInt32(MemoryLayout<nlmsghdr>.size + all.count - missing)
        header.nlmsg_type = UInt16(type)
        header.nlmsg_flags = UInt16(flags)
        header.nlmsg_seq = sequence
        var result = Bytes()
        result.add(header)
        return result.all + all.dropLast(missing)
    }
}

@Suite("What rtnetlink says")
struct NetlinkMessageTests {
    private static func link(name: [UInt8] = Array("eth0\0".utf8), family: Int32 = AF_UNSPEC) -> Bytes {
        var bytes = Bytes()
        var info = ifinfomsg()
        info.ifi_family = UInt8(family)
        info.ifi_index = 7
        info.ifi_flags = UInt32(IFF_UP)
        bytes.add(info)
        bytes.add(attribute: Int(IFLA_IFNAME), name)
        bytes.add(attribute: Int(IFLA_ADDRESS), [2, 0, 0, 0, 0, 9])
        bytes.add(attribute: Int(IFLA_MTU), [0xDC, 5, 0, 0])
        return bytes
    }

    @Test("A link")
    func link() throws {
        let expected = Link(
            index: InterfaceIndex(rawValue: 7), name: "eth0", isRunning: false,
            hardwareAddress: MACAddress(rawValue: 0x0200_0000_0009), mtu: 1500)
        #expect(try read(Self.link().message(RTM_NEWLINK)) { $0.link } == expected)
        var moved = Self.link()
        moved.add(attribute: Int(IFLA_EVENT), [UInt8(IFLA_EVENT_NOTIFY_PEERS), 0, 0, 0])
        #expect(try read(moved.message(RTM_NEWLINK)) { $0.link?.wantsAnnouncement } == true)
    }

    @Test("A bridge's port is no link, and neither is what has no name or is cut off")
    func noLink() throws {
        #expect(try read(Self.link(family: AF_BRIDGE).message(RTM_NEWLINK)) { $0.link } == nil)
        var nameless = Bytes()
        nameless.add(ifinfomsg())
        #expect(try read(nameless.message(RTM_NEWLINK)) { $0.link } == nil)
        #expect(try read(nameless.message(RTM_NEWLINK, missing: 1)) { $0.link } == nil)
        // A hardware address that is not Ethernet's.
        var tunnel = Bytes()
        tunnel.add(ifinfomsg())
        tunnel.add(attribute: Int(IFLA_IFNAME), Array("tun0\0".utf8))
        tunnel.add(attribute: Int(IFLA_ADDRESS), [192, 0, 2, 1])
        #expect(try read(tunnel.message(RTM_NEWLINK)) { $0.link?.hardwareAddress } == .some(nil))
    }

    private static func address(length: UInt8 = 24, family: Int32 = AF_INET) -> Bytes {
        var bytes = Bytes()
        var info = ifaddrmsg()
        info.ifa_family = UInt8(family)
        info.ifa_prefixlen = length
        info.ifa_scope = 253
        info.ifa_index = 7
        bytes.add(info)
        bytes.add(attribute: Int(IFA_ADDRESS), [192, 0, 2, 99])
        bytes.add(attribute: Int(IFA_LOCAL), [192, 0, 2, 1])
        bytes.add(attribute: Int(IFA_LABEL), Array("eth0:ha\0".utf8))
        bytes.add(attribute: Int(IFA_BROADCAST), [192, 0, 2, 255])
        bytes.add(attribute: Int(CNetlink_IFA_PROTO), [0xFA])
        bytes.add(attribute: Int(IFA_FLAGS), [UInt8(IFA_F_SECONDARY), 0, 0, 0])
        var times = ifa_cacheinfo()
        times.cstamp = 4711
        unsafe withUnsafeBytes(of: times) { unsafe bytes.add(attribute: Int(IFA_CACHEINFO), Array($0)) }
        return bytes
    }

    @Test("An address: the interface's own one, not the other end's")
    func address() throws {
        let prefix = try #require(IPPrefix("192.0.2.1/24"))
        var expected = InterfaceAddress(
            key: AddressKey(interface: InterfaceIndex(rawValue: 7), prefix: prefix), isSecondary: true,
            hasFiniteLifetime: true, scope: 253, origin: InterfaceAddress.ourOrigin, createdAt: 4711, label: "eth0:ha",
            broadcast: IPv4Address(192, 0, 2, 255))
        expected.peer = IPAddress(192, 0, 2, 99)
        #expect(try read(Self.address().message(RTM_NEWADDR)) { $0.address } == expected)
    }

    @Test("IPv6, a length that can't be, and a message that is cut off are no addresses")
    func noAddress() throws {
        #expect(try read(Self.address(family: AF_INET6).message(RTM_NEWADDR)) { $0.address } == nil)
        #expect(try read(Self.address(length: 33).message(RTM_NEWADDR)) { $0.address } == nil)
        let whole = Self.address()
        for missing in 1...whole.all.count {
            _ = try read(whole.message(RTM_NEWADDR, missing: missing)) { ($0.address, $0.link, $0.unixSocket) }
        }
        #expect(try read(whole.message(RTM_NEWADDR, missing: whole.all.count - 7)) { $0.address } == nil)
    }

    @Test("An acknowledgement is 0; a refusal is a positive number, with the kernel's words where there are some")
    func acknowledgement() throws {
        func answer(_ code: Int32, words: String? = nil) throws -> (code: Int32, text: String?)? {
            var bytes = Bytes()
            bytes.add(code)
            bytes.add(nlmsghdr())
            if let words { bytes.add(attribute: Int(NLMSGERR_ATTR_MSG.rawValue), Array(words.utf8) + [0]) }
            let flags = words == nil ? 0 : NLM_F_ACK_TLVS
            return try read(bytes.message(Int(NLMSG_ERROR), flags: flags)) { $0.acknowledgement }
        }
        #expect(try answer(0)?.code == 0)
        #expect(try answer(-17)?.code == 17)
        #expect(try answer(-17)?.text == nil)
        #expect(try answer(-22, words: "ipv4: Invalid scope value")?.text == "ipv4: Invalid scope value")
        // What can't be negated.
        #expect(try answer(.min)?.code == EIO)
        #expect(try read(Bytes().message(Int(NLMSG_ERROR))) { $0.acknowledgement?.code } == nil)
    }

    @Test("A dump that changed under way says so")
    func interrupted() throws {
        let link = Self.link()
        #expect(try read(link.message(RTM_NEWLINK, flags: NLM_F_DUMP_INTR, sequence: 9)) { $0.isInterrupted })
        #expect(try read(link.message(RTM_NEWLINK, sequence: 9)) { !$0.isInterrupted && $0.sequence == 9 })
    }

    @Test("rp_filter, and where a route leaves, are read from their own messages only")
    func settings() throws {
        var settings = Bytes()
        settings.add(netconfmsg())
        settings.pad()
        settings.add(attribute: Int(NETCONFA_RP_FILTER), [1, 0, 0, 0])
        #expect(try read(settings.message(RTM_NEWNETCONF)) { $0.reversePathFilter } == 1)
        #expect(try read(settings.message(RTM_NEWLINK)) { $0.reversePathFilter } == nil)
        var route = Bytes()
        route.add(rtmsg())
        route.add(attribute: Int(RTA_OIF.rawValue), [3, 0, 0, 0])
        #expect(try read(route.message(RTM_NEWROUTE)) { $0.outgoingInterface } == 3)
        #expect(try read(route.message(RTM_NEWNETCONF)) { $0.outgoingInterface } == nil)
    }
}

@Suite("What rtnetlink is asked")
struct RouteRequestMessageTests {
    private static let prefix = IPPrefix("192.0.2.1/24")

    private static func assignment() throws -> AddressAssignment {
        var assignment = AddressAssignment(
            key: AddressKey(interface: InterfaceIndex(rawValue: 7), prefix: try #require(prefix)), scope: .link)
        assignment.broadcast = IPv4Address(192, 0, 2, 255)
        assignment.label = "eth0:ha"
        return assignment
    }

    private static func flags(_ bytes: [UInt8]) -> Int32 { Int32(bytes[6]) | Int32(bytes[7]) << 8 }

    @Test("To add an address: the kernel would show it as it was wanted")
    func add() throws {
        let bytes = try RouteRequestMessage.add(Self.assignment()).bytes(sequence: 0x0102_0304)
        try read(bytes) { message in
            #expect(message.type == Int32(RTM_NEWADDR))
            #expect(message.sequence == 0x0102_0304)
            let address = try #require(message.address)
            #expect(address.key.prefix == Self.prefix)
            #expect(address.key.interface.rawValue == 7)
            #expect(address.label == "eth0:ha")
            #expect(address.broadcast == IPv4Address(192, 0, 2, 255))
            #expect(address.scope == 253)
            #expect(address.origin == InterfaceAddress.ourOrigin)
        }
        let wanted = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
        #expect(Self.flags(bytes) == wanted)
        #expect(bytes.count % 4 == 0)
    }

    @Test("Without a mark, without a network route, and to renew")
    func variants() throws {
        var assignment = try Self.assignment()
        assignment.isMarked = false
        assignment.addsNetworkRoute = false
        assignment.lifetime = 30
        let bytes = try RouteRequestMessage.renew(assignment).bytes(sequence: 1)
        // libnl lets it be made, too: one that has lapsed meanwhile comes back.
        #expect(Self.flags(bytes) == NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE | NLM_F_CREATE)
        #expect(try read(bytes) { $0.address?.origin } == 0)
        // IFA_FLAGS = IFA_F_NOPREFIXROUTE, and the lifetimes of IFA_CACHEINFO.
        #expect(bytes.contains(attribute: IFA_FLAGS, [0, 2, 0, 0]))
        #expect(bytes.contains(attribute: IFA_CACHEINFO, [30, 0, 0, 0, 30, 0, 0, 0] + Array(repeating: 0, count: 8)))
    }

    @Test("To remove one, only what tells it from others is said")
    func remove() throws {
        let key = try Self.assignment().key
        let bytes = try RouteRequestMessage.remove(key).bytes(sequence: 1)
        try read(bytes) { message in
            #expect(message.type == Int32(RTM_DELADDR))
            #expect(message.address?.key == key)
            #expect(message.address?.label == nil && message.address?.peer == nil)
        }
        // An IPv4 address with another other end is another address.
        let peer = IPAddress(192, 0, 2, 99)
        try read(RouteRequestMessage.remove(key, peer: peer).bytes(sequence: 1)) { message in
            #expect(message.address?.key == key && message.address?.peer == peer)
        }
    }

    /// Of an address that is asked for, the word of 32 bits.
    private static func flags(of assignment: AddressAssignment) throws -> UInt32 {
        let bytes = try RouteRequestMessage.add(assignment).bytes(sequence: 1)
        var place = 16 + 8
        while place + 8 <= bytes.count {
            let length = Int(bytes[place]) | Int(bytes[place + 1]) << 8
            if bytes[place + 2] == UInt8(IFA_FLAGS) {
                return (0..<4).reduce(0) { $0 | UInt32(bytes[place + 4 + $1]) << (8 * UInt32($1)) }
            }
            place += (length + 3) / 4 * 4
        }
        return 0
    }

    @Test("An IPv6 address is added without detection and, of 128 bits, never to be chosen, unless the file says else")
    func otherFamily() throws {
        let key = AddressKey(
            interface: InterfaceIndex(rawValue: 7), prefix: try #require(IPPrefix("2001:db8::1/64")))
        var assignment = AddressAssignment(key: key)
        #expect(try Self.flags(of: assignment) == UInt32(IFA_F_NODAD))
        assignment.addsNetworkRoute = false
        #expect(try Self.flags(of: assignment) == UInt32(IFA_F_NODAD) | UInt32(IFA_F_NOPREFIXROUTE))
        assignment.addsNetworkRoute = true
        assignment.detectsDuplicates = true
        #expect(try Self.flags(of: assignment) == 0)
        try read(RouteRequestMessage.add(assignment).bytes(sequence: 1)) { message in
            #expect(message.address?.key == key)
            #expect(message.address?.isSecondary == false, "the bit is that of temporary addresses")
        }
        try read(RouteRequestMessage.remove(key).bytes(sequence: 1)) { message in
            #expect(message.type == Int32(RTM_DELADDR))
            #expect(message.address?.key == key)
        }
    }

    @Test("Dumps are not acknowledged; whatever else is asked is")
    func dumps() throws {
        #expect(try Self.flags(RouteRequestMessage.linkDump().bytes(sequence: 1)) == NLM_F_REQUEST | NLM_F_DUMP)
        #expect(try Self.flags(RouteRequestMessage.addressDump(.ipv4).bytes(sequence: 1)) == NLM_F_REQUEST | NLM_F_DUMP)
        #expect(try Self.flags(RouteRequestMessage.lookUp().bytes(sequence: 1)) == NLM_F_REQUEST | NLM_F_ACK)
        // ifa_family: IPv4 alone.
        #expect(try RouteRequestMessage.addressDump(.ipv4).bytes(sequence: 1)[16] == UInt8(AF_INET))
    }

    @Test("A route is asked for in network order")
    func route() throws {
        let bytes = try RouteRequestMessage.route(to: IPv4Address(192, 0, 2, 9)).bytes(sequence: 1)
        #expect(bytes.contains(attribute: Int(RTA_DST.rawValue), [192, 0, 2, 9]))
    }
}

extension [UInt8] {
    /// Whether an attribute is among the bytes of a message.
    fileprivate func contains(attribute type: Int, _ value: [UInt8]) -> Bool {
        var attribute = Bytes()
        attribute.add(attribute: type, value)
        return indices.contains { self[$0...].starts(with: attribute.all) }
    }
}
