import Addressing

/// What the cores of a simulation did, in a form in which two builds can be compared.
///
/// It tells by host and moment of virtual time what came out, in order within each channel: a virtual router, the requests to the
/// kernel about one network of one interface, what the state file remembers of one address. The order between channels is left out,
/// and so are the numbers of requests and routers, and the wake-ups: a core that is built in another way may choose other ones.
struct Trace {
    /// Whether lines are kept beside their digest.
    private let keepsLines: Bool
    private(set) var lines: [String] = []
    private var hash = StableHash()
    /// What came at this moment, by host; it is put in order when the next moment comes.
    private var moment: Duration = .zero
    private var present: [(host: Int, line: TraceLine)] = []

    init(keepsLines: Bool) { self.keepsLines = keepsLines }

    /// FNV-1a of all lines up to the present moment.
    var digest: UInt64 { hash.value }

    mutating func add(_ new: [TraceLine], of host: Int, at time: Duration) {
        guard !new.isEmpty else { return }
        if time != moment { finish() }
        moment = time
        for line in new { present.append((host, line)) }
    }

    /// Puts what came at this moment in order.
    mutating func finish() {
        // The place breaks ties: a channel keeps its order.
        let order = present.indices.sorted {
            (present[$0].host, present[$0].line.channel, $0) < (present[$1].host, present[$1].line.channel, $1)
        }
        for place in order {
            let (host, line) = present[place]
            let text = "\(nanoseconds(moment)) host \(host) [\(line.channel)] \(line.text)"
            hash.add(text)
            if keepsLines { lines.append(text) }
        }
        present.removeAll(keepingCapacity: true)
    }

    /// Seconds with nine decimals.
    private func nanoseconds(_ time: Duration) -> String {
        let digits = String(time.nanoseconds % 1_000_000_000)
        return "\(time.nanoseconds / 1_000_000_000).\(String(repeating: "0", count: 9 - digits.count))\(digits)"
    }
}

/// One thing that a core did.
struct TraceLine {
    /// Within which the order counts.
    var channel: String
    var text: String
}
