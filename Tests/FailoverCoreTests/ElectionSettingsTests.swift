import Addressing
import Configuration
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("What the file can change about an election")
struct ElectionSettingsTests {
    private static let unicast = """
        unicast_src_ip 192.0.2.12
        unicast_peer {
            192.0.2.11
            192.0.2.13
        }
        """

    @Test("By unicast every peer gets a packet of its own, also at the end")
    func unicast() throws {
        let host = TestHost(try TestFile.guide(extra: Self.unicast))
        host.pass(.seconds(4))
        host.give(.stop)
        let packets = host.log.compactMap { entry -> String? in
            guard case .advertise(_, _, let destination, _, let packet) = entry.effect else { return nil }
            return "\(destination) \(packet[19]) \(packet[22])"
        }
        #expect(packets == ["192.0.2.11 11 100", "192.0.2.13 13 100", "192.0.2.11 11 0", "192.0.2.13 13 0"])
        #expect(host.status.counters.advertisementsSent == 2)
    }

    @Test("A unicast advertisement to this host counts, a multicast one does not")
    func unicastHeard() throws {
        let host = TestHost(try TestFile.guide(extra: Self.unicast))
        host.hear(101)
        #expect(host.status.counters.dropped == [.destination: 1])
        let advertisement = Advertisement(
            version: .v2, virtualRouterID: 10, priority: 101, interval: .seconds(1),
            addresses: [IPAddress(192, 0, 2, 1)], authentication: .password(Password("s3cret".utf8)))
        host.hear(
            advertisement.ipv4Packet(from: IPv4Address(192, 0, 2, 13), to: IPv4Address(192, 0, 2, 12), timeToLive: 9))
        #expect(host.status.master?.address == IPAddress(192, 0, 2, 13))
    }

    @Test("A unicast source that the host does not have is a fault until it comes")
    func missingSource() throws {
        let text = Self.unicast.replacing("unicast_src_ip 192.0.2.12", with: "unicast_src_ip 10.0.0.5")
        let host = TestHost(try TestFile.guide(extra: text))
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "this host does not have the source address 10.0.0.5")
        let other = InterfaceIndex(rawValue: 7)
        host.give(.link(Link(index: other, name: "lo1", isRunning: true, hardwareAddress: nil)))
        host.give(.address(InterfaceAddress(key: TestHost.key("10.0.0.5/32", on: other))))
        #expect(host.state == .backup)
        host.give(.addressRemoved(TestHost.key("10.0.0.5/32", on: other)))
        #expect(host.state == .fault)
    }

    @Test("mcast_src_ip is used whether the host has it or not, unless track_src_ip is set")
    func multicastSource() throws {
        let free = TestHost(try TestFile.guide(extra: "mcast_src_ip 10.0.0.5"))
        free.pass(.seconds(4))
        #expect(free.status.master?.address == IPAddress(10, 0, 0, 5))
        let tracked = TestHost(try TestFile.guide(extra: "mcast_src_ip 10.0.0.5\ntrack_src_ip"))
        #expect(tracked.state == .fault)
    }

    @Test("unicast_fault_no_peer")
    func noPeer() throws {
        let host = TestHost(try TestFile.guide(extra: "unicast_fault_no_peer"))
        #expect(host.status.reason.description == "there is no unicast peer (unicast_fault_no_peer)")
    }

    @Test("vrrp_startup_delay: no part in anything before it is over, then the whole master down interval")
    func startupDelay() throws {
        var configuration = try TestFile.guide()
        configuration.startupDelay = .seconds(5)
        let host = TestHost(configuration)
        host.hear(200)
        #expect(host.state == .fault)
        #expect(host.status.counters.dropped == [.notReady: 1])
        host.pass(.seconds(5))
        #expect(host.state == .backup)
        host.pass(.seconds(3))
        #expect(host.state == .backup)
        host.pass(.seconds(1))
        #expect(host.state == .master)
    }

    @Test("vrrp_delay_after_boot counts from the machine's start")
    func delayAfterBoot() throws {
        var configuration = try TestFile.guide()
        configuration.delayAfterBoot = .seconds(103)
        let host = TestHost(configuration)
        host.pass(.milliseconds(2900))
        #expect(host.state == .fault)
        host.pass(.milliseconds(100))
        #expect(host.state == .backup)
        configuration.delayAfterBoot = .seconds(60)
        #expect(TestHost(configuration).state == .backup)
    }

    @Test("higher_prio_send_advert: the last word comes before the addresses go, not after")
    func lastWord() throws {
        for (extra, isFirst) in [("higher_prio_send_advert", true), ("", false)] {
            let host = TestHost(try TestFile.guide(extra: extra))
            host.pass(.seconds(4))
            host.forgetLog()
            host.hear(200)
            #expect(host.advertisements().map(\.priority) == [100])
            let word = host.log.firstIndex { if case .advertise = $0.effect { true } else { false } }
            let removal = host.log.firstIndex { if case .removeAddress = $0.effect { true } else { false } }
            #expect(try (#require(word) < #require(removal)) == isFirst)
            #expect(host.state == .backup)
        }
    }

    @Test("garp_lower_prio_*: how a losing master is answered")
    func contest() throws {
        let host = TestHost(try TestFile.guide(extra: "garp_lower_prio_delay 2\ngarp_lower_prio_repeat 3"))
        host.pass(.seconds(10))
        host.forgetLog()
        host.hear(50)
        host.pass(.seconds(4))
        let rounds = host.log.compactMap { entry -> Int? in
            if case .announce(_, _, _, let rounds) = entry.effect { return rounds }
            return nil
        }
        #expect(rounds == [3, 1, 3])
        #expect(host.announcements().map { $0 - .seconds(10) } == [.zero, .milliseconds(100), .seconds(2)])
    }

    @Test("vrrp_garp_interval: one announcement at a time, and none once the address is gone")
    func pacing() throws {
        var configuration = try TestFile.guide(
            extra: "garp_master_repeat 2\ngarp_master_delay 0", addresses: ["192.0.2.1", "192.0.2.2"])
        configuration.pacing.interval = .milliseconds(100)
        let host = TestHost(configuration)
        host.pass(.seconds(5))
        let start = try #require(host.advertisements().first).at
        #expect(host.announcements().map { $0 - start } == (0..<4).map { .milliseconds(100 * $0) })
        host.forgetLog()
        host.give(.link(TestHost.link(mac: 9)))
        #expect(host.announcements().count == 1)
        host.hear(200)
        host.pass(.seconds(1))
        #expect(host.announcements().count == 1)
    }

    @Test("Excluded addresses come and go with the others, and no advertisement names them")
    func excluded() throws {
        let host = TestHost(try TestFile.guide(extra: "virtual_ipaddress_excluded {\n192.0.2.9\n}"))
        host.pass(.seconds(4))
        #expect(host.has("192.0.2.1/32"))
        #expect(host.has("192.0.2.9/32"))
        guard
            case .advertise(_, _, _, _, let packet)? = host.log.map(\.effect).first(where: {
                if case .advertise = $0 { true } else { false }
            })
        else {
            Issue.record("no advertisement")
            return
        }
        #expect(packet[23] == 1)
        host.hear(200)
        #expect(!host.has("192.0.2.9/32"))
    }

    @Test("A backup that wakes from a stall, or lost packets, waits a little longer, and says so")
    func postponed() throws {
        let host = TestHost(try TestFile.guide())
        host.stall(.seconds(8))
        #expect(host.state == .backup)
        #expect(host.status.counters.takeoversPostponed == 1)
        host.hear(101)
        host.pass(.seconds(2))
        host.give(.packetsLost(TestHost.eth0, count: 7))
        host.pass(.seconds(2))
        #expect(host.state == .backup)
        #expect(host.events.contains(.packetsLost(interface: "eth0", count: 7)))
        host.pass(.seconds(2))
        #expect(host.state == .master)
    }

    @Test("A nopreempt master that wakes from a stall yields without a packet; alone it goes on and announces")
    func lapsed() throws {
        let host = TestHost(try TestFile.guide(extra: "nopreempt"))
        host.pass(.seconds(4))
        host.forgetLog()
        host.stall(.seconds(8), hearing: 50)
        #expect(host.advertisements().isEmpty)
        #expect(host.state == .backup)
        #expect(!host.has("192.0.2.1/32"))
        host.pass(.seconds(4))
        host.forgetLog()
        host.stall(.seconds(8))
        #expect(host.state == .master)
        #expect(host.advertisements().isEmpty)
        #expect(host.has("192.0.2.1/32"))
        host.pass(.seconds(2))
        #expect(host.advertisements().count == 1)
        #expect(host.announcements().count >= 1)
    }
}
