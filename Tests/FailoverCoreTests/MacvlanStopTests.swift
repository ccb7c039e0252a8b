import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// The kernel takes 13 to 24 ms for each link that it deletes or switches off, and a stop has seconds for hundreds of them.
@Suite("A stop with many virtual MAC addresses")
struct MacvlanStopTests {
    private static func many(_ count: Int) throws -> TestHost {
        let instances = (1...count).map { number in
            """
            vrrp_instance V\(number) {
                interface eth0
                virtual_router_id \(number)
                use_vmac
                virtual_ipaddress {
                    192.0.2.\(100 + number)
                }
            }
            """
        }
        return TestHost(try TestFile.read(instances.joined(separator: "\n")))
    }

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
