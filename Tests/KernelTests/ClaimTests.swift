import Addressing
import Testing

@testable import Kernel

@Suite("ARP on the wire")
struct ClaimTests {
    private static let hardwareAddress = MACAddress(rawValue: 0x0200_0000_0009)
    private static let interface = InterfaceIndex(rawValue: 2)

    @Test("A gratuitous ARP is a question whose sender and target are the same (RFC 5227, section 2.3)")
    func announcement() {
        let body = ARPMessage.announcement(IPv4Address(192, 0, 2, 1), Self.hardwareAddress)
        #expect(
            body == [
                0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 192, 0, 2, 1, 255, 255, 255, 255, 255, 255, 192, 0, 2, 1,
            ])
    }

    @Test("A probe names no sender, so that it changes nobody's mind (RFC 5227, section 2.1.1)")
    func probe() {
        let body = ARPMessage.probe(IPv4Address(192, 0, 2, 1), Self.hardwareAddress)
        #expect(
            body == [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1])
    }

    @Test("What another host says of itself is read from an answer and from an announcement")
    func claim() {
        var body = ARPMessage.announcement(IPv4Address(192, 0, 2, 1), Self.hardwareAddress)
        #expect(
            ARPMessage.claim(in: body[...], on: Self.interface)
                == AddressClaim(
                    interface: Self.interface, address: IPAddress(192, 0, 2, 1),
                    hardwareAddress: Self.hardwareAddress))
        body[7] = 2
        #expect(ARPMessage.claim(in: body[...], on: Self.interface)?.isReply == true)
        #expect(ARPMessage.claim(in: (body + [0, 0])[...], on: Self.interface)?.isReply == true)
    }

    @Test("Too short, not for Ethernet and IPv4, or neither question nor answer: no claim")
    func noClaim() {
        let body = ARPMessage.announcement(IPv4Address(192, 0, 2, 1), Self.hardwareAddress)
        for length in 0..<28 { #expect(ARPMessage.claim(in: body[..<length], on: Self.interface) == nil) }
        for (place, value) in [(0, 1), (1, 6), (2, 0x86), (3, 0xDD), (4, 8), (5, 16), (6, 1), (7, 0), (7, 3)] {
            var other = body
            other[place] = UInt8(value)
            #expect(ARPMessage.claim(in: other[...], on: Self.interface) == nil)
        }
    }
}
