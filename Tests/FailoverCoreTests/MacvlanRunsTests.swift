import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// What earlier runs have left, and what a reload changes.
@Suite("A virtual MAC address, from run to run and at a reload")
struct MacvlanRunsTests {
    @Test("One that an earlier run has left is used; switched on, it is switched off while this host is backup")
    func leftover() throws {
        let left = MacvlanHost.link(on: true)
        let host = try MacvlanHost.host(
            links: [TestHost.link(), left],
            addresses: [
                InterfaceAddress(
                    key: TestHost.key("192.0.2.1/32", on: left.index), origin: InterfaceAddress.ourOrigin, createdAt: 5)
            ])
        host.hear(200)
        host.pass(.seconds(1))
        #expect(host.links.map(\.index) == [TestHost.eth0, left.index])
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == false)
        #expect(!host.addresses.contains { $0.key.interface == left.index })
        #expect(host.linkOrders == [.switchOff(left.index)])
    }

    @Test("One of an earlier run that nobody wants any more goes, and the parent's settings are put back")
    func nobodysLeftover() throws {
        var parent = TestHost.link()
        parent.arp = ARPSettings(ignore: 1, announce: 2)
        let left = MacvlanHost.link("vrrp.99", alias: "failover-agent parent=2 arp_ignore=0 arp_announce=1")
        let host = TestHost(try TestFile.guide(), links: [parent, left])
        #expect(host.links.map(\.name) == ["eth0"])
        #expect(host.links[0].arp == ARPSettings(ignore: 0, announce: 1))
    }

    @Test("Of two that go the last one takes the parent's settings with it; where one stays, they stay")
    func severalLeftovers() throws {
        let mark = MacvlanMark(parent: TestHost.eth0, lent: ARPSettings(ignore: 0, announce: 0))
        var parent = TestHost.link()
        parent.arp = ARPSettings(ignore: 1, announce: 2)
        let other = MACAddress(rawValue: 0x00_005E_0001_63)
        let left = [MacvlanHost.link("vrrp.98", index: 51), MacvlanHost.link("vrrp.99", index: 52, mac: other)]
        let none = TestHost(Configuration(), links: [parent] + left)
        #expect(none.linkOrders == [.deleteAll(left.map(\.index), restoring: [mark])])
        let one = try MacvlanHost.host(links: [parent, MacvlanHost.link(), left[1]])
        #expect(one.linkOrders == [.delete(left[1].index)])
        #expect(one.links[0].arp == ARPSettings(ignore: 1, announce: 2))
    }

    @Test("One of another hardware address is deleted and made anew")
    func otherAddress() throws {
        let left = MacvlanHost.link(mac: MACAddress(rawValue: 0x00_005E_0001_0B))
        let host = try MacvlanHost.host(links: [TestHost.link(), left])
        let link = try #require(host.link(named: MacvlanHost.name))
        #expect(link.hardwareAddress == MacvlanHost.address)
        #expect(link.index != left.index)
    }

    @Test(
        "The name is another one after a reload: the old one goes before the new one is on, and the master stays master"
    )
    func renamed() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        host.forgetLog()
        host.reconfigure(MacvlanHost.configuration(try TestFile.guide(), "virtual0"))
        host.pass(.milliseconds(50))
        let link = try #require(host.link(named: "virtual0"))
        #expect(host.link(named: MacvlanHost.name) == nil)
        #expect(link.isAdministrativelyUp)
        #expect(host.addresses.contains { $0.key == TestHost.key("192.0.2.1/32", on: link.index) })
        #expect(host.state == .master)
        #expect(host.links[0].arp == ARPSettings(ignore: 1, announce: 2))
        #expect(host.events.allSatisfy { if case .stateChanged = $0 { false } else { true } })
    }

    @Test("A reload adds it, and takes it out again: the addresses move, and the master stays master")
    func addedAndRemoved() throws {
        let plain = try TestFile.guide()
        let host = TestHost(plain)
        host.pass(.seconds(4))
        host.reconfigure(MacvlanHost.configuration(plain))
        host.pass(.milliseconds(50))
        let link = try #require(host.link(named: MacvlanHost.name))
        #expect(host.addresses.contains { $0.key == TestHost.key("192.0.2.1/32", on: link.index) })
        #expect(!host.has("192.0.2.1/32"))
        host.reconfigure(plain)
        host.pass(.milliseconds(50))
        #expect(host.link(named: MacvlanHost.name) == nil)
        #expect(host.has("192.0.2.1/32"))
        #expect(host.links[0].arp == ARPSettings(ignore: 0, announce: 0))
        #expect(host.state == .master)
    }

    @Test("An instance that a reload takes out leaves in order, and its macvlan goes with it")
    func removedInstance() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        host.reconfigure(
            try TestFile.read(
                """
                vrrp_instance Other {
                    interface eth0
                    virtual_router_id 11
                    virtual_ipaddress {
                        192.0.2.2
                    }
                }
                """))
        host.pass(.milliseconds(600))
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == true)
        host.hear(99)
        host.pass(.milliseconds(50))
        #expect(host.link(named: MacvlanHost.name) == nil)
    }

    @Test("Its socket is opened while the link is there, and a failure is told")
    func hearing() throws {
        let host = try MacvlanHost.host()
        let link = try #require(host.link(named: MacvlanHost.name))
        let place = InterfaceFamily(TestHost.eth0, .ipv4)
        #expect(host.log.map(\.effect).contains(.openMacvlanReceiver(link.index, for: place)))
        host.give(.macvlanReceiverFailed(link.index, reason: "no"))
        #expect(host.events.contains(.macvlanChanged(instance: nil, .deaf(reason: "no"), name: MacvlanHost.name)))
        host.give(.stop)
        host.pass(.seconds(5))
        #expect(host.links.count == 1)
    }

    @Test("A new process goes on as master on the macvlan that the last one has left on, and switches nothing")
    func adopted() throws {
        let left = MacvlanHost.link(on: true)
        let host = TestHost(
            MacvlanHost.configuration(try TestFile.guide()), links: [TestHost.link(), left],
            extra: [
                InterfaceAddress(
                    key: TestHost.key("192.0.2.1/32", on: left.index), origin: InterfaceAddress.ourOrigin, createdAt: 5)
            ], adoptable: [0: TestHost.start - .milliseconds(200)])
        host.pass(.seconds(3))
        #expect(host.state == .master)
        #expect(host.linkOrders.allSatisfy { if case .set = $0 { true } else { false } })
        #expect(Set(MacvlanHost.interfaces(host)) == [left.index])
        #expect(host.addresses.contains { $0.key.interface == left.index })
    }
}
