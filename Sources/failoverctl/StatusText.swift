import Control

/// Instances as a person reads them.
enum StatusText {
    static func render(_ reports: [InstanceReport]) -> String {
        reports.map(render).joined(separator: "\n")
    }

    private static func render(_ report: InstanceReport) -> String {
        var lines = [
            "\(report.name): \(report.state) since \(report.since) (\(duration(report.secondsInState)))",
            "  why        \(report.reason)",
            "  router     VRID \(report.virtualRouterId) on \(report.interface), VRRPv\(report.version), "
                + "priority \(report.priority)",
        ]
        if let handover = report.handover {
            let end =
                handover.secondsLeft.map { "for \(duration($0)) more" } ?? "until 'failoverctl resume \(report.name)'"
            let never = handover.never ? ", even if nobody else is master" : ""
            lines.insert(
                "  HANDED OVER by \(handover.requestedBy) at \(handover.requestedAt), \(end)\(never)", at: 1)
        }
        for finding in report.findings { lines.append("  \(padded(finding.level))\(finding.text)") }
        if let master = report.master {
            let own = report.state == "master" ? " (this host)" : ""
            lines.append("  master     \(master.address), priority \(master.priority)\(own)")
        } else {
            lines.append("  master     none known")
        }
        for address in report.addresses {
            lines.append("  address    \(address.address) on \(address.interface): \(presence(address))")
        }
        let dropped = report.counters.dropped.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        if !dropped.isEmpty {
            let counts = dropped.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            lines.append("  dropped    \(counts)")
        }
        if report.counters.takeoversPostponed > 0 {
            lines.append(
                "  warning    takeovers postponed because this host was stalled or lost packets: "
                    + "\(report.counters.takeoversPostponed)")
        }
        if report.counters.plainChecksums > 0, report.counters.pseudoHeaderChecksums > 0 {
            lines.append("  warning    the routers disagree about v3_checksum_as_v2; both forms are accepted")
        }
        if report.counters.addressListDifferences > 0 {
            lines.append(
                "  warning    advertisements with another list of addresses: \(report.counters.addressListDifferences)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func padded(_ level: String) -> String {
        let word = level.uppercased()
        return word + String(repeating: " ", count: max(11 - word.count, 1))
    }

    private static func presence(_ address: InstanceReport.Address) -> String {
        if address.hostsOwn {
            return "present, this host's own: it cannot give it up"
        }
        var words = address.present ? "present" : "not present"
        if address.contested { words += ", CONTESTED: somebody takes it away again and again" }
        if let conflict = address.conflict { words += ", CONFLICT: \(conflict) answers for it, too" }
        return words
    }

    /// The two largest units: `3 d 4 h`, `5 min 6 s`, `7 s`.
    static func duration(_ seconds: Double) -> String {
        let total = seconds.isFinite ? Int(min(max(seconds, 0), 1e12)) : 0
        let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
        var rest = total
        var parts: [String] = []
        for (size, name) in units {
            let count = rest / size
            rest %= size
            if count > 0 || (size == 1 && parts.isEmpty) { parts.append("\(count) \(name)") }
        }
        return parts.prefix(2).joined(separator: " ")
    }
}
