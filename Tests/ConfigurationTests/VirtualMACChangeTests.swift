import Addressing
import Configuration
import Testing

@Suite("use_vmac on a host, and changed at a reload")
struct VirtualMACChangeTests {
    private static let eth0 = Link(index: InterfaceIndex(rawValue: 2), name: "eth0", mtu: 1500)

    private static func file(_ extra: String, id: Int = 51, addresses: String = "192.0.2.1") throws -> Configuration {
        let result = GuideFile.read(VirtualMACTests.text(extra, id: id, addresses: addresses))
        return try #require(result.configuration, "\(result.diagnostics)")
    }

    private static func macvlan(alias: String?) -> Link {
        var link = Link(index: InterfaceIndex(rawValue: 7), name: "vrrp.51", isAdministrativelyUp: false, mtu: 1500)
        link.isMacvlan = true
        link.alias = alias
        return link
    }

    private static func found(_ links: [Link], _ addresses: [InterfaceAddress] = []) throws -> [HostObstacle] {
        HostNetwork(links: links, addresses: addresses).obstacles(to: try file("use_vmac"))
    }

    // MARK: - The host

    @Test("A macvlan that is not there is made, and one of this agent is used, switched off or not")
    func made() throws {
        #expect(try Self.found([Self.eth0]).isEmpty)
        #expect(try Self.found([Self.eth0, Self.macvlan(alias: MacvlanMark(parent: Self.eth0.index).text)]).isEmpty)
    }

    @Test("A link of its name that this agent has not made is an obstacle, which says what to do")
    func foreign() throws {
        for alias in [nil, "of somebody else"] {
            let obstacles = try Self.found([Self.eth0, Self.macvlan(alias: alias)])
            #expect(obstacles.map(\.code) == [.foreignLink("vrrp.51")])
            #expect(obstacles.map(\.effect) == [.fault])
            #expect(obstacles[0].description.contains("this agent has not made it"))
            #expect(obstacles[0].description.contains("ip link delete dev vrrp.51"))
        }
    }

    @Test("Without the parent, or while it is down, the instance is in fault")
    func parent() throws {
        #expect(try Self.found([]).map(\.code) == [.noInterface("eth0")])
        var down = Self.eth0
        down.isRunning = false
        #expect(try Self.found([down]).map(\.code) == [.interfaceDown("eth0")])
    }

    @Test("What the host has on the parent is in the way of an address on the macvlan, but for the scope")
    func parentsAddresses() throws {
        func address(_ text: String, scope: AddressScope = .global) throws -> InterfaceAddress {
            InterfaceAddress(
                key: AddressKey(interface: Self.eth0.index, prefix: try #require(IPPrefix(text))), scope: scope.rawValue
            )
        }
        #expect(
            try Self.found([Self.eth0], [address("192.0.2.1/24")]).map(\.code)
                == [.hostsOwn(try #require(IPPrefix("192.0.2.1/24")), interface: "eth0")])
        #expect(try Self.found([Self.eth0], [address("192.0.2.2/31", scope: .link)]).isEmpty)
        let network = HostNetwork(links: [Self.eth0], addresses: [try address("192.0.2.11/24", scope: .link)])
        #expect(network.obstacles(to: try Self.file("use_vmac", addresses: "192.0.2.1/24")).isEmpty)
    }

    // MARK: - Reloads

    private static func difference(_ old: Configuration, _ new: Configuration) -> ConfigurationDifference {
        ConfigurationDifference(from: old, to: new)
    }

    @Test("Adding, changing or removing it keeps the role, is told, and costs a moment")
    func costs() throws {
        let none = try Self.file("")
        let automatic = try Self.file("use_vmac")
        let named = try Self.file("use_vmac mv0")
        let other = try Self.file("use_vmac 02:00:00:00:00:01")
        let moment = "V: cost: the addresses do not answer for up to about 0.1 s, while "
        for (old, new, line, cost) in [
            (none, automatic, "none → 00:00:5e:00:01:33 on vrrp.51", "they move to vrrp.51"),
            (automatic, none, "00:00:5e:00:01:33 on vrrp.51 → none", "they move to eth0"),
            (automatic, named, "00:00:5e:00:01:33 on vrrp.51 → 00:00:5e:00:01:33 on mv0", "they move to mv0"),
            (automatic, other, "00:00:5e:00:01:33 on vrrp.51 → 02:00:00:00:00:01 on vrrp.51", "vrrp.51 is made anew"),
        ] {
            let difference = Self.difference(old, new)
            #expect(difference.lines.first == "~ V: virtual MAC address \(line)")
            #expect(difference.costs == [moment + cost])
            for isMaster in [false, true] {
                #expect(old.instances[0].goesOn(as: new.instances[0], isMaster: isMaster))
            }
        }
        #expect(Self.difference(automatic, automatic).lines.isEmpty)
    }

    @Test("From where advertisements leave costs nothing; neither does a macvlan on which no address is")
    func free() throws {
        let sent = Self.difference(try Self.file("use_vmac"), try Self.file("use_vmac\nvmac_xmit_base"))
        #expect(sent.lines == ["~ V: advertisements leave from vrrp.51 → eth0"])
        #expect(sent.costs == ["cost: none: no address that stays becomes unreachable"])
        let addresses = "192.0.2.1 dev eth0"
        let unused = Self.difference(
            try Self.file("", addresses: addresses), try Self.file("use_vmac", addresses: addresses))
        #expect(unused.costs == ["cost: none: no address that stays becomes unreachable"])
    }

    @Test("Another number has another hardware address: a master stays master, and the moment is told, too")
    func number() throws {
        let old = try Self.file("use_vmac")
        let new = try Self.file("use_vmac", id: 52)
        #expect(old.instances[0].goesOn(as: new.instances[0], isMaster: true))
        #expect(!old.instances[0].goesOn(as: new.instances[0], isMaster: false))
        let cost = try #require(Self.difference(old, new).costs.first)
        #expect(
            cost.hasPrefix("V: cost: the addresses do not answer for up to about 0.1 s, while they move to vrrp.52: a ")
        )
        #expect(cost.contains("a master stays master; but hosts without this change do not hear it"))
    }

    @Test("A new run goes on as master whatever the macvlan is called, or where there was none")
    func fingerprint() throws {
        let numbers = try ["", "use_vmac", "use_vmac mv0", "use_vmac 02:00:00:00:00:01\nvmac_xmit_base"].map {
            try Self.file($0).instances[0].fingerprint
        }
        #expect(Set(numbers).count == 1)
        let elsewhere = try Self.file("use_vmac", addresses: "192.0.2.1 dev eth1").instances[0].fingerprint
        #expect(elsewhere != numbers[0])
    }

    @Test("An instance with another name and number is known by its addresses, on the macvlan or beside it")
    func predecessors() throws {
        let old = try Self.file("")
        let text = VirtualMACTests.text("use_vmac", name: "W", id: 52)
        let new = try #require(GuideFile.read(text).configuration)
        #expect(new.predecessors(in: old) == [0])
        #expect(old.predecessors(in: new) == [0])
    }
}
