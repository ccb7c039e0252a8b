import Addressing
import CNetlink
import Glibc
import Testing

@testable import Kernel

/// An attribute, and those in it where it is a nest.
private struct Attribute {
    let type: Int
    let value: ArraySlice<UInt8>

    static func all(in bytes: ArraySlice<UInt8>) -> [Attribute] {
        var result: [Attribute] = []
        var rest = bytes
        while rest.count >= 4 {
            let length = Int(rest.number(at: 0, size: 2))
            guard length >= 4, length <= rest.count else { break }
            // The two highest bits are flags.
            let type = Int(rest.number(at: 2, size: 2) & 0x3FFF)
            result.append(Attribute(type: type, value: rest.dropFirst(4).prefix(length - 4)))
            rest = rest.dropFirst((length + 3) / 4 * 4)
        }
        return result
    }

    var number: UInt32? { value.count == 4 ? UInt32(value.number(at: 0, size: 4)) : nil }
    var text: String { String(decoding: value.prefix { $0 != 0 }, as: UTF8.self) }
    subscript(_ type: Int) -> Attribute? { Self.all(in: value).first { $0.type == type } }
    subscript(_ type: Int32) -> Attribute? { self[Int(type)] }
}

extension RandomAccessCollection<UInt8> where Index == Int {
    /// In the machine's order.
    fileprivate func number(at offset: Int, size: Int) -> UInt64 {
        dropFirst(offset).prefix(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// A request about a link, taken apart.
private struct LinkRequest {
    let type: Int
    let flags: Int32
    let index: Int32
    /// Those that are on, and those that change.
    let state: [UInt32]
    let attributes: [Attribute]

    init(_ request: RouteRequestMessage) {
        let bytes = request.bytes(sequence: 1)
        type = Int(bytes.number(at: 4, size: 2))
        flags = Int32(bytes.number(at: 6, size: 2))
        // The fixed part is 16 bytes, too.
        index = Int32(bytes.number(at: 20, size: 4))
        state = [UInt32(bytes.number(at: 24, size: 4)), UInt32(bytes.number(at: 28, size: 4))]
        attributes = Attribute.all(in: bytes.dropFirst(32))
    }

    subscript(_ type: Int) -> Attribute? { attributes.first { $0.type == type } }

    /// IPv4's, by number.
    var settings: [Int: UInt32] {
        guard let all = self[IFLA_AF_SPEC]?[AF_INET]?[IFLA_INET_CONF] else { return [:] }
        return Dictionary(uniqueKeysWithValues: Attribute.all(in: all.value).map { ($0.type, $0.number ?? .max) })
    }
}

@Suite("What rtnetlink is asked about links")
struct LinkRequestTests {
    private static let parent = InterfaceIndex(rawValue: 3)
    private static let ours = InterfaceIndex(rawValue: 7)

    private static var macvlan: Macvlan {
        var macvlan = Macvlan(
            name: "vrrp.51", parent: parent, hardwareAddress: MACAddress(rawValue: 0x00_005E_0001_33),
            lent: ARPSettings(ignore: 0))
        macvlan.forwards = true
        return macvlan
    }

    @Test("a macvlan is made: private, off, and only where nothing has its name")
    func make() throws {
        let steps = try RouteRequestMessage.make(macvlan: Self.macvlan, group: 0x5000_0000)
        #expect(steps.map(\.passesOver) == [0, 0, EAFNOSUPPORT])
        let request = LinkRequest(steps[0].message)
        #expect(request.type == RTM_NEWLINK)
        #expect(request.flags == NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)
        #expect(request.index == 0 && request.state == [0, 0])
        #expect(request[IFLA_GROUP]?.number == 0x5000_0000)
        #expect(request[IFLA_LINKINFO]?[IFLA_INFO_KIND]?.text == "macvlan")
        #expect(request[IFLA_LINKINFO]?[IFLA_INFO_DATA]?[IFLA_MACVLAN_MODE]?.number == MACVLAN_MODE_PRIVATE.rawValue)
        // Linux refuses settings here.
        #expect(request[IFLA_AF_SPEC] == nil)
        // The kernel would show it as it was wanted.
        try read(steps[0].message.bytes(sequence: 1)) { message in
            let link = try #require(message.link)
            #expect(link.name == "vrrp.51" && link.isMacvlan && link.isPrivate)
            #expect(link.hardwareAddress == Self.macvlan.hardwareAddress && !link.isAdministrativelyUp)
        }
    }

    @Test("its mark and settings go to its group: where it was not made, they reach nobody else's link of its name")
    func mark() throws {
        let steps = try RouteRequestMessage.make(macvlan: Self.macvlan, group: 0x5000_0000)
        for step in steps.dropFirst() {
            let request = LinkRequest(step.message)
            #expect(request.type == RTM_NEWLINK && request.flags == NLM_F_REQUEST | NLM_F_ACK)
            #expect(request.index == 0 && request[IFLA_IFNAME] == nil)
            #expect(request[IFLA_GROUP]?.number == 0x5000_0000)
        }
        let marking = LinkRequest(steps[1].message)
        #expect(marking[IFLA_IFALIAS]?.text == Self.macvlan.mark.text)
        #expect(marking.settings == [1: 1, 8: 2, 19: 1, 20: 1, 23: 0])
        // IPv6's alone: a host without IPv6 refuses the whole message.
        let spec = try #require(LinkRequest(steps[2].message)[IFLA_AF_SPEC])
        #expect(spec[AF_INET] == nil)
        #expect(spec[AF_INET6]?[IFLA_INET6_ADDR_GEN_MODE].map { Array($0.value) } == [1])
    }

    @Test("nothing is said of forwarding where nobody cares")
    func defaults() throws {
        var macvlan = Self.macvlan
        macvlan.forwards = nil
        let steps = try RouteRequestMessage.make(macvlan: macvlan, group: 1 << 30)
        #expect(LinkRequest(steps[1].message).settings == [8: 2, 19: 1, 20: 1, 23: 0])
    }

    @Test("each macvlan gets a group that nobody has")
    func group() throws {
        let groups = try (0..<8).map { _ in
            let steps = try RouteRequestMessage.steps(of: .make(Self.macvlan))
            return try #require(LinkRequest(steps[0].message)[IFLA_GROUP]?.number)
        }
        #expect(Set(groups).count == 8)
        // ip(8) takes no larger one than 2^31 - 1.
        #expect(groups.allSatisfy { $0 >= 1 << 30 && $0 < 1 << 31 })
    }

    @Test("what has been made is put into the group of all links; what could not be marked is deleted")
    func finish() throws {
        let finishing = try LinkRequest(RouteRequestMessage.finish(Self.macvlan))
        #expect(finishing.type == RTM_SETLINK && finishing[IFLA_IFNAME]?.text == "vrrp.51")
        #expect(finishing[IFLA_GROUP]?.number == 0)
        #expect(finishing[IFLA_ADDRESS].map { Array($0.value) } == [0, 0, 0x5E, 0, 1, 51])
        let deleting = try LinkRequest(RouteRequestMessage.delete(name: "vrrp.51"))
        #expect(deleting.type == RTM_DELLINK && deleting[IFLA_IFNAME]?.text == "vrrp.51")
    }

    @Test("on, off, gone")
    func states() throws {
        func request(_ order: LinkOrder) throws -> LinkRequest {
            let steps = try RouteRequestMessage.steps(of: order)
            #expect(steps.count == 1)
            return LinkRequest(steps[0].message)
        }
        let on = try request(.switchOn(Self.ours))
        #expect(on.type == RTM_SETLINK && on.index == 7 && on.state == [UInt32(IFF_UP), UInt32(IFF_UP)])
        let off = try request(.switchOff(Self.ours))
        #expect(off.type == RTM_SETLINK && off.index == 7 && off.state == [0, UInt32(IFF_UP)])
        let gone = try request(.delete(Self.ours))
        #expect(gone.type == RTM_DELLINK && gone.index == 7 && gone.attributes.isEmpty)
        let both = try request(.set(ARPSettings(ignore: 1, announce: 2), on: Self.parent))
        #expect(both.type == RTM_SETLINK && both.index == 3 && both.state == [0, 0])
        #expect(both.settings == [19: 1, 18: 2])
        #expect(try request(.set(ARPSettings(announce: 0), on: Self.parent)).settings == [18: 0])
        #expect(try request(.set(ARPSettings(), on: Self.parent)).settings.isEmpty)
        #expect(try LinkRequest(RouteRequestMessage.promoteSecondaries(on: Self.parent)).settings == [20: 1])
        #expect(
            try LinkRequest(RouteRequestMessage.promoteSecondaries(false, on: Self.parent)).settings == [20: 0])
    }

    @Test("The last one's deletion puts the parent's settings back in the same write: a kill leaves both or neither")
    func lastDeleted() throws {
        let mark = MacvlanMark(parent: Self.parent, lent: ARPSettings(ignore: 0, announce: 1))
        let steps = try RouteRequestMessage.steps(of: .delete(Self.ours, restoring: mark)).map {
            LinkRequest($0.message)
        }
        #expect(steps.map(\.type) == [Int(RTM_DELLINK), Int(RTM_SETLINK)])
        #expect(steps.map(\.index) == [7, 3])
        #expect(steps.last?.settings == [19: 0, 18: 1])
        let nothingLent = MacvlanMark(parent: Self.parent)
        #expect(try RouteRequestMessage.steps(of: .delete(Self.ours, restoring: nothingLent)).count == 1)
    }

    @Test("what is refused in one of its messages is refused; the other requests of the write are done")
    func refusal() throws {
        // No interface has this number, whoever runs the test.
        var macvlan = Self.macvlan
        macvlan.mark.parent = InterfaceIndex(rawValue: .max)
        macvlan.name = "vrrp.refused"
        let results = try RouteRequests().perform([.lookUp, .link(.make(macvlan)), .lookUp])
        #expect(results[0] == nil && results[2] == nil)
        #expect([ENODEV, EPERM].contains(results[1]?.code ?? 0), "\(String(describing: results[1]))")
    }
}

@Suite("What rtnetlink says of macvlans and settings")
struct LinkMessageTests {
    /// RTM_NEWLINK, put together by hand.
    private struct Message {
        private var body = [UInt8](repeating: 0, count: 16)

        init() {
            body[4] = 7
            add(IFLA_IFNAME, Array("vrrp.51\0".utf8))
        }

        static func attribute(_ type: Int, _ value: [UInt8]) -> [UInt8] {
            let length = 4 + value.count
            return [UInt8(length & 0xFF), UInt8(length >> 8), UInt8(type & 0xFF), UInt8(type >> 8)] + value
                + Array(repeating: 0, count: (4 - length % 4) % 4)
        }

        mutating func add(_ type: Int, _ value: [UInt8]) { body += Self.attribute(type, value) }

        mutating func add(kind: String = "macvlan\0", mode: [UInt8] = [1, 0, 0, 0]) {
            add(
                IFLA_LINKINFO,
                Self.attribute(IFLA_INFO_KIND, Array(kind.utf8))
                    // NLA_F_NESTED
                    + Self.attribute(IFLA_INFO_DATA | 1 << 15, Self.attribute(IFLA_MACVLAN_MODE, mode)))
        }

        mutating func add(settings: [UInt32]) {
            let values = settings.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
            add(
                IFLA_AF_SPEC,
                Self.attribute(Int(AF_INET6), [1, 2, 3])
                    + Self.attribute(Int(AF_INET), Self.attribute(IFLA_INET_CONF, values)))
        }

        /// - Parameter missing: how many bytes are cut off at the end.
        func bytes(missing: Int = 0) -> [UInt8] {
            let length = 16 + body.count - missing
            let header = [UInt8(length & 0xFF), UInt8(length >> 8), 0, 0, UInt8(RTM_NEWLINK), 0]
            return header + Array(repeating: 0, count: 10) + body.dropLast(missing)
        }

        func link(missing: Int = 0) throws -> Link? { try read(bytes(missing: missing)) { $0.link } }
    }

    /// All 33, each a hundred more than its number.
    private static let settings = (1...33).map { UInt32(100 + $0) }

    private static var whole: Message {
        var message = Message()
        message.add(IFLA_LINK, [3, 0, 0, 0])
        message.add(kind: "macvlan\0")
        message.add(IFLA_IFALIAS, Array("failover-agent parent=3 arp_ignore=0".utf8))
        message.add(settings: settings)
        return message
    }

    @Test("a macvlan of this program")
    func macvlan() throws {
        let link = try #require(try Self.whole.link())
        #expect(link.isMacvlan && link.isPrivate)
        #expect(link.alias == "failover-agent parent=3 arp_ignore=0")
        #expect(link.mark == MacvlanMark(parent: InterfaceIndex(rawValue: 3), lent: ARPSettings(ignore: 0)))
        #expect(link.arp == ARPSettings(ignore: 119, announce: 118))
        #expect(link.forwards == true)
    }

    @Test("another mode; another kind")
    func others() throws {
        var bridge = Message()
        bridge.add(IFLA_LINK, [3, 0, 0, 0])
        bridge.add(mode: [4, 0, 0, 0])
        #expect(try bridge.link()?.isPrivate == false)
        #expect(try bridge.link()?.isMacvlan == true)
        var other = Message()
        other.add(IFLA_LINK, [3, 0, 0, 0])
        other.add(kind: "macvtap\0")
        #expect(try other.link()?.isMacvlan == false)
        #expect(try other.link()?.isPrivate == false)
    }

    @Test("a text with a 0 behind it, or without; no UTF-8; none")
    func alias() throws {
        var message = Message()
        #expect(try message.link()?.alias == .some(nil))
        message.add(IFLA_IFALIAS, Array("uplink\0".utf8))
        #expect(try message.link()?.alias == "uplink")
        var odd = Message()
        odd.add(IFLA_IFALIAS, [0xFF, 0x61])
        #expect(try odd.link()?.alias == "\u{FFFD}a")
    }

    @Test("fewer settings than are asked for, and attributes that are too short, say nothing")
    func short() throws {
        var few = Message()
        few.add(settings: Array(Self.settings.prefix(18)))
        #expect(try few.link()?.arp == ARPSettings(announce: 118))
        var none = Message()
        none.add(settings: [])
        #expect(try none.link()?.arp == ARPSettings())
        #expect(try none.link()?.forwards == .some(nil))
        var narrow = Message()
        narrow.add(IFLA_LINK, [3, 0])
        narrow.add(mode: [1, 0])
        narrow.add(IFLA_AF_SPEC, [1])
        narrow.add(IFLA_IFALIAS, [])
        let link = try #require(try narrow.link())
        #expect(!link.isPrivate && link.alias == "" && link.arp.isEmpty)
        var hollow = Message()
        hollow.add(IFLA_LINKINFO, [])
        #expect(try hollow.link()?.isMacvlan == false)
    }

    @Test("cut off anywhere, it is a link of which less is known, or none")
    func cutOff() throws {
        let length = Self.whole.bytes().count
        for missing in 1..<length {
            let link = try Self.whole.link(missing: missing)
            // Its settings come last.
            #expect(link?.arp.isEmpty != false || missing < 4)
        }
    }

    @Test("a length inside that reaches beyond its attribute ends it")
    func wrongLength() throws {
        let bytes = Self.whole.bytes()
        for place in 32..<bytes.count {
            for value: UInt8 in [0, 1, 3, 5, 0xFF] {
                var other = bytes
                other[place] = value
                _ = try read(other) { $0.link }
            }
        }
    }
}
