import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// The kernel takes 13 to 24 ms for each link that it deletes or switches off, and a stop has seconds for hundreds of them.
@Suite("A stop with many virtual MAC addresses")
struct MacvlanStopTests {
    private static func many(_ count: Int) throws -> TestHost { TestHost(try MacvlanHost.many(count)) }

    private func deletions(_ host: TestHost) -> [LinkOrder] { host.linkOrders.filter { !$0.deletion.links.isEmpty } }

    @Test("Those that are done go together")
    func together() throws {
        let host = try Self.many(40)
        #expect(host.links.count == 41)
        host.forgetLog()
        host.give(.stop)
        host.pass(.milliseconds(100))
        #expect(host.links.map(\.name) == ["eth0"])
        #expect(host.links[0].arp == ARPSettings(ignore: 0, announce: 0))
        #expect(deletions(host).count <= 2)
        #expect(host.core.isFinished == true)
    }

    @Test("More than one write takes go in several, and the last one puts the parent's settings back")
    func moreThanOneWrite() throws {
        var parent = TestHost.link()
        parent.arp = ARPSettings(ignore: 1, announce: 2)
        let left = (0..<600).map { number in
            let address = MACAddress(rawValue: 0x02_00_0000_0000 + UInt64(number))
            return MacvlanHost.link("left\(number)", index: Int32(1000 + number), mac: address)
        }
        let host = TestHost(Configuration(), links: [parent] + left)
        #expect(host.links.map(\.name) == ["eth0"])
        #expect(host.links[0].arp == ARPSettings(ignore: 0, announce: 0))
        #expect(deletions(host).map(\.deletion.links.count) == [255, 255, 90])
        #expect(deletions(host).map(\.deletion.restoring.count) == [0, 0, 1])
    }

    @Test("What the kernel refused before does not hold up the end")
    func afterRefusal() throws {
        let host = try Self.many(1)
        host.refuseLink = { order in
            if case .switchOn = order { KernelRefusal(code: 98, text: "Address already in use") } else { nil }
        }
        host.pass(.seconds(60))
        host.give(.stop)
        host.pass(.milliseconds(100))
        #expect(host.links.map(\.name) == ["eth0"])
        #expect(host.core.isFinished == true)
    }

    @Test("A kernel that deletes none together is asked for one after the other")
    func refused() throws {
        let host = try Self.many(3)
        host.refuseLink = { order in
            if case .deleteAll = order { KernelRefusal(code: 95, text: "Operation not supported") } else { nil }
        }
        host.forgetLog()
        host.give(.stop)
        host.pass(.seconds(3))
        #expect(host.links.map(\.name) == ["eth0"])
        #expect(deletions(host).count == 4)
        #expect(host.core.isFinished == true)
    }

    @Test("When the time is over what is still there goes at once, whatever it waits for")
    func overdue() throws {
        let host = try Self.many(3)
        host.pass(.seconds(4))
        #expect(host.state == .master)
        // The kernel refuses to switch off and to delete, for longer than a stop waits.
        var isRefusing = true
        host.refuseLink = { order in
            guard isRefusing else { return nil }
            switch order {
            case .deleteAll: return KernelRefusal(code: 16, text: "Device or resource busy")
            case .delete, .switchOff: return KernelRefusal(code: 16, text: "Device or resource busy")
            case .make, .switchOn, .set, .setMTU, .setPromotion: return nil
            }
        }
        host.give(.stop)
        host.pass(.milliseconds(5900))
        #expect(host.links.count == 4)
        isRefusing = false
        host.pass(.milliseconds(1200))
        #expect(host.links.map(\.name) == ["eth0"])
        #expect(host.core.isFinished == true)
    }
}
