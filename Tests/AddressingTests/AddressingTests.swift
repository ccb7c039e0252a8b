import Addressing
import Testing

@Suite("IPv4 addresses, prefixes, checksums")
struct AddressingTests {
    @Test("An address is four decimal octets", arguments: ["0.0.0.0", "192.0.2.1", "255.255.255.255", "10.0.0.10"])
    func readsAndWrites(text: String) {
        #expect(IPv4Address(text)?.description == text)
    }

    @Test(
        "What other programs may read differently is refused",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.-4", "1.2.3.4 ", "1..3.4", "0x1.2.3.4", "١.2.3.4",
        ])
    func refuses(text: String) {
        #expect(IPv4Address(text) == nil)
    }

    @Test("Addresses compare as numbers, whatever their octets look like")
    func comparesNumerically() throws {
        let low = try #require(IPv4Address("9.255.255.255"))
        let high = try #require(IPv4Address("10.0.0.0"))
        #expect(low < high)
        #expect(IPv4Address(128, 0, 0, 0) > IPv4Address(127, 255, 255, 255))
    }

    @Test("Only unicast addresses can be a host's")
    func unicast() {
        #expect(IPv4Address(192, 0, 2, 1).isUnicast)
        for address in [
            IPv4Address(0, 1, 2, 3), IPv4Address(127, 0, 0, 1), IPv4Address(224, 0, 0, 18), IPv4Address(240, 0, 0, 1),
            IPv4Address(255, 255, 255, 255),
        ] {
            #expect(!address.isUnicast)
        }
    }

    @Test(
        "A prefix knows its network and its broadcast address",
        arguments: [
            ("192.0.2.77/24", "192.0.2.0", "192.0.2.255"),
            ("192.0.2.77/32", "192.0.2.77", "192.0.2.77"),
            ("192.0.2.77/0", "0.0.0.0", "255.255.255.255"),
            ("10.1.2.3/9", "10.0.0.0", "10.127.255.255"),
        ])
    func network(text: String, network: String, broadcast: String) throws {
        let prefix = try #require(IPv4Prefix(text))
        #expect(prefix.network.description == network)
        #expect(prefix.broadcast.description == broadcast)
        #expect(prefix.contains(prefix.address))
        #expect(prefix.description == text)
    }

    @Test(
        "A prefix length is 0 to 32", arguments: ["192.0.2.1/33", "192.0.2.1/", "192.0.2.1/-1", "/24", "192.0.2.1/024"])
    func badPrefix(text: String) {
        #expect(IPv4Prefix(text) == nil)
    }

    @Test("Two prefixes share a network only with the same length")
    func sharesNetwork() throws {
        let host = try #require(IPv4Prefix("192.0.2.11/24"))
        #expect(host.sharesNetwork(with: try #require(IPv4Prefix("192.0.2.1/24"))))
        #expect(!host.sharesNetwork(with: try #require(IPv4Prefix("192.0.2.1/32"))))
        #expect(!host.sharesNetwork(with: try #require(IPv4Prefix("192.0.3.1/24"))))
    }

    @Test("A hardware address is six octets")
    func hardwareAddress() {
        #expect(MACAddress(octets: [0, 0x1A, 2, 3, 4, 0xFF])?.description == "00:1a:02:03:04:ff")
        #expect(MACAddress(octets: [1, 2, 3, 4, 5]) == nil)
        #expect(MACAddress.broadcast.octets == Array(repeating: 0xFF, count: 6))
    }

    @Test("The checksum is that of RFC 1071's example, in one piece or several")
    func checksum() {
        let bytes: [UInt8] = [0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]
        var whole = InternetChecksum()
        whole.add(bytes.span)
        #expect(whole.value == ~UInt16(0xDDF2))
        var pieces = InternetChecksum()
        pieces.add(Array(bytes[..<3]).span)
        pieces.add([bytes[3]].span)
        pieces.add(Array(bytes[4...]).span)
        #expect(pieces.value == whole.value)
    }

    @Test("Bytes that hold their own checksum sum up to 0")
    func checksumOverChecksum() {
        var bytes: [UInt8] = Array(0..<39) + [0, 0, 7]
        bytes[6] = 0
        bytes[7] = 0
        var checksum = InternetChecksum()
        checksum.add(bytes.span)
        bytes[6] = UInt8(checksum.value >> 8)
        bytes[7] = UInt8(checksum.value & 0xFF)
        var again = InternetChecksum()
        again.add(bytes.span)
        #expect(again.value == 0)
    }

    @Test("The stable hash is FNV-1a, and what it made of things in version 0.1.0 it makes of them for good")
    func stableHash() {
        // The algorithm's own example: "a", byte by byte.
        var plain = StableHash()
        plain.add(octet: 0x61)
        #expect(plain.value == 0xAF63_DC4C_8601_EC8C)
        var hash = StableHash()
        hash.add("eth0")
        hash.add(UInt64(0xC000_0201) << 8 | 24)
        hash.add([UInt8]())
        hash.add(octet: 7)
        #expect(hash.value == 0x5342_678A_DDB3_AFFF)
    }
}
