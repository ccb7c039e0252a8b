import Addressing
import Configuration
import Reporting
import Testing
import VRRP

@testable import FailoverCore

@Suite("Sync groups: handovers, restarts, reloads")
struct GroupOrderTests {
    private static let order = HandoverOrder(requestedBy: "somebody", requestedAt: "now")

    // MARK: - Handovers

    @Test("Handing over one member hands over the group, and so does its end")
    func handover() {
        let host = GroupHost.master()
        host.handOver(Self.order)
        #expect(host.states == [.leaving, .leaving])
        #expect(host.said == [[10, 0], [11, 0]])
        #expect(host.core.routers.allSatisfy { host.core.handover(of: $0) == Self.order })
        host.pass(.milliseconds(700))
        host.hearMember(10, 90)
        host.hearMember(11, 90)
        host.pass(.milliseconds(260))
        #expect(host.states == [.backup, .backup])
        #expect(host.core.routers.allSatisfy { host.core.handoverOutcome(of: $0) == .done })
        host.ask { core, now in core.resume(core.routers[1], at: now) }
        #expect(host.core.routers.allSatisfy { host.core.handover(of: $0) == nil })
    }

    @Test("Nobody takes over: all go on, and their addresses were there all the while")
    func nobody() {
        let host = GroupHost.master()
        host.handOver(Self.order)
        host.pass(.seconds(6))
        #expect(host.states == [.master, .master])
        #expect(host.requests.isEmpty)
        #expect(host.core.routers.allSatisfy { host.core.handover(of: $0) == nil })
    }

    @Test("Another host takes over one member alone: the others let go as well")
    func half() {
        let host = GroupHost.master()
        host.handOver(Self.order)
        host.pass(.milliseconds(700))
        for _ in 0..<6 {
            host.hearMember(10, 90)
            host.pass(.seconds(1))
        }
        #expect(host.states == [.backup, .backup])
        #expect(!host.hasShared(11))
    }

    @Test("A handover of an earlier run counts for the whole group")
    func restored() {
        let host = GroupHost.host()
        host.restore(["Instance2": Self.order])
        #expect(host.core.handover(of: host.core.routers[0]) == Self.order)
    }

    @Test("Told to stop: all resign, and the group is stopped when the last one is")
    func stop() {
        let host = GroupHost.master()
        host.give(.stop)
        #expect(host.said == [[10, 0], [11, 0]])
        host.pass(.seconds(8))
        #expect(host.states == [.stopped, .stopped])
        #expect(host.groupEvents == [.stopped])
    }

    // MARK: - Restarts

    private static func left(_ number: UInt8) -> InterfaceAddress {
        InterfaceAddress(
            key: TestHost.key("192.0.2.\(number - 9)/32"), origin: InterfaceAddress.ourOrigin, createdAt: 5)
    }

    @Test("A new process goes on as master of the whole group")
    func adopted() {
        let at = TestHost.start - .milliseconds(100)
        let host = GroupHost.host(extra: [Self.left(10), Self.left(11)], adoptable: [0: at, 1: at])
        #expect(host.states == [.master, .master])
        #expect(host.groupEvents == [.master])
        host.pass(.seconds(5))
        #expect(host.requests.isEmpty && !host.said.contains { $0[1] == 0 })
    }

    @Test("One can't be adopted: the other one answers meanwhile, and the group is whole after its timer")
    func halfAdopted() {
        let host = GroupHost.host(extra: [Self.left(10)], adoptable: [0: TestHost.start - .milliseconds(100)])
        #expect(host.states == [.master, .backup])
        host.pass(.seconds(4))
        #expect(host.states == [.master, .master])
    }

    @Test("Another host has the one that can't be adopted: the other one is handed to it")
    func halfAdoptedElsewhere() {
        let host = GroupHost.host(extra: [Self.left(10)], adoptable: [0: TestHost.start - .milliseconds(100)])
        host.hearMember(11, 100)
        #expect(host.states == [.leaving, .backup])
    }

    // MARK: - Reloads

    @Test("A member that comes keeps nobody from being master; the group is whole after its timer")
    func joins() {
        let alone = GroupHost.configuration([GroupHost.instance(10)])
        let host = GroupHost.master(alone)
        host.reconfigure(GroupHost.configuration())
        #expect(host.states == [.master, .backup])
        host.pass(.seconds(4))
        #expect(host.states == [.master, .master])
        #expect(!host.said.contains { $0[1] == 0 })
        host.reconfigure(alone)
        host.pass(.seconds(7))
        #expect(host.states == [.master])
    }

    @Test("A group whose members all wait for the start is told nothing: no state is its own yet")
    func awaited() {
        var configuration = GroupHost.configuration()
        configuration.startupDelay = .seconds(5)
        let host = GroupHost.host(configuration)
        host.pass(.seconds(4))
        #expect(host.core.groups.map(\.state) == [nil])
        #expect(host.groupEvents == [])
        host.pass(.seconds(8))
        #expect(host.groupEvents == [.backup, .master])
    }

    @Test("A group that comes over two masters changes nothing; one that goes leaves each by itself")
    func comesAndGoes() {
        var apart = GroupHost.configuration()
        apart.groups = []
        let host = GroupHost.master(apart)
        host.reconfigure(GroupHost.configuration())
        host.pass(.seconds(2))
        #expect(host.states == [.master, .master])
        #expect(host.core.groups.map(\.state) == [.master])
        #expect(host.groupEvents == [.master])
        host.reconfigure(GroupHost.configuration([GroupHost.instance(10, priority: 99), GroupHost.instance(11)]))
        #expect(host.groupEvents == [.master])
        #expect(host.core.groupName(of: host.core.routers[1]) == "G")
        host.reconfigure(apart)
        #expect(host.core.groups.isEmpty)
        host.hearMember(10, 200)
        #expect(host.states == [.backup, .master])
        #expect(host.requests.count == 1)
    }

    @Test("One that waits for its group claims by itself when the group goes")
    func wishIsDue() {
        let host = GroupHost.host()
        for _ in 0..<5 {
            host.hearMember(10, 150)
            host.pass(.seconds(1))
        }
        var apart = GroupHost.configuration()
        apart.groups = []
        host.reconfigure(apart)
        host.pass(.zero)
        #expect(host.states == [.backup, .master])
    }

    @Test("A group that comes over a master and a backup of another host hands over in order")
    func comesOverTwoHosts() {
        var apart = GroupHost.configuration()
        apart.groups = []
        let host = GroupHost.master(apart)
        host.hearMember(10, 200)
        host.reconfigure(GroupHost.configuration())
        #expect(host.states == [.backup, .leaving])
        #expect(host.hasShared(11))
    }
}
