import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// A host may be master of thousands of virtual routers: what each of them takes is worth a look before it grows.
@Suite("What a virtual router takes, in bytes")
struct MemoryTests {
    @Test("An instance, with its configuration")
    func instance() {
        #expect(MemoryLayout<Instance>.stride <= 1272)
        #expect(MemoryLayout<InstanceConfiguration>.stride <= 296)
    }

    @Test("Each of its addresses: as the configuration has it, and where it stands")
    func addresses() {
        #expect(MemoryLayout<SharedAddress>.stride <= 96)
        #expect(MemoryLayout<PlacedAddress>.stride <= 64)
    }

    @Test("An event of the history")
    func event() {
        #expect(MemoryLayout<Event>.stride <= 72)
    }

    @Test("What is one as a rule is found again when it is several, and one, and none")
    func few() throws {
        var few: Few<Int>?
        Few.add(1, to: &few)
        guard case .one(1)? = few else { throw Failure() }
        Few.add(2, to: &few)
        Few.add(3, to: &few)
        #expect(few?.all == [1, 2, 3])
        Few.remove(from: &few) { $0 != 2 }
        guard case .one(2)? = few else { throw Failure() }
        Few.remove(from: &few) { $0 == 1 }
        #expect(few?.all == [2])
        Few.remove(from: &few) { $0 == 2 }
        #expect(few == nil)
    }

    @Test("An address on several interfaces is found on each of them until it has gone from it")
    func copies() throws {
        let prefix = try #require(IPPrefix("192.0.2.1/24"))
        let keys = (1...3).map { AddressKey(interface: InterfaceIndex(rawValue: $0), prefix: prefix) }
        var table = KernelTable()
        for key in keys {
            table.insert(InterfaceAddress(key: key))
            table.insert(InterfaceAddress(key: key, createdAt: 7, label: "eth0:1"))
        }
        #expect(table.copies(of: prefix.address) == Set(keys))
        #expect(table.address(keys[1]) == InterfaceAddress(key: keys[1], createdAt: 7, label: "eth0:1"))
        for (left, key) in zip([2, 1, 0], keys) {
            #expect(table.isLocal(prefix.address))
            table.remove(key)
            #expect(table.copies(of: prefix.address) == Set(keys.suffix(left)))
        }
        #expect(!table.isLocal(prefix.address))
    }

    private struct Failure: Error {}
}
