import Addressing
import Testing
import VRRP

@Suite("Packets by IPv6 (RFC 9568)")
struct IPv6PacketTests {
    private static let source = IPv6Address("fe80::ff:fe00:901") ?? .unspecified

    private static func addresses(_ text: String...) -> [IPAddress] { text.compactMap { IPAddress($0) } }

    private static func advertisement(
        _ addresses: [IPAddress], id: UInt8 = 0x33, priority: UInt8 = 0x96, version: ProtocolVersion = .v3
    ) -> Advertisement {
        Advertisement(
            version: version, virtualRouterID: id, priority: priority, interval: .seconds(1), addresses: addresses)
    }

    private static func check(_ addresses: [IPAddress], version: ProtocolVersion = .v3) -> AdvertisementCheck {
        AdvertisementCheck(
            version: version, virtualRouterID: 0x33, interval: .seconds(1), authentication: .none,
            addresses: addresses, reach: .multicast(group: IPAddress(Advertisement.ipv6Group)))
    }

    @Test("As a keepalived 2.2.7 was seen to send it")
    func keepalived() {
        let shared = ["fe80::51:1"] + (0x51...0x58).map { "2001:db8:9::\(String($0, radix: 16))" }
        let packet = Self.advertisement(shared.compactMap { IPAddress($0) }, id: 0x33, priority: 150)
            .ipv6Packet(from: Self.source)
        #expect(packet.count == 40 + 8 + 16 * 9)
        #expect(Array(packet[40..<48]) == [0x31, 0x33, 0x96, 0x09, 0x00, 0x64, 0xC2, 0x37])
        #expect(Array(packet[48..<64]) == IPv6Address("fe80::51:1")?.octets)
    }

    @Test("As FRR 8.4 was seen to send it")
    func frr() throws {
        let source = try #require(IPv6Address("fe80::853c:1ae6:15dc:39e0"))
        let packet = Self.advertisement(Self.addresses("2001:db8:9::55"), id: 5, priority: 200)
            .ipv6Packet(from: source)
        #expect(Array(packet[40..<48]) == [0x31, 0x05, 0xC8, 0x01, 0x00, 0x64, 0xEA, 0x80])
    }

    @Test("The header: hop limit 255, VRRP, ff02::12, and a flow label by which this program's own are known")
    func header() {
        let packet = Self.advertisement(Self.addresses("fe80::51")).ipv6Packet(from: Self.source)
        #expect(Array(packet[..<8]) == [0x6C, 0x00, 0xFA, 0x57, 0, 24, 112, 255])
        #expect(Array(packet[8..<24]) == Self.source.octets)
        #expect(Array(packet[24..<40]) == IPv6Address("ff02::12")?.octets)
    }

    @Test("What is sent is heard again, in any order of the addresses")
    func roundTrip() throws {
        let shared = Self.addresses("fe80::51", "2001:db8::1", "2001:db8::2")
        let bytes = Self.advertisement(shared).ipv6Packet(from: Self.source)
        let packet = try ReceivedPacket(bytes.span)
        #expect(packet.family == .ipv6 && packet.addresses(in: bytes.span) == shared)
        let heard = try Self.check(shared.reversed()).judge(packet, in: bytes.span)
        #expect(heard.source == IPAddress(Self.source) && heard.priority == 0x96 && heard.interval == .seconds(1))
        #expect(heard.hasOurList && heard.isFromAgent && !heard.addressesDiffer)
        #expect(try Self.check(Self.addresses("2001:db8::9")).judge(packet, in: bytes.span).sharesNoAddress)
    }

    struct Fault: Sendable {
        let name: String
        let reason: DropReason
        let change: @Sendable (inout [UInt8]) -> Void
    }

    static let faults: [Fault] = [
        Fault(name: "hop limit 254", reason: .timeToLive) { $0[7] = 254 },
        Fault(name: "another protocol", reason: .notVRRP) { $0[6] = 58 },
        Fault(name: "shorter than a header", reason: .truncated) { $0 = Array($0[..<39]) },
        Fault(name: "a length beyond its end", reason: .truncated) { $0[5] &+= 1 },
        Fault(name: "an address too few", reason: .length) {
            $0 = Array($0[..<($0.count - 16)])
            $0[5] -= 16
        },
        Fault(name: "another group", reason: .destination) { $0[39] = 0x13 },
        Fault(name: "from a group", reason: .source) { $0[8] = 0xFF },
        Fault(name: "from an IPv4-mapped address", reason: .source) {
            $0.replaceSubrange(8..<24, with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1])
        },
        Fault(name: "a bit of the checksum", reason: .checksum) { $0[47] ^= 1 },
        Fault(name: "a bit of an address", reason: .checksum) { $0[60] ^= 1 },
        Fault(name: "a bit of the source", reason: .checksum) { $0[20] ^= 1 },
        Fault(name: "another virtual router", reason: .unknownVirtualRouter) { $0[41] = 1 },
        Fault(name: "version 2", reason: .version) { $0[40] = 0x21 },
        Fault(name: "another type", reason: .type) { $0[40] = 0x32 },
        Fault(name: "a checksum without the pseudo-header", reason: .checksum) { bytes in
            bytes[46] = 0
            bytes[47] = 0
            var checksum = InternetChecksum()
            checksum.add(Array(bytes[40...]).span)
            bytes[46] = UInt8(checksum.value >> 8)
            bytes[47] = UInt8(checksum.value & 0xFF)
        },
    ]

    @Test("What is wrong with a packet is told, and nothing else", arguments: faults.indices)
    func drops(index: Int) {
        let fault = Self.faults[index]
        let shared = Self.addresses("fe80::51", "2001:db8::1")
        var bytes = Self.advertisement(shared).ipv6Packet(from: Self.source)
        fault.change(&bytes)
        #expect(throws: fault.reason, "\(fault.name)") {
            let packet = try ReceivedPacket(bytes.span)
            _ = try Self.check(shared).judge(packet, in: bytes.span)
        }
    }

    @Test("Version 2 by IPv6, which keepalived sends when it is told to, is neither sent nor heard")
    func version2() throws {
        let shared = Self.addresses("fe80::51")
        let advertisement = Self.advertisement(shared, version: .v2)
        #expect(advertisement.packet(from: IPAddress(Self.source), to: IPAddress(Advertisement.ipv6Group)) == nil)
        var bytes = Self.advertisement(shared).ipv6Packet(from: Self.source)
        bytes[40] = 0x21
        let packet = try ReceivedPacket(bytes.span)
        #expect(throws: DropReason.version) { try Self.check(shared, version: .v2).judge(packet, in: bytes.span) }
    }

    @Test("A packet goes from and to addresses of one family, and names addresses of that family")
    func families() throws {
        let shared = Self.addresses("fe80::51", "192.0.2.1")
        let advertisement = Self.advertisement(shared)
        let (four, six) = (IPAddress(192, 0, 2, 11), IPAddress(Self.source))
        #expect(advertisement.packet(from: four, to: six) == nil)
        let byIPv4 = try #require(advertisement.packet(from: four, to: IPAddress(Advertisement.ipv4Group)))
        #expect(byIPv4[20 + 3] == 1 && byIPv4.count == 32)
        let byIPv6 = try #require(advertisement.packet(from: six, to: IPAddress(Advertisement.ipv6Group)))
        #expect(byIPv6[40 + 3] == 1 && byIPv6.count == 64)
    }

    @Test("By unicast any hop limit is heard")
    func unicast() throws {
        let own = try #require(IPv6Address("2001:db8::11"))
        let peer = try #require(IPv6Address("2001:db8::12"))
        let shared = Self.addresses("2001:db8::1")
        var check = Self.check(shared)
        check.reach = .unicast(Reach.Unicast(own: IPAddress(own), peers: [.init(address: IPAddress(peer))]))
        let bytes = Self.advertisement(shared).ipv6Packet(from: peer, to: own, hopLimit: 64)
        _ = try check.judge(ReceivedPacket(bytes.span), in: bytes.span)
    }

    @Test("255 addresses fit; the count never lies")
    func manyAddresses() throws {
        let shared = (1...300).map { IPAddress(IPv6Address(high: 0x2001_0DB8 << 32, low: $0)) }
        let bytes = Self.advertisement(shared).ipv6Packet(from: Self.source)
        #expect(bytes[43] == 255 && bytes.count == 40 + 8 + 16 * 255)
        #expect(try ReceivedPacket(bytes.span).addresses(in: bytes.span) == Array(shared[..<255]))
    }
}
