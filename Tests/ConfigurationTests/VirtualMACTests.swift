import Addressing
import Configuration
import Testing

@Suite("use_vmac: a macvlan with the virtual router's hardware address")
struct VirtualMACTests {
    static func text(
        _ extra: String = "use_vmac", name: String = "V", interface: String = "eth0", id: Int = 51,
        addresses: String = "192.0.2.1"
    ) -> String {
        """
        vrrp_instance \(name) {
            interface \(interface)
            virtual_router_id \(id)
            version 3
            \(extra)
            virtual_ipaddress {
                \(addresses)
            }
        }

        """
    }

    private static func instance(_ extra: String, global: String = "", addresses: String = "192.0.2.1") throws
        -> InstanceConfiguration
    {
        let result = GuideFile.read(global + text(extra, addresses: addresses))
        return try #require(result.instance, "\(result.diagnostics)")
    }

    private static func names(_ parts: [String], global: String = "") throws -> [String] {
        let result = GuideFile.read(global + parts.joined())
        return try #require(result.configuration, "\(result.diagnostics)").instances.compactMap {
            $0.virtualMAC?.interface
        }
    }

    private static func errors(_ text: String) -> [String] {
        GuideFile.read(text).diagnostics.filter { $0.severity == .error }.map(\.message)
    }

    // MARK: - Hardware addresses

    @Test("Alone it takes the hardware address of RFC 9568, section 7.3, and a name after the number")
    func standard() throws {
        let result = GuideFile.read(Self.text())
        #expect(result.diagnostics.isEmpty)
        let four = try #require(result.instance?.virtualMAC)
        #expect(four == VirtualMAC(interface: "vrrp.51", hardwareAddress: MACAddress(rawValue: 0x5E_0001_33)))
        #expect(!four.sendsFromParent)
        let six = try Self.instance("use_vmac", addresses: "fe80::51\n2001:db8::1/64").virtualMAC
        #expect(six?.hardwareAddress.description == "00:00:5e:00:02:33")
        #expect(six?.interface == "vrrp.51")
        #expect(try Self.instance("").virtualMAC == nil)
    }

    @Test(
        "A word with a colon is the hardware address; to five octets the number is added",
        arguments: [
            ("02:00:00:00:00:0a", "02:00:00:00:00:0a"), ("2:0:0:0:0:A", "02:00:00:00:00:0a"),
            ("02:00:00:00:01", "02:00:00:00:01:33"), ("00:00:5e:00:01:33", "00:00:5e:00:01:33"),
            ("00:00:5e:00:01", "00:00:5e:00:01:33"),
        ])
    func addresses(word: String, address: String) throws {
        for extra in ["use_vmac \(word)", "use_vmac mv \(word)", "use_vmac \(word) mv", "use_vmac name mv \(word)"] {
            #expect(try Self.instance(extra).virtualMAC?.hardwareAddress.description == address)
        }
    }

    @Test(
        "One that no interface can have, or that is another virtual router's, is an error that says what to write",
        arguments: [
            ("01:00:00:00:00:01", "multicast"), ("ff:ff:ff:ff:ff:ff", "multicast"),
            ("00:00:00:00:00:00", "no hardware address"),
            ("00:00:5e:00:01:34", "another virtual router"), ("00:00:5e:00:02:33", "another virtual router"),
            ("02:00:00:00", "six octets"), ("02:00:00:00:00:00:01", "six octets"), ("02:00:00:zz:00:00", "six octets"),
            ("02:00:00::00:00", "six octets"), ("02:00:00:+1:00:00", "six octets"),
            ("002:00:00:00:00:00", "six octets"),
        ])
    func wrongAddresses(word: String, complaint: String) throws {
        let errors = Self.errors(Self.text("use_vmac \(word)"))
        #expect(errors.count == 1)
        #expect(errors[0].contains(complaint) && errors[0].contains("02:00:00:00:00:01"))
        // keepalived goes on without the word.
        let migration = try Migration("/k", as: "/n", from: MemoryFiles(["/k": Self.text("use_vmac \(word)")]))
        #expect(migration.configuration.instances[0].virtualMAC?.hardwareAddress.description == "00:00:5e:00:01:33")
    }

    @Test("Linux takes a hardware address once on an interface")
    func sameAddress() {
        let mac = "02:00:00:00:00:01"
        let first = Self.text("use_vmac \(mac)")
        func second(_ interface: String) -> String {
            Self.text("use_vmac \(mac)", name: "W", interface: interface, id: 52, addresses: "192.0.2.2")
        }
        let result = GuideFile.read(first + second("eth0"))
        #expect(result.errors(about: "'V' has the hardware address 02:00:00:00:00:01 on eth0 already"))
        #expect(result.diagnostics.map(\.location.line) == [14])
        #expect(!GuideFile.read(first + second("eth1")).hasErrors)
        // Two of one number that have no peer in common.
        func unicast(_ name: String, _ last: Int) -> String {
            Self.text(
                "use_vmac\nunicast_peer {\n192.0.2.1\(last)\n}", name: name, addresses: "192.0.2.\(last)")
        }
        #expect(GuideFile.read(unicast("V", 2) + unicast("W", 3)).errors(about: "hardware address"))
    }

    // MARK: - Names

    @Test("Names are those that keepalived gives, in the file's order")
    func automaticNames() throws {
        let four = (0..<3).map { Self.text(name: "V\($0)", interface: "eth\($0)", addresses: "192.0.2.\($0 + 1)") }
        let six = (0..<4).map { Self.text(name: "W\($0)", interface: "eth\($0)", addresses: "fe80::\($0 + 1)") }
        #expect(try Self.names(four) == ["vrrp.51", "vrrp1.51", "vrrp2.51"])
        #expect(try Self.names(six) == ["vrrp.51", "vrrp6.51", "vrrp1.51", "vrrp2.51"])
        #expect(try Self.names([four[0], six[0], four[1]]) == ["vrrp.51", "vrrp6.51", "vrrp1.51"])
        #expect(try Self.names([six[0], four[0]]) == ["vrrp.51", "vrrp1.51"])
    }

    @Test("A name that another instance gives, also a later one, is not given again")
    func givenNames() throws {
        let automatic = Self.text()
        let given = Self.text("use_vmac vrrp.51", name: "W", interface: "eth1", addresses: "192.0.2.2")
        #expect(try Self.names([automatic, given]) == ["vrrp1.51", "vrrp.51"])
        #expect(try Self.names([given, automatic]) == ["vrrp.51", "vrrp1.51"])
    }

    @Test("Two instances with one name: an error that tells both lines")
    func sameName() {
        let second = Self.text("use_vmac mv0", name: "W", id: 52, addresses: "192.0.2.2")
        let result = GuideFile.read(Self.text("use_vmac mv0") + second)
        #expect(result.errors(about: "the macvlan of 'V', at /c/main.conf:5:14, has the same name"))
        #expect(result.diagnostics.map(\.location.line) == [14])
    }

    @Test(
        "What the kernel takes for no name of a link, or for a pattern, is an error; keepalived goes on without the word",
        arguments: ["abcdefghijklmnop", "a/b", ".", "..", "vrrp%d", "\"a b\"", "\"\""])
    func wrongNames(word: String) throws {
        let errors = Self.errors(Self.text("use_vmac \(word)"))
        #expect(errors == ["a macvlan's name has 1 to 15 bytes without blanks, slashes and percent signs"])
        guard !word.hasPrefix("\"") else { return }
        let migration = try Migration("/k", as: "/n", from: MemoryFiles(["/k": Self.text("use_vmac \(word)")]))
        #expect(migration.configuration.instances[0].virtualMAC?.interface == "vrrp.51")
    }

    @Test(
        "A name that the kernel gives to no macvlan is an error, which says why", arguments: ["lo", "all", "default"])
    func reservedNames(word: String) {
        let errors = Self.errors(Self.text("use_vmac \(word)"))
        #expect(errors.count == 1)
        #expect(errors[0].hasPrefix("no macvlan can have the name '\(word)': it is that of"))
        #expect(Self.errors(Self.text("use_vmac \(word)0")).isEmpty)
    }

    @Test("A second name or hardware address, as keepalived, and a word without the one that belongs to it")
    func words() {
        #expect(Self.errors(Self.text("use_vmac a b"))[0].contains("one name"))
        #expect(Self.errors(Self.text("use_vmac a\nuse_vmac b"))[0].contains("one name"))
        #expect(Self.errors(Self.text("use_vmac 02:00:00:00:00:01 02:00:00:00:00:02"))[0].contains("one hardware"))
        #expect(Self.errors(Self.text("use_vmac name"))[0].contains("'name' needs"))
        #expect(Self.errors(Self.text("use_vmac group"))[0].contains("'group' needs"))
    }

    @Test("netlink_notify_msg and group are taken with a warning")
    func noEffect() throws {
        let result = GuideFile.read(Self.text("use_vmac mv0 02:00:00:00:00:01 netlink_notify_msg group 5"))
        #expect(result.instance?.virtualMAC?.interface == "mv0")
        #expect(result.diagnostics.map(\.severity) == [.warning, .warning])
        #expect(result.warnings(about: "'netlink_notify_msg' has no effect") && result.warnings(about: "alias"))
    }

    @Test("vmac_prefix begins the automatic names")
    func prefix() throws {
        func global(_ prefix: String) -> String { "global_defs {\nvmac_prefix \(prefix)\n}\n" }
        #expect(try Self.instance("use_vmac", global: global("ha")).virtualMAC?.interface == "ha.51")
        #expect(try Self.instance("use_vmac mv0", global: global("ha")).virtualMAC?.interface == "mv0")
        for word in ["abcdefghijk", "a/b", "a%d"] {
            #expect(GuideFile.read(global(word) + Self.text()).errors(about: "'vmac_prefix' takes"))
        }
        // With ten characters a few instances of one number find a name, and with more the file has to give some.
        let parts = (0..<11).map {
            Self.text(name: "V\($0)", interface: "eth\($0)", id: 251, addresses: "192.0.2.\($0 + 1)")
        }
        #expect(try Self.names(Array(parts.prefix(10)), global: global("abcdefghij")).last == "abcdefghij9.251")
        #expect(GuideFile.read(global("abcdefghij") + parts.joined()).errors(about: "too long for an interface"))
    }

    @Test("A name that the file uses for an interface of the host is an error")
    func interfaces() {
        #expect(Self.errors(Self.text("use_vmac eth0"))[0].contains("eth0 is the interface of 'V'"))
        let other = Self.text("", name: "W", interface: "eth1", id: 52, addresses: "192.0.2.2 dev mv0")
        #expect(Self.errors(Self.text("use_vmac eth1") + other)[0].contains("eth1 is the interface of 'W'"))
        let result = GuideFile.read(Self.text("use_vmac mv0") + other)
        #expect(result.errors(about: "mv0 is the macvlan of 'V', and off while that is not master"))
        #expect(result.diagnostics.map(\.location.line) == [16])
    }

    // MARK: - Addresses

    @Test(
        "Addresses of the virtual router's family are on the macvlan unless 'dev' says else, those of the other are not"
    )
    func places() throws {
        let excluded = "virtual_ipaddress_excluded {\n192.0.2.5\n2001:db8::5/64\n2001:db8::6 dev eth2\n}"
        let addresses = "192.0.2.1\n192.0.2.2 dev vrrp.51\n192.0.2.3 dev eth1\n192.0.2.4 dev eth0"
        let instance = try Self.instance("use_vmac\n\(excluded)", addresses: addresses)
        #expect(
            instance.addresses.map(\.interface)
                == ["vrrp.51", "vrrp.51", "eth1", "eth0", "vrrp.51", "eth0", "eth2"])
        let six = try Self.instance(
            "use_vmac\nvirtual_ipaddress_excluded {\n192.0.2.5\n}", addresses: "fe80::51\n2001:db8::1 dev eth0")
        #expect(six.addresses.map(\.interface) == ["vrrp.51", "eth0", "eth0"])
    }

    @Test("It counts wherever the line stands")
    func order() throws {
        let behind = Self.text("").replacing("    }\n}", with: "    }\n    use_vmac mv0\n}")
        #expect(GuideFile.read(behind).instance?.addresses.map(\.interface) == ["mv0"])
    }

    @Test("An address of the other family has no place on the macvlan")
    func otherFamily() {
        let text = Self.text("use_vmac\nvirtual_ipaddress_excluded {\n2001:db8::5/64 dev vrrp.51\n}")
        #expect(Self.errors(text)[0].contains("belongs on eth0"))
    }

    @Test("An address that is on the interface and on a macvlan of it is on one network twice")
    func twice() {
        let other = Self.text("", name: "W", id: 52, addresses: "192.0.2.1")
        #expect(GuideFile.read(Self.text() + other).errors(about: "'V' has the address 192.0.2.1/32 on vrrp.51"))
        let second = Self.text(name: "W", id: 52, addresses: "192.0.2.1")
        #expect(GuideFile.read(Self.text() + second).errors(about: "on vrrp.51, on the same network"))
        #expect(GuideFile.read(Self.text(addresses: "192.0.2.1\n192.0.2.1 dev eth0")).hasErrors)
        let longer = second.replacing(".1\n", with: ".1/24\n")
        #expect(GuideFile.read(Self.text() + longer).warnings(about: "the same address"))
    }

    @Test("A macvlan without an address is a warning: hosts would see nothing of it")
    func empty() {
        let result = GuideFile.read(Self.text("use_vmac mv0", addresses: "192.0.2.1/24 dev eth0"))
        #expect(!result.hasErrors && result.warnings(about: "no address is on the macvlan mv0"))
        #expect(result.warnings(about: "192.0.2.1/24 is on eth0"))
    }

    @Test("A label that names another interface is a warning")
    func labels() throws {
        let wrong = GuideFile.read(Self.text(addresses: "192.0.2.1 label eth0:1"))
        #expect(wrong.instance?.addresses.first?.label == "eth0:1")
        #expect(wrong.warnings(about: "begins with vrrp.51"))
        #expect(GuideFile.read(Self.text(addresses: "192.0.2.1 label vrrp.51:1")).diagnostics.isEmpty)
        #expect(GuideFile.read(Self.text(addresses: "192.0.2.1\n192.0.2.2 dev eth0 label eth0:1")).diagnostics.isEmpty)
    }

    @Test("A macvlan is off while its instance is not master, so that nobody can track it")
    func tracked() {
        func track(_ name: String) -> String { "track_interface {\n\(name)\n}" }
        let own = GuideFile.read(Self.text("use_vmac\n\(track("vrrp.51"))"))
        #expect(own.instance?.tracked.isEmpty == true && own.warnings(about: "own macvlan"))
        let other = Self.text(track("vrrp.51"), name: "W", id: 52, addresses: "192.0.2.2")
        #expect(GuideFile.read(Self.text() + other).errors(about: "is the macvlan of 'V', and off"))
        let group = "vrrp_sync_group G {\ngroup {\nV\n}\n\(track("vrrp.51"))\n}\n"
        #expect(GuideFile.read(Self.text() + group).errors(about: "track eth0"))
    }

    // MARK: - From where it sends

    @Test("vmac_xmit_base: advertisements leave from the parent; without use_vmac it is a warning")
    func transmission() throws {
        #expect(try Self.instance("use_vmac\nvmac_xmit_base").virtualMAC?.sendsFromParent == true)
        #expect(try Self.instance("vmac_xmit_base\nuse_vmac").virtualMAC?.sendsFromParent == true)
        let without = GuideFile.read(Self.text("vmac_xmit_base"))
        #expect(!without.hasErrors && without.warnings(about: "'vmac_xmit_base' has no effect without 'use_vmac'"))
    }

    @Test("By unicast advertisements always leave from the parent")
    func unicast() throws {
        let result = GuideFile.read(Self.text("use_vmac\nunicast_peer {\n192.0.2.12\n}"))
        #expect(result.instance?.virtualMAC?.sendsFromParent == true)
        #expect(result.diagnostics.isEmpty)
    }

    @Test("vrrp_strict clears the hardware address and vmac_xmit_base, as keepalived does, with warnings")
    func strict() throws {
        let result = GuideFile.read(Self.text("strict_mode\nuse_vmac mv0 02:00:00:00:00:01\nvmac_xmit_base"))
        #expect(
            result.instance?.virtualMAC
                == VirtualMAC(interface: "mv0", hardwareAddress: MACAddress(rawValue: 0x5E_0001_33)))
        #expect(result.warnings(about: "the hardware address has no effect with 'vrrp_strict'"))
        #expect(result.warnings(about: "'vmac_xmit_base' has no effect with 'vrrp_strict'"))
    }

    // MARK: - What stays refused

    @Test(
        "What needs more than this is refused, and says what to write",
        arguments: [
            ("use_vmac_addr", "vrrp_sync_group"), ("use_ipvlan", "use_vmac"), ("vrf red", "delete the line"),
            ("garp_extra_if all 5", "garp_master_refresh"), ("vmac_garp_intvl all 5", "garp_master_refresh"),
        ])
    func refused(line: String, advice: String) {
        let errors = Self.errors(Self.text(line))
        #expect(errors.count == 1 && errors[0].contains(advice), "\(errors)")
    }

    @Test("So is use_vmac behind an address")
    func addressOption() {
        let errors = Self.errors(Self.text("use_vmac", addresses: "192.0.2.1 dev eth1 use_vmac"))
        #expect(errors.count == 1 && errors[0].contains("vrrp_sync_group"))
    }

    @Test("A migration keeps the lines")
    func migration() throws {
        let text = Self.text("use_vmac mv0 02:00:00:00:00:01\n    vmac_xmit_base")
        let migration = try Migration("/k", as: "/n", from: MemoryFiles(["/k": text]))
        #expect(String(decoding: migration.text, as: UTF8.self) == text)
        #expect(migration.dropped.isEmpty)
    }
}
