package import Configuration
package import FailoverCore
import VRRP

extension TrackedStatus {
    /// What it says, as the rest of a sentence: "interface eth1 is down".
    package var words: String {
        switch state {
        case .unknown where tracker.kind == .script: "\(tracker.words) has decided nothing yet"
        case .unknown: "\(tracker.words) has said nothing yet"
        case .up: "\(tracker.words) \(tracker.kind == .interface ? "is up" : "is well")"
        case .down(.link(let trouble)): "\(tracker.words) \(trouble.words)"
        case .down(.failed(let cause)): "\(tracker.words) fails: \(cause)"
        case .number(let number): "\(tracker.words) has the number \(number)"
        }
    }

    /// What it does to the virtual router, in a word or two; empty where it does nothing.
    package var effectWords: String {
        switch effect {
        case .none: ""
        case .priority(let delta): delta < 0 ? "priority − \(-delta)" : "priority + \(delta)"
        case .fault: "fault"
        case .awaited: "waited for"
        }
    }

    /// Whether it is up, or holds a number other than 0; `nil` while it has said nothing.
    @inline(never)  // Swift 6.3.1 fails to compile what comes of it when it is put into a closure with -Osize.
    var isUp: Bool? {
        switch state {
        case .unknown: nil
        case .up: true
        case .down: false
        case .number(let number): number != 0
        }
    }

    /// What to type; `nil` where that depends.
    var advice: String? {
        guard case .down(.link(let trouble)) = state else { return nil }
        return switch trouble {
        case .missing: "ip -br link, and compare with 'track_interface' in the configuration"
        case .switchedOff: "ip link set \(tracker.name) up"
        case .noCarrier: "check the cable or the switch's port: ip -br link show \(tracker.name)"
        case .settling: nil
        }
    }
}

extension LinkTrouble {
    fileprivate var words: String {
        switch self {
        case .missing: "does not exist"
        case .switchedOff: "is down"
        case .noCarrier: "has no carrier"
        case .settling: "is up, but not for long enough yet (interface_up_down_delays)"
        }
    }
}

extension TrackerName {
    fileprivate var words: String { "\(kind.word) \(name)" }
}

extension TrackerName.Kind {
    /// As reports name it.
    package var word: String {
        switch self {
        case .interface: "interface"
        case .script: "script"
        case .file: "file"
        case .process: "process"
        }
    }
}

extension TrackedPriority: CustomStringConvertible {
    /// "90 = 100 − 10: interface eth1 is down"; "100" where nothing is added.
    package var description: String { text(at: nil) }

    /// - Parameter now: to tell for how long each has been so; `nil` to leave it out.
    func text(at now: Instant?) -> String {
        guard !parts.isEmpty else { return "\(effective)" }
        let terms = parts.compactMap { part -> String? in
            guard case .priority(let delta) = part.effect else { return nil }
            return delta < 0 ? " − \(-delta)" : " + \(delta)"
        }
        let causes = parts.map { part in
            guard let now, let since = part.since else { return part.words }
            return "\(part.words), for \((now - since).inSeconds)"
        }
        return "\(effective) = \(configured)\(terms.joined())\(limit): \(causes.joined(separator: "; "))"
    }

    /// Where the sum is beyond what a priority can be.
    private var limit: String {
        let sum = parts.reduce(Int(configured)) { sum, part in
            guard case .priority(let delta) = part.effect else { return sum }
            return sum + delta
        }
        if sum > Int(effective) { return ", at most \(effective)" }
        return sum < Int(effective) ? ", at least \(effective)" : ""
    }
}
