import VRRP

/// Who hears whom, how late, and how often.
struct VirtualNetwork {
    private let hosts: Int
    private let delay: Duration
    private let timing: Scenario.Timing
    private var partitions: [Set<Int>] = []
    private var oneWays: [(from: Int, to: Int)] = []
    private var losses: [Int] = []
    private var delays: [Duration] = []
    private var duplications = 0

    init(_ scenario: Scenario) {
        hosts = scenario.hosts.count
        delay = scenario.delay
        timing = scenario.timing
        parts = findParts()
    }

    mutating func change(_ kind: Fault.Kind, begins: Bool) {
        switch kind {
        case .partition(let set): Self.change(&partitions, set, begins)
        case .loss(let percent): Self.change(&losses, percent, begins)
        case .delay(let span): Self.change(&delays, span, begins)
        case .duplication: duplications += begins ? 1 : -1
        case .oneWay(let from, let to):
            if begins {
                oneWays.append((from, to))
            } else if let index = oneWays.firstIndex(where: { $0 == (from, to) }) {
                oneWays.remove(at: index)
            }
        default: break
        }
        parts = findParts()
    }

    private static func change<Value: Equatable>(_ values: inout [Value], _ value: Value, _ begins: Bool) {
        if begins {
            values.append(value)
        } else if let index = values.firstIndex(of: value) {
            values.remove(at: index)
        }
    }

    /// The delay of each copy that arrives.
    /// - Parameter sent: when, in the story.
    func delays(
        from sender: Int?, to receiver: Int, sent: Duration, _ random: inout RandomSource
    ) -> [Duration] {
        if let sender, !hears(receiver, sender) { return [] }
        var copies: [Duration] = []
        for _ in 0..<(duplications > 0 ? 2 : 1) {
            if losses.contains(where: { random.chance($0) }) { continue }
            let most = max(delays.max() ?? .zero, delay)
            switch timing {
            case .drawn: copies.append(random.part(of: most, from: 1, to: 1000))
            case .told(let lags):
                let lag = lags.first { $0.from == sender && $0.to == receiver && $0.sent.contains(sent) }
                copies.append(lag?.takes ?? most)
            }
        }
        return copies
    }

    private func hears(_ receiver: Int, _ sender: Int) -> Bool {
        partitions.allSatisfy { $0.contains(receiver) == $0.contains(sender) }
            && !oneWays.contains { $0 == (sender, receiver) }
    }

    /// The hosts in parts whose members all hear each other; `nil` when links are not symmetric.
    private(set) var parts: [[Int]]?

    private func findParts() -> [[Int]]? {
        guard oneWays.isEmpty else { return nil }
        var parts: [[Int]] = []
        for host in 0..<hosts {
            if let index = parts.firstIndex(where: { hears(host, $0[0]) }) {
                parts[index].append(host)
            } else {
                parts.append([host])
            }
        }
        return parts
    }
}
