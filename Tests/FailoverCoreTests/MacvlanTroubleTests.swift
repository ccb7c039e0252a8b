import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// Firewalls, fights, late answers and interfaces that are renamed.
@Suite("A virtual MAC address in trouble")
struct MacvlanTroubleTests {
    @Test(
        "Where a firewall lets nothing leave by the macvlan, advertisements leave from the parent, and the master stays one"
    )
    func firewall() throws {
        let host = try MacvlanHost.host()
        host.sendFailureOn = { $0 == TestHost.eth0 ? nil : SendFailure(code: 1, text: "Operation not permitted") }
        host.pass(.seconds(20))
        #expect(host.state == .master)
        #expect(MacvlanHost.interfaces(host).filter { $0 == TestHost.eth0 }.count > 10)
        #expect(MacvlanHost.interfaces(host).filter { $0 != TestHost.eth0 }.count == 1)
        #expect(host.events.contains { if case .sendFailed = $0 { true } else { false } })
        let states = host.events.filter { if case .stateChanged = $0 { true } else { false } }
        #expect(states.count == 2)
    }

    @Test("A macvlan on which the last address was an earlier run's is switched off when that has gone")
    func leftover() throws {
        let left = MacvlanHost.link(on: true)
        let host = try MacvlanHost.host(
            links: [TestHost.link(), left],
            addresses: [
                InterfaceAddress(
                    key: TestHost.key("192.0.2.99/24", on: left.index), origin: InterfaceAddress.ourOrigin, createdAt: 5
                )
            ])
        host.hear(200)
        host.pass(.seconds(1))
        #expect(host.addresses.allSatisfy { $0.key.interface != left.index })
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == false)
    }

    @Test("One that a reload adds keeps what the parent's settings were before the first one")
    func addedLater() throws {
        let host = TestHost(try MacvlanHost.many(1))
        #expect(host.links[0].arp == ARPSettings(ignore: 1, announce: 2))
        host.reconfigure(try MacvlanHost.many(2))
        host.pass(.milliseconds(100))
        let before = ARPSettings(ignore: 0, announce: 0)
        #expect(host.links.dropFirst().map { $0.mark?.lent } == [before, before])
    }

    @Test("While somebody has switched it off, its addresses are missing")
    func off() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        #expect(host.core.health(at: host.now).findings.isEmpty)
        host.isSlow = true
        var link = try #require(host.link(named: MacvlanHost.name))
        (link.isAdministrativelyUp, link.isRunning) = (false, false)
        host.give(.link(link))
        #expect(host.core.health(at: host.now).findings.map(\.code.name) == [.addressMissing])
    }

    @Test("A claim waits for the macvlan, also where the addresses are on another interface")
    func claimWaits() throws {
        var other = TestHost.link()
        (other.index, other.name) = (InterfaceIndex(rawValue: 3), "eth1")
        let host = TestHost(try MacvlanHost.many(1, device: "eth1"), links: [TestHost.link(), other])
        host.holds = { if case .link(.switchOn) = $0.kind { true } else { false } }
        host.pass(.seconds(5))
        #expect(host.addresses.contains { $0.key.interface == other.index })
        #expect(host.state != .master)
    }

    @Test("The parent's settings, which somebody may change without an event, are set again every half minute")
    func renewedSettings() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        host.links[0].arp = ARPSettings(ignore: 0, announce: 0)
        for _ in 0..<4 {
            host.pass(.seconds(10))
            host.core.audit(at: host.now)
            host.pass(.milliseconds(1))
        }
        #expect(host.links[0].arp == ARPSettings(ignore: 1, announce: 2))
        host.forgetLog()
        host.pass(.seconds(29))
        host.core.audit(at: host.now)
        host.pass(.milliseconds(1))
        #expect(host.linkOrders.count <= 1)
    }

    @Test("The MTU follows the parent's up again; one that has lost IPv6 by it is made anew")
    func mtu() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        let first = try #require(host.link(named: MacvlanHost.name))
        func change(_ bytes: Int) throws {
            for name in ["eth0", MacvlanHost.name] {
                guard let place = host.links.firstIndex(where: { $0.name == name }) else { continue }
                // Linux lowers the macvlan's, too, and raises the parent's alone.
                if name != "eth0", bytes > host.links[place].mtu { continue }
                host.links[place].mtu = bytes
                host.give(.link(host.links[place]))
            }
            host.pass(.milliseconds(100))
        }
        try change(1400)
        try change(1500)
        #expect(host.link(named: MacvlanHost.name)?.mtu == 1500)
        #expect(host.link(named: MacvlanHost.name)?.index == first.index)
        try change(1000)
        #expect(host.link(named: MacvlanHost.name)?.mtu == 1000)
        try change(1500)
        #expect(host.link(named: MacvlanHost.name)?.mtu == 1500)
        #expect(host.link(named: MacvlanHost.name)?.index != first.index)
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == true)
    }

    @Test("Who deletes it again and again is answered with growing pauses")
    func fight() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        var pauses: [Duration] = []
        for _ in 0..<12 {
            let begin = host.now
            let link = try #require(host.link(named: MacvlanHost.name))
            host.give(.linkRemoved(link.index))
            while host.link(named: MacvlanHost.name) == nil, host.now - begin < .seconds(5) {
                host.pass(.milliseconds(1))
            }
            pauses.append(host.now - begin)
        }
        #expect(pauses.first == .zero)
        #expect(try #require(pauses.last) >= .milliseconds(500))
        host.pass(.seconds(15))
        #expect(host.state == .master)
    }

    @Test("A late answer about a link that has gone does not end the request for the new one")
    func lateAnswer() throws {
        let host = try MacvlanHost.host()
        host.isSlow = true
        host.pass(.milliseconds(3610))
        let link = try #require(host.link(named: MacvlanHost.name))
        host.give(.linkRemoved(link.index))
        // The switching on of the old one, which has gone; then what followed.
        for _ in 0..<8 { host.answerOne() }
        host.isSlow = false
        host.answerAll()
        host.pass(.seconds(1))
        #expect(host.state == .master)
        #expect(host.events.allSatisfy { if case .stateChanged(_, _, .fault, _) = $0 { false } else { true } })
        #expect(host.linkOrders.count { if case .make = $0 { true } else { false } } == 2)
    }

    @Test("A stop takes it away also while a refusal is waited out")
    func stopAfterRefusal() throws {
        let host = try MacvlanHost.host()
        host.refuseLink = { order in
            guard case .switchOn = order else { return nil }
            return KernelRefusal(code: 98, text: "Address already in use")
        }
        host.pass(.seconds(30))
        host.give(.stop)
        host.pass(.seconds(1))
        #expect(host.links.map(\.name) == ["eth0"])
        #expect(host.core.isFinished == true)
    }

    @Test("When its interface is renamed it is switched off, and goes at a stop")
    func renamedParent() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        var parent = try #require(host.link(named: "eth0"))
        parent.name = "lan0"
        host.give(.link(parent))
        host.pass(.seconds(1))
        #expect(host.state == .fault)
        #expect(host.link(named: MacvlanHost.name)?.isAdministrativelyUp == false)
        host.give(.stop)
        host.pass(.seconds(1))
        #expect(host.links.map(\.name) == ["lan0"])
        #expect(host.links[0].arp == ARPSettings(ignore: 0, announce: 0))
        #expect(host.core.isFinished == true)
    }

    @Test("The instance becomes one of IPv6 under the same name and hardware address: it is heard as that")
    func otherFamily() throws {
        let host = try MacvlanHost.host()
        let link = try #require(host.link(named: MacvlanHost.name))
        let six = try TestFile.read(
            """
            vrrp_instance Instance1 {
                interface eth0
                virtual_router_id 10
                virtual_ipaddress {
                    2001:db8::1/64
                }
            }
            """)
        host.reconfigure(MacvlanHost.configuration(six))
        host.pass(.seconds(1))
        #expect(
            host.log.map(\.effect).contains(
                .openMacvlanReceiver(link.index, for: InterfaceFamily(TestHost.eth0, .ipv6))))
    }

    @Test(
        "One that somebody renames, or gives another hardware address, is deleted for that and made anew; nobody is blamed for the deletion",
        arguments: [true, false])
    func changed(isRenamed: Bool) throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        var link = try #require(host.link(named: MacvlanHost.name))
        if isRenamed { link.name = "mine" } else { link.hardwareAddress = MACAddress(rawValue: 0x02_0000_0000_01) }
        // A refusal is told, and changes nothing about the reason.
        var refusals = isRenamed ? 0 : 1
        host.refuseLink = { order in
            guard case .delete = order, refusals > 0 else { return nil }
            refusals -= 1
            return KernelRefusal(code: 16, text: "Device or resource busy")
        }
        host.forgetLog()
        host.give(.link(link))
        host.pass(.seconds(5))
        if !isRenamed { host.give(.link(link)) }
        host.pass(.seconds(5))
        let changes = host.events.compactMap { event -> MacvlanChange? in
            guard case .macvlanChanged("Instance1", let change, _) = event else { return nil }
            return change
        }
        #expect(changes.contains(.removedChanged))
        #expect(changes.contains(.made(MacvlanHost.address)))
        #expect(changes.allSatisfy { $0 != .restored(MacvlanHost.address) })
        #expect(host.events.allSatisfy { if case .macvlanChanged(_, .leftoverRemoved, _) = $0 { false } else { true } })
        #expect(host.links.map(\.name) == ["eth0", MacvlanHost.name])
        // What somebody else deletes afterwards is told as that.
        host.give(.linkRemoved(try #require(host.link(named: MacvlanHost.name)).index))
        host.pass(.seconds(1))
        #expect(
            host.events.contains(
                .macvlanChanged(instance: "Instance1", .restored(MacvlanHost.address), name: MacvlanHost.name)))
    }

    @Test("Settings of the parent that somebody has put back are set again")
    func settings() throws {
        let host = try MacvlanHost.host()
        host.pass(.seconds(4))
        var parent = try #require(host.link(named: "eth0"))
        parent.arp = ARPSettings(ignore: 0, announce: 0)
        host.give(.link(parent))
        #expect(host.link(named: "eth0")?.arp == ARPSettings(ignore: 1, announce: 2))
    }
}
