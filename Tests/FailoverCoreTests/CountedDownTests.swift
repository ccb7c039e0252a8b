import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("What is counted or kept by an index is taken out again")
struct CountedDownTests {
    private let shared = TestHost.key("192.0.2.1/24")
    private let own = TestHost.key("192.0.2.12/24")

    private func instance(_ number: UInt8) -> Instance {
        Instance(
            InstanceConfiguration(
                name: "V\(number)", location: SourceLocation(file: "test", line: 1, column: 1), interface: "eth0",
                virtualRouterID: number), at: TestHost.start)
    }

    @Test("Addresses of ours are counted, once each")
    func ownCount() {
        var ledger = AddressLedger(remembered: [:])
        #expect(ledger.ownCount == 0)
        ledger.set(.ours, of: shared)
        ledger.set(.ours, of: shared)
        #expect(ledger.ownCount == 1)
        ledger.set(.stray, of: shared)
        #expect(ledger.ownCount == 0)
        ledger.set(.ours, of: shared)
        ledger.lose(shared)
        ledger.lose(shared)
        #expect(ledger.ownCount == 0)
        #expect(ledger.standing(of: shared) == nil)
    }

    @Test("The host's own copies of a shared address are known with any prefix length, until they go")
    func hosts() {
        var ledger = AddressLedger(remembered: [:])
        ledger.set(.hosts, of: shared)
        #expect(ledger.isHosts(TestHost.key("192.0.2.1/32")))
        #expect(!ledger.isHosts(TestHost.key("192.0.2.1/32", on: InterfaceIndex(rawValue: 3))))
        #expect(ledger.sources(on: TestHost.eth0) == [shared])
        ledger.set(.ours, of: shared)
        #expect(!ledger.isHosts(shared))
        #expect(ledger.sources(on: TestHost.eth0).isEmpty)
    }

    @Test("What the host uses for itself alone is forgotten with the address, and with its interface")
    func alone() {
        var ledger = AddressLedger(remembered: [:])
        ledger.file(own, isPrivate: true)
        #expect(ledger.hasPrivate(on: TestHost.eth0))
        ledger.file(own, isPrivate: false)
        #expect(!ledger.hasPrivate(on: TestHost.eth0))
        #expect(ledger.sources(on: TestHost.eth0).isEmpty)
        ledger.file(own, isPrivate: true)
        ledger.beginSettling(TestHost.eth0, at: TestHost.start)
        ledger.forgetInterface(TestHost.eth0)
        #expect(!ledger.hasPrivate(on: TestHost.eth0))
        #expect(!ledger.isSettling(TestHost.eth0, at: TestHost.start))
    }

    @Test("An address taken for ours while it was asked for is the host's when the kernel says that it was there")
    func presumed() {
        var ledger = AddressLedger(remembered: [:])
        ledger.set(.ours, of: shared)
        ledger.presume(shared)
        let wasDisowned = ledger.disown(shared)
        #expect(wasDisowned)
        #expect(ledger.standing(of: shared) == .hosts)
        ledger.set(.ours, of: shared)
        ledger.presume(shared)
        ledger.confirm(shared)
        let isDisowned = ledger.disown(shared)
        #expect(!isDisowned)
        #expect(ledger.isOurs(shared))
    }

    @Test("A primary address has secondaries until the last one goes, or becomes primary")
    func secondaries() {
        var table = KernelTable()
        let primary = InterfaceAddress(key: own)
        var secondary = InterfaceAddress(key: shared)
        secondary.isSecondary = true
        table.insert(primary)
        table.insert(secondary)
        table.insert(secondary)
        #expect(table.hasSecondaries(own))
        table.remove(shared)
        #expect(!table.hasSecondaries(own))
        table.insert(secondary)
        secondary.isSecondary = false
        table.insert(secondary)
        #expect(!table.hasSecondaries(own))
    }

    @Test("A hardware address is this host's as long as a link has it")
    func hardwareAddresses() {
        var table = KernelTable()
        table.insert(TestHost.link(mac: 1))
        table.insert(TestHost.link(mac: 2))
        #expect(!table.isLocal(MACAddress(rawValue: 1)))
        #expect(table.isLocal(MACAddress(rawValue: 2)))
        table.remove(link: TestHost.eth0)
        #expect(!table.isLocal(MACAddress(rawValue: 2)))
    }

    @Test("Packets find a router by its interface's number now, and not by the one before")
    func directory() {
        var instances = InstanceTable()
        let id = instances.insert(instance(10))
        instances.arrange([id])
        var directory = Directory(instances, order: [id])
        let (old, new) = (InterfaceIndex(rawValue: 2), InterfaceIndex(rawValue: 7))
        directory.move(id, number: 10, from: nil, to: old)
        #expect(directory.routers(RouterKey(interface: old, virtualRouterID: 10)) == [id])
        directory.move(id, number: 10, from: old, to: new)
        #expect(directory.routers(RouterKey(interface: old, virtualRouterID: 10)).isEmpty)
        #expect(directory.routers(RouterKey(interface: new, virtualRouterID: 10)) == [id])
        directory.move(id, number: 10, from: new, to: nil)
        #expect(directory.routers(RouterKey(interface: new, virtualRouterID: 10)).isEmpty)
    }
}
