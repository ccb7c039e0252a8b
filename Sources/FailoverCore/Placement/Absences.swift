import VRRP

/// How long an address that belongs on its interface was missing there lately.
struct Absences: Hashable, Sendable {
    private struct Span: Hashable, Sendable {
        var begin: Instant
        var end: Instant
    }

    /// How far back is looked.
    static let window = Duration.seconds(10)
    private var spans: [Span] = []
    private var since: Instant?

    /// Somebody took it away.
    mutating func begin(at now: Instant) {
        since = since ?? now
    }

    /// It is back.
    mutating func end(at now: Instant) {
        guard let begin = since else { return }
        since = nil
        spans.removeAll { $0.end <= now - Self.window }
        spans.append(Span(begin: begin, end: now))
        // With growing pauses there are never many.
        if spans.count > 64 { spans.removeFirst() }
    }

    /// How long it was missing within the window that ends now.
    func total(at now: Instant) -> Duration {
        let start = now - Self.window
        let past = spans.reduce(Duration.zero) { sum, span in
            sum + max(span.end - max(span.begin, start), .zero)
        }
        return past + (since.map { now - max($0, start) } ?? .zero)
    }

    mutating func forget() {
        spans = []
        since = nil
    }
}
