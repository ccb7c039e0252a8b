package import Control
import FoundationEssentials

/// Who was master when, as one agent tells it: what each of its virtual routers was from one moment to another, and why it changed.
package struct Timeline: Hashable, Sendable {
    /// How a virtual router was for a while.
    package struct Span: Hashable, Sendable {
        /// As in the events; `unknown` for the time of which the agent knows nothing any more.
        package var state: String
        /// Milliseconds since 1970.
        package var begin: Int
        package var end: Int
        /// The master's address, where another host was it and was heard.
        package var master: String?
    }

    package struct Change: Hashable, Sendable {
        /// Milliseconds since 1970.
        package var at: Int
        package var from: String
        package var to: String
        package var cause: String

        /// As in the events: what has only another reason is no other state.
        var words: String { from == to ? "\(to): \(cause)" : "\(from) → \(to): \(cause)" }
    }

    package struct Row: Hashable, Sendable {
        package var instance: String
        package var spans: [Span]
        package var changes: [Change]
    }

    /// Milliseconds since 1970.
    package let begin: Int
    package let end: Int
    /// In the configuration's order; behind them those that it names no more.
    package let rows: [Row]

    package static let unknown = "unknown"

    /// - Parameters:
    ///   - events: as the agent has them, the oldest first.
    ///   - instances: as they are now.
    ///   - begin: milliseconds since 1970.
    ///   - end: now, likewise; what happened later is left out.
    package init(_ events: [EventReport], _ instances: [InstanceReport], from begin: Int, to end: Int) {
        self.end = min(max(end, 0), Moment.last)
        self.begin = min(max(begin, 0), self.end)
        var told: [String: [EventReport]] = [:]
        var names = instances.map(\.name)
        for event in events {
            guard let instance = event.instance, Self.isOfUse(event) else { continue }
            if told[instance] == nil, !names.contains(instance) { names.append(instance) }
            told[instance, default: []].append(event)
        }
        let present = Dictionary(instances.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let (first, last) = (self.begin, self.end)
        rows = names.map { Self.row($0, told[$0] ?? [], present[$0], from: first, to: last) }
            .filter { row in present[row.instance] != nil || row.spans.contains { $0.state != Self.unknown } }
    }

    private static func isOfUse(_ event: EventReport) -> Bool {
        event.isChange || event.kind == "masterHeard"
    }

    private static func row(
        _ name: String, _ events: [EventReport], _ report: InstanceReport?, from begin: Int, to end: Int
    ) -> Row {
        var row = Row(instance: name, spans: [], changes: [])
        // Before the first change: what that one says of it, or, where there was none, what it is now.
        let changes = events.filter(\.isChange)
        let isStill = changes.isEmpty ? report : nil
        var state = changes.first?.fields["OLD_STATE"] ?? report?.state ?? unknown
        var master = isStill?.master?.address
        var cursor = begin
        if let known = knownSince(changes.first, isStill), known > begin {
            row.add(unknown, nil, from: begin, to: min(known, end))
            cursor = min(known, end)
        }
        for event in events {
            guard let at = Moment.milliseconds(of: event.time), at <= end else { continue }
            let isChange = event.isChange
            if at > cursor {
                row.add(state, master, from: cursor, to: at)
                cursor = at
            }
            let old = state
            if isChange { state = event.fields["NEW_STATE"] ?? unknown }
            master = event.fields["PEER"] ?? (isChange && state != old ? nil : master)
            if isChange, at >= begin {
                row.changes.append(
                    Change(
                        at: at, from: event.fields["OLD_STATE"] ?? unknown, to: state,
                        cause: event.fields["REASON"] ?? event.text))
            }
        }
        row.add(state, master, from: cursor, to: end)
        return row
    }

    /// Since when what was before the first change is known; `nil` for always.
    private static func knownSince(_ first: EventReport?, _ still: InstanceReport?) -> Int? {
        if let still { return Moment.milliseconds(of: still.since) }
        guard let first, let at = Moment.milliseconds(of: first.time) else { return nil }
        return at - Int(min(max(first.seconds ?? 0, 0), 1e9) * 1000)
    }
}

extension Timeline.Row {
    /// A span of no length is none; what is as before goes on.
    fileprivate mutating func add(_ state: String, _ master: String?, from begin: Int, to end: Int) {
        guard end > begin else { return }
        let master = state == "backup" ? master : nil
        if let last = spans.last, last.state == state, last.master == master, last.end == begin {
            spans[spans.count - 1].end = end
        } else {
            spans.append(Timeline.Span(state: state, begin: begin, end: end, master: master))
        }
    }
}

extension EventReport {
    /// Of a virtual router's state.
    fileprivate var isChange: Bool { fields["NEW_STATE"] != nil && fields["GROUP"] == nil }
}

/// Moments as the agent writes them: RFC 3339, in UTC.
package enum Moment {
    /// The end of the year 9999: no clock that is right shows more.
    static let last = 253_402_300_799_999

    /// Since 1970; `nil` for what is no moment.
    package static func milliseconds(of text: String) -> Int? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        guard let date = try? style.parse(text) else { return nil }
        return Int((date.timeIntervalSince1970 * 1000).rounded())
    }

    /// `2026-11-29`
    static func day(_ milliseconds: Int) -> String { String(text(milliseconds).prefix(10)) }

    /// `12:30:05`, or with thousandths `12:30:05.123`.
    static func clock(_ milliseconds: Int, exact: Bool = false) -> String {
        let clock = text(milliseconds).dropFirst(11).prefix(exact ? 12 : 8)
        return String(clock)
    }

    private static func text(_ milliseconds: Int) -> String {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(style)
    }

    /// `90s`, `15min`, `2h`, `7d` in seconds; a number alone is of seconds.
    /// - Returns: `nil` for anything else, and for more than ten years.
    package static func span(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        let sizes = ["": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400]
        guard let count = Int(digits), let size = sizes[String(unit)], count > 0, count <= 315_360_000 / size else {
            return nil
        }
        return count * size
    }
}
