/// `failoverctl timeline --svg`: the same as one picture that stands for itself, in light and in dark, with the cause of each change where the
/// pointer rests.
package enum TimelinePicture {
    private static let width = 960
    private static let left = 150
    private static let right = 20
    private static let top = 64
    private static let rowHeight = 34
    private static let barHeight = 22
    private static let lineHeight = 18
    /// Of the changes below: more than these nobody reads in a picture.
    private static let mostChanges = 60

    private static let states = ["master", "backup", "leaving", "fault", "stopped", Timeline.unknown]

    package static func render(_ timeline: Timeline) -> String {
        let changes = timeline.rows.flatMap { row in row.changes.map { (row.instance, $0) } }.sorted {
            $0.1.at < $1.1.at
        }
        let shown = changes.suffix(mostChanges)
        let axis = top + rowHeight * timeline.rows.count
        let listTop = axis + 66
        let height = listTop + lineHeight * (shown.count + (changes.count > shown.count ? 1 : 0)) + 16
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" width="\#(width)" height="\#(height)" role="img" aria-label="Who was master when">"#,
            "<style>", style, "</style>",
            #"<rect class="paper" width="100%" height="100%"/>"#,
            text(left, 30, "heading", title(timeline)),
        ]
        for (place, row) in timeline.rows.enumerated() {
            lines += draw(row, timeline, y: top + rowHeight * place)
        }
        lines += drawAxis(timeline, y: axis)
        lines += drawLegend(timeline, y: axis + 36)
        var y = listTop
        if changes.count > shown.count {
            lines.append(text(20, y, "line", "\(changes.count - shown.count) earlier changes are left out"))
            y += lineHeight
        }
        for (instance, change) in shown {
            lines.append(
                text(
                    20, y, "line",
                    short(
                        "\(Moment.day(change.at)) \(Moment.clock(change.at, exact: true)) \(instance): \(change.words)",
                        140)
                ))
            y += lineHeight
        }
        lines.append("</svg>")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func title(_ timeline: Timeline) -> String {
        "\(Moment.day(timeline.begin)) \(Moment.clock(timeline.begin)) to \(Moment.day(timeline.end)) "
            + "\(Moment.clock(timeline.end)) UTC"
    }

    // MARK: - Parts

    private static func draw(_ row: Timeline.Row, _ timeline: Timeline, y: Int) -> [String] {
        var lines = [text(left - 10, y + 16, "name", short(row.instance, 17))]
        for span in row.spans {
            let (begin, end) = (x(span.begin, timeline), x(span.end, timeline))
            // What was short is seen all the same.
            let width = max(end - begin, 1.5)
            let cause = row.changes.last { $0.at == span.begin && $0.to == span.state }.map { "\n\($0.cause)" } ?? ""
            let master = span.master.map { "\nmaster is \($0)" } ?? ""
            let words =
                "\(span.state) for \(TextLayout.duration(Double(span.end - span.begin) / 1000)), from "
                + "\(Moment.clock(span.begin, exact: true))\(master)\(cause)"
            lines.append(
                #"<rect class="\#(kind(span.state))" x="\#(number(begin))" y="\#(y)" width="\#(number(width))" height="\#(barHeight)">"#
                    + "<title>\(escaped(words))</title></rect>")
        }
        return lines
    }

    private static func drawAxis(_ timeline: Timeline, y: Int) -> [String] {
        var lines = [#"<line class="axis" x1="\#(left)" y1="\#(y)" x2="\#(width - right)" y2="\#(y)"/>"#]
        for tick in ticks(timeline) {
            let place = number(x(tick, timeline))
            lines.append(#"<line class="axis" x1="\#(place)" y1="\#(y)" x2="\#(place)" y2="\#(y + 5)"/>"#)
            lines.append(
                #"<text class="tick" x="\#(place)" y="\#(y + 18)">\#(Moment.clock(tick).prefix(timeline.end - timeline.begin > 600_000 ? 5 : 8))</text>"#
            )
        }
        return lines
    }

    private static func drawLegend(_ timeline: Timeline, y: Int) -> [String] {
        var lines: [String] = []
        var place = left
        let drawn = Set(timeline.rows.flatMap { $0.spans.map { kind($0.state) } })
        for state in states where drawn.contains(state) {
            lines.append(#"<rect class="\#(state)" x="\#(place)" y="\#(y - 10)" width="12" height="12"/>"#)
            lines.append(text(place + 18, y, "line", state == Timeline.unknown ? "not known" : state))
            place += 110
        }
        return lines
    }

    /// Round moments, at most eight.
    private static func ticks(_ timeline: Timeline) -> [Int] {
        let steps = [
            1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000,
            31_536_000,
        ]
        let length = max(timeline.end - timeline.begin, 1)
        let step = (steps.first { length / ($0 * 1000) <= 8 } ?? 315_360_000) * 1000
        let first = (timeline.begin + step - 1) / step * step
        return Array(stride(from: first, through: timeline.end, by: step))
    }

    private static func x(_ moment: Int, _ timeline: Timeline) -> Double {
        let length = Double(max(timeline.end - timeline.begin, 1))
        return Double(left) + Double(width - left - right) * Double(moment - timeline.begin) / length
    }

    // MARK: - Letters

    private static func kind(_ state: String) -> String { states.contains(state) ? state : Timeline.unknown }

    /// With one digit behind the point.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }

    private static func text(_ x: Int, _ y: Int, _ kind: String, _ words: String) -> String {
        #"<text class="\#(kind)" x="\#(x)" y="\#(y)">\#(escaped(words))</text>"#
    }

    /// Of a text that is longer than its place the beginning.
    private static func short(_ text: String, _ length: Int) -> String {
        text.count <= length ? text : text.prefix(length - 1) + "…"
    }

    /// What the agent tells comes from other hosts, too.
    private static func escaped(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { TextLayout.printable(String($0)) }
            .joined(separator: "\n")
            .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static let style = """
        text { font: 13px system-ui, sans-serif; fill: #222 }
        .heading { font-size: 17px; font-weight: 600 }
        .name { text-anchor: end; font-weight: 600 }
        .tick { font-size: 11px; text-anchor: middle; fill: #666 }
        .line { font-size: 12px }
        .paper { fill: #fff }
        .axis { stroke: #999 }
        .master { fill: #2e7d32 }
        .backup { fill: #b0bec5 }
        .leaving { fill: #f9a825 }
        .fault { fill: #c62828 }
        .stopped { fill: #616161 }
        .unknown { fill: #eceff1 }
        @media (prefers-color-scheme: dark) {
            text { fill: #eee }
            .tick { fill: #aaa }
            .paper { fill: #181a1b }
            .backup { fill: #546e7a }
            .master { fill: #43a047 }
            .unknown { fill: #263238 }
        }
        """
}
