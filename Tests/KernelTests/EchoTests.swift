import Addressing
import Testing

@testable import Kernel

@Suite("ICMP echo on the wire")
struct EchoTests {
    private static let nonce: UInt64 = 0x0102_0304_0506_07FF
    private static let ends = [
        (IPAddress("192.0.2.12") ?? .unspecified, IPAddress("192.0.2.11") ?? .unspecified),
        (IPAddress("fe80::12") ?? .unspecified, IPAddress("fe80::11") ?? .unspecified),
    ]

    /// What the host that was asked sends back.
    private static func reply(_ family: Int, nonce: UInt64 = nonce, identifier: UInt16 = 0xABCD) -> [UInt8] {
        let (own, host) = ends[family]
        guard var packet = EchoMessage.request(from: host, to: own, identifier: identifier, nonce: nonce) else {
            return []
        }
        let begin = family == 0 ? 20 : 40
        packet[begin] = family == 0 ? 0 : 129
        return mended(packet)
    }

    /// A changed packet with an ICMP checksum, and by IPv4 a header checksum, that are right again.
    private static func mended(_ packet: [UInt8]) -> [UInt8] {
        var packet = packet
        let isIPv4 = packet[0] >> 4 == 4
        let begin = isIPv4 ? 20 : 40
        var checksum = InternetChecksum()
        if !isIPv4 {
            checksum.addPseudoHeader(
                from: IPv6Address(octets: packet[8..<24]) ?? .unspecified,
                to: IPv6Address(octets: packet[24..<40]) ?? .unspecified, length: packet.count - begin,
                protocolNumber: 58)
        } else {
            packet[10...11] = [0, 0]
            var header = InternetChecksum()
            header.add(Array(packet[..<begin]).span)
            packet[10...11] = [UInt8(header.value >> 8), UInt8(header.value & 0xFF)]
        }
        packet[(begin + 2)...(begin + 3)] = [0, 0]
        checksum.add(Array(packet[begin...]).span)
        packet[(begin + 2)...(begin + 3)] = [UInt8(checksum.value >> 8), UInt8(checksum.value & 0xFF)]
        return packet
    }

    @Test("An IPv4 question is one packet of 36 octets that no router forwards unchanged, and no firewall may cut")
    func ipv4() throws {
        let (own, host) = Self.ends[0]
        let packet = try #require(
            EchoMessage.request(from: own, to: host, identifier: 0xABCD, nonce: Self.nonce))
        #expect(packet.count == 36)
        #expect(Array(packet[..<10]) == [0x45, 0xC0, 0, 36, 0, 0, 0x40, 0, 255, 1])
        #expect(Array(packet[12..<20]) == [192, 0, 2, 12, 192, 0, 2, 11])
        #expect(packet[20] == 8 && packet[21] == 0)
        #expect(Array(packet[24..<28]) == [0xAB, 0xCD, 0, 0])
        #expect(Array(packet[28...]) == [1, 2, 3, 4, 5, 6, 7, 0xFF])
        #expect(Self.mended(packet) == packet)
    }

    @Test("An IPv6 question has its checksum over the pseudo-header (RFC 4443, section 2.3)")
    func ipv6() throws {
        let (own, host) = Self.ends[1]
        let packet = try #require(
            EchoMessage.request(from: own, to: host, identifier: 0xABCD, nonce: Self.nonce))
        #expect(packet.count == 56)
        #expect(Array(packet[..<8]) == [0x6C, 0, 0, 0, 0, 16, 58, 255])
        #expect(Array(packet[8..<40]) == own.octets + host.octets)
        #expect(packet[40] == 128 && packet[41] == 0)
        #expect(Self.mended(packet) == packet)
    }

    @Test("Nobody is asked from an address of the other family")
    func families() {
        #expect(EchoMessage.request(from: Self.ends[0].0, to: Self.ends[1].1, identifier: 1, nonce: 1) == nil)
        #expect(EchoMessage.request(from: Self.ends[1].0, to: Self.ends[0].1, identifier: 1, nonce: 1) == nil)
    }

    @Test("The answer names who was asked, and the nonce", arguments: [0, 1])
    func answer(family: Int) {
        let reply = Self.reply(family)
        let expected = EchoMessage.Answer(source: Self.ends[family].1, nonce: Self.nonce)
        #expect(EchoMessage.answer(in: reply.span, identifier: 0xABCD) == expected)
        let padded = reply + [0, 0, 0, 0]
        #expect(EchoMessage.answer(in: padded.span, identifier: 0xABCD) == expected, "padding of a short frame")
    }

    @Test("Cut off, damaged, another program's, a question, or a fragment: no answer", arguments: [0, 1])
    func noAnswer(family: Int) {
        let reply = Self.reply(family)
        let begin = family == 0 ? 20 : 40
        for length in 0..<reply.count {
            #expect(EchoMessage.answer(in: Array(reply[..<length]).span, identifier: 0xABCD) == nil, "\(length)")
        }
        for place in begin..<reply.count {
            var damaged = reply
            damaged[place] ^= 0x40
            #expect(EchoMessage.answer(in: damaged.span, identifier: 0xABCD) == nil, "octet \(place)")
        }
        #expect(EchoMessage.answer(in: reply.span, identifier: 0xABCE) == nil)
        let changes =
            family == 0
            ? [(0, 0x46), (6, 0x20), (7, 1), (9, 17), (3, 35), (3, 37)] : [(6, 17), (5, 15), (5, 17), (0, 0x40)]
        for (place, value) in changes + [(begin, family == 0 ? 8 : 128), (begin + 1, 1)] {
            var other = reply
            other[place] = UInt8(value)
            let whole = Self.mended(other)
            #expect(EchoMessage.answer(in: whole.span, identifier: 0xABCD) == nil, "octet \(place) is \(value)")
        }
    }
}
