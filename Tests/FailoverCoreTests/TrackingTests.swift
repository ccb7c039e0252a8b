import Addressing
import Configuration
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Tracked interfaces")
struct TrackingTests {
    // MARK: - Weights

    @Test("A weight changes the priority of the next regular advertisement, and no earlier one is sent")
    func weightOfMaster() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1 weight -10"))
        host.pass(.milliseconds(300))
        host.forgetLog()
        host.give(TrackedHost.link("eth1", running: false))
        #expect(host.advertisements().isEmpty)
        #expect(host.status.priority == 90 && host.status.configuredPriority == 100)
        #expect(host.status.master?.priority == 90)
        host.pass(.seconds(1))
        #expect(host.advertisements().map(\.priority) == [90])
        #expect(
            host.events.map(\.description) == ["Instance1: priority 100 → 90 = 100 − 10: interface eth1 has no carrier"]
        )
        host.give(TrackedHost.link("eth1"))
        host.pass(.seconds(1))
        #expect(host.advertisements().map(\.priority) == [90, 100])
        #expect(host.events.last?.description == "Instance1: priority 90 → 100")
    }

    @Test("A master whose priority falls behind yields to the next better advertisement; it does not resign")
    func yields() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1 weight -10"))
        host.give(TrackedHost.link("eth1", running: false))
        host.hear(95)
        #expect(host.state == .backup)
        #expect(!host.advertisements().contains { $0.priority == 0 })
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("A reload that changes something else leaves the priority that counts as it is, and tells nothing of it")
    func reloadedMaster() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1 weight -10"))
        host.give(TrackedHost.link("eth1", running: false))
        host.forgetLog()
        host.reconfigure(try TrackedHost.tracked("eth1 weight -10", extra: "garp_master_refresh 7"))
        #expect(host.status.priority == 90)
        #expect(!host.events.contains { if case .priorityChanged = $0 { true } else { false } })
    }

    @Test("A backup's deadline moves by the difference of the skew times, and it preempts by the priority that counts")
    func weightOfBackup() throws {
        let host = TrackedHost.host(try TrackedHost.tracked("eth1 weight 60"))
        host.give(TrackedHost.link("eth1", running: false))
        host.hear(120)
        #expect(host.state == .backup)
        let before = try #require(host.status.nextStepAt)
        host.give(TrackedHost.link("eth1"))
        let after = try #require(host.status.nextStepAt)
        #expect(before - after == .nanoseconds(60 * (1_000_000_000 / 256)))
        host.pass(.seconds(1))
        host.hear(120)
        host.pass(.milliseconds(2500))
        #expect(host.state == .master, "the advertisement of 120 does not count any more")
        #expect(host.advertisements().first?.priority == 160)
    }

    @Test("What does not change the priority that counts is told to nobody; the sum remembers it")
    func hidden() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1 weight 200", "eth2 weight 100"))
        #expect(host.status.priority == 254)
        host.give(TrackedHost.link("eth2", running: false))
        #expect(host.events.isEmpty)
        host.give(TrackedHost.link("eth1", running: false))
        #expect(host.status.priority == 100)
        #expect(host.events.count == 1)
    }

    @Test("An interface that does not exist counts as down, and is told as such")
    func missing() throws {
        let host = TestHost(try TrackedHost.tracked("eth1 weight -10"))
        #expect(host.status.priority == 90)
        host.give(TrackedHost.link("eth1"))
        #expect(host.status.priority == 100)
        host.give(.linkRemoved(InterfaceIndex(rawValue: 3)))
        #expect(host.events.last?.description.hasSuffix("90 = 100 − 10: interface eth1 does not exist") == true)
    }

    @Test("The table read anew tells of what went unnoticed")
    func snapshot() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1 weight -10"))
        host.give(.snapshot(links: [TestHost.link()], addresses: host.addresses))
        #expect(host.status.priority == 90)
    }

    // MARK: - Faults

    @Test("Weight 0: it leaves without a gap, and takes part again when the last reason is gone")
    func fault() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1", "eth2"))
        host.give(TrackedHost.link("eth1", running: false))
        #expect(host.state == .leaving)
        #expect(host.advertisements().map(\.priority) == [0])
        #expect(host.has("192.0.2.1/32"), "until a successor has it")
        host.pass(.milliseconds(600))
        host.hear(99)
        host.hearAnnouncement("192.0.2.1")
        host.pass(.milliseconds(10))
        #expect(host.state == .fault)
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.status.reason.description == "interface eth1 has no carrier")
        host.give(TrackedHost.link("eth2", up: false))
        #expect(host.status.reason.description == "interface eth1 has no carrier; interface eth2 is down")
        host.give(TrackedHost.link("eth1"))
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "interface eth2 is down", "the one that is left is told")
        host.give(TrackedHost.link("eth2"))
        #expect(host.state == .backup)
        host.pass(.seconds(4))
        #expect(host.state == .master)
    }

    @Test(
        "keepalived takes over: the last word, with priority 1 when the addresses are gone, lets it announce them again"
    )
    func lastWord() throws {
        for isAgent in [false, true] {
            let host = TrackedHost.master(try TrackedHost.tracked("eth1"))
            host.give(TrackedHost.link("eth1", running: false))
            host.pass(.milliseconds(620))
            host.hear(99, isAgent: isAgent)
            host.pass(.milliseconds(250))
            #expect(host.state == .fault)
            #expect(host.advertisements().map(\.priority) == (isAgent ? [0] : [0, 1]))
            host.pass(.seconds(10))
            #expect(host.advertisements().count == (isAgent ? 1 : 2), "once")
        }
    }

    @Test("Nobody takes over: fault all the same, and the addresses go")
    func nobodyElse() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1"))
        host.give(TrackedHost.link("eth1", running: false))
        host.pass(.seconds(3))
        #expect(host.state == .fault)
        #expect(host.advertisements().map(\.priority) == [0, 0])
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("It is back before it has left: it goes on as master, or follows its successor")
    func backInTime() throws {
        for hasSuccessor in [false, true] {
            let host = TrackedHost.master(try TrackedHost.tracked("eth1"))
            host.give(TrackedHost.link("eth1", running: false))
            host.give(TrackedHost.link("eth1"))
            if hasSuccessor { host.hear(200) }
            host.pass(.seconds(3))
            #expect(host.state == (hasSuccessor ? .backup : .master))
            #expect(host.has("192.0.2.1/32") != hasSuccessor)
        }
    }

    @Test("The own interface goes down meanwhile: there is nobody to wait for")
    func ownInterfaceToo() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1"))
        host.give(TrackedHost.link("eth1", running: false))
        host.give(.link(TestHost.link(running: false)))
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "interface eth0 has no carrier")
        host.give(.link(TestHost.link()))
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "interface eth1 has no carrier", "the reason that is left is told")
        host.give(TrackedHost.link("eth1"))
        #expect(host.state == .backup)
    }

    @Test("A refusal's pause goes on while something else is told")
    func refusalAndTracker() throws {
        let host = TrackedHost.host(try TrackedHost.tracked("eth1"))
        host.give(.receiverFailed(InterfaceFamily(TestHost.eth0, .ipv4), reason: "can't join"))
        host.give(TrackedHost.link("eth1", running: false))
        host.pass(.milliseconds(500))
        host.give(TrackedHost.link("eth1"))
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "can't listen on interface eth0: can't join")
        host.pass(.milliseconds(500))
        #expect(host.state == .backup)
    }

    @Test("'reverse': no part while it is up")
    func reversed() throws {
        let host = TrackedHost.host(try TrackedHost.tracked("eth1 reverse"))
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "interface eth1 is up")
        host.give(TrackedHost.link("eth1", running: false))
        #expect(host.state == .backup)
    }

    @Test("A weight does nothing to an owner, weight 0 puts it into fault")
    func owner() throws {
        let text = try TrackedHost.tracked("eth1 weight -10", "eth2")
        var configuration = text
        configuration.instances[0].priority = 255
        let host = TrackedHost.host(configuration)
        #expect(host.state == .master)
        host.give(TrackedHost.link("eth1", running: false))
        #expect(host.status.priority == 255)
        host.give(TrackedHost.link("eth2", running: false))
        #expect(host.state == .leaving)
    }

    @Test("One that leaves for a tracker and gets another own address leaves from that: its successor answers there")
    func anotherAddress() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1"))
        host.give(TrackedHost.link("eth1", running: false))
        #expect(host.state == .leaving)
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.14/24"), createdAt: 2)))
        host.give(.addressRemoved(TestHost.key("192.0.2.12/24")))
        host.forgetLog()
        host.pass(.seconds(2))
        let sources = host.log.compactMap { entry -> [UInt8]? in
            guard case .advertise(_, _, _, _, let packet) = entry.effect else { return nil }
            return Array(packet[12..<16])
        }
        #expect(!sources.isEmpty)
        #expect(sources.allSatisfy { $0 == [192, 0, 2, 14] })
    }

    @Test("A stop while it leaves for a tracker ends in a stop")
    func stop() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1"))
        host.give(TrackedHost.link("eth1", running: false))
        host.give(.stop)
        host.pass(.seconds(3))
        #expect(host.state == .stopped)
        #expect(host.core.isFinished == true)
    }

    // MARK: - Scripts and the like

    @Test(
        "What is fed from outside is waited for, and then counts like any other; one that nobody tracks changes nothing"
    )
    func fed() throws {
        let script = TrackerName(.script, "check")
        var configuration = try TrackedHost.tracked()
        configuration.instances[0].tracked = [
            TrackLine(location: configuration.instances[0].location, tracker: script)
        ]
        let host = TestHost(configuration)
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "script check has decided nothing yet")
        host.give(.tracker(TrackerName(.script, "other"), .up))
        #expect(host.state == .fault)
        host.give(.tracker(script, .up))
        #expect(host.state == .backup)
        host.pass(.seconds(5))
        host.give(.tracker(script, .down(.failed("exit status 1"))))
        #expect(host.state == .leaving)
        host.pass(.seconds(3))
        #expect(host.status.reason.description == "script check fails: exit status 1")
    }

    // MARK: - Told

    @Test("explain tells the sum, and for how long it has been so; health warns")
    func told() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1 weight -10", "eth2 weight 20"))
        host.give(TrackedHost.link("eth1", running: false))
        host.pass(.seconds(12))
        let explanation = host.core.explain(host.core.routers[0], at: host.now)
        #expect(
            explanation.causes.map(\.text) == [
                "priority 110 = 100 − 10 + 20: interface eth1 has no carrier, for 12.000 s; interface eth2 is up, for 17.000 s"
            ])
        #expect(explanation.causes.first?.advice == "check the cable or the switch's port: ip -br link show eth1")
        let health = host.core.health(at: host.now)
        #expect(health.level == .warning)
        #expect(
            health.findings.map(\.text) == [
                "interface eth1 has no carrier: the priority is 110, and 100 in the configuration"
            ])
        #expect(host.status.trackers.map(\.effect) == [.priority(-10), .priority(20)])
    }

    @Test("A backup that is below its master by what it tracks is told so by the priority that counts")
    func toldAsBackup() throws {
        let host = TrackedHost.host(try TrackedHost.tracked("eth1 weight -10"))
        host.give(TrackedHost.link("eth1", running: false))
        host.hear(95)
        let causes = host.core.explain(host.core.routers[0], at: host.now).causes.map(\.text)
        #expect(causes.last == "192.0.2.13 is master with priority 95, which is not lower than 90 here")
    }

    @Test("A tracked interface is among those that are told")
    func interfaces() throws {
        let host = TrackedHost.host(try TrackedHost.tracked("eth1 weight -10"))
        let names = host.core.interfaceNames
        #expect(names == ["eth0", "eth1"])
        let instances = host.core.interfaceStatus(named: "eth1").instances
        #expect(instances == ["Instance1"])
    }
}
