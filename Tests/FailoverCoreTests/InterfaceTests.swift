import Addressing
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Interfaces")
struct InterfaceTests {
    private func master() throws -> TestHost {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        #expect(host.state == .master)
        host.forgetLog()
        return host
    }

    @Test("Without carrier: fault with the reason, the address leaves, nothing is sent into the void")
    func carrier() throws {
        let host = try master()
        host.give(.link(TestHost.link(running: false)))
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "interface eth0 has no carrier")
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.advertisements().isEmpty)
        host.give(.link(TestHost.link()))
        #expect(host.state == .backup)
        host.pass(.nanoseconds(3_609_375_000))
        #expect(host.state == .master)
    }

    @Test("Switched off is told as such")
    func down() throws {
        let host = try master()
        host.give(.link(TestHost.link(up: false, running: false)))
        #expect(host.status.reason.description == "interface eth0 is down")
    }

    @Test("The interface goes and comes again under a new number")
    func recreated() throws {
        let host = try master()
        host.give(.linkRemoved(TestHost.eth0))
        #expect(host.status.reason.description == "interface eth0 does not exist")
        let index = InterfaceIndex(rawValue: 7)
        host.give(.link(Link(index: index, name: "eth0", hardwareAddress: MACAddress(rawValue: 9))))
        #expect(host.status.reason.description == "interface eth0 has no IPv4 address to send from")
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24", on: index))))
        host.pass(.seconds(4))
        #expect(host.state == .master)
        #expect(host.addresses.contains { $0.key == TestHost.key("192.0.2.1/32", on: index) })
        let receivers = host.log.compactMap { entry -> String? in
            switch entry.effect {
            case .openReceiver(let place, _, _): "open \(place.interface)"
            case .closeReceiver(let place): "close \(place.interface)"
            default: nil
            }
        }
        #expect(receivers == ["close 2", "open 7"])
    }

    @Test("An interface that nobody told of takes the addresses along that were told")
    func removedUntold() throws {
        let host = try master()
        let other = InterfaceIndex(rawValue: 7)
        let stray = TestHost.key("192.0.2.1/24", on: other)
        host.give(.address(InterfaceAddress(key: stray)))
        #expect(host.core.table.address(stray) != nil)
        host.give(.linkRemoved(other))
        #expect(host.core.table.address(stray) == nil)
        #expect(host.state == .master)
    }

    @Test("An interface that is renamed away takes no address of ours along")
    func renamed() throws {
        let host = try master()
        var link = TestHost.link()
        link.name = "old0"
        host.give(.link(link))
        #expect(host.state == .fault)
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("An interface that does not exist yet is waited for")
    func late() throws {
        let host = TestHost(try TestFile.guide(), own: [], links: [])
        host.pass(.seconds(100))
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "interface eth0 does not exist")
        host.give(.link(TestHost.link()))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"))))
        host.pass(.seconds(4))
        #expect(host.state == .master)
    }

    @Test("An address that the configuration names no more is no address to send from, not even until it is gone")
    func leftoverIsNoSource() throws {
        let host = TestHost(try TestFile.guide(addresses: ["192.0.2.1/24", "192.0.2.2/24"]))
        host.pass(.seconds(4))
        host.give(.addressRemoved(TestHost.key("192.0.2.12/24")))
        host.pass(.milliseconds(1900))
        host.reconfigure(try TestFile.guide(addresses: ["192.0.2.1/24"]))
        host.pass(.milliseconds(100))
        #expect(host.state == .leaving, "two seconds after its own address went")
    }

    @Test("An address on another interface that carries nothing serves nobody")
    func addressInterface() throws {
        let eth1 = InterfaceIndex(rawValue: 3)
        func link(up: Bool = true, running: Bool) -> Input {
            .link(
                Link(
                    index: eth1, name: "eth1", isAdministrativelyUp: up, isRunning: running,
                    hardwareAddress: MACAddress(rawValue: 5)))
        }
        let host = TestHost(try TestFile.guide(addresses: ["192.0.2.1", "198.51.100.1/24 dev eth1"]))
        host.give(link(running: true))
        host.pass(.seconds(4))
        #expect(host.state == .master)
        host.give(link(running: false))
        #expect(host.status.reason.description == "interface eth1 has no carrier")
        #expect(host.advertisements().last?.priority == 0)
        host.give(link(up: false, running: false))
        #expect(host.status.reason.description == "interface eth1 is down")
        host.give(link(running: true))
        #expect(host.state == .backup)
    }

    /// For two seconds without an address of its own.
    private func sourceless() throws -> TestHost {
        let host = try master()
        host.give(.addressRemoved(TestHost.key("192.0.2.12/24")))
        host.pass(.milliseconds(1999))
        host.forgetLog()
        host.pass(.milliseconds(1))
        #expect(host.advertisements().map(\.priority) == [0])
        #expect(host.state == .leaving)
        #expect(host.has("192.0.2.1/32"))
        return host
    }

    @Test(
        "Without a source address: priority 0 from the old one; nobody comes: fault, the address leaves; back by itself"
    )
    func sourceAddress() throws {
        let host = try sourceless()
        host.pass(.seconds(3))
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "interface eth0 has no IPv4 address to send from")
        #expect(host.advertisements().map(\.priority) == [0, 0])
        #expect(!host.has("192.0.2.1/32"))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"))))
        host.pass(.seconds(4))
        #expect(host.state == .master)
    }

    @Test("Without a source address: the shared one answers until a successor has announced it")
    func sourceAddressAndSuccessor() throws {
        let host = try sourceless()
        host.pass(.milliseconds(613))
        #expect(host.has("192.0.2.1/32"))
        host.hear(99)
        host.hearAnnouncement("192.0.2.1")
        host.pass(.milliseconds(10))
        #expect(host.state == .fault)
        #expect(!host.has("192.0.2.1/32"))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"))))
        #expect(host.state == .backup)
    }

    @Test("The source address comes back while it leaves: master as before, or a backup of the successor")
    func sourceAddressReturns() throws {
        for hasSuccessor in [false, true] {
            let host = try sourceless()
            host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"))))
            if hasSuccessor { host.hear(200) }
            host.pass(.seconds(hasSuccessor ? 2 : 3))
            #expect(host.state == (hasSuccessor ? .backup : .master))
            #expect(host.has("192.0.2.1/32") != hasSuccessor)
        }
    }

    @Test("Told to stop while it leaves without a source address: it stops")
    func sourceAddressAndStop() throws {
        let host = try sourceless()
        host.give(.stop)
        host.pass(.seconds(3))
        #expect(host.state == .stopped)
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.core.isFinished == true)
    }

    @Test("The kernel wants the neighbours told (a bond's failover, a virtual machine that moved): announced again")
    func notifyPeers() throws {
        let host = try master()
        var link = TestHost.link()
        link.wantsAnnouncement = true
        host.give(.link(link))
        #expect(host.announcements().count == 1)
        host.give(.link(TestHost.link()))
        #expect(host.announcements().count == 1)
        #expect(host.state == .master)
    }

    @Test("A network manager sets the interface up anew: for two seconds without any address nothing happens")
    func bridged() throws {
        let host = try master()
        host.give(.addressRemoved(TestHost.key("192.0.2.12/24")))
        host.give(.addressRemoved(TestHost.key("192.0.2.1/32")))
        #expect(host.has("192.0.2.1/32"))
        host.pass(.milliseconds(1900))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"))))
        host.pass(.seconds(10))
        #expect(host.state == .master)
        #expect(host.advertisements().allSatisfy { $0.priority == 100 })
        #expect(host.advertisements().count == 12)
    }

    @Test("The source address stays while it is there, and the next one follows it")
    func sourceIsKept() throws {
        let host = TestHost(try TestFile.guide(), own: ["192.0.2.12/24", "198.51.100.7/24"])
        host.pass(.seconds(4))
        func source() -> [UInt8] {
            guard
                case .advertise(_, _, _, _, let packet)? = host.log.map(\.effect).last(where: {
                    if case .advertise = $0 { true } else { false }
                })
            else { return [] }
            return Array(packet[12..<16])
        }
        #expect(source() == [192, 0, 2, 12])
        host.give(.addressRemoved(TestHost.key("192.0.2.12/24")))
        host.pass(.seconds(1))
        #expect(source() == [198, 51, 100, 7])
        #expect(host.state == .master)
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"))))
        host.pass(.seconds(1))
        #expect(source() == [198, 51, 100, 7])
    }

    @Test("A new hardware address is announced")
    func hardwareAddress() throws {
        let host = try master()
        host.give(.link(TestHost.link(mac: 0x02_0000_0000_FF)))
        #expect(host.announcements().count == 1)
        #expect(host.state == .master)
    }

    @Test("Where nobody can be heard, nobody is master; it is tried again")
    func receiverFails() throws {
        let host = TestHost(try TestFile.guide())
        host.give(.receiverFailed(InterfaceFamily(TestHost.eth0, .ipv4), reason: "can't join"))
        #expect(host.state == .fault)
        host.pass(.seconds(1))
        #expect(host.state == .backup)
    }

    @Test("A pause that ends while another fault stands is over: no deadline stays behind")
    func pauseUnderFault() throws {
        let host = TestHost(try TestFile.guide())
        host.give(.receiverFailed(InterfaceFamily(TestHost.eth0, .ipv4), reason: "can't join"))
        host.give(.link(TestHost.link(running: false)))
        host.pass(.seconds(2))
        #expect(host.nextTimer == nil)
        #expect(host.status.reason.description == "interface eth0 has no carrier")
    }
}
