import Foundation
import Testing

/// What the tests of splits share: short intervals, filters, and what the agent finds.
extension Guide {
    /// Version 3 each 0.1 s: a master is missed after 0.4 s.
    static func fast(
        _ priority: Int, extra: String = "", addresses: [String] = ["192.0.2.1"], name: String = "Instance1",
        id: Int = 10
    ) -> String {
        file(
            priority: priority, password: nil, extra: "version 3\n" + extra, addresses: addresses, name: name, id: id
        ).replacing("advert_int 1", with: "advert_int 0.1")
    }
}

/// Something that an agent finds about an instance.
struct Finding: CustomStringConvertible {
    var level: String
    var text: String
    var advice: String

    /// How long an address has been on two hosts by its text.
    var splitSeconds: Double? {
        text.firstMatch(of: /been on two hosts for ([0-9.]+) s/).flatMap { Double($0.1) }
    }

    var description: String { "\(level): \(text) → \(advice)" }
}

extension Lab {
    /// An instance in `failoverctl status --json`.
    func instance(_ host: String, _ name: String = "Instance1") -> [String: Any]? {
        (try? status(host))?.first { $0["name"] as? String == name }
    }

    func findings(_ host: String, _ name: String = "Instance1") -> [Finding] {
        (instance(host, name)?["findings"] as? [[String: Any]] ?? []).map {
            Finding(
                level: $0["level"] as? String ?? "", text: $0["text"] as? String ?? "",
                advice: $0["advice"] as? String ?? "")
        }
    }

    func state(_ host: String, of name: String) -> String { instance(host, name)?["state"] as? String ?? "" }

    func dropped(_ host: String, _ reason: String) -> Int {
        let counters = instance(host)?["counters"] as? [String: Any]
        return (counters?["dropped"] as? [String: Int])?[reason] ?? 0
    }

    /// Waits for a critical finding, which has to be the only one of its instance, in `health` and in `explain`, too.
    /// - Parameter patience: the master down interval, in seconds: no split is critical before.
    @discardableResult
    func expectCritical(
        _ host: String, of name: String = "Instance1", _ words: String, advice: String, patience: Double = 0.3,
        within seconds: Double = 30, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Finding {
        var found: [Finding] = []
        do {
            try wait("\(host) says '\(words)'", within: seconds) {
                found = findings(host, name)
                for finding in found where finding.level == "critical" {
                    guard let lasted = finding.splitSeconds else { continue }
                    #expect(lasted > patience, "\(finding)", sourceLocation: sourceLocation)
                }
                return found.contains { $0.level == "critical" && $0.text.contains(words) }
            }
        } catch {
            throw Failure("\(host) says \(found), not '\(words)': \(error)")
        }
        #expect(found.count == 1, "one finding: \(found)", sourceLocation: sourceLocation)
        let finding = try #require(found.first { $0.text.contains(words) }, sourceLocation: sourceLocation)
        #expect(finding.advice.contains(advice), "\(finding)", sourceLocation: sourceLocation)
        let health = try control(host, "health")
        #expect(health.code == 2, "\(health.output)", sourceLocation: sourceLocation)
        #expect(explained(host, name).contains(words), sourceLocation: sourceLocation)
        return finding
    }

    /// `failoverctl explain`, whose lines are broken at 80 columns, as one line.
    func explained(_ host: String, _ name: String = "Instance1") -> String {
        (try? control(host, "explain", name).output)?.split(whereSeparator: \.isWhitespace).joined(separator: " ") ?? ""
    }

    /// The events of `failoverctl events --json`, the oldest first.
    func events(_ host: String, _ kind: String? = nil) -> [[String: Any]] {
        ((try? control(host, "events", "--json").output) ?? "").split(separator: "\n").compactMap { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let event = object?["event"] as? [String: Any] ?? object
            return kind == nil || event?["kind"] as? String == kind ? event : nil
        }
    }

    /// Loads nftables' rules on a host, or on the switch.
    func filter(_ host: String, _ rules: String) throws {
        try Self.run(
            "ip", "netns", "exec", namespace(host), "nft", "-f", write(rules, as: "rules-\(host)"))
    }

    /// Takes them away.
    func unfilter(_ host: String) throws {
        try Self.run("ip", "netns", "exec", namespace(host), "nft", "flush", "ruleset")
    }

    /// What the switch no longer carries.
    /// - Parameter rule: what its chain says of the frames that it forwards.
    func lose(_ rule: String) throws {
        try filter("sw", "table bridge lab { chain forward { type filter hook forward priority 0; \(rule); }; }")
    }

    func sysctl(_ host: String, _ settings: String...) throws {
        try Self.run(["ip", "netns", "exec", namespace(host), "sysctl", "-qw"] + settings)
    }

    func hardwareAddress(_ host: String) throws -> String {
        let output = try on(host, "-br", "link", "show", "dev", "eth0")
        return try #require(output.firstMatch(of: /([0-9a-f]{2}:){5}[0-9a-f]{2}/).map { String($0.0) })
    }
}
