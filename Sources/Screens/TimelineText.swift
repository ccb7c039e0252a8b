/// `failoverctl timeline`: a bar for each virtual router, and below what has changed.
package enum TimelineText {
    private static let labelWidth = 14
    /// What is drawn of a state. Each is one column wide, with or without colours.
    private static let signs: [(state: String, sign: Character, words: String)] = [
        ("master", "█", "master"), ("backup", "░", "backup"), ("leaving", "▒", "leaving"), ("fault", "x", "fault"),
        ("stopped", "-", "stopped"), (Timeline.unknown, " ", "not known"),
    ]

    package static func render(
        _ timeline: Timeline, palette: Palette, width: Int = TextLayout.width
    ) -> String {
        let columns = max(width - labelWidth - 1, 10)
        var lines: [String] = []
        let span = TextLayout.duration(Double(timeline.end - timeline.begin) / 1000)
        lines.append(
            palette.heading(
                "\(Moment.day(timeline.begin)) \(Moment.clock(timeline.begin)) to "
                    + "\(Moment.day(timeline.end)) \(Moment.clock(timeline.end)) UTC (\(span))"))
        lines.append("")
        for row in timeline.rows {
            lines.append(
                TextLayout.fit(TextLayout.printable(row.instance), labelWidth) + " "
                    + bar(row, timeline, columns, palette))
        }
        if timeline.rows.isEmpty { lines.append("There is no virtual router.") }
        lines.append("")
        lines.append(legend(timeline))
        for row in timeline.rows where !row.changes.isEmpty {
            lines.append("")
            lines.append(palette.heading(TextLayout.printable(row.instance)))
            lines += changes(row, timeline, palette)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// In each column what lasted longest.
    private static func bar(_ row: Timeline.Row, _ timeline: Timeline, _ columns: Int, _ palette: Palette) -> String {
        var text = ""
        var index = 0
        for column in 0..<columns {
            let length = timeline.end - timeline.begin
            let begin = timeline.begin + length * column / columns
            let end = timeline.begin + length * (column + 1) / columns
            while index < row.spans.count, row.spans[index].end <= begin { index += 1 }
            var best: (state: String, length: Int) = (Timeline.unknown, 0)
            for span in row.spans[index...] {
                guard span.begin < end else { break }
                let common = min(span.end, end) - max(span.begin, begin)
                if common > best.length { best = (span.state, common) }
            }
            text += palette.state(sign(of: best.state), of: best.state)
        }
        return text
    }

    private static func sign(of state: String) -> String {
        String(signs.first { $0.state == state }?.sign ?? "?")
    }

    /// Of what is drawn.
    private static func legend(_ timeline: Timeline) -> String {
        let drawn = Set(timeline.rows.flatMap { $0.spans.map(\.state) })
        let words = signs.filter { drawn.contains($0.state) && $0.sign != " " }.map { "\($0.sign) \($0.words)" }
        return words.joined(separator: "   ") + (drawn.contains(Timeline.unknown) ? "   blank: not known" : "")
    }

    private static func changes(_ row: Timeline.Row, _ timeline: Timeline, _ palette: Palette) -> [String] {
        var lines: [String] = []
        var day = Moment.day(timeline.begin)
        for change in row.changes {
            if Moment.day(change.at) != day {
                day = Moment.day(change.at)
                lines.append("  \(day)")
            }
            let prefix = "  \(Moment.clock(change.at, exact: true)) "
            let wrapped = TextLayout.wrap(
                TextLayout.printable(change.words), prefix: prefix)
            lines += wrapped.map { palette.state($0, of: change.to) }
        }
        return lines
    }
}
