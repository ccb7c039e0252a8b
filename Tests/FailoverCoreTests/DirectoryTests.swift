import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("Who has to be looked at")
struct DirectoryTests {
    private func table(_ configurations: [InstanceConfiguration]) -> (InstanceTable, [RouterID]) {
        var table = InstanceTable()
        let ids = configurations.map { configuration in
            var instance = Instance(configuration, at: moment(.zero))
            instance.participation.move(to: Sample.eth0)
            return table.insert(instance)
        }
        table.arrange(ids)
        return (table, ids)
    }

    @Test("Each is found by its name, its number, its interfaces and its addresses, in the order of the routers")
    func found() {
        var second = Sample.configuration("two", id: 20, addresses: [2, 1])
        second.addresses[0].interface = "eth1"
        let (table, ids) = table([Sample.configuration("one", id: 10), second])
        let directory = Directory(table, order: ids)
        #expect(directory.router(named: "two") == ids[1])
        #expect(directory.router(named: "three") == nil)
        #expect(directory.routers(RouterKey(interface: Sample.eth0, family: .ipv4, virtualRouterID: 20)) == [ids[1]])
        #expect(directory.routers(RouterKey(interface: Sample.eth1, family: .ipv4, virtualRouterID: 20)).isEmpty)
        #expect(directory.routers(on: "eth0") == ids)
        #expect(directory.routers(on: "eth1") == [ids[1]])
        #expect(directory.interfaceNames == ["eth0", "eth1"])
        #expect(
            directory.places(of: Sample.address(1)) == [
                AddressPlace(instance: ids[0], position: 0), AddressPlace(instance: ids[1], position: 1),
            ])
        #expect(directory.isShared(Sample.address(2)) && !directory.isShared(Sample.address(3)))
    }

    @Test("By a source those are found that can't do without it")
    func sources() {
        var one = Sample.configuration("one", id: 10)
        one.source = Sample.address(11)
        var two = Sample.configuration("two", id: 20, addresses: [2])
        two.source = Sample.address(11)
        two.requiresSource = true
        let (table, ids) = table([one, two])
        #expect(Directory(table, order: ids).routers(from: Sample.address(11)) == [ids[1]])
    }

    @Test("One on its way out is found as before, but has no rank, and leaves its name to whoever has it now")
    func departing() {
        let (table, ids) = table([Sample.configuration("one", id: 10), Sample.configuration("one", id: 20)])
        let directory = Directory(table, order: [ids[0]])
        #expect(directory.rank(of: ids[0]) == 0)
        #expect(directory.rank(of: ids[1]) == nil)
        #expect(directory.router(named: "one") == ids[0])
        #expect(directory.routers(RouterKey(interface: Sample.eth0, family: .ipv4, virtualRouterID: 20)) == [ids[1]])
        #expect(directory.routers(on: "eth0") == ids)
    }

    @Test("Where an interface was made anew, packets find the router by the new number alone")
    func moved() {
        let (table, ids) = table([Sample.configuration("one", id: 10)])
        var directory = Directory(table, order: ids)
        directory.move(ids[0], number: 10, .ipv4, from: Sample.eth0, to: Sample.eth1)
        #expect(directory.routers(RouterKey(interface: Sample.eth0, family: .ipv4, virtualRouterID: 10)).isEmpty)
        #expect(directory.routers(RouterKey(interface: Sample.eth1, family: .ipv4, virtualRouterID: 10)) == ids)
        directory.move(ids[0], number: 10, .ipv4, from: Sample.eth1, to: nil)
        #expect(directory.routers(RouterKey(interface: Sample.eth1, family: .ipv4, virtualRouterID: 10)).isEmpty)
    }
}
