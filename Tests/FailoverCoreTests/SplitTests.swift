import Addressing
import Configuration
import Reporting
import Testing
import VRRP

@testable import FailoverCore

@Suite("Addresses on two hosts: one finding, which names the cause")
struct SplitTests {
    private func master(extra: String = "", addresses: [String] = ["192.0.2.1"]) throws -> TestHost {
        let host = TestHost(try TestFile.guide(extra: extra, addresses: addresses))
        host.pass(.seconds(10))
        return host
    }

    /// Something happens once a second.
    private func repeated(_ seconds: Int, at host: TestHost, _ body: () -> Void) {
        for _ in 0..<seconds {
            body()
            host.pass(.seconds(1))
        }
    }

    private func finding(_ host: TestHost) throws -> Health.Finding {
        let findings = host.core.health(at: host.now).findings
        #expect(findings.count == 1, "\(findings)")
        return try #require(findings.first)
    }

    @Test("Of several reasons for which something was dropped at the same moment the same one is told each time")
    func tie() {
        let reasons: [DropReason] = [
            .password, .authenticationType, .interval, .version, .checksum, .peer, .timeToLive,
        ]
        let earlier = Instant(sinceBoot: .seconds(1))
        let now = Instant(sinceBoot: .seconds(2))
        var drops = Dictionary(uniqueKeysWithValues: reasons.map { ($0, HeardPeer.Drops(at: now)) })
        #expect(drops.latest?.key == reasons.max { $0.rawValue < $1.rawValue })
        for reason in reasons where reason != .checksum { drops[reason] = HeardPeer.Drops(at: earlier) }
        #expect(drops.latest?.key == .checksum)
        #expect([DropReason: HeardPeer.Drops]().latest == nil)
    }

    @Test("Longer than a master down interval it is critical; before that a takeover may be under way")
    func level() throws {
        let host = try master()
        repeated(3, at: host) { host.hear(50) }
        #expect(try finding(host).level == .warning)
        repeated(3, at: host) { host.hear(50) }
        #expect(try finding(host).level == .critical)
    }

    @Test("It hears this host's advertisements not, and is heard")
    func unheardThere() throws {
        let host = try master()
        repeated(6, at: host) { host.hear(50) }
        let finding = try finding(host)
        #expect(
            finding.text
                == "192.0.2.1/32 has been on two hosts for 5.000 s, this one and 192.0.2.13; cause: this host hears its advertisements, "
                + "and it does not hear this host's")
        #expect(finding.advice?.contains("on 192.0.2.13: let IP protocol 112 in") == true)
    }

    @Test(
        "What is rejected here says what differs",
        arguments: [
            (DropReason.password, "password differs"), (.authenticationType, "kind of authentication differs"),
            (.interval, "advertisement interval differs"), (.version, "VRRP version differs"),
        ])
    func rejected(_ reason: DropReason, _ words: String) throws {
        let host = try master()
        repeated(6, at: host) {
            switch reason {
            case .password: host.hear(50, password: "other")
            case .authenticationType: host.hear(50, password: nil)
            case .interval: host.hear(50, interval: .seconds(2))
            default:
                let advertisement = Advertisement(
                    version: .v3, virtualRouterID: 10, priority: 50, interval: .seconds(1),
                    addresses: [IPAddress(192, 0, 2, 1)])
                host.hear(advertisement.ipv4Packet(from: IPv4Address(192, 0, 2, 13)))
            }
        }
        #expect(try finding(host).text.hasSuffix("cause: this host rejects its advertisements: \(words)"))
        #expect(try finding(host).level == .critical)
    }

    @Test("Another number, the same source, another list")
    func others() throws {
        var host = try master()
        repeated(6, at: host) { host.hear(50, vrid: 11) }
        #expect(try finding(host).text.hasSuffix("cause: it uses virtual_router_id 11, and this host 10"))
        host = try master()
        repeated(6, at: host) { host.hear(50, from: "192.0.2.12", tapped: true) }
        #expect(try finding(host).text.hasSuffix("cause: both send from 192.0.2.12"))
        host = try master()
        repeated(6, at: host) { host.hear(50, addresses: ["192.0.2.1", "192.0.2.2"]) }
        #expect(try finding(host).text.contains("cause: the two lists of addresses differ"))
    }

    @Test(
        "A firewall, a reverse path filter, or one of the two where the kernel does not say",
        arguments: [false, true, nil])
    func unheardHere(_ isReversePath: Bool?) throws {
        let host = try master()
        host.reversePathFilter = isReversePath
        host.see(vrid: 10, times: 3)
        repeated(10, at: host) { host.hearAnnouncement("192.0.2.1") }
        let finding = try finding(host)
        #expect(finding.text.contains("rp_filter") == (isReversePath != false))
        #expect(finding.text.contains("firewall") == (isReversePath != true))
        #expect(finding.advice?.contains("sysctl -w net.ipv4.conf.eth0.rp_filter=2") == (isReversePath != false))
    }

    @Test("Who answers by ARP: one that has advertised, one with this host's address and priority, or a stranger")
    func holders() throws {
        var host = try master()
        host.see(vrid: 10, times: 1) { host.hear(50) }
        host.pass(.seconds(60))
        repeated(10, at: host) { host.hearAnnouncement("192.0.2.1") }
        #expect(
            try finding(host).text.hasSuffix(
                "cause: it is 192.0.2.13, whose advertisements do not arrive here any more"))
        #expect(try finding(host).advice?.contains("a switch that drops multicast to 224.0.0.18") == true)
        host = try master()
        host.see(vrid: 10, times: 3, from: "192.0.2.12", priority: 100) {
            host.hear(100, from: "192.0.2.12", tapped: true)
        }
        repeated(10, at: host) { host.hearAnnouncement("192.0.2.1") }
        #expect(try finding(host).text.contains("both send from 192.0.2.12 with priority 100"))
        host = try master()
        repeated(10, at: host) { host.hearAnnouncement("192.0.2.1") }
        #expect(try finding(host).text.contains("02:00:00:00:00:0d sends no advertisements that arrive here"))
    }

    @Test("What a host said last stays the cause: a keepalived that rejects what it hears falls silent")
    func silenced() throws {
        let words: [(String, (TestHost) -> Void)] = [
            ("this host rejects its advertisements: password differs", { $0.hear(50, password: "other") }),
            (
                "this host rejects its advertisements: advertisement interval differs",
                { $0.hear(50, interval: .seconds(2)) }
            ),
            ("the two lists of addresses differ", { $0.hear(50, addresses: ["192.0.2.1", "192.0.2.2"]) }),
            ("both send from 192.0.2.12", { $0.hear(50, from: "192.0.2.12", tapped: true) }),
        ]
        for (cause, hear) in words {
            let host = try master()
            hear(host)
            repeated(100, at: host) { host.hearAnnouncement("192.0.2.1") }
            let finding = try finding(host)
            #expect(finding.level == .critical)
            #expect(finding.text.contains("cause: \(cause)"), "\(finding.text)")
        }
    }

    @Test("A group beyond 224.0.0.0/24 may be kept away by IGMP snooping")
    func snooping() throws {
        let host = try master(extra: "mcast_dst_ip 239.1.1.1")
        repeated(10, at: host) { host.hearAnnouncement("192.0.2.1") }
        #expect(try finding(host).level == .critical)
        #expect(
            try finding(host).advice?.contains("IGMP snooping on a switch without a querier, which forwards 239.1.1.1")
                == true)
    }

    @Test("What can't be sent is the cause, once for all addresses")
    func cannotSend() throws {
        let host = try master(addresses: (1...250).map { "10.66.0.\($0 % 250 + 1)" })
        host.sendFailure = SendFailure(code: 90, text: "Message too long")
        repeated(10, at: host) { for number in 2...100 { host.hearAnnouncement("10.66.0.\(number)") } }
        let finding = try finding(host)
        #expect(finding.text.contains("and 249 more have been on two hosts"))
        #expect(finding.text.contains("cause: this host can't send advertisements: Message too long"))
        #expect(host.events.count { if case .addressConflict = $0 { true } else { false } } == 1)
    }

    @Test("One split is one event: it is recorded when it lasts, brought up to date, told again seldom, and ended once")
    func oneEvent() throws {
        let host = try master()
        host.forgetLog()
        repeated(600, at: host) { host.hear(50) }
        let told = host.events.filter { if case .addressOnTwoHosts = $0 { true } else { false } }
        #expect(told.count == 2, "at first, and after a minute")
        #expect(host.events.count { if case .splitBrain = $0 { true } else { false } } == 1)
        #expect(host.events.count { if case .contested = $0 { true } else { false } } == 1)
        guard
            case .amend(let amended)? = host.log.map(\.effect).last(where: {
                if case .amend = $0 { true } else { false }
            }), case .addressOnTwoHosts(_, let split) = amended.event
        else {
            Issue.record("it was not brought up to date")
            return
        }
        #expect(split.lasted > .seconds(590))
        host.pass(.seconds(20))
        #expect(host.core.health(at: host.now).level == .ok)
        #expect(host.events.count { if case .splitEnded = $0 { true } else { false } } == 1)
    }

    @Test("A network that has healed is no finding any more: the loser has said its last word")
    func healed() throws {
        let host = try master()
        host.hear(50)
        host.pass(.seconds(4))
        #expect(host.core.health(at: host.now).level == .ok)
    }

    @Test(
        "A host that takes over in the moment in which this one's priority rises again is no split; one that stays is")
    func dip() throws {
        let host = TrackedHost.master(try TrackedHost.tracked("eth1 weight -10"))
        host.give(TrackedHost.link("eth1", running: false))
        host.pass(.seconds(3))
        host.give(TrackedHost.link("eth1"))
        host.forgetLog()
        host.hear(95)
        host.pass(.milliseconds(500))
        #expect(host.core.health(at: host.now).level == .ok)
        #expect(host.events.isEmpty, "\(host.events)")
        #expect(host.state == .master)
        host.pass(.milliseconds(600))
        host.hear(85)
        #expect(!host.events.isEmpty, "that one would not have taken over")
        host.pass(.seconds(20))
        for _ in 0..<6 {
            host.hear(95)
            host.pass(.seconds(1))
        }
        #expect(try finding(host).level == .critical)
    }

    @Test("Another cluster with another password has none of the addresses: no split, and its own advice")
    func strangers() throws {
        let host = try master()
        repeated(10, at: host) { host.hear(150, from: "192.0.2.50", password: "other", addresses: ["192.0.2.9"]) }
        let finding = try finding(host)
        #expect(finding.level == .warning)
        #expect(
            finding.text
                == "192.0.2.50 uses virtual_router_id 10, too, for other addresses: 192.0.2.9; its advertisements are "
                + "rejected: password differs (10 in the last minute)")
        #expect(finding.advice?.contains("another 'virtual_router_id'") == true)
    }

    @Test("A split ends also where a reload gives the router the other one's number")
    func endsByReload() throws {
        let host = try master()
        repeated(6, at: host) { host.hear(50, vrid: 11) }
        host.reconfigure(
            try TestFile.read(
                """
                vrrp_instance Instance1 {
                    interface eth0
                    virtual_router_id 11
                    virtual_ipaddress {
                        192.0.2.1
                    }
                }
                """))
        #expect(host.events.contains { if case .splitEnded = $0 { true } else { false } })
    }

    @Test("A known host that names other addresses alone has none of these")
    func disjoint() throws {
        let host = TestHost(try TestFile.guide())
        host.hear(50)
        host.pass(.seconds(10))
        repeated(8, at: host) { host.hear(50, addresses: ["192.0.2.9"]) }
        #expect(host.core.health(at: host.now).findings.allSatisfy { !$0.text.contains("two hosts") } == true)
    }

    @Test("What was put right is no finding any more")
    func putRight() throws {
        let host = TestHost(try TestFile.guide())
        repeated(3, at: host) { host.hear(200, password: "other") }
        #expect(try finding(host).text.contains("password differs"))
        host.hear(200)
        #expect(host.core.health(at: host.now).findings.isEmpty == true)
    }

    @Test("What is sent to somewhere else is no sign of a firewall")
    func elsewhere() throws {
        let host = TestHost(
            try TestFile.guide(extra: "unicast_src_ip 192.0.2.12\nunicast_peer {\n192.0.2.13\n}"))
        host.see(vrid: 10, times: 3)
        #expect(!host.status.isInboundFiltered)
    }

    @Test("A split that was noticed by ARP is told when the other host is heard")
    func heardAtLast() throws {
        let host = try master()
        host.hearAnnouncement("192.0.2.1")
        host.pass(.seconds(2))
        host.hear(50)
        #expect(host.events.contains { if case .splitBrain(_, _, _, true) = $0 { true } else { false } })
    }

    @Test("Two short moments that lie apart are no long one")
    func apart() throws {
        let host = try master()
        host.hear(50)
        host.pass(.seconds(10))
        host.hear(50)
        #expect(try finding(host).level == .warning)
    }
}
