import Addressing
import Testing

@testable import Configuration

/// Virtual routers of IPv6, and where the two families meet in a file.
@Suite("IPv6 in a file")
struct IPv6Tests {
    private static let six = IPAddress("2001:db8::1") ?? .unspecified

    private static func instance(_ addresses: String, extra: String = "", global: String = "") throws
        -> InstanceConfiguration
    {
        let result = GuideFile.read(global + Self.text(addresses, extra: extra))
        return try #require(result.configuration?.instances.first, "\(result.diagnostics)")
    }

    private static func text(_ addresses: String, extra: String = "") -> String {
        "vrrp_instance V {\n interface eth0\n virtual_router_id 51\n \(extra)\n virtual_ipaddress {\n \(addresses)\n }\n}\n"
    }

    private static func errors(_ addresses: String, extra: String = "") -> [String] {
        GuideFile.read(text(addresses, extra: extra)).diagnostics.filter { $0.severity == .error }.map(\.message)
    }

    @Test("An IPv6 address makes the virtual router one of IPv6: version 3, ff02::12, whatever vrrp_version says")
    func defaults() throws {
        let instance = try Self.instance("fe80::51\n2001:db8::1/64", global: "global_defs {\n vrrp_version 2\n}\n")
        #expect(instance.family == .ipv6)
        #expect(instance.version == 3)
        #expect(instance.group == IPAddress("ff02::12"))
        #expect(instance.advertisedAddresses == [IPAddress("fe80::51"), Self.six])
    }

    @Test("Without a length it is a single address, which is never chosen as a source; with one it is as others are")
    func lengths() throws {
        let addresses = try Self.instance("fe80::51\n2001:db8::1/64\n2001:db8::2 preferred_lft forever").addresses
        #expect(addresses.map(\.prefix.length) == [128, 64, 128])
        #expect(addresses.map(\.preferredLifetime) == [0, nil, nil])
        #expect(addresses.allSatisfy { !$0.detectsDuplicates && $0.addsNetworkRoute })
    }

    @Test("The options of an IPv6 address")
    func options() throws {
        let address = try Self.instance(
            "2001:db8::1/64 dev eth1 preferred_lft 100 noprefixroute -nodad no_track home mngtmpaddr"
        ).addresses[0]
        #expect(address.interface == "eth1" && address.preferredLifetime == 100 && !address.addsNetworkRoute)
        #expect(address.detectsDuplicates && !address.isTracked)
    }

    @Test("What IPv6 addresses do not have is an error; keepalived passes over label and scope, and drops one with brd")
    func missing() {
        #expect(Self.errors("2001:db8::1/64 label eth0:1") == ["an IPv6 address has no label"])
        #expect(Self.errors("2001:db8::1/64 scope link") == ["the scope of an IPv6 address is in the address itself"])
        #expect(Self.errors("2001:db8::1/64 brd +") == ["IPv6 has no broadcast addresses: delete 'brd +'"])
        #expect(Self.errors("2001:db8::1/129").count == 1)
        #expect(Self.errors("2001:db8::1/64 preferred_lft soon") == ["'preferred_lft' takes seconds, or 'forever'"])
        #expect(Self.errors("ff02::1") == ["ff02::1 can't be the address of a host"])
    }

    @Test("The scope that every IPv6 address has is a warning", arguments: ["global", "0"])
    func globalScope(word: String) throws {
        let result = GuideFile.read(Self.text("fe80::51\n2001:db8::1/64 scope \(word)"))
        #expect(result.diagnostics.map(\.severity) == [.warning])
        #expect(
            result.warnings(about: "'scope' has no effect here: the scope of an IPv6 address is in the address itself"))
        #expect(result.instance?.addresses.count == 2)
    }

    @Test(
        "The first line that tells a family decides, as in keepalived",
        arguments: [
            ("native_ipv6", "fe80::51", IPFamily.ipv6), ("native_ipv6 true", "fe80::51", .ipv6),
            ("mcast_src_ip fe80::11", "fe80::51", .ipv6), ("mcast_dst_ip ff02::13", "fe80::51", .ipv6),
            ("unicast_src_ip 192.0.2.11", "192.0.2.1", .ipv4), ("", "192.0.2.1", .ipv4),
            ("unicast_peer {\n fe80::12\n}", "fe80::51", .ipv6),
        ])
    func family(extra: String, addresses: String, family: IPFamily) throws {
        #expect(try Self.instance(addresses, extra: extra).family == family)
    }

    @Test("What is of the other family is an error where it would not work, and says where it belongs")
    func mixed() throws {
        #expect(Self.errors("192.0.2.1\n2001:db8::1")[0].contains("'virtual_ipaddress_excluded'"))
        #expect(Self.errors("2001:db8::1\n192.0.2.1")[0].contains("'virtual_ipaddress_excluded'"))
        #expect(Self.errors("192.0.2.1", extra: "mcast_dst_ip ff02::12").count == 1)
        #expect(Self.errors("fe80::51", extra: "mcast_src_ip 192.0.2.11").count == 1)
        #expect(
            Self.errors(
                "fe80::51", extra: "unicast_src_ip fe80::11\n unicast_peer {\n fe80::12\n 192.0.2.12\n}"
            ).count == 1)
        let excluded = "virtual_ipaddress_excluded {\n 2001:db8::1/64\n}"
        let instance = try Self.instance("192.0.2.1", extra: excluded)
        #expect(instance.family == .ipv4 && instance.advertisedAddresses == [IPAddress(192, 0, 2, 1)])
        #expect(instance.addresses.map(\.prefix.address.family) == [.ipv4, .ipv6])
    }

    @Test(
        "An error about the family says what has decided, in which line, and what may be changed",
        arguments: [
            ("", "192.0.2.1\nfe80::51", "one of IPv4, by its first address in line 6: write it"),
            (
                "unicast_peer {\n192.0.2.12\n}", "fe80::51",
                "one of IPv4, by its first peer in line 5: change that line, or write it"
            ),
            (
                "unicast_src_ip 192.0.2.11", "fe80::51",
                "one of IPv4, by 'unicast_src_ip' in line 4: change that line, or write it"
            ),
            (
                "mcast_dst_ip 224.0.0.19", "fe80::51",
                "one of IPv4, by 'mcast_dst_ip' in line 4: change that line, or write it"
            ),
            ("native_ipv6", "192.0.2.1", "one of IPv6, by 'native_ipv6' in line 4: change that line, or write it"),
            (
                "mcast_src_ip 192.0.2.11\nmcast_dst_ip ff02::12", "192.0.2.1",
                "one of IPv4, by 'mcast_src_ip' in line 4; a virtual router"
            ),
            (
                "unicast_src_ip fe80::11\nunicast_peer {\n192.0.2.12\n}", "fe80::51",
                "one of IPv6, by 'unicast_src_ip' in line 4; a virtual router"
            ),
        ])
    func whatDecided(extra: String, addresses: String, words: String) {
        let errors = Self.errors(addresses, extra: extra)
        #expect(errors.contains { $0.contains(words) }, "\(errors)")
    }

    @Test("In an included file, the line that has decided is told with its file")
    func whatDecidedElsewhere() {
        let files = MemoryFiles(["/c": Self.text("include /d", extra: "unicast_src_ip 192.0.2.11"), "/d": "fe80::51\n"])
        #expect(ConfigurationReader.read("/c", from: files).errors(about: "by 'unicast_src_ip' at /c:4:17"))
    }

    @Test("A block whose peers are all in error is no reason to speak of multicast")
    func wrongPeersAlone() {
        let peers = "unicast_src_ip 192.0.2.11\nunicast_peer {\nfe80::12\n}"
        #expect(GuideFile.read(Self.text("192.0.2.1", extra: peers)).diagnostics.map(\.severity) == [.error])
        #expect(
            GuideFile.read(Self.text("192.0.2.1", extra: "unicast_src_ip 192.0.2.11")).warnings(
                about: "go out by multicast"))
    }

    @Test("Version 2 knows no IPv6, wherever the line stands")
    func version2() {
        let message = ["VRRP version 2 knows no IPv6: delete the line, and on the other hosts, too"]
        #expect(Self.errors("fe80::51", extra: "version 2") == message)
        let behind = Self.text("fe80::51").replacing("virtual_router_id 51", with: "virtual_router_id 51 #")
        #expect(
            GuideFile.read(behind.dropLast(2) + " version 2\n}\n").diagnostics.filter { $0.severity == .error }
                .map(\.message) == message)
    }

    @Test("A peer with a global address needs to know from where: else both hosts would be master")
    func unicastSource() throws {
        let peer = "unicast_peer {\n 2001:db8::12\n}"
        #expect(Self.errors("2001:db8::1", extra: peer)[0].contains("'unicast_src_ip'"))
        let instance = try Self.instance("2001:db8::1", extra: "unicast_src_ip 2001:db8::11\n" + peer)
        #expect(instance.source == IPAddress("2001:db8::11"))
        #expect(Self.errors("fe80::51", extra: "unicast_peer {\n fe80::12\n}").isEmpty)
    }

    @Test("A virtual router of each family may have the same number on one interface; two of one may not")
    func numbers() {
        let four = Self.text("192.0.2.1").replacing("V {", with: "W {")
        #expect(!GuideFile.read(Self.text("fe80::51") + four).hasErrors)
        let other = Self.text("fe80::52").replacing("V {", with: "W {")
        #expect(GuideFile.read(Self.text("fe80::51") + other).hasErrors)
    }

    @Test("A list that does not begin with a link-local address is taken with a warning (RFC 9568, section 5.2.9)")
    func firstAddress() {
        let warned = GuideFile.read(Self.text("2001:db8::1"))
        #expect(warned.diagnostics.map(\.severity) == [.warning])
        #expect(warned.diagnostics[0].message.contains("link-local"))
        #expect(GuideFile.read(Self.text("fe80::51\n2001:db8::1")).diagnostics.isEmpty)
    }

    @Test("An advertisement has 16 bytes for each address, and a header of 40")
    func length() throws {
        let instance = try Self.instance("fe80::51\n2001:db8::1")
        #expect(instance.advertisementLength == 80)
        #expect(instance.mostAddresses(mtu: 1500) == 90)
    }

    @Test("Groups and paces of each family")
    func global() throws {
        let text = """
            global_defs {
                vrrp_mcast_group6 ff02::13
                vrrp_gna_interval 0.02
            }
            garp_group {
                gna_interval 0.03
                interface eth1
            }
            """
        let configuration = try #require(GuideFile.read(text + "\n" + Self.text("fe80::51")).configuration)
        #expect(configuration.instances[0].group == IPAddress("ff02::13"))
        #expect(configuration.pacing.neighbourInterval == .milliseconds(20))
        #expect(configuration.pacing.interval == .zero)
        #expect(configuration.pacing.groups[0].neighbourInterval == .milliseconds(30))
        #expect(GuideFile.read("global_defs {\n vrrp_mcast_group6 224.0.0.18\n}\n" + Self.text("fe80::51")).hasErrors)
    }
}
