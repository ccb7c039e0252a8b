import Addressing
import Configuration
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Links that are tracked: their other keywords, reloads and restarts")
struct TrackedLinkTests {
    // MARK: - Other keywords

    @Test("dont_track_primary: without a carrier it takes part as before; without an interface it can't")
    func withoutPrimary() throws {
        let host = TestHost(try TestFile.guide(extra: "dont_track_primary"))
        host.pass(.seconds(4))
        host.give(.link(TestHost.link(running: false)))
        host.give(.link(TestHost.link(up: false, running: false)))
        host.pass(.seconds(10))
        #expect(host.state == .master)
        #expect(host.has("192.0.2.1/32"))
        host.give(.linkRemoved(TestHost.eth0))
        #expect(host.state == .fault)
    }

    @Test("no_track: the interface of an address may be down, and a weight of its own counts")
    func withoutTracking() throws {
        for (lines, priority) in [("", 100), ("track_interface {\neth1 weight -10\n}", 90)] {
            let host = TestHost(
                try TestFile.guide(extra: lines, addresses: ["192.0.2.1", "198.51.100.1/24 dev eth1 no_track"]))
            host.give(TrackedHost.link("eth1"))
            host.pass(.seconds(5))
            host.give(TrackedHost.link("eth1", running: false))
            #expect(host.state == .master)
            #expect(host.status.priority == UInt8(priority))
            host.give(.linkRemoved(InterfaceIndex(rawValue: 3)))
            #expect(host.state == .fault, "there is nowhere to put it")
        }
    }

    @Test(
        "By unicast and without its address a master lets go at once: it would not hear its successor",
        arguments: [true, false])
    func deaf(isUnicast: Bool) throws {
        let host = TrackedHost.master(
            try TrackedHost.tracked("eth1", extra: isUnicast ? "unicast_peer {\n192.0.2.13\n}" : ""))
        host.give(.addressRemoved(TestHost.key("192.0.2.12/24")))
        #expect(host.state == .master, "a moment without it is no fault")
        host.give(TrackedHost.link("eth1", running: false))
        #expect(host.state == (isUnicast ? .fault : .leaving))
        #expect(host.has("192.0.2.1/32") != isUnicast)
        #expect(host.advertisements().last?.priority == 0)
    }

    @Test("The last word that waits for the addresses to go is said also where a tracked link is down by then")
    func lastWord() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1"))
        host.pass(.seconds(1))
        host.isSlow = true
        host.hear(200)
        #expect(host.state == .backup)
        host.forgetLog()
        host.give(TrackedHost.link("eth1", running: false))
        #expect(host.state == .fault)
        #expect(host.advertisements().isEmpty)
        host.isSlow = false
        host.answerAll()
        #expect(host.advertisements().map(\.priority) == [100])
    }

    private static let delays = "interface_up_down_delays {\neth0 0.5 1.5\neth1 0.5 1.5\n}"

    @Test(
        "interface_up_down_delays: a short break of the own interface leaves no trace; a long one counts later, its end too"
    )
    func ownDelay() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1", root: Self.delays))
        host.give(.link(TestHost.link(running: false)))
        host.pass(.milliseconds(300))
        host.give(.link(TestHost.link()))
        host.pass(.seconds(2))
        #expect(host.state == .master)
        #expect(host.events.isEmpty)
        host.give(.link(TestHost.link(running: false)))
        host.pass(.milliseconds(499))
        #expect(host.state == .master)
        host.pass(.milliseconds(1))
        #expect(host.state == .fault)
        host.give(.link(TestHost.link()))
        #expect(host.status.reason.description.hasPrefix("interface eth0 is up, but not for long enough yet"))
        host.pass(.milliseconds(1499))
        #expect(host.state == .fault)
        host.pass(.milliseconds(1))
        #expect(host.state == .backup)
    }

    @Test("They count for an interface that is tracked with a weight, too")
    func trackedDelay() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1 weight -10", root: Self.delays))
        host.give(TrackedHost.link("eth1", running: false))
        host.pass(.milliseconds(499))
        #expect(host.status.priority == 100)
        host.pass(.milliseconds(1))
        #expect(host.status.priority == 90)
        host.give(TrackedHost.link("eth1"))
        host.pass(.milliseconds(1500))
        #expect(host.status.priority == 100)
    }

    // MARK: - Reload and restart

    @Test("A reload that adds, changes or removes a line of a master changes the priority without a gap")
    func reloadOfWeights() throws {
        let host = TrackedHost.master(try TrackedHost.tracked())
        host.give(TrackedHost.link("eth1", running: false))
        host.watched = [IPAddress(192, 0, 2, 1)]
        for (lines, priority) in [
            (["eth1 weight -10"], 90), (["eth1 weight -20"], 80), (["eth2 weight 5"], 105), ([], 100),
        ] {
            host.reconfigure(try TrackedHost.tracked(lines.joined(separator: "\n")))
            #expect(host.status.priority == UInt8(priority))
            host.forgetLog()
            host.pass(.seconds(1))
            #expect(host.advertisements().map(\.priority) == [UInt8(priority)])
        }
        #expect(host.state == .master)
        #expect(host.missed.isEmpty)
        #expect(!host.events.contains { if case .stateChanged = $0 { true } else { false } })
    }

    @Test("A reload keeps the priority that trackers have made, whatever else it changes")
    func reloadOfOthers() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1 weight -10"))
        host.give(TrackedHost.link("eth1", running: false))
        host.forgetLog()
        host.reconfigure(try TrackedHost.tracked("eth1 weight -10", extra: "garp_master_delay 1"))
        host.pass(.seconds(2))
        #expect(host.advertisements().map(\.priority) == [90, 90])
        #expect(!host.events.contains { if case .priorityChanged = $0 { true } else { false } })
        host.reconfigure(try TrackedHost.tracked("eth1 weight -10", extra: "advert_int 2"))
        #expect(host.status.priority == 90)
    }

    @Test(
        "A reload that adds weight 0 for an interface that is down lets the master leave without a gap, and back when it is removed"
    )
    func reloadOfFault() throws {
        let host = TrackedHost.master(try TrackedHost.tracked())
        host.give(TrackedHost.link("eth1", running: false))
        host.reconfigure(try TrackedHost.tracked("eth1"))
        #expect(host.state == .leaving)
        #expect(host.has("192.0.2.1/32"))
        host.pass(.seconds(3))
        #expect(host.state == .fault)
        host.reconfigure(try TrackedHost.tracked())
        #expect(host.state == .backup)
    }

    @Test("After a restart a master stays master, with the priority that its trackers make")
    func adoption() throws {
        let ours = InterfaceAddress(
            key: TestHost.key("192.0.2.1/32"), origin: InterfaceAddress.ourOrigin, createdAt: 7)
        let eth1 = Link(index: InterfaceIndex(rawValue: 3), name: "eth1", isRunning: false)
        let host = TestHost(
            try TrackedHost.tracked("eth1 weight -10"), remembered: [TestHost.key("192.0.2.1/32"): 7],
            links: [TestHost.link(), eth1], extra: [ours],
            adoptable: [0: TestHost.start - .milliseconds(500)])
        #expect(host.state == .master)
        host.pass(.milliseconds(10))
        #expect(host.advertisements().first?.priority == 90)
    }
}
