import Addressing
import Configuration
import Testing

@Suite("Addresses that make no sense")
struct AddressSenseTests {
    @Test(
        "They are told with what comes of them and what to write, and the file still loads: people have such files",
        arguments: [
            ("192.0.2.1/0", "length 0 is the network of all addresses"),
            ("192.0.2.0/24", "192.0.2.0 is the address of the network 192.0.2.0/24 itself"),
            ("192.0.2.255/24", "no host of that network reaches it"),
            ("192.0.2.191/26 brd +", "192.0.2.191 is the broadcast address of 192.0.2.128/26"),
            ("192.0.2.1/24 brd 192.0.2.1", "the broadcast address is the address itself"),
            ("192.0.2.1 brd 192.0.2.1", "the broadcast address is the address itself"),
            ("192.0.2.19/28 brd 192.0.2.17", "192.0.2.17 is not the broadcast address of 192.0.2.16/28"),
            ("192.0.2.0/31 brd 192.0.2.1", "192.0.2.1 is not the broadcast address of 192.0.2.0/31"),
            ("192.0.2.0/31 brd +", "a network of length 31 has no broadcast address"),
            ("192.0.2.1/32 brd +", "a single address, of length 32, has no broadcast address"),
            ("192.0.2.1 broadcast +", "a single address, of length 32, has no broadcast address"),
        ])
    func told(line: String, words: String) {
        let result = GuideFile.read(GuideFile.text(addresses: line))
        #expect(result.warnings(about: words), "\(result.diagnostics)")
        #expect(result.diagnostics.count == 1)
        #expect(result.configuration != nil)
    }

    @Test(
        "Nothing is told of others",
        arguments: [
            "192.0.2.1/24", "192.0.2.1/24 brd +", "192.0.2.1/24 brd 192.0.2.255", "192.0.2.1/24 brd 255.255.255.255",
            "192.0.2.1", "192.0.2.1 brd 192.0.2.255", "192.0.2.0/31", "192.0.2.1/31 brd -", "192.0.2.255",
            "192.0.2.5/30 brd +", "192.0.2.1/8 brd +",
        ])
    func silent(line: String) {
        #expect(GuideFile.read(GuideFile.text(addresses: line)).diagnostics.isEmpty)
    }

    @Test(
        "Where the file leaves it to the agent, no broadcast address is another host's",
        arguments: [("192.0.2.0/31", nil), ("192.0.2.1/31", nil), ("192.0.2.1/32", nil), ("192.0.2.5/30", "192.0.2.7")])
    func derived(prefix: String, broadcast: String?) throws {
        let instance = try #require(GuideFile.read(GuideFile.text(addresses: "\(prefix) brd +")).instance)
        #expect(instance.addresses[0].broadcastAddress == broadcast.flatMap { IPv4Address($0) })
    }

    @Test("Two scopes in one network of an interface: the kernel refuses the second one")
    func scopes() {
        #expect(
            GuideFile.read(GuideFile.text(addresses: "192.0.2.1/24 scope link\n192.0.2.2/24")).warnings(
                about: "the same scope"))
        #expect(
            !GuideFile.read(GuideFile.text(addresses: "192.0.2.1/24 scope link\n192.0.3.2/24")).warnings(
                about: "the same scope"))
    }

    @Test("An IPv6 address is on an interface once: with two lengths it is an error, which names both lines")
    func lengthsOfIPv6() throws {
        func file(_ first: String, _ second: String, _ interface: String = "eth0") -> String {
            "vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n\(first)\n}\n}\n"
                + "vrrp_instance B {\ninterface \(interface)\nvirtual_router_id 2\nvirtual_ipaddress {\n\(second)\n}\n}\n"
        }
        for (text, lines) in [
            (file("2001:db8::1/64", "2001:db8::1"), (5, 12)),
            (file("2001:db8::1/64\n2001:db8::1/48", "2001:db8::2"), (5, 6)),
        ] {
            let error = try #require(GuideFile.read(text).diagnostics.first { $0.severity == .error })
            #expect(error.location.line == lines.1 && error.message.contains(":\(lines.0):"), "\(error)")
            #expect(error.message.contains("once"))
        }
        #expect(!GuideFile.read(file("2001:db8::1/64", "2001:db8::1", "eth1")).hasErrors)
    }

    @Test("One address with two lengths, in two instances or in one")
    func lengths() throws {
        func file(_ first: String, _ second: String, _ interface: String = "eth0") -> String {
            """
            vrrp_instance A {
            interface eth0
            virtual_router_id 1
            virtual_ipaddress {
            \(first)
            }
            }
            vrrp_instance B {
            interface \(interface)
            virtual_router_id 2
            virtual_ipaddress {
            \(second)
            }
            }
            """
        }
        let result = GuideFile.read(file("192.0.2.1/24", "192.0.2.1"))
        let warning = try #require(result.diagnostics.first { $0.message.contains("same address") })
        #expect(warning.severity == .warning)
        #expect(warning.location.line == 12)
        #expect(warning.message.contains("'A' has it as 192.0.2.1/24"))
        #expect(GuideFile.read(file("192.0.2.1\n192.0.2.1/24", "192.0.2.2")).warnings(about: "is put on eth0 twice"))
        #expect(!GuideFile.read(file("192.0.2.1/24", "192.0.2.1", "eth1")).warnings(about: "same address"))
        // The same length is two instances' at once: that was an error before.
        #expect(GuideFile.read(file("192.0.2.1/24", "192.0.2.1/24")).hasErrors)
    }
}
