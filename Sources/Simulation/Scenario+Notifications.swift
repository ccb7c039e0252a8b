import Configuration
import Scripts
import VRRP

/// Who is told what virtual routers become. It is drawn from a stream of its own, and only where the seed is greater than those whose
/// digests are kept, so that these are what they were.
extension Scenario {
    private static let lastWithoutNotifications: UInt64 = 2000
    private static let notificationSalt: UInt64 = 0x7_0712F1

    mutating func drawNotifications() {
        guard seed > Self.lastWithoutNotifications else { return }
        var random = RandomSource(seed: seed ^ Self.notificationSalt)
        guard random.chance(40) else { return }
        // Some are quick, and some take longer than the states last.
        longestCall = random.pick([.milliseconds(20), interval, interval * 6])
        for _ in 0..<random.integer(0...3) {
            let at = random.part(of: interval * 27, from: 0, to: 1000)
            let length = random.part(of: interval, from: 50, to: 6000)
            faults.append(
                Fault(at: at, span: length, kind: .runnerGone(host: random.integer(0...hosts.count - 1))))
        }
    }

    /// How long a call of a notify script takes.
    /// - Parameter run: its number on the host.
    func lengthOfCall(on host: Int, run: UInt64) -> Duration {
        var random = RandomSource(seed: seed ^ Self.notificationSalt ^ UInt64(host) << 48 ^ run << 24)
        return random.part(of: longestCall ?? .zero, from: 1, to: 1000)
    }

    /// What the files of a host say of scripts: each virtual router and group has two.
    /// - Parameter routers: the virtual routers as the host has them.
    func plan(of routers: [Router]) -> ScriptPlan {
        let place = SourceLocation(file: "simulation", line: 1, column: 1)
        var configuration = ScriptingConfiguration()
        let instances = order(of: routers, isReversed: false).map {
            ScriptSubject(kind: .instance, name: name(of: $0, as: routers), location: place)
        }
        let groups = groupConfigurations(of: routers, place).map {
            ScriptSubject(kind: .group, name: $0.name, location: place)
        }
        var digest = SHA256()
        digest.add("\(routers)".utf8)
        guard let command = try? ScriptCommand(Array("/notify".utf8)) else {
            return ScriptPlan(configuration, digest: digest.digest())
        }
        let script = NotifyScript(location: place, command: command)
        configuration.subjects = (instances + groups).map { subject in
            var subject = subject
            subject.notifications = [.master: script, .anyChange: script]
            subject.saysDeleted = subject.kind == .instance
            return subject
        }
        return ScriptPlan(configuration, digest: digest.digest())
    }
}
