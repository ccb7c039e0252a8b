import Addressing
import Configuration
import Testing

@Suite("What about a host stands in a configuration's way")
struct HostObstacleTests {
    private static let eth0 = InterfaceIndex(rawValue: 2)

    private func file(_ lines: String = "", addresses: String = "192.0.2.1/32") throws -> Configuration {
        let text = """
            vrrp_instance Instance1 {
                interface eth0
                virtual_router_id 10
                \(lines)
                virtual_ipaddress {
                    \(addresses)
                }
            }
            """
        let result = ConfigurationReader.read("test", from: MemoryFiles(["test": text]))
        return try #require(result.configuration, "\(result.diagnostics)")
    }

    private func link(mtu: Int = 1500, isRunning: Bool = true) -> Link {
        Link(index: Self.eth0, name: "eth0", isRunning: isRunning, mtu: mtu)
    }

    private func address(_ text: String, scope: UInt8 = 0, origin: UInt8 = 0) throws -> InterfaceAddress {
        InterfaceAddress(
            key: AddressKey(interface: Self.eth0, prefix: try #require(IPPrefix(text))), scope: scope, origin: origin)
    }

    private func found(_ configuration: Configuration, _ links: [Link], _ addresses: [InterfaceAddress]) -> [String] {
        HostNetwork(links: links, addresses: addresses).obstacles(to: configuration).map(\.description)
    }

    @Test("Nothing on a host that has what is wanted")
    func nothing() throws {
        #expect(found(try file(), [link()], [try address("192.0.2.11/24")]).isEmpty)
    }

    @Test("An interface that is not there, or not up; a source that the host does not have")
    func faults() throws {
        let rest = ": the instance is in fault, without its addresses, until that has changed"
        let unicast = try file("unicast_src_ip 192.0.2.11\nunicast_peer {\n192.0.2.12\n}")
        #expect(
            found(unicast, [], []) == [
                "'Instance1': this host does not have the source address 192.0.2.11" + rest,
                "'Instance1': interface eth0 does not exist" + rest,
            ])
        #expect(
            found(unicast, [link(isRunning: false)], [try address("192.0.2.11/24")]) == [
                "'Instance1': interface eth0 is down or has no carrier" + rest
            ])
        let obstacles = HostNetwork(links: [], addresses: []).obstacles(to: unicast)
        #expect(obstacles.map(\.effect) == [.fault, .fault])
        #expect(obstacles.allSatisfy { $0.location.line == 1 })
    }

    @Test("A list that the MTU does not carry, with what would fit")
    func length() throws {
        let many = try file(addresses: (1...20).map { "10.66.0.\($0)" }.joined(separator: "\n"))
        let obstacles = HostNetwork(links: [link(mtu: 100)], addresses: []).obstacles(to: many)
        #expect(
            obstacles.map(\.code) == [
                .listTooLong(addresses: 20, length: 116, mtu: 100, fitting: 16, interface: "eth0")
            ])
        #expect(obstacles.first?.effect == .silence)
        #expect(
            obstacles.first?.description
                == "'Instance1': an advertisement with 20 addresses has 116 bytes, and the MTU of eth0 is 100: it can't be sent; at "
                + "most 16 addresses fit. Raise the MTU, or divide the addresses among instances")
        #expect(found(many, [link(mtu: 0)], []).isEmpty, "an interface may have none")
    }

    @Test("An address that the host has by itself, unless a program has marked it")
    func own() throws {
        let sentence =
            "192.0.2.1/24 is on eth0 already, as this host's own address: this host cannot give it up to another master "
            + "(if another VRRP daemon added it, stop that daemon first)"
        #expect(found(try file(), [link()], [try address("192.0.2.1/24")]) == [sentence])
        #expect(found(try file(), [link()], [try address("192.0.2.1/24", origin: 18)]).isEmpty)
    }

    @Test("What the host's networks make of an address, and a scope that the kernel refuses")
    func networks() throws {
        let host = [try address("192.0.2.11/26")]
        #expect(
            found(try file(addresses: "192.0.2.63/32"), [link()], host) == [
                "192.0.2.63 is the broadcast address of 192.0.2.11/26 on eth0"
            ])
        #expect(
            found(try file(addresses: "192.0.2.0/32"), [link()], host) == [
                "192.0.2.0 is the address of the network 192.0.2.11/26 on eth0"
            ])
        let obstacles = HostNetwork(links: [link()], addresses: host)
            .obstacles(to: try file(addresses: "192.0.2.5/26 scope link"))
        #expect(
            obstacles.map(\.description) == [
                "the kernel refuses 192.0.2.5/26 with scope link: 192.0.2.11/26 on eth0 is of the same network and has another scope"
            ])
        #expect(obstacles.first?.location.line == 6, "the address's line")
        #expect(obstacles.first?.effect == .address)
    }
}
