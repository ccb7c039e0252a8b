import Control
import Foundation
import Screens
import Testing

/// Who was master when.
@Suite("The timeline")
struct TimelineTests {
    private static let noon = Moment.milliseconds(of: "2026-01-01T12:00:00.000Z") ?? 0

    private static func change(
        _ seconds: Int, _ from: String, _ to: String, _ reason: String, after: Double? = nil, peer: String? = nil,
        instance: String = "web"
    ) -> EventReport {
        var fields = ["OLD_STATE": from, "NEW_STATE": to, "REASON": reason]
        if let peer { fields["PEER"] = peer }
        return EventReport(
            sequence: seconds, time: time(seconds), kind: to == "master" ? "becameMaster" : "becameBackup",
            severity: "notice", instance: instance,
            text: "\(instance): \(from) → \(to): \(reason)", fields: fields, seconds: after)
    }

    private static func time(_ seconds: Int) -> String {
        let parts = (12 + seconds / 3600, seconds / 60 % 60, seconds % 60)
        return String(format: "2026-01-01T%02d:%02d:%02d.000Z", parts.0, parts.1, parts.2)
    }

    private static func instance(_ name: String, _ state: String, since: Int, master: String? = nil) -> InstanceReport {
        InstanceReport(
            name: name, state: state, since: time(since), secondsInState: 1, reason: "started", interface: "eth0",
            virtualRouterId: 10, version: 2, priority: 100,
            master: master.map { .init(address: $0, priority: 100) }, addresses: [])
    }

    /// Two hours: a backup that takes over after 30 min and yields after 90.
    private static let story = Timeline(
        [
            change(600, "fault", "backup", "started"),
            EventReport(
                sequence: 2, time: time(601), kind: "masterHeard", severity: "info", instance: "web",
                text: "web: master is 192.0.2.13, priority 150", fields: ["PEER": "192.0.2.13"]),
            EventReport(
                sequence: 3, time: time(700), kind: "addressAdded", severity: "info", instance: "web", text: "something"
            ),
            change(1800, "backup", "master", "nothing was heard from master 192.0.2.13 for 3.609 s", after: 1200),
            change(5400, "master", "backup", "192.0.2.13 advertises priority 150", after: 3600, peer: "192.0.2.13"),
        ],
        [instance("web", "backup", since: 5400, master: "192.0.2.13"), instance("dns", "master", since: 3600)],
        from: noon, to: noon + 7_200_000)

    @Test("What an instance was follows from its changes; before the first of which anything is known it is not known")
    func spans() throws {
        let web = try #require(Self.story.rows.first)
        let minutes = web.spans.map { ($0.begin - Self.noon) / 1000 }
        #expect(web.spans.map(\.state) == ["unknown", "backup", "backup", "master", "backup"])
        #expect(minutes == [0, 600, 601, 1800, 5400])
        #expect(web.spans.map(\.master) == [nil, nil, "192.0.2.13", nil, "192.0.2.13"])
        #expect(web.spans.last?.end == Self.noon + 7_200_000)
        #expect(web.changes.map(\.to) == ["backup", "master", "backup"])
    }

    @Test("One of which no event is kept is what it is now, for as long as the agent says")
    func quiet() throws {
        let dns = try #require(Self.story.rows.last)
        #expect(dns.spans.map(\.state) == ["unknown", "master"])
        #expect(dns.spans.last?.begin == Self.noon + 3_600_000)
    }

    @Test("A change says how long the state before it lasted: that is known, too")
    func before() throws {
        let timeline = Timeline(
            [Self.change(3600, "master", "leaving", "the agent hands over", after: 1800)], [], from: Self.noon,
            to: Self.noon + 7_200_000)
        let row = try #require(timeline.rows.first)
        #expect(row.spans.map(\.state) == ["unknown", "master", "leaving"])
        #expect(row.spans.map { ($0.begin - Self.noon) / 1000 } == [0, 1800, 3600])
    }

    @Test("What happened before the beginning only says how it began, and what has gone before it is no row")
    func cut() throws {
        let events = [
            Self.change(60, "fault", "backup", "started"), Self.change(120, "backup", "master", "no master"),
            Self.change(60, "backup", "stopped", "removed", instance: "old"),
        ]
        let timeline = Timeline(
            events, [Self.instance("web", "master", since: 120)], from: Self.noon + 600_000, to: Self.noon + 1_200_000)
        let row = try #require(timeline.rows.first)
        #expect(row.spans.map(\.state) == ["master"] && row.changes.isEmpty)
        #expect(timeline.rows.map(\.instance) == ["web", "old"])
    }

    @Test("As text: a bar of 65 columns in 80, in each what lasted longest, and the causes below")
    func text() {
        let text = TimelineText.render(Self.story, palette: Palette(isOn: false))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines[0] == "2026-01-01 12:00:00 to 2026-01-01 14:00:00 UTC (2 h)")
        let bar = String(repeating: " ", count: 5) + String(repeating: "░", count: 11)
        #expect(
            lines[2] == "web            " + bar + String(repeating: "█", count: 33) + String(repeating: "░", count: 16))
        #expect(lines[3].hasSuffix(String(repeating: "█", count: 32)))
        #expect(lines[5] == "█ master   ░ backup   blank: not known")
        #expect(
            lines[7...] == [
                "web", "  12:10:00.000 fault → backup: started",
                "  12:30:00.000 backup → master: nothing was heard from master 192.0.2.13 for",
                "               3.609 s",
                "  13:30:00.000 master → backup: 192.0.2.13 advertises priority 150", "",
            ])
        #expect(lines.allSatisfy { $0.count <= 80 })
    }

    @Test("A day begins with its date, and nothing steers the terminal")
    func days() {
        let timeline = Timeline(
            [Self.change(43_200, "backup", "master", "a\u{1B}[2Jb")], [], from: Self.noon, to: Self.noon + 86_400_000)
        let text = TimelineText.render(timeline, palette: Palette(isOn: false))
        #expect(text.contains("\n  2026-01-02\n  00:00:00.000 backup → master: a?[2Jb\n"))
        #expect(!text.contains("\u{1B}"))
    }

    @Test("As a picture: well-formed, with every span and its cause, and nothing in it that others wrote is markup")
    func picture() throws {
        let evil = Timeline(
            [Self.change(600, "backup", "master", "<script>&\"]]>")], [], from: Self.noon, to: Self.noon + 1_200_000)
        for (timeline, count) in [(Self.story, 7), (evil, 1)] {
            let picture = TimelinePicture.render(timeline)
            #expect(!picture.contains("<script"))
            #expect(picture.hasPrefix("<svg xmlns=") && picture.hasSuffix("</svg>\n"))
            #expect(picture.components(separatedBy: "<title>").count - 1 >= count)
            // As many elements end as begin.
            let opened = picture.matches(of: /<[a-z]+( [^>]*[^>\/])?>/).count
            #expect(opened == picture.matches(of: /<\/[a-z]+>/).count, "\(picture)")
        }
        let picture = TimelinePicture.render(Self.story)
        #expect(picture.contains("master for 1 h, from 12:30:00.000\nnothing was heard from master 192.0.2.13"))
        #expect(picture.contains("master is 192.0.2.13"))
    }

    @Test("Nothing happened, no time has passed, or the clock was set back: still a screen and a picture")
    func extremes() {
        for (begin, end) in [
            (Self.noon, Self.noon), (Self.noon + 10, Self.noon), (0, Self.noon), (Self.noon, Int.max / 4),
        ] {
            for instances in [[], [Self.instance("web", "master", since: 0)]] {
                let timeline = Timeline([Self.change(5, "backup", "master", "x")], instances, from: begin, to: end)
                #expect(!TimelineText.render(timeline, palette: Palette(isOn: false)).isEmpty)
                #expect(TimelinePicture.render(timeline).hasSuffix("</svg>\n"))
            }
        }
    }

    @Test(
        "Spans in the units that people write",
        arguments: [
            ("90s", 90), ("90", 90), ("15min", 900), ("15m", 900), ("2h", 7200), ("7d", 604_800), ("", nil), ("h", nil),
            ("0h", nil),
            ("-2h", nil), ("2 h", nil), ("2w", nil), ("99999999999999999999h", nil), ("9999999d", nil), ("٢h", nil),
        ] as [(String, Int?)])
    func units(text: String, seconds: Int?) {
        #expect(Moment.span(text) == seconds)
    }
}
