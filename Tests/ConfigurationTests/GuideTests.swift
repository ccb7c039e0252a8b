import Addressing
import Configuration
import Testing

@Suite("The guide's file")
struct GuideTests {
    @Test("It is read as its author means it")
    func guide() throws {
        let result = GuideFile.read(GuideFile.text())
        #expect(result.diagnostics.isEmpty)
        let instance = try #require(result.instance)
        #expect(instance.name == "Instance1")
        #expect(instance.interface == "eth0")
        #expect(instance.virtualRouterID == 10)
        #expect(instance.version == 2)
        #expect(instance.priority == 100)
        #expect(instance.advertisementInterval == .seconds(1))
        #expect(instance.password == Array("s3cret".utf8))
        #expect(instance.preempts)
        #expect(instance.addresses.map(\.prefix.description) == ["192.0.2.1/32"])
        #expect(instance.addresses.first?.interface == "eth0")
        #expect(instance.gratuitousARP.rounds == 5)
        #expect(instance.gratuitousARP.delay == .seconds(5))
    }

    @Test("With the placeholder left in, the first eight bytes of it are the password, and two warnings say so")
    func placeholder() throws {
        let result = GuideFile.read(GuideFile.text(authentication: "auth_pass $password"))
        #expect(try #require(result.instance).password == Array("$passwor".utf8))
        #expect(result.warnings(about: "placeholder"))
        #expect(result.warnings(about: "first 8"))
    }

    @Test("SLAVE and the like count as BACKUP, with a warning", arguments: ["SLAVE", "EQUAL", "master", "backup"])
    func states(word: String) {
        let result = GuideFile.read(GuideFile.text(state: word))
        #expect(!result.hasErrors)
        #expect(result.warnings(about: "BACKUP"))
    }

    @Test("Addresses take a length, a device, a broadcast address, a label and a scope")
    func addressOptions() throws {
        let result = GuideFile.read(
            GuideFile.text(
                addresses: "192.0.2.9/24 dev eth1 label eth1:vip brd + scope link\n192.0.2.8/25 broadcast 192.0.2.127"))
        #expect(result.diagnostics.isEmpty)
        let addresses = try #require(result.instance).addresses
        #expect(addresses[0].prefix == IPPrefix("192.0.2.9/24"))
        #expect(addresses[0].interface == "eth1")
        #expect(addresses[0].label == "eth1:vip")
        #expect(addresses[0].scope == .link)
        #expect(addresses[0].broadcastAddress == IPv4Address("192.0.2.255"))
        #expect(addresses[1].broadcastAddress == IPv4Address("192.0.2.127"))
        #expect(addresses[1].interface == "eth0")
    }

    @Test("An address listed twice is advertised twice, as keepalived does, and placed once")
    func twice() throws {
        let result = GuideFile.read(GuideFile.text(addresses: "192.0.2.1\n192.0.2.1/32\n192.0.2.1/24"))
        let instance = try #require(result.instance)
        #expect(instance.addresses.count == 2)
        #expect(instance.advertisedAddresses.count == 3)
        #expect(result.warnings(about: "twice"))
    }

    @Test("Defaults follow keepalived: a MASTER without a priority is the owner")
    func defaults() throws {
        let master =
            "vrrp_instance a {\nstate MASTER\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.1\n}\n}\n"
        let result = GuideFile.read(master)
        #expect(try #require(result.instance).priority == 255)
        #expect(result.warnings(about: "owner"))
        #expect(GuideFile.read(master.replacing("state MASTER\n", with: "")).instance?.priority == 100)
    }

    @Test("nopreempt and preempt_delay need BACKUP, as in keepalived")
    func preemption() throws {
        let extra = "nopreempt\npreempt_delay 30"
        let master = GuideFile.read(GuideFile.text(extra: extra))
        #expect(try #require(master.instance).preempts)
        #expect(master.warnings(about: "nopreempt") && master.warnings(about: "preempt_delay"))
        let backup = try #require(GuideFile.read(GuideFile.text(state: "BACKUP", extra: extra)).instance)
        #expect(!backup.preempts)
        #expect(backup.preemptDelay == .seconds(30))
    }

    @Test("global_defs set what instances do not say themselves, wherever they stand")
    func globalDefinitions() throws {
        let globals =
            "global_defs {\nvrrp_garp_master_repeat 2\nvrrp_garp_master_delay 0.5\nvrrp_version 3\ndefault_interface eth7\nrouter_id x\n}\n"
        let text = GuideFile.text(authentication: "", extra: "garp_master_repeat 7").replacing(
            "auth_type PASS", with: "")
        let result = GuideFile.read(text + globals)
        let instance = try #require(result.instance)
        #expect(instance.gratuitousARP.rounds == 7)
        #expect(instance.gratuitousARP.delay == .milliseconds(500))
        #expect(instance.version == 3)
        #expect(result.warnings(about: "router_id"))
    }
}
