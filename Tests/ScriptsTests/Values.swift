import Configuration
import Scripts
import VRRP

/// A second after the machine's start, and so on.
func at(_ seconds: Double) -> Instant { Instant(sinceBoot: .microseconds(Int((seconds * 1_000_000).rounded()))) }

extension CheckPolicy {
    static func of(
        interval: Duration = .seconds(1), timeout: Duration? = nil, rise: Int = 1, fall: Int = 1,
        isDownAtFirst: Bool = false
    ) -> CheckPolicy {
        var policy = CheckPolicy()
        policy.interval = interval
        policy.timeout = timeout ?? interval
        policy.rise = rise
        policy.fall = fall
        policy.isDownAtFirst = isDownAtFirst
        return policy
    }
}

extension ScriptCheck {
    /// A run from its start to its end.
    mutating func run(_ end: RunEnd, from start: Double, to finish: Double) {
        guard case .start(let number)? = advance(to: at(start)) else { return }
        ended(number, end, output: OutputExcerpt(), at: at(finish))
    }

    /// Runs that end at once, one each second.
    mutating func results(_ ends: [RunEnd], from start: Double) {
        for (index, end) in ends.enumerated() { run(end, from: start + Double(index), to: start + Double(index) + 0.1) }
    }
}

let place = SourceLocation(file: "/c", line: 1, column: 1)

func script(_ text: String) throws -> NotifyScript {
    NotifyScript(location: place, command: try ScriptCommand(Array(text.utf8)))
}

func instance(
    named name: String = "VI_1", _ scripts: [ScriptSubject.Occasion: String]
) throws -> ScriptSubject {
    var subject = ScriptSubject(kind: .instance, name: name, location: place)
    subject.notifications = try scripts.mapValues(script)
    return subject
}

extension [[UInt8]] {
    var words: [String] { map { String(decoding: $0, as: UTF8.self) } }
}
