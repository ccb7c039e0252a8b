import Addressing
import Testing
import VRRP

/// What the tests share: the guide's virtual router.
enum Guide {
    static let source = IPv4Address(192, 0, 2, 11)
    static let password = Authentication.password(Password("s3cret".utf8))

    static func advertisement(
        version: ProtocolVersion = .v2, priority: UInt8 = 100, interval: Duration = .seconds(1),
        addresses: [IPAddress] = [IPAddress(192, 0, 2, 1)], authentication: Authentication = password
    ) -> Advertisement {
        Advertisement(
            version: version, virtualRouterID: 10, priority: priority, interval: interval, addresses: addresses,
            authentication: authentication)
    }

    static func check(
        version: ProtocolVersion = .v2, interval: Duration = .seconds(1),
        addresses: [IPAddress] = [IPAddress(192, 0, 2, 1)], authentication: Authentication = password
    ) -> AdvertisementCheck {
        AdvertisementCheck(
            version: version, virtualRouterID: 10, interval: interval, authentication: authentication,
            addresses: addresses)
    }

    static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var checksum = InternetChecksum()
        checksum.add(bytes.span)
        return checksum.value
    }

    /// What the check says of a packet.
    static func judge(_ bytes: [UInt8], by check: AdvertisementCheck = check()) throws(DropReason) -> HeardAdvertisement
    {
        let packet = try ReceivedPacket(ipv4: bytes.span)
        return try check.judge(packet, in: bytes.span)
    }
}

@Suite("Packets on the wire")
struct PacketTests {
    @Test("Version 2 with a password, as RFC 2338 draws it")
    func version2() {
        let packet = Guide.advertisement().ipv4Packet(from: Guide.source)
        #expect(packet.count == 40)
        #expect(Array(packet[20..<26]) == [0x21, 10, 100, 1, 1, 1])
        #expect(Array(packet[28...]) == [192, 0, 2, 1] + Array("s3cret".utf8) + [0, 0])
        #expect(Self.hasRightChecksum(packet))
    }

    private static func hasRightChecksum(_ packet: [UInt8]) -> Bool {
        let checksum = Guide.checksum(Array(packet[20...]))
        return checksum == 0
    }

    @Test("Version 2 without authentication still carries eight zero bytes")
    func withoutAuthentication() {
        let packet = Guide.advertisement(authentication: .none).ipv4Packet(from: Guide.source)
        #expect(packet.count == 40)
        #expect(packet[24] == 0)
        #expect(Array(packet[32...]) == Array(repeating: 0, count: 8))
    }

    @Test("Version 3 as a keepalived 2.2.7 was seen to send it, pseudo-header under the checksum")
    func version3() {
        let advertisement = Advertisement(
            version: .v3, virtualRouterID: 0x33, priority: 100, interval: .milliseconds(100),
            addresses: [IPAddress(10, 9, 0, 100)])
        let packet = advertisement.ipv4Packet(from: IPv4Address(10, 9, 0, 2))
        #expect(Array(packet[20...]) == [0x31, 0x33, 0x64, 0x01, 0x00, 0x0A, 0x75, 0xBA, 0x0A, 0x09, 0x00, 0x64])
    }

    @Test("What is sent is heard again", arguments: ProtocolVersion.allCases)
    func roundTrip(version: ProtocolVersion) throws {
        for interval in [Duration.seconds(1), .seconds(40)] {
            let authentication = version == .v2 ? Guide.password : .none
            let sent = Guide.advertisement(
                version: version, priority: 200, interval: interval, authentication: authentication)
            let heard = try Guide.judge(
                sent.ipv4Packet(from: Guide.source),
                by: Guide.check(version: version, interval: interval, authentication: authentication))
            #expect(heard.source == IPAddress(Guide.source))
            #expect(heard.priority == 200)
            #expect(heard.interval == interval)
            #expect(!heard.addressesDiffer)
        }
    }

    @Test("Version 3 without the pseudo-header, RFC 9568's letter, is accepted and told apart")
    func plainChecksum() throws {
        var packet = Guide.advertisement(version: .v3, authentication: .none).ipv4Packet(from: Guide.source)
        packet[26] = 0
        packet[27] = 0
        let checksum = Guide.checksum(Array(packet[20...]))
        packet[26] = UInt8(checksum >> 8)
        packet[27] = UInt8(checksum & 0xFF)
        let heard = try Guide.judge(packet, by: Guide.check(version: .v3, authentication: .none))
        #expect(heard.checksumForm == .plain)
    }

    @Test("Padding behind the packet's own length does not count")
    func padding() throws {
        let packet = Guide.advertisement().ipv4Packet(from: Guide.source) + [0, 0, 0, 0, 0, 0]
        #expect(try Guide.judge(packet).priority == 100)
    }

    @Test("Another list of addresses is accepted and said; another order is no difference")
    func addressList() throws {
        let one = IPAddress(192, 0, 2, 1)
        let two = IPAddress(192, 0, 2, 2)
        let check = Guide.check(addresses: [one, two])
        let same = try Guide.judge(
            Guide.advertisement(addresses: [two, one]).ipv4Packet(from: Guide.source), by: check)
        #expect(!same.addressesDiffer)
        for list in [[one], [one, one], [one, two, IPAddress(192, 0, 2, 3)]] {
            let other = try Guide.judge(Guide.advertisement(addresses: list).ipv4Packet(from: Guide.source), by: check)
            #expect(other.addressesDiffer)
        }
    }

    @Test("255 addresses fit; the count never lies")
    func manyAddresses() throws {
        let addresses = (1...255).map { IPAddress(IPv4Address(rawValue: 0x0A00_0000 + UInt32($0))) }
        let packet = Guide.advertisement(addresses: addresses).ipv4Packet(from: Guide.source)
        #expect(packet[23] == 255)
        #expect(try !Guide.judge(packet, by: Guide.check(addresses: addresses)).addressesDiffer)
    }

    @Test("A password's bytes never show")
    func passwordIsSecret() {
        let password = Password("s3cret".utf8)
        #expect(!"\(password)".contains("s3cret"))
        #expect(!String(reflecting: Guide.password).contains("\(password.octets)"))
        var dumped = ""
        dump(Guide.check(), to: &dumped)
        #expect(!dumped.contains("\(password.octets)"))
    }

    @Test(
        "An advertisement is recognised by the same number as in version 0.1.0", arguments: [ProtocolVersion.v2, .v3])
    func identity(version: ProtocolVersion) throws {
        let bytes = Guide.advertisement(version: version).ipv4Packet(from: Guide.source)
        let value = try ReceivedPacket(ipv4: bytes.span).identity(in: bytes.span)
        #expect(value == (version == .v2 ? 0x4AEA_D1DA_ADBE_012C : 0x6053_16CF_84A0_364C))
    }

    @Test("An advertisement by IPv4 names IPv4 addresses, and one of another list is told from it")
    func otherFamily() throws {
        let four = IPAddress(192, 0, 2, 1)
        let six = try #require(IPAddress("2001:db8::c000:201"))
        let packet = Guide.advertisement(addresses: [six, four]).ipv4Packet(from: Guide.source)
        #expect(packet == Guide.advertisement(addresses: [four]).ipv4Packet(from: Guide.source))
        #expect(try Guide.judge(packet, by: Guide.check(addresses: [six])).sharesNoAddress)
        #expect(try Guide.judge(packet, by: Guide.check(addresses: [four])).hasOurList)
    }
}
