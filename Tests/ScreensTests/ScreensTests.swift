import Control
import Foundation
import Screens
import Testing

/// What a person sees, letter by letter.
@Suite("Screens")
struct ScreensTests {
    private let plain = Palette(isOn: false)

    private func master() -> InstanceReport {
        var report = InstanceReport(
            name: "Instance1", state: "master", since: "2026-01-01T00:00:00.000Z", secondsInState: 306,
            reason: "no master was heard for 3.609 s", interface: "eth0", virtualRouterId: 10, version: 2,
            priority: 100,
            master: .init(address: "192.0.2.11", priority: 100),
            addresses: [
                .init(address: "192.0.2.1/32", interface: "eth0", present: true, hostsOwn: false),
                .init(address: "192.0.2.2/32", interface: "eth0", present: false, hostsOwn: false),
            ])
        report.secondsToNextStep = 0.44
        report.counters.advertisementsSent = 306
        report.counters.becameMaster = 1
        report.counters.dropped = ["password": 41]
        report.peers = [
            .init(
                address: "192.0.2.12", advertisements: 0, dropped: ["password": 41],
                droppedInLastMinute: ["password": 41])
        ]
        report.findings = [
            FindingReport(
                level: "warning", instance: "Instance1",
                text: "rejecting advertisements from 192.0.2.12: password differs (41 in the last minute)",
                advice: "make 'auth_pass' the same (its first 8 bytes count) in both files, then: failoverctl reload")
        ]
        return report
    }

    private func backup() -> InstanceReport {
        InstanceReport(
            name: "a-name-that-is-longer", state: "backup", since: "2026-01-01T00:00:00.000Z", secondsInState: 7,
            reason: "started", interface: "eth1", virtualRouterId: 20, version: 3, priority: 99,
            master: .init(address: "198.51.100.12", priority: 100),
            handover: .init(
                requestedBy: "alice (uid 0)", requestedAt: "2026-01-01T00:00:00.000Z", secondsLeft: 7200, never: false),
            addresses: [.init(address: "198.51.100.1/24", interface: "eth1", present: false, hostsOwn: false)])
    }

    private func status(_ findings: [FindingReport] = []) -> StatusReport {
        StatusReport(
            version: "0.1.0", started: "2026-01-01T00:00:00.000Z", uptime: 98_765, configuration: "/f",
            onLastAccepted: false,
            unconfirmed: false, states: ["master": 1, "backup": 1], health: findings.isEmpty ? "ok" : "warning",
            findings: findings, strays: [:])
    }

    @Test("status: a line an instance, handovers at the head, what is wrong below, 80 columns")
    func statusTable() {
        let text = StatusTable.render(status(master().findings), [master(), backup()], palette: plain)
        #expect(
            text == """
                WARNING: failover-agent 0.1.0, up 1 d 3 h
                HANDED OVER a-name-that-is-longer, by alice (uid 0) at 2026-01-01T00:00:00.000Z,
                            for 2 h more

                INSTANCE       STATE   SINCE       PRIO MASTER          ADDRESSES
                Instance1      master  5 min 6 s   100  this host       192.0.2.1/32 here
                                                                        192.0.2.2/32 MISSING
                a-name-that-i… backup  7 s         99   198.51.100.12   198.51.100.1/24

                WARNING  Instance1: rejecting advertisements from 192.0.2.12: password differs
                         (41 in the last minute)
                       → make 'auth_pass' the same (its first 8 bytes count) in both files,
                         then: failoverctl reload

                """)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("A handover heads the screen, with what ends it, and is not told once more below")
    func handedOver() {
        var report = backup()
        report.findings = [
            FindingReport(
                level: "warning", instance: report.name, text: "handed over by alice (uid 0)",
                advice: "failoverctl resume a-name-that-is-longer", code: "handedOver")
        ]
        let text = StatusTable.render(status(report.findings), [report], palette: plain)
        #expect(text.contains("HANDED OVER a-name-that-is-longer"))
        #expect(text.contains("       → failoverctl resume a-name-that-is-longer"))
        #expect(!text.contains("handed over by alice"))
    }

    @Test("show: no counter is forgotten")
    func counters() throws {
        let names = Mirror(reflecting: InstanceReport.Counters()).children.filter { $0.value is UInt64 }
            .compactMap(\.label)
        #expect(names.count > 5)
        for name in names {
            let zeros = names.map { "\"\($0)\": \($0 == name ? 7_654_321 : 0)" }.joined(separator: ", ")
            var report = master()
            report.counters = try JSONDecoder().decode(
                InstanceReport.Counters.self, from: Data("{\(zeros), \"dropped\": {}}".utf8))
            #expect(ShowText.render(report, palette: plain).contains("7654321"), "\(name)")
        }
    }

    @Test("show: an instance for which no interface was found yet is on none")
    func nowhere() {
        var report = master()
        report.interface = ""
        report.addresses[0].interface = ""
        let lines = ShowText.render(report, palette: plain).split(separator: "\n").map(String.init)
        #expect(lines.contains("  router    VRID 10, VRRPv2, priority 100"))
        #expect(lines.contains("  address   192.0.2.1/32: present"))
    }

    @Test("show: what is tracked, and what it makes of the priority; an older agent tells nothing of it")
    func tracked() {
        var report = master()
        #expect(!ShowText.render(report, palette: plain).contains("configured"))
        report.priority = 90
        report.configuredPriority = 100
        report.trackers = [
            .init(
                kind: "interface", name: "eth1", weight: -10, reverse: false, state: "down", secondsInState: 12,
                text: "interface eth1 has no carrier", effect: "priority − 10"),
            .init(
                kind: "interface", name: "eth2", weight: 0, reverse: true, state: "down", secondsInState: 90,
                text: "interface eth2 is down", effect: ""),
        ]
        let lines = ShowText.render(report, palette: plain).split(separator: "\n").map(String.init)
        #expect(lines.contains("  router    VRID 10 on eth0, VRRPv2, priority 90 (configured: 100)"))
        #expect(lines.contains("  tracked   interface eth1 has no carrier (12 s), weight -10: priority − 10"))
        #expect(lines.contains("  tracked   interface eth2 is down (1 min 30 s), reverse"))
    }

    @Test("show: the sync group, and with whom")
    func group() {
        var report = master()
        #expect(!ShowText.render(report, palette: plain).contains("group"))
        report.group = "gateway"
        report.groupMembers = ["inside"]
        #expect(ShowText.render(report, palette: plain).contains("  group     gateway, with inside\n"))
    }

    @Test("Colours change nothing but the colour")
    func colours() {
        let coloured = StatusTable.render(
            status(master().findings), [master(), backup()], palette: Palette(isOn: true))
        #expect(coloured.contains("\u{1B}[32mmaster "))
        #expect(coloured.contains("\u{1B}[33mWARNING\u{1B}[0m: "))
        #expect(
            coloured.replacing(/\u{1B}\[[0-9]*m/, with: "")
                == StatusTable.render(status(master().findings), [master(), backup()], palette: plain))
    }

    @Test("show: everything about one")
    func show() {
        #expect(
            ShowText.render(master(), palette: plain) == """
                Instance1: master since 2026-01-01T00:00:00.000Z (5 min 6 s)
                  why       no master was heard for 3.609 s
                  router    VRID 10 on eth0, VRRPv2, priority 100
                  master    192.0.2.11, priority 100 (this host)
                  next      advertises in 0.4 s
                  WARNING   rejecting advertisements from 192.0.2.12: password differs (41 in
                            the last minute)
                            → make 'auth_pass' the same (its first 8 bytes count) in both files,
                              then: failoverctl reload
                  address   192.0.2.1/32 on eth0: present
                  address   192.0.2.2/32 on eth0: not present
                  peer      192.0.2.12, 0 advertisements; dropped: password 41
                  sent      advertisements 306
                  dropped   password 41
                  times     became master 1

                """)
    }

    @Test("What is to be typed is never broken, even where it is longer than a line")
    func longAdvice() {
        let command =
            "nft insert rule inet a-table-with-a-long-name a-chain-with-a-long-name meta l4proto vrrp accept comment \"x\""
        let text = ExplainText.render(
            ExplanationReport(
                summary: "s", causes: [.init(text: "c", advice: "let VRRP in, for example so: \(command)")], next: "n"))
        #expect(text == "s\n  * c\n    → let VRRP in, for example so:\n      \(command)\nNext: n\n")
    }

    @Test("explain: the causes with what to type, and what comes next")
    func explain() {
        let explanation = ExplanationReport(
            summary: "Instance1 has been backup for 7.000 s: started",
            causes: [.init(text: "nopreempt: 192.0.2.12 is master", advice: "failoverctl handover Instance1")],
            next: "becomes master in 3.609 s, unless 192.0.2.12 is heard")
        #expect(
            ExplainText.render(explanation) == """
                Instance1 has been backup for 7.000 s: started
                  * nopreempt: 192.0.2.12 is master
                    → failoverctl handover Instance1
                Next: becomes master in 3.609 s, unless 192.0.2.12 is heard

                """)
        #expect(
            ExplainText.render(ExplanationReport(summary: "s", causes: [], next: "n"))
                == "s\n  Nothing stands in its way.\nNext: n\n")
    }

    @Test("events and watch: a line each; nothing from outside steers the terminal")
    func events() {
        let event = EventReport(
            sequence: 3, time: "2026-01-01T00:00:00.000Z", kind: "becameMaster", severity: "notice", instance: "a",
            text: "a: backup → master: \u{1B}[2J", seconds: 3.61)
        #expect(
            EventText.line(event, palette: plain) == "2026-01-01T00:00:00.000Z a: backup → master: ?[2J (after 3.6 s)")
        #expect(
            EventText.line(master(), palette: plain)
                == "2026-01-01T00:00:00.000Z Instance1: master: no master was heard for 3.609 s")
    }

    @Test("interfaces: whose each address is")
    func interfaces() {
        let interface = InterfaceReport(
            name: "eth0", present: true, index: 2, up: true, carrier: true, hardwareAddress: "02:00:00:00:00:01",
            mtu: 1500,
            addresses: [
                .init(address: "192.0.2.11/24", owner: "host", lapses: true),
                .init(address: "192.0.2.1/32", owner: "agent", lapses: false),
                .init(address: "192.0.2.2/32", owner: "stray", lapses: false),
            ], instances: ["Instance1"])
        #expect(
            InterfacesText.render([interface, InterfaceReport(name: "eth9", present: false)]) == """
                eth0: index 2, up, carrier, 02:00:00:00:00:01, MTU 1500
                  192.0.2.11/24        the host's own, lapses unless it is renewed
                  192.0.2.1/32         added by the agent
                  192.0.2.2/32         STRAY: a shared address that somebody added
                  instances: Instance1
                eth9: there is no such interface

                """)
    }

    @Test("health: one line, the worst first")
    func health() {
        #expect(HealthText.line(status()) == "OK - 1 master, 1 backup")
        let findings = [
            FindingReport(level: "warning", instance: "b", text: "w"),
            FindingReport(level: "critical", instance: "a", text: "c"),
        ]
        #expect(HealthText.line(status(findings)) == "WARNING - 1 master, 1 backup; a: c; b: w")
    }
}
