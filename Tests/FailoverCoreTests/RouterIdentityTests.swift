import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("An id is one router's, and never its successor's")
struct RouterIdentityTests {
    private func instance(_ number: UInt8) -> Instance {
        Instance(
            InstanceConfiguration(
                name: "V\(number)", location: SourceLocation(file: "test", line: 1, column: 1), interface: "eth0",
                virtualRouterID: number), at: TestHost.start)
    }

    @Test("Who has gone is not found, neither in the empty place nor by the one that has it now")
    func places() {
        var table = InstanceTable()
        let first = table.insert(instance(1))
        #expect(table.contains(first))
        _ = table.remove(first)
        #expect(!table.contains(first))
        let second = table.insert(instance(2))
        #expect(second.slot == first.slot)
        #expect(second != first)
        #expect(table.contains(second))
        #expect(!table.contains(first))
        let again = table.remove(first)
        #expect(again == nil)
        #expect(table[second].id == second)
        #expect(!table.contains(RouterID(slot: second.slot, generation: second.generation + 1)))
        #expect(!table.contains(RouterID(slot: 7, generation: 1)))
    }

    @Test("What is due of a router is noted together, and taken once")
    func due() {
        var table = InstanceTable()
        let first = table.insert(instance(1))
        let areFirst = [table.noteDue(.retry, of: first), table.noteDue(.probe, of: first)]
        #expect(areFirst == [true, false])
        let due = table.takeDue(of: first)
        #expect(due == [TimerKinds(.retry), TimerKinds(.probe)])
        let isFirstAgain = table.noteDue(.retry, of: first)
        #expect(isFirstAgain, "each is taken once")
    }

    @Test("A reload that takes a router out leaves no timer of it, and nothing that counts it")
    func reload() throws {
        let host = TestHost(try TestFile.guide())
        let old = host.core.routers[0]
        host.hear(200)
        #expect(host.state == .backup)
        let before = host.core.timers.armed
        #expect(before.contains { $0.router == old })
        host.reconfigure(try TestFile.read(otherRouter))
        let new = host.core.routers[0]
        #expect(new != old)
        let (isFound, after, counts) = (host.core.contains(old), host.core.timers.armed, host.core.counts)
        #expect(!isFound)
        #expect(after.allSatisfy { $0.router == new })
        #expect(counts.filter { $0.value != 0 } == [.backup: 1])
        // What comes late for the old one changes nothing.
        host.give(.sendFailed(instance: old, SendFailure(code: 1, text: "Operation not permitted")))
        let (sendErrors, order) = (host.status.counters.sendErrors, host.core.handover(of: old))
        #expect(sendErrors == 0)
        #expect(order == nil)
    }

    private let otherRouter = """
        vrrp_instance Other {
            interface eth0
            virtual_router_id 77
            virtual_ipaddress {
                192.0.2.77
            }
        }
        """
}
