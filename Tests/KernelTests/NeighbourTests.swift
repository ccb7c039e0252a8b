import Addressing
import Testing

@testable import Kernel

@Suite("Neighbour discovery on the wire")
struct NeighbourTests {
    private static let mac = MACAddress(rawValue: 0x0200_0000_0009)
    private static let interface = InterfaceIndex(rawValue: 2)
    private static let address = IPv6Address("2001:db8::51") ?? .unspecified
    private static let source = IPv6Address("fe80::12") ?? .unspecified

    private static func claim(in bytes: [UInt8], from sender: MACAddress? = nil) -> AddressClaim? {
        NeighbourMessage.claim(in: bytes[...], from: sender, on: interface)
    }

    /// A changed packet with a checksum that is right again.
    private static func mended(_ packet: [UInt8]) -> [UInt8] {
        var packet = packet
        packet[42] = 0
        packet[43] = 0
        var checksum = InternetChecksum()
        checksum.addPseudoHeader(
            from: IPv6Address(octets: packet[8..<24]) ?? .unspecified,
            to: IPv6Address(octets: packet[24..<40]) ?? .unspecified, length: packet.count - 40, protocolNumber: 58)
        checksum.add(Array(packet[40...]).span)
        packet[42] = UInt8(checksum.value >> 8)
        packet[43] = UInt8(checksum.value & 0xFF)
        return packet
    }

    @Test(
        "An announcement overrides what all hosts of the link knew (RFC 9568, section 8.2.2)", arguments: [false, true])
    func announcement(isRouter: Bool) {
        let packet = NeighbourMessage.announcement(Self.address, Self.mac, isRouter: isRouter)
        #expect(packet.count == NeighbourMessage.length)
        #expect(Array(packet[..<8]) == [0x60, 0, 0, 0, 0, 32, 58, 255])
        #expect(Array(packet[8..<24]) == Self.address.octets)
        #expect(Array(packet[24..<40]) == IPv6Address("ff02::1")?.octets)
        #expect(packet[40] == 136 && packet[41] == 0)
        #expect(packet[44] == (isRouter ? 0xA0 : 0x20), "override; not solicited; router as the interface forwards")
        #expect(Array(packet[48..<64]) == Self.address.octets)
        #expect(Array(packet[64...]) == [2, 1] + Self.mac.octets)
        #expect(Self.mended(packet) == packet)
    }

    @Test("A question goes to the solicited-node group, from an address, so that nobody's detection is disturbed")
    func probe() {
        let packet = NeighbourMessage.probe(Self.address, from: Self.source, Self.mac)
        #expect(packet.count == NeighbourMessage.length && packet[40] == 135)
        #expect(Array(packet[8..<24]) == Self.source.octets)
        #expect(Array(packet[24..<40]) == IPv6Address("ff02::1:ff00:51")?.octets)
        #expect(Array(packet[64...]) == [1, 1] + Self.mac.octets)
        #expect(Self.mended(packet) == packet)
        #expect(Self.claim(in: packet) == nil, "a question says nothing of the address")
    }

    @Test("Who advertises an address claims it, and so does who detects duplicates of it")
    func claims() {
        let packet = NeighbourMessage.announcement(Self.address, Self.mac, isRouter: false)
        let expected = AddressClaim(
            interface: Self.interface, address: IPAddress(Self.address), hardwareAddress: Self.mac)
        #expect(Self.claim(in: packet) == expected)
        #expect(Self.claim(in: packet + [0, 0, 0]) == expected, "padding of a short frame")
        var solicited = packet
        solicited[44] |= 0x40
        #expect(Self.claim(in: Self.mended(solicited))?.isReply == true)
        // Detection names no hardware address: the frame does.
        var detection = Array(NeighbourMessage.probe(Self.address, from: .unspecified, Self.mac)[..<64])
        detection[5] = 24
        let frame = MACAddress(rawValue: 0x0200_0000_000A)
        #expect(Self.claim(in: Self.mended(detection), from: frame)?.hardwareAddress == frame)
        #expect(Self.claim(in: Self.mended(detection)) == nil)
    }

    @Test("Cut off, from afar, damaged, or something else: no claim")
    func noClaim() {
        let packet = NeighbourMessage.announcement(Self.address, Self.mac, isRouter: false)
        for length in 0..<packet.count { #expect(Self.claim(in: Array(packet[..<length])) == nil, "\(length)") }
        for (place, value) in [(0, 0x40), (6, 17), (7, 254), (40, 128), (41, 1), (5, 33), (5, 8), (4, 1)] {
            var other = packet
            other[place] = UInt8(value)
            #expect(Self.claim(in: place < 40 ? other : Self.mended(other)) == nil, "\(place) \(value)")
        }
        for place in 42..<packet.count {
            var other = packet
            other[place] ^= 1
            #expect(Self.claim(in: other) == nil, "\(place)")
        }
        // An option without a length would be read for ever.
        var endless = packet
        endless[65] = 0
        #expect(Self.claim(in: Self.mended(endless), from: nil) == nil)
    }
}
