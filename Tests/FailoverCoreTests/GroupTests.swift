import Addressing
import Configuration
import Reporting
import Testing
import VRRP

@testable import FailoverCore

@Suite("Sync groups: all members are master here, or none")
struct GroupTests {
    // MARK: - Becoming master

    @Test("The last member's timer makes all of them master, in one turn")
    func lastTimer() {
        let host = GroupHost.host(
            GroupHost.configuration([GroupHost.instance(10, priority: 200), GroupHost.instance(11, priority: 50)]))
        host.pass(.milliseconds(3500))
        #expect(host.states == [.backup, .backup])
        #expect(host.said.isEmpty && !host.hasShared(10))
        #expect(
            host.core.status(of: host.core.routers[0], at: host.now).next
                == "becomes master when the whole sync group G can: it waits for Instance2")
        host.pass(.milliseconds(400))
        #expect(host.states == [.master, .master])
        let times = host.advertisements().map(\.at)
        #expect(times.count == 2 && Set(times).count == 1)
        #expect(times.first == .seconds(3) + .nanoseconds(206 * (1_000_000_000 / 256)))
        #expect(host.groupEvents == [.backup, .master])
    }

    @Test("The group is told after its members, and a member names why it claimed")
    func order() {
        let host = GroupHost.host()
        host.pass(.seconds(5))
        let changes = host.events.compactMap { event -> String? in
            switch event {
            case .stateChanged(let name, _, .master, let reason): "\(name): \(reason)"
            case .groupChanged: "\(event)"
            default: nil
            }
        }
        #expect(
            changes.suffix(3) == [
                "Instance1: no master was heard for 3.609 s", "Instance2: no master was heard for 3.609 s",
                "sync group G: backup → master",
            ])
    }

    @Test("A member that hears a better master keeps the others backup, and withdraws what it wished")
    func oneHears() {
        let host = GroupHost.host()
        for _ in 0..<8 {
            host.hearMember(10, 150)
            host.pass(.seconds(1))
        }
        #expect(host.states == [.backup, .backup])
        #expect(host.said.isEmpty)
        // Its last word was heard 1 s ago: the other one has waited for it all the while.
        host.pass(.milliseconds(2600))
        #expect(host.states == [.backup, .backup])
        host.pass(.milliseconds(20))
        #expect(host.states == [.master, .master])
    }

    @Test("A resignation withdraws no wish")
    func resigned() {
        let host = GroupHost.host()
        host.hearMember(10, 150)
        host.hearMember(11, 150)
        host.pass(.milliseconds(500))
        host.hearMember(10, 0)
        host.pass(.milliseconds(700))
        #expect(host.states == [.backup, .backup])
        host.hearMember(10, 0)
        host.hearMember(11, 0)
        host.pass(.milliseconds(620))
        #expect(host.states == [.master, .master])
    }

    @Test("No member is master before the kernel has acknowledged the addresses of all")
    func acknowledged() {
        let host = GroupHost.host()
        host.isSlow = true
        host.pass(.seconds(4))
        host.answerOne()
        #expect(host.states == [.backup, .backup] && host.said.isEmpty)
        host.audit()
        #expect(!host.events.contains { if case .repaired = $0 { true } else { false } })
        host.answerOne()
        #expect(host.states == [.master, .master])
        #expect(host.said == [[10, 100], [11, 100]])
    }

    @Test("Nobody claims while packets of one's interface wait to be read")
    func unread() {
        let host = GroupHost.host(
            GroupHost.configuration([
                GroupHost.instance(10, priority: 200), GroupHost.instance(11, priority: 50, on: "eth1"),
            ]))
        host.pass(.milliseconds(3700))
        let later = TestHost.start + .seconds(4)
        host.ask { core, _ in core.expire(at: later, undrained: [TestHost.eth0: TestHost.start]) }
        #expect(host.states == [.backup, .backup])
        host.ask { core, _ in core.expire(at: later) }
        #expect(host.states == [.master, .master])
    }

    @Test("Owners that begin keep what they have on the interfaces until all are asked, and are master then")
    func owners() {
        let left = [10, 11].map { number in
            InterfaceAddress(
                key: TestHost.key("192.0.2.\(number - 9)/32"), origin: InterfaceAddress.ourOrigin, createdAt: 5)
        }
        let owners = [GroupHost.instance(10, priority: 255), GroupHost.instance(11, priority: 255)]
        let host = GroupHost.host(GroupHost.configuration(owners), extra: left)
        host.pass(.zero)
        #expect(host.states == [.master, .master])
        #expect(host.requests.isEmpty)

        let one = GroupHost.configuration([GroupHost.instance(10, priority: 255), GroupHost.instance(11)])
        let other = GroupHost.host(one, extra: left)
        other.pass(.zero)
        #expect(other.states == [.backup, .backup])
        #expect(!other.hasShared(10) && !other.hasShared(11))
    }

    @Test("A refused address of one takes the other's off again, and nothing was said")
    func refused() {
        let host = GroupHost.host()
        host.refuseAddition = {
            $0 == TestHost.key("192.0.2.2/32") ? KernelRefusal(code: 13, text: "Permission denied") : nil
        }
        host.pass(.milliseconds(3700))
        #expect(host.states == [.fault, .fault])
        #expect(!host.hasShared(10) && host.said.isEmpty)
        #expect(
            host.status.reason.description
                == "member Instance2 of the sync group G: the kernel refused 192.0.2.2/32 on eth0: Permission denied")
        host.refuseAddition = { _ in nil }
        host.pass(.seconds(6))
        #expect(host.states == [.master, .master])
    }

    @Test("One that does not preempt keeps the whole group from it")
    func noPreempt() {
        var patient = GroupHost.instance(11, priority: 200)
        patient.preempts = false
        let host = GroupHost.host(GroupHost.configuration([GroupHost.instance(10, priority: 200), patient]))
        for _ in 0..<6 {
            host.hearMember(10, 100)
            host.hearMember(11, 100)
            host.pass(.seconds(1))
        }
        #expect(host.states == [.backup, .backup])
        #expect(host.core.configuredInstances.map(\.preempts) == [true, false], "the file's are as written")
        #expect(host.core.routers.allSatisfy { !host.core.configuration(of: $0).preempts })
    }

    @Test("A whole group preempts as one")
    func preempts() {
        let host = GroupHost.host(
            GroupHost.configuration([GroupHost.instance(10, priority: 200), GroupHost.instance(11, priority: 150)]))
        for _ in 0..<4 {
            host.hearMember(10, 100)
            host.hearMember(11, 100)
            host.pass(.seconds(1))
        }
        #expect(host.states == [.master, .master])
    }

    // MARK: - Ceasing to be

    @Test("A link lost by one member: it is in fault, the other one resigns and answers until its successor does")
    func linkLost() {
        let host = GroupHost.master(
            GroupHost.configuration([GroupHost.instance(10), GroupHost.instance(11, on: "eth1")]))
        #expect(host.states == [.master, .master])
        host.give(.link(GroupHost.link("eth1", running: false)))
        #expect(host.states == [.leaving, .fault])
        #expect(host.said == [[10, 0]])
        #expect(host.hasShared(10))
        #expect(
            host.status.reason.description == "member Instance2 of the sync group G: interface eth1 has no carrier")
        #expect(host.groupEvents.isEmpty, "not before the last one has left")
        // The other host's member on the broken segment hears no resignation: it waits for its whole timer.
        host.pass(.milliseconds(3100))
        #expect(host.hasShared(10))
        host.hearMember(10, 90)
        host.pass(.milliseconds(260))
        #expect(host.states == [.fault, .fault])
        #expect(!host.hasShared(10))
        #expect(host.groupEvents == [.fault])
        host.give(.link(GroupHost.link("eth1")))
        #expect(host.states == [.backup, .backup])
        #expect(host.groupEvents == [.fault, .backup])
    }

    @Test("Nobody takes over: it lets go after 5 s, and a fault that is over by then costs nothing")
    func linkLostAlone() {
        let configuration = GroupHost.configuration([GroupHost.instance(10), GroupHost.instance(11, on: "eth1")])
        let host = GroupHost.master(configuration)
        host.give(.link(GroupHost.link("eth1", running: false)))
        host.pass(.milliseconds(4990))
        #expect(host.states == [.leaving, .fault] && host.hasShared(10))
        host.pass(.milliseconds(20))
        #expect(host.states == [.fault, .fault] && !host.hasShared(10))

        let other = GroupHost.master(configuration)
        other.give(.link(GroupHost.link("eth1", running: false)))
        other.pass(.seconds(2))
        other.give(.link(GroupHost.link("eth1")))
        other.pass(.seconds(10))
        #expect(other.states == [.master, .master])
        #expect(
            !other.requests.contains {
                if case .removeAddress(_, let key) = $0 { key.interface == TestHost.eth0 } else { false }
            })
    }

    @Test("A better master of one member: the others resign at once, and let go when it has them, too")
    func outranked() {
        let host = GroupHost.master()
        host.hearMember(10, 200)
        #expect(host.states == [.backup, .leaving])
        #expect(host.said.contains([11, 0]) && host.hasShared(11))
        #expect(
            host.core.status(of: host.core.routers[1]).reason.description
                == "member Instance1 of the sync group G can't be master here")
        host.hearMember(11, 200)
        host.pass(.milliseconds(260))
        #expect(host.states == [.backup, .backup] && !host.hasShared(11))
        #expect(host.groupEvents == [.backup])
    }

    @Test("Both better masters in one turn: nobody resigns")
    func outrankedTogether() {
        let host = GroupHost.master()
        host.stall(.milliseconds(100)) {
            host.isReading = true
            host.hear(200, vrid: 10, password: nil)
            host.hear(200, vrid: 11, password: nil, addresses: ["192.0.2.2"])
        }
        #expect(host.states == [.backup, .backup])
        #expect(!host.said.contains { $0[1] == 0 })
    }

    @Test("The better master of one resigns before anybody has taken the others over: they go on, after a skew time")
    func goesOn() {
        let host = GroupHost.master()
        host.hearMember(10, 200)
        host.hearMember(10, 0)
        host.pass(.milliseconds(600))
        #expect(host.states == [.backup, .leaving])
        host.pass(.milliseconds(20))
        #expect(host.states == [.master, .master])
        #expect(host.hasShared(10) && host.hasShared(11))
    }

    @Test("One segment has another master for good: the group stays backup")
    func oneSegment() {
        let host = GroupHost.master()
        for _ in 0..<20 {
            host.hearMember(10, 200)
            host.pass(.seconds(1))
        }
        #expect(host.states == [.backup, .backup])
        #expect(!host.hasShared(11))
        // Nobody has the other address, and that is told with the reason; in the course of a failover it is not.
        let findings = host.core.health(at: host.now).findings
        #expect(findings.map(\.code.name) == [.waitsForGroup] && findings.first?.level == .critical)
        guard case .waitsForGroup("G", member: "Instance1", _, let since)? = findings.first?.code else {
            Issue.record("\(findings)")
            return
        }
        #expect(since >= .seconds(15))
        host.hearMember(11, 200)
        #expect(host.core.health(at: host.now).level == .ok)
    }

    @Test(
        "A member whose master falls silent, while the other one's goes on, is behind no master: it waits for its group"
    )
    func halfSilent() {
        let host = GroupHost.host()
        for second in 0..<15 {
            if second < 3 { host.hearMember(10, 200) }
            host.hearMember(11, 200)
            host.pass(.seconds(1))
        }
        #expect(host.states == [.backup, .backup])
        let causes = host.core.explain(host.core.routers[0], at: host.now).causes
        guard case .finding(let finding)? = causes.first else {
            Issue.record("\(causes)")
            return
        }
        #expect(causes.count == 1 && finding.code.name == .waitsForGroup)
    }

    @Test("While one member follows another host for a moment, nothing is told of the other one's wish")
    func wishInPassing() {
        let host = GroupHost.master()
        // It leaves for 5 s.
        for _ in 0..<11 {
            host.hearMember(10, 200)
            host.pass(.seconds(1))
            #expect(host.core.health(at: host.now).level == .ok)
        }
    }

    @Test(
        "A member that a reload brings listens; the group stays master, and is told nothing else, unless another host has it"
    )
    func joins() {
        func joined() -> TestHost {
            let host = GroupHost.master(GroupHost.configuration([GroupHost.instance(10)]))
            host.reconfigure(GroupHost.configuration())
            #expect(host.states == [.master, .backup])
            return host
        }
        let host = joined()
        host.pass(.seconds(5))
        #expect(host.states == [.master, .master])
        #expect(host.groupEvents.isEmpty)
        let other = joined()
        other.hearMember(11, 200)
        other.pass(.zero)
        #expect(other.states == [.leaving, .backup])
        other.hearMember(10, 200)
        other.pass(.seconds(1))
        #expect(other.groupEvents == [.backup])
    }

    // MARK: - Trackers

    @Test("A tracker of the group takes all out in one pass, for one reason each, and is no fault of another member's")
    func trackerOfGroup() {
        let host = GroupHost.master(GroupHost.configuration(tracked: [GroupHost.line("eth2")]))
        host.give(.link(GroupHost.link("eth2", running: false)))
        #expect(host.states == [.leaving, .leaving])
        #expect(host.core.health(at: host.now).findings.map(\.code.name) == [.takesNoPart, .takesNoPart])
        #expect(host.said == [[10, 0], [11, 0]])
        host.pass(.seconds(6))
        #expect(host.states == [.fault, .fault])
        #expect(host.status.reason.description == "interface eth2 has no carrier")
        host.give(.link(GroupHost.link("eth2")))
        #expect(host.states == [.backup, .backup])
    }

    @Test("A weight of the group counts for each member, in place of the member's own line about the same tracker")
    func weights() {
        var instances = [GroupHost.instance(10), GroupHost.instance(11)]
        instances[0].tracked = [GroupHost.line("eth2", weight: -50), GroupHost.line("eth1", weight: -3)]
        let host = GroupHost.master(GroupHost.configuration(instances, tracked: [GroupHost.line("eth2", weight: -10)]))
        host.give(.link(GroupHost.link("eth2", running: false)))
        host.give(.link(GroupHost.link("eth1", running: false)))
        #expect(host.core.routers.map { host.core.status(of: $0).priority } == [87, 90])
        #expect(host.states == [.master, .master])
    }

    @Test("Two members with faults of their own do not hold each other: each that ends leaves the other's")
    func noCircle() {
        var instances = [GroupHost.instance(10), GroupHost.instance(11)]
        instances[0].tracked = [GroupHost.line("eth1")]
        instances[1].tracked = [GroupHost.line("eth2")]
        let host = GroupHost.host(GroupHost.configuration(instances))
        host.give(.link(GroupHost.link("eth1", running: false)))
        host.give(.link(GroupHost.link("eth2", running: false)))
        #expect(host.states == [.fault, .fault])
        host.give(.link(GroupHost.link("eth1")))
        #expect(host.states == [.fault, .fault])
        #expect(
            host.status.reason.description == "member Instance2 of the sync group G: interface eth2 has no carrier")
        host.give(.link(GroupHost.link("eth2")))
        #expect(host.states == [.backup, .backup])
    }
}
