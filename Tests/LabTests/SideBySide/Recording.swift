import Foundation

/// What was seen of host a in one run of a story, channel by channel: the priorities that it advertised, who held an address, whom it called, and
/// what it wrote to the FIFO.
struct Recording {
    struct Fact: Hashable {
        /// Seconds since the story began.
        let time: Double
        let what: String
    }

    /// Who holds an address for less than this is on the way: a master of this agent leaves when its successor is there, one of keepalived before.
    static let passing = 1.3

    private let begin: Double
    private let length: Double
    private(set) var channels: [String: [Fact]] = [:]

    init(begin: Double, length: Double) {
        self.begin = begin
        self.length = length
    }

    /// - Parameter time: in seconds since 1970.
    private mutating func add(_ what: String, to channel: String, at time: Double) {
        let time = time - begin
        guard time < length else { return }
        channels[channel, default: []].append(Fact(time: time, what: what))
    }

    // MARK: - Priorities

    /// Without repetitions.
    mutating func addPriorities(_ frames: [WireFile.Frame], source: String...) {
        for frame in frames.sorted(by: { $0.time < $1.time }) {
            guard let packet = frame.advertisement, source.contains(packet.source) else { continue }
            let channel = "priorities of \(packet.id)"
            let last = channels[channel]?.last?.what
            // "Leaving" in docs/architecture.md: one more advertisement makes a keepalived repeat its announcement.
            if packet.priority == 1, last == "0" { continue }
            if last != "\(packet.priority)" { add("\(packet.priority)", to: channel, at: frame.time) }
        }
    }

    // MARK: - Holders

    /// - Parameter monitors: what `ip -ts -4 -o monitor address` has printed on each host.
    mutating func addHolders(_ monitors: [String: String]) {
        var changes: [(time: Double, host: String, address: String, comes: Bool)] = []
        for (host, output) in monitors {
            for line in output.split(separator: "\n") {
                guard let match = line.firstMatch(of: /^\[([^\]]+)\] (Deleted )?.* inet ([0-9.]+)/),
                    let time = Self.seconds(String(match.1))
                else { continue }
                changes.append((time, host, String(match.3), match.2 == nil))
            }
        }
        var holders: [String: Set<String>] = [:]
        var raw: [String: [Fact]] = [:]
        for change in changes.sorted(by: { $0.time < $1.time }) where change.time - begin < length {
            if change.comes {
                holders[change.address, default: []].insert(change.host)
            } else {
                holders[change.address]?.remove(change.host)
            }
            let now = holders[change.address, default: []].sorted().joined()
            raw[change.address, default: []].append(
                Fact(time: change.time - begin, what: now.isEmpty ? "nobody" : now))
        }
        for (address, facts) in raw { channels["holder of \(address)"] = Self.settled(facts) }
    }

    /// What lasted, without repetitions. The last one counts however short it was.
    static func settled(_ facts: [Fact]) -> [Fact] {
        var settled: [Fact] = []
        for (index, fact) in facts.enumerated() {
            let next = index + 1 < facts.count ? facts[index + 1].time : .infinity
            guard next - fact.time >= passing, settled.last?.what != fact.what else { continue }
            settled.append(fact)
        }
        return settled
    }

    /// 2026-01-31T12:34:56.789012, as UTC.
    static func seconds(_ text: String) -> Double? {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let fraction = Double("0.\(parts[1])"),
            let date = try? Date(String(parts[0]) + "Z", strategy: .iso8601)
        else { return nil }
        return date.timeIntervalSince1970 + fraction
    }

    // MARK: - Calls and lines

    /// - Parameter text: lines of a time, a name and words.
    mutating func addCalls(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard words.count >= 2, let time = Double(words[0]) else { continue }
            let what = words.dropFirst(2).map { "[\($0)]" }.joined(separator: " ")
            let channel = "calls of \(words[1])"
            // One for each packet that is heard: how many come before the other host follows is luck.
            if channel.hasSuffix(".lower"), channels[channel] != nil { continue }
            add(what, to: channel, at: time)
        }
    }

    /// - Parameter text: all that came out of the FIFO: no times, so that what came after the end is in it, too.
    mutating func addLines(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
            guard let match = line.wholeMatch(of: /(INSTANCE|GROUP) "([^"]*)" ([A-Z_]+ [0-9]+)/) else {
                channels["FIFO", default: []].append(Fact(time: 0, what: String(line)))
                continue
            }
            let channel = "FIFO of \(match.1) \(match.2)"
            let fact = Fact(time: 0, what: String(match.3))
            if fact.what.hasPrefix("MASTER_RX_LOWER_PRI"), channels[channel]?.last == fact { continue }
            channels[channel, default: []].append(fact)
        }
    }
}
