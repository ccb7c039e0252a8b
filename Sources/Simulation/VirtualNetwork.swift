import VRRP

/// Who hears whom, how late, and how often.
struct VirtualNetwork {
    /// The packets of one virtual router, or of an outsider, from one host to another.
    struct Flow: Hashable {
        /// -1 for an outsider.
        var sender: Int
        var receiver: Int
        /// The virtual router's number, or what the outsider's kind of packet is called here.
        var kind: Int
    }

    /// One copy of a packet that arrives.
    struct Copy {
        var delay: Duration
        /// Its place among all copies of its flow.
        var place: Int
    }

    private let seed: UInt64
    private let hosts: Int
    private var packets: [Flow: Int] = [:]
    private let delay: Duration
    private let timing: Scenario.Timing
    private var partitions: [Set<Int>] = []
    /// By virtual router, whose packets take a network of their own.
    private var segments: [(router: Int, set: Set<Int>)] = []
    private var oneWays: [(from: Int, to: Int)] = []
    private var losses: [Int] = []
    private var delays: [Duration] = []
    private var duplications = 0

    init(_ scenario: Scenario) {
        seed = scenario.seed
        hosts = scenario.hosts.count
        delay = scenario.delay
        timing = scenario.timing
        parts = findParts()
    }

    mutating func change(_ kind: Fault.Kind, begins: Bool) {
        switch kind {
        case .partition(let set): Self.change(&partitions, set, begins)
        case .segment(let router, let set):
            if begins {
                segments.append((router, set))
            } else if let index = segments.firstIndex(where: { $0 == (router, set) }) {
                segments.remove(at: index)
            }
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

    /// The copies of a flow's next packet that arrive. Its dice are its own: what becomes of the packets of others changes nothing.
    /// - Parameter sent: when, in the story.
    mutating func carry(_ flow: Flow, sent: Duration) -> [Copy] {
        let number = packets[flow, default: 0]
        packets[flow] = number + 1
        if flow.sender >= 0, !hears(flow.receiver, flow.sender) { return [] }
        if flow.sender >= 0, !isWhole(flow) { return [] }
        var random = dice(flow, number)
        var copies: [Copy] = []
        for copy in 0..<(duplications > 0 ? 2 : 1) {
            if losses.contains(where: { random.chance($0) }) { continue }
            let most = max(delays.max() ?? .zero, delay)
            var takes = most
            switch timing {
            case .drawn: takes = random.part(of: most, from: 1, to: 1000)
            case .told(let lags):
                let lag = lags.first {
                    $0.from == flow.sender && $0.to == flow.receiver && $0.sent.contains(sent)
                }
                takes = lag?.takes ?? most
            }
            copies.append(Copy(delay: takes, place: number * 2 + copy))
        }
        return copies
    }

    private func dice(_ flow: Flow, _ number: Int) -> RandomSource {
        var state = seed ^ 0x5EED_0F_7E57
        for value in [flow.sender, flow.receiver, flow.kind, number] {
            var mixer = RandomSource(seed: state)
            state = mixer.next() ^ UInt64(truncatingIfNeeded: value)
        }
        return RandomSource(seed: state)
    }

    private func hears(_ receiver: Int, _ sender: Int) -> Bool {
        partitions.allSatisfy { $0.contains(receiver) == $0.contains(sender) }
            && !oneWays.contains { $0 == (sender, receiver) }
    }

    private func isWhole(_ flow: Flow) -> Bool {
        segments.allSatisfy { $0.router != flow.kind || $0.set.contains(flow.sender) == $0.set.contains(flow.receiver) }
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
