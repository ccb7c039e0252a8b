import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// `use_vmac`: a link with the virtual router's hardware address, which is on while this host is master and silent otherwise.
@Suite("A virtual MAC address")
struct MacvlanTests {
    // MARK: - Its life

    @Test("It is made at the start, marked, and stays off while this host is backup")
    func made() throws {
        let host = try MacvlanHost.host()
        host.hear(200)
        host.pass(.seconds(1))
        let link = try #require(host.link(named: MacvlanHost.name))
        #expect(link.hardwareAddress == MacvlanHost.address)
        #expect(link.mark == MacvlanMark(parent: TestHost.eth0, lent: ARPSettings(ignore: 0, announce: 0)))
        #expect(!link.isAdministrativelyUp)
        #expect(host.state == .backup)
        #expect(host.requests.count { if case .addAddress = $0 { true } else { false } } == 0)
    }

    @Test("The parent answers for its own addresses alone while it is there, and as before when it has gone")
    func settings() throws {
        let host = try MacvlanHost.host()
        #expect(host.links.first { $0.index == TestHost.eth0 }?.arp == ARPSettings(ignore: 1, announce: 2))
        host.give(.stop)
        host.pass(.seconds(5))
        #expect(host.links.map(\.name) == ["eth0"])
        #expect(host.links[0].arp == ARPSettings(ignore: 0, announce: 0))
        #expect(host.core.isFinished == true)
    }

    @Test("The settings go back with the last deletion: this program may be killed while the kernel deletes the link")
    func settingsWithDeletion() throws {
        let host = try MacvlanHost.host()
        host.forgetLog()
        host.give(.stop)
        host.pass(.seconds(5))
        let lent = MacvlanMark(parent: TestHost.eth0, lent: ARPSettings(ignore: 0, announce: 0))
        #expect(host.linkOrders.contains { $0.deletion.restoring == [lent] })
        #expect(host.linkOrders.allSatisfy { if case .set = $0 { false } else { true } })
    }

    @Test("Somebody deletes it, and the kernel makes no other: the parent's settings are what they were")
    func settingsAfterOthers() throws {
        let host = try MacvlanHost.host()
        let link = try #require(host.link(named: MacvlanHost.name))
        host.refuseLink = { order in
            if case .make = order { KernelRefusal(code: 1, text: "Operation not permitted") } else { nil }
        }
        host.links.removeAll { $0.index == link.index }
        host.give(.linkRemoved(link.index))
        host.pass(.seconds(1))
        #expect(host.links[0].arp == ARPSettings(ignore: 0, announce: 0))
    }

    @Test("What the parent's settings are already is not touched")
    func ownSettings() throws {
        var parent = TestHost.link()
        parent.arp = ARPSettings(ignore: 2, announce: 2)
        let host = try MacvlanHost.host(links: [parent])
        #expect(host.linkOrders.allSatisfy { if case .set = $0 { false } else { true } })
        host.give(.stop)
        host.pass(.seconds(5))
        #expect(host.links[0].arp == ARPSettings(ignore: 2, announce: 2))
    }

    @Test("A takeover switches it on, puts the addresses there, and advertises from it")
    func takeover() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        let link = try #require(host.link(named: MacvlanHost.name))
        #expect(host.state == .master)
        #expect(link.isAdministrativelyUp)
        #expect(host.addresses.contains { $0.key == TestHost.key("192.0.2.1/32", on: link.index) })
        #expect(Set(MacvlanHost.interfaces(host)) == [link.index])
        let announced = host.log.compactMap { entry -> MACAddress? in
            if case .announce(link.index, let address, _, _) = entry.effect { address } else { nil }
        }
        #expect(Set(announced) == [MacvlanHost.address])
        let findings = host.core.health(at: host.now).findings
        #expect(findings.isEmpty)
    }

    @Test("With vmac_xmit_base advertisements leave from the parent, announcements from the macvlan")
    func fromParent() throws {
        let host = try MacvlanHost.host(fromParent: true)
        host.pass(.seconds(4))
        #expect(Set(MacvlanHost.interfaces(host)) == [TestHost.eth0])
        #expect(host.announcements().count > 0)
    }

    @Test("Who yields takes the addresses away, switches it off, and says nothing more from it")
    func yields() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        host.forgetLog()
        let begin = host.now
        host.hear(200)
        host.pass(.seconds(1))
        #expect(host.state == .backup)
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == false)
        #expect(!host.addresses.contains { $0.key.address == IPAddress(192, 0, 2, 1) })
        #expect(MacvlanHost.interfaces(host, since: begin).allSatisfy { $0 == TestHost.eth0 })
        // The kernel is slow to switch it off: the addresses go first.
        let removal = host.requests.firstIndex { if case .removeAddress = $0 { true } else { false } }
        let off = host.requests.firstIndex { if case .link(_, .switchOff) = $0 { true } else { false } }
        #expect(try #require(removal) < #require(off))
    }

    @Test("An IPv6 address goes with the macvlan: to remove it would send a message from the virtual MAC address")
    func ipv6() throws {
        let host = try MacvlanHost.six()
        host.pass(.seconds(4))
        let link = try #require(host.link(named: MacvlanHost.name))
        #expect(host.state == .master)
        #expect(host.addresses.contains { $0.key == TestHost.key("2001:db8::1/64", on: link.index) })
        host.forgetLog()
        try MacvlanHost.hearSix(host, 200)
        host.pass(.seconds(1))
        #expect(host.state == .backup)
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == false)
        #expect(!host.addresses.contains { $0.key.interface == link.index })
        #expect(host.requests.allSatisfy { if case .removeAddress = $0 { false } else { true } })
    }

    @Test("A fault switches it off after priority 0, which still leaves from it")
    func fault() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        let link = try #require(host.link(named: MacvlanHost.name))
        host.forgetLog()
        host.give(.addressRemoved(TestHost.key("192.0.2.12/24")))
        host.pass(.seconds(10))
        #expect(host.state == .fault)
        #expect(host.advertisements().last?.priority == 0)
        #expect(MacvlanHost.interfaces(host).last == link.index)
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == false)
        #expect(host.links.contains { $0.name == MacvlanHost.name })
    }

    // MARK: - Leaving

    @Test("A leaving master lets go at its successor's first advertisement: both have one hardware address")
    func leaves() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        host.forgetLog()
        host.give(.stop)
        host.pass(.milliseconds(600))
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == true)
        #expect(host.addresses.contains { $0.key.address == IPAddress(192, 0, 2, 1) })
        host.hear(99)
        #expect(!host.addresses.contains { $0.key.address == IPAddress(192, 0, 2, 1) })
        host.pass(.milliseconds(20))
        #expect(host.links.map(\.name) == ["eth0"])
        #expect(host.core.isFinished == true)
    }

    @Test("Of IPv6 it goes 50 ms after priority 0 where the successor is not known to add addresses without detection")
    func leavesToDetection() throws {
        let host = try MacvlanHost.six()
        host.pass(.seconds(4))
        host.forgetLog()
        host.give(.stop)
        host.pass(.milliseconds(49))
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == true)
        host.pass(.milliseconds(1))
        #expect(host.link(named: MacvlanHost.name) == nil)
        #expect(host.requests.allSatisfy { if case .removeAddress = $0 { false } else { true } })
        #expect(host.state == .leaving)
        try MacvlanHost.hearSix(host, 99)
        host.pass(.milliseconds(700))
        try MacvlanHost.hearSix(host, 99)
        host.pass(.milliseconds(20))
        #expect(host.core.isFinished == true)
        #expect(host.links.map(\.name) == ["eth0"])
    }

    @Test("After a handover it is off, and on again when this host is master again")
    func handover() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        host.handOver(HandoverOrder(requestedBy: "test", requestedAt: "now"))
        host.pass(.milliseconds(600))
        host.hear(99)
        host.pass(.milliseconds(100))
        #expect(host.state == .backup)
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == false)
        host.resume()
        host.pass(.seconds(10))
        #expect(host.state == .master)
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == true)
    }

    @Test("When nobody takes over it stays on")
    func nobody() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        host.handOver(HandoverOrder(requestedBy: "test", requestedAt: "now"))
        host.pass(.seconds(5))
        #expect(host.state == .master)
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == true)
        #expect(host.linkOrders.allSatisfy { if case .switchOff = $0 { false } else { true } })
    }

    // MARK: - What others do

    @Test("One that somebody deletes is made again, with its addresses, and the master stays master")
    func deleted() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        let link = try #require(host.link(named: MacvlanHost.name))
        host.forgetLog()
        host.give(.linkRemoved(link.index))
        host.pass(.milliseconds(1))
        let again = try #require(host.link(named: MacvlanHost.name))
        #expect(host.state == .master)
        #expect(again.isAdministrativelyUp)
        #expect(again.mark == link.mark)
        #expect(host.addresses.contains { $0.key == TestHost.key("192.0.2.1/32", on: again.index) })
        #expect(host.announcements().count > 0)
        #expect(
            host.events.contains(
                .macvlanChanged(instance: "Instance1", .restored(MacvlanHost.address), name: MacvlanHost.name)))
        #expect(host.events.allSatisfy { if case .stateChanged = $0 { false } else { true } })
        #expect(host.links[0].arp == ARPSettings(ignore: 1, announce: 2))
    }

    @Test("One that somebody switches off is switched on again, and announced")
    func switchedOff() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        var link = try #require(host.link(named: MacvlanHost.name))
        host.forgetLog()
        link.isAdministrativelyUp = false
        host.give(.link(link))
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == true)
        #expect(host.announcements().count > 0)
        #expect(host.state == .master)
    }

    @Test("A link of that name that somebody else has made is not touched: the instance is in fault until it has gone")
    func foreign() throws {
        let foreign = MacvlanHost.link(alias: nil)
        let host = try MacvlanHost.host(links: [TestHost.link(), foreign])
        host.pass(.seconds(10))
        #expect(host.state == .fault)
        #expect(host.fault == .foreignLink(MacvlanHost.name))
        #expect(host.requests.isEmpty)
        host.give(.linkRemoved(foreign.index))
        host.pass(.seconds(4))
        #expect(host.state == .master)
        host.give(.stop)
        host.pass(.seconds(5))
        #expect(host.links.map(\.name) == ["eth0"])
    }

    @Test("Where the kernel refuses to make it, the instance is in fault, and it is tried again")
    func refused() throws {
        let host = try MacvlanHost.host(links: [])
        var isRefusing = true
        host.refuseLink = { _ in isRefusing ? KernelRefusal(code: 95, text: "Operation not supported") : nil }
        host.give(.link(TestHost.link()))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"), createdAt: 1)))
        host.pass(.seconds(20))
        #expect(host.state == .fault)
        #expect(
            host.fault == .macvlanRefused(MacvlanHost.name, KernelRefusal(code: 95, text: "Operation not supported")))
        #expect(host.events.count { if case .macvlanChanged(_, .refused, _) = $0 { true } else { false } } == 1)
        isRefusing = false
        host.pass(.seconds(40))
        #expect(host.state == .master)
    }

    @Test("One that can't be switched on keeps this host from being master, until it can")
    func cannotSwitchOn() throws {
        let host = try MacvlanHost.host()
        var isRefusing = true
        host.refuseLink = { order in
            guard case .switchOn = order, isRefusing else { return nil }
            return KernelRefusal(code: 98, text: "Address already in use")
        }
        host.pass(.seconds(10))
        #expect(host.advertisements().isEmpty)
        isRefusing = false
        host.pass(.seconds(40))
        #expect(host.state == .master)
    }

    @Test("The answers of the real master count on a backup, whose own link has the same hardware address")
    func realMaster() throws {
        let host = try MacvlanHost.host()
        host.hear(200)
        #expect(host.link(named: MacvlanHost.name) != nil)
        let isLocal = host.core.table.isLocal(MacvlanHost.address)
        #expect(!isLocal)
    }
}
