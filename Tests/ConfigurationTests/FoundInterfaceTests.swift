import Addressing
import Configuration
import Testing

@Suite("Instances that name no interface")
struct FoundInterfaceTests {
    static func text(
        _ lines: String, addresses: String = "192.0.2.1", name: String = "V", id: Int = 51, global: String = ""
    ) -> String {
        """
        \(global)
        vrrp_instance \(name) {
            virtual_router_id \(id)
            \(lines)
            virtual_ipaddress {
                \(addresses)
            }
        }

        """
    }

    static let sourceLines = "unicast_src_ip 192.0.2.11\nunicast_peer {\n192.0.2.12\n}"
    static let routeLines = "unicast_peer {\n192.0.2.12\n198.51.100.7\n}"

    private func read(
        _ text: String, find: (@Sendable (InterfaceQuestion) -> String?)? = { _ in "eth7" }
    ) -> ConfigurationReader.Result {
        var context = ReadingContext()
        context.findInterface = find
        return ConfigurationReader.read("test", from: MemoryFiles(["test": text]), context: context)
    }

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test("By unicast, the source address tells the interface, where the addresses go, too; a warning says which")
    func bySource() throws {
        let expected = InterfaceQuestion(source: try address("192.0.2.11"), peers: [])
        let result = read(Self.text(Self.sourceLines)) { $0 == expected ? "eth7" : nil }
        let instance = try #require(result.instance, "\(result.diagnostics)")
        #expect(instance.interface == "eth7")
        #expect(instance.findsInterface)
        #expect(instance.interfaceQuestion == expected)
        #expect(instance.addresses.map(\.interface) == ["eth7"])
        #expect(
            result.diagnostics.map(\.message) == [
                "'interface' is not written: it is eth7, which has the source address 192.0.2.11"
            ])
    }

    @Test("Without a source address the route to the peers tells it")
    func byRoute() throws {
        let expected = InterfaceQuestion(
            source: nil, peers: [try address("192.0.2.12"), try address("198.51.100.7")])
        let result = read(Self.text(Self.routeLines)) { $0 == expected ? "eth7" : nil }
        #expect(result.instance?.interface == "eth7")
        #expect(result.warnings(about: "it is eth7, by which a route leads to a peer"))
    }

    @Test("Where none is found yet the instance has none, and a warning says why")
    func notFound() throws {
        for (lines, why) in [
            (Self.sourceLines, "no interface has the source address 192.0.2.11"),
            (Self.routeLines, "no route leads to a peer"),
        ] {
            let result = read(Self.text(lines)) { _ in nil }
            let instance = try #require(result.instance, "\(result.diagnostics)")
            #expect(instance.interface.isEmpty)
            #expect(result.warnings(about: "\(why): the instance is in fault"))
            let found = HostNetwork(links: [], addresses: []).obstacles(to: Configuration(instances: [instance]))
            #expect(found.map(\.effect) == [.fault])
            #expect(found.allSatisfy { $0.description.contains(why) })
        }
    }

    @Test("A file that is another host's is read without looking here")
    func elsewhere() throws {
        let result = read(Self.text(Self.sourceLines), find: nil)
        #expect(result.instance?.interface == "")
        #expect(result.warnings(about: "it is looked for on the host that uses the file"))
    }

    @Test("What nobody has found yet is nobody's: two instances of one number and one address are no error")
    func unknownPlaces() {
        let both =
            Self.text(Self.sourceLines, name: "A") + Self.text(Self.routeLines, name: "B")
        #expect(read(both) { _ in nil }.configuration?.instances.count == 2)
        #expect(read(both).errors(about: "same virtual_router_id"))
    }

    @Test("An interface that is written counts, and so does 'default_interface'")
    func written() {
        let written = read(Self.text("interface eth0\n" + Self.sourceLines))
        let global = read(Self.text(Self.sourceLines, global: "global_defs {\ndefault_interface eth0\n}"))
        for result in [written, global] {
            #expect(result.instance?.interface == "eth0")
            #expect(result.instance?.interfaceQuestion == nil)
            #expect(result.diagnostics.isEmpty)
        }
        #expect(read(Self.text("interface a/b\n" + Self.sourceLines)).configuration == nil)
    }

    @Test(
        "Where nothing tells the interface it has to be written",
        arguments: [
            ("", "192.0.2.1", "'interface' is missing"),
            ("unicast_fault_no_peer", "192.0.2.1", "'interface' is missing"),
            ("unicast_peer {\nfe80::2\n}", "fe80::51", "link-local"),
            ("unicast_src_ip fe80::1\nunicast_peer {\n2001:db8::2\n}", "fe80::51", "link-local"),
            (sourceLines + "\nuse_vmac", "192.0.2.1", "'use_vmac' needs an 'interface'"),
        ])
    func missing(lines: String, addresses: String, error: String) {
        let result = read(Self.text(lines, addresses: addresses))
        #expect(result.configuration == nil)
        #expect(result.errors(about: error), "\(result.diagnostics)")
    }

    @Test("An IPv6 source address tells it, too")
    func ipv6() {
        let lines = "unicast_src_ip 2001:db8::1\nunicast_peer {\n2001:db8::2\n}"
        #expect(read(Self.text(lines, addresses: "fe80::51")).instance?.interface == "eth7")
    }

    // MARK: - On a host

    private func link(_ index: Int32, _ name: String) -> Link {
        Link(index: InterfaceIndex(rawValue: index), name: name)
    }

    private func host(_ places: [(Int32, String)]) throws -> HostInterfaces {
        let addresses = try places.map { index, prefix in
            InterfaceAddress(
                key: AddressKey(
                    interface: InterfaceIndex(rawValue: index), prefix: try #require(IPPrefix(prefix))), scope: 0)
        }
        return HostInterfaces(links: [link(1, "lo"), link(2, "eth0"), link(3, "eth1")], addresses: addresses)
    }

    @Test("The interface that has the address: never the loopback; where two have it, the one in use stays")
    func holders() throws {
        let question = InterfaceQuestion(source: try address("192.0.2.11"), peers: [])
        func answer(_ places: [(Int32, String)], present: String? = nil) throws -> String? {
            try host(places).answer(to: question, present: present) { _ in nil }
        }
        #expect(try answer([]) == nil)
        #expect(try answer([(1, "192.0.2.11/32")]) == nil)
        #expect(try answer([(1, "192.0.2.11/32"), (3, "192.0.2.11/24")]) == "eth1")
        let both: [(Int32, String)] = [(3, "192.0.2.11/24"), (2, "192.0.2.11/32")]
        #expect(try answer(both) == "eth0")
        #expect(try answer(both, present: "eth1") == "eth1")
        #expect(try answer(both, present: "eth9") == "eth0")
    }

    @Test("The first peer to which a route leads, out of this host")
    func routes() throws {
        let peers = [try address("192.0.2.11"), try address("192.0.2.12"), try address("192.0.2.13")]
        let question = InterfaceQuestion(source: nil, peers: peers)
        func answer(_ routes: [Int32?]) throws -> String? {
            try host([]).answer(to: question, present: "eth0") { address in
                peers.firstIndex(of: address).flatMap { routes[$0] }.map { InterfaceIndex(rawValue: $0) }
            }
        }
        #expect(try answer([nil, nil, nil]) == nil)
        #expect(try answer([1, nil, 3]) == "eth1")
        #expect(try answer([9, 2, 3]) == "eth0")
    }
}
