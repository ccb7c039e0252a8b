import Addressing
import Testing

@Suite("IPv6 addresses")
struct IPv6Tests {
    @Test(
        "One form is written, RFC 5952's, whatever was read",
        arguments: [
            // RFC 5952, section 4.1: leading zeros; 4.3: small letters.
            ("2001:0db8::0001", "2001:db8::1"), ("2001:DB8::ABCD", "2001:db8::abcd"),
            // 4.2.1: as short as possible; 4.2.2: not for one group; 4.2.3: the longest run, the first of two.
            ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("0:0:0:0:0:0:0:0", "::"), ("0:0:0:0:0:0:0:1", "::1"), ("1:0:0:0:0:0:0:0", "1::"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("ff02::12", "ff02::12"), ("fe80::1", "fe80::1"),
            // 5: an IPv4 address within.
            ("::ffff:c000:201", "::ffff:192.0.2.1"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ])
    func reads(text: String, canonical: String) throws {
        let address = try #require(IPv6Address(text))
        #expect(address.description == canonical)
        #expect(IPv6Address(canonical) == address)
    }

    @Test(
        "What is no address is refused",
        arguments: [
            "", ":", ":::", "1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
            "1::2::3", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7:", ":2:3:4:5:6:7:8", "::1:", ":1::",
            "12345::",
            "00001::", "g::", "+1::", "-1::", "1 ::", " ::1", "::1 ", "::1%eth0", "::1/64", "[::1]", "::1.2.3",
            "::1.2.3.256", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:1", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4", "::\u{0661}",
            "fe80:\u{FF1A}1",
        ])
    func refuses(text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test("Every number is read as it is written, and the bits are where they belong")
    func roundTrip() throws {
        var seed: UInt64 = 1
        func next() -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return seed >> 33
        }
        for _ in 0..<2000 {
            // Half of the groups are 0, so that runs of all lengths come.
            let groups = (0..<8).map { _ in next() % 2 == 0 ? 0 : next() % 0x1_0000 }
            let address = IPv6Address(
                high: groups[..<4].reduce(0) { $0 << 16 | $1 }, low: groups[4...].reduce(0) { $0 << 16 | $1 })
            #expect(IPv6Address(address.description) == address)
            #expect(IPv6Address(groups.map { String($0, radix: 16) }.joined(separator: ":")) == address)
        }
    }

    @Test("What an address is for shows in its first bits")
    func kinds() throws {
        func address(_ text: String) throws -> IPv6Address { try #require(IPv6Address(text)) }
        #expect(try address("ff02::12").isMulticast)
        #expect(try address("::1").isLoopback)
        #expect(try address("fe80::1").isLinkLocal && address("febf::1").isLinkLocal)
        #expect(try !address("fec0::1").isLinkLocal && !address("fe7f::1").isLinkLocal)
        for text in ["2001:db8::1", "fe80::1", "fd00::1"] { #expect(try address(text).isUnicast) }
        for text in ["::", "::1", "ff02::1", "::ffff:192.0.2.1"] { #expect(try !address(text).isUnicast) }
        #expect(try address("9::") < address("10::") && address("1::1") < address("1::2"))
    }
}

@Suite("Addresses of either family")
struct FamilyTests {
    static let four = IPv4Address(192, 0, 2, 1)
    static let six = IPv6Address(high: 0x2001_0DB8_0000_0000, low: 0xC000_0201)

    @Test("An address is of one family, and is taken out as it was put in")
    func families() {
        #expect(IPAddress(Self.four).ipv4 == Self.four)
        #expect(IPAddress(Self.four).ipv6 == nil)
        #expect(IPAddress(Self.six).ipv6 == Self.six)
        #expect(IPAddress(Self.six).ipv4 == nil)
        #expect(IPAddress(192, 0, 2, 1) == IPAddress(Self.four))
        #expect([IPAddress(Self.six), IPAddress(Self.four)].ipv4 == [Self.four])
        for text in ["::", "::1", "::c000:201", "::fffe:c000:201", "0:0:0:0:1:ffff:c000:201", "1::ffff:c000:201"] {
            #expect(IPAddress(text)?.ipv6 == IPv6Address(text))
            #expect(IPAddress(text)?.description == IPv6Address(text)?.description)
            #expect(IPAddress(text) != IPAddress(Self.four))
        }
    }

    @Test("An IPv4-mapped address is the IPv4 address that it stands for, and is not read in that form")
    func mapped() throws {
        let mapped = try #require(IPv6Address("::ffff:192.0.2.1"))
        #expect(IPAddress(mapped) == IPAddress(Self.four))
        #expect(IPAddress("::ffff:192.0.2.1") == nil)
        #expect(IPAddress("::ffff:c000:201") == nil)
    }

    @Test("Text is read strictly, and IPv4 alone where only that will do")
    func text() {
        for text in ["0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "2001:db8::1"] {
            #expect(IPAddress(text)?.description == text)
        }
        for text in ["", "01.2.3.4", "1.2.3", "192.0.2.1 ", "2001:db8::1%2", "2001:db8::1/64", "localhost"] {
            #expect(IPAddress(text) == nil)
        }
        #expect(IPAddress(ipv4: "192.0.2.1") == IPAddress(Self.four))
        #expect(IPAddress(ipv4: "2001:db8::1") == nil)
        #expect(IPPrefix(ipv4: "192.0.2.1/24") == IPPrefix("192.0.2.1/24"))
        #expect(IPPrefix(ipv4: "2001:db8::1/64") == nil)
    }

    @Test("IPv4 sorts as numbers and before IPv6, which sorts as numbers, too")
    func order() throws {
        let texts = [
            "0.0.0.0", "9.255.255.255", "10.0.0.0", "128.0.0.0", "255.255.255.255", "::", "::1", "1::", "1::1",
            "ffff::",
        ]
        let sorted = try texts.map { try #require(IPAddress($0)) }
        #expect(sorted.reversed().sorted() == sorted)
        for (place, left) in sorted.enumerated() {
            for (other, right) in sorted.enumerated() {
                #expect((left < right) == (place < other))
                #expect((left == right) == (place == other))
            }
        }
    }

    @Test("Equal addresses have equal hash values; dictionaries tell all others apart")
    func hashing() throws {
        var seen: [IPAddress: Int] = [:]
        for number in 0..<256 {
            seen[IPAddress(10, 0, 0, UInt8(number))] = number
            seen[IPAddress(IPv6Address(high: 0, low: 0xA00_0000 + UInt64(number)))] = 1000 + number
            seen[IPAddress(IPv6Address(high: UInt64(number) << 32 | 1, low: 0xFFFF_0A00_0001))] = 2000 + number
        }
        #expect(seen.count == 768)
        #expect(seen[IPAddress(10, 0, 0, 7)] == 7)
        #expect(seen[try #require(IPAddress("::a00:7"))] == 1007)
        #expect(try IPAddress(10, 0, 0, 7).hashValue == #require(IPAddress("10.0.0.7")).hashValue)
    }

    @Test("What an address is for is what its family says")
    func kinds() throws {
        #expect(IPAddress(224, 0, 0, 18).isMulticast)
        #expect(IPAddress(127, 0, 0, 1).isLoopback)
        #expect(IPAddress(Self.four).isUnicast && IPAddress(Self.six).isUnicast)
        for text in ["0.1.2.3", "127.0.0.1", "224.0.0.18", "240.0.0.1", "255.255.255.255", "::", "::1", "ff02::12"] {
            #expect(try !#require(IPAddress(text)).isUnicast)
        }
        #expect(IPAddress.unspecified == IPAddress(0, 0, 0, 0))
    }

    @Test("An IPv4 address is hashed for good as the number that it was")
    func stableHash() {
        func value(_ body: (inout StableHash) -> Void) -> UInt64 {
            var hash = StableHash()
            body(&hash)
            return hash.value
        }
        #expect(value { $0.add(IPAddress(Self.four)) } == value { $0.add(UInt64(0xC000_0201)) })
        #expect(value { $0.add(IPAddress(Self.six)) } != value { $0.add(UInt64(0xC000_0201)) })
    }

    @Test("They take no more room than they need")
    func room() {
        #expect(MemoryLayout<IPAddress>.size == 16 && MemoryLayout<IPAddress>.alignment == 4)
        #expect(MemoryLayout<IPPrefix>.size == 17)
        #expect(MemoryLayout<AddressKey>.stride <= 24)
    }
}

@Suite("Prefixes of either family")
struct IPPrefixTests {
    @Test(
        "A prefix knows its network",
        arguments: [
            ("192.0.2.77/24", "192.0.2.0"), ("192.0.2.77/32", "192.0.2.77"), ("192.0.2.77/0", "0.0.0.0"),
            ("10.255.2.3/9", "10.128.0.0"), ("2001:db8:1:2:3::4/64", "2001:db8:1:2::"),
            ("2001:db8::ff/120", "2001:db8::"),
            ("ffff:ffff:ffff::/33", "ffff:ffff:8000::"), ("ffff::1/128", "ffff::1"), ("ffff::1/0", "::"),
        ])
    func network(text: String, network: String) throws {
        let prefix = try #require(IPPrefix(text))
        #expect(prefix.network.description == network)
        #expect(prefix.contains(prefix.address))
        #expect(prefix.description == text)
        #expect(prefix.ipv4?.network.description == (prefix.address.isIPv4 ? network : nil))
    }

    @Test(
        "A length is at most as many bits as the address has",
        arguments: [
            "192.0.2.1/33", "192.0.2.1/", "192.0.2.1/-1", "/24", "192.0.2.1/024", "::1/129", "::1/064", "::1", "::1/6 ",
        ])
    func badLength(text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test("Networks of two families have nothing in common")
    func families() throws {
        func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }
        #expect(try prefix("0.0.0.0/0").contains(IPAddress(FamilyTests.four)))
        #expect(try !prefix("0.0.0.0/0").contains(IPAddress(FamilyTests.six)))
        #expect(try !prefix("::/0").contains(IPAddress(FamilyTests.four)))
        #expect(try !prefix("::/0").sharesNetwork(with: prefix("0.0.0.0/0")))
        #expect(try prefix("2001:db8::1/64").sharesNetwork(with: prefix("2001:db8::2/64")))
        #expect(try !prefix("2001:db8::1/64").sharesNetwork(with: prefix("2001:db8::1/128")))
        #expect(IPPrefix(host: IPAddress(FamilyTests.six)).length == 128)
        #expect(IPPrefix(host: IPAddress(FamilyTests.four)).description == "192.0.2.1/32")
    }
}
