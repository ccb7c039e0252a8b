import Addressing
import Testing

@testable import FailoverCore

@Suite("The kernel's table")
struct KernelTableTests {
    private let interfaces = [Sample.eth0, Sample.eth1, InterfaceIndex(rawValue: 4)]

    /// The same without an index: lists that are searched for each question.
    private struct Model {
        var links: [Link] = []
        /// In the order in which they were first told of.
        var addresses: [InterfaceAddress] = []

        mutating func insert(_ address: InterfaceAddress) {
            if let place = addresses.firstIndex(where: { $0.key == address.key }) {
                addresses[place] = address
            } else {
                addresses.append(address)
            }
        }

        mutating func insert(_ link: Link) {
            links.removeAll { $0.index == link.index }
            links.append(link)
        }

        mutating func remove(link index: InterfaceIndex) {
            links.removeAll { $0.index == index }
            addresses.removeAll { $0.key.interface == index }
        }

        func hasSecondaries(_ key: AddressKey) -> Bool {
            guard let address = addresses.first(where: { $0.key == key }), !address.isSecondary else { return false }
            return addresses.contains {
                $0.isSecondary && $0.key.interface == key.interface
                    && $0.key.prefix.networkPrefix == key.prefix.networkPrefix
            }
        }
    }

    @Test(
        "Its indexes answer as a search through all would, whatever comes, changes and goes", arguments: [1, 2, 3, 4])
    func model(seed: UInt64) {
        var draws = Draws(seed: seed)
        var table = KernelTable()
        var model = Model()
        for step in 0..<1200 {
            let interface = draws.pick(interfaces)
            let key = Sample.key(UInt8(draws.below(8)), length: draws.pick([30, 24, 32]), on: interface)
            switch draws.below(12) {
            case 0...5:
                var address = InterfaceAddress(
                    key: key, isSecondary: draws.below(2) == 0, createdAt: UInt32(step))
                if draws.below(4) == 0 { address.peer = Sample.address(UInt8(draws.below(3))) }
                table.insert(address)
                model.insert(address)
            case 6...8:
                table.remove(key)
                model.addresses.removeAll { $0.key == key }
            case 9, 10:
                // Names and hardware addresses change; two links of a bond have the same hardware address.
                let hardwareAddress = draws.pick([nil, MACAddress(rawValue: 1), MACAddress(rawValue: 2)])
                let link = Link(
                    index: interface, name: "link\(interface)-\(draws.below(2))", hardwareAddress: hardwareAddress)
                table.insert(link)
                model.insert(link)
            default:
                guard draws.below(5) == 0 else { continue }
                table.remove(link: interface)
                model.remove(link: interface)
            }
            #expect(table.address(key) == model.addresses.first { $0.key == key }, "step \(step)")
            #expect(table.contains(key) == model.addresses.contains { $0.key == key })
            #expect(table.hasSecondaries(key) == model.hasSecondaries(key), "step \(step)")
            #expect(
                table.addresses(on: interface) == model.addresses.filter { $0.key.interface == interface },
                "in the order in which they came, step \(step)")
            #expect(table.isLocal(key.address) == model.addresses.contains { $0.key.address == key.address })
            #expect(
                table.copies(of: key.address)
                    == Set(model.addresses.map(\.key).filter { $0.address == key.address }), "step \(step)")
            for number in 1...2 as ClosedRange<UInt64> {
                let hardwareAddress = MACAddress(rawValue: number)
                #expect(
                    table.isLocal(hardwareAddress) == model.links.contains { $0.hardwareAddress == hardwareAddress },
                    "step \(step)")
            }
            let name = "link\(interface)-\(draws.below(2))"
            #expect(table.link(named: name) == model.links.first { $0.name == name }, "step \(step)")
            #expect(table.link(interface) == model.links.first { $0.index == interface })
        }
        #expect(Set(table.allAddresses) == Set(model.addresses))
        #expect(Set(table.allLinks) == Set(model.links))
        let keys = model.addresses.map(\.key)
        #expect(table.inOrder(keys.shuffled(using: &draws) + [Sample.key(200)]).map(\.key) == keys)
    }

    @Test("An address that is told of again keeps its rank; one that went and came back is the last one")
    func order() {
        var table = KernelTable(links: [], addresses: [1, 2, 3].map { InterfaceAddress(key: Sample.key($0)) })
        table.insert(InterfaceAddress(key: Sample.key(1), isSecondary: true))
        #expect(table.addresses(on: Sample.eth0).map(\.key) == [1, 2, 3].map { Sample.key($0) })
        table.remove(Sample.key(1))
        table.insert(InterfaceAddress(key: Sample.key(1)))
        #expect(table.addresses(on: Sample.eth0).map(\.key) == [2, 3, 1].map { Sample.key($0) })
    }

    @Test("Only a primary takes others along, and only those of its own network and interface")
    func secondaries() {
        let primary = Sample.key(1, length: 24)
        let secondary = Sample.key(2, length: 24)
        var table = KernelTable(
            links: [],
            addresses: [
                InterfaceAddress(key: primary), InterfaceAddress(key: secondary, isSecondary: true),
                InterfaceAddress(key: Sample.key(3)), InterfaceAddress(key: Sample.key(4, length: 24, on: Sample.eth1)),
            ])
        #expect(table.hasSecondaries(primary))
        #expect(!table.hasSecondaries(secondary))
        #expect(!table.hasSecondaries(Sample.key(3)))
        #expect(!table.hasSecondaries(Sample.key(4, length: 24, on: Sample.eth1)))
        #expect(!table.hasSecondaries(Sample.key(9, length: 24)), "one that is not there")
        // With promote_secondaries the kernel makes it the primary one.
        table.insert(InterfaceAddress(key: secondary, isSecondary: false))
        #expect(!table.hasSecondaries(primary))
    }

    @Test("Two links that change their names are each found by the new one")
    func renamed() {
        func link(_ index: InterfaceIndex, _ name: String) -> Link { Link(index: index, name: name) }
        var table = KernelTable(links: [link(Sample.eth0, "eth0"), link(Sample.eth1, "eth1")], addresses: [])
        table.insert(link(Sample.eth0, "tmp"))
        #expect(table.link(named: "eth0") == nil)
        table.insert(link(Sample.eth1, "eth0"))
        table.insert(link(Sample.eth0, "eth1"))
        #expect(table.link(named: "eth0")?.index == Sample.eth1)
        #expect(table.link(named: "eth1")?.index == Sample.eth0)
        #expect(table.link(named: "tmp") == nil)
    }
}
