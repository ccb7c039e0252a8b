package import Control

/// `failoverctl show`: everything about one instance.
package enum ShowText {
    package static func render(_ report: InstanceReport, palette: Palette) -> String {
        var lines: [String] = []
        func line(_ title: String, _ text: String) {
            lines += TextLayout.wrap(TextLayout.printable(text), prefix: TextLayout.fit("  \(title)", 12))
        }
        lines.append(
            "\(report.name): \(palette.state(report.state, of: report.state)) since \(report.since) "
                + "(\(TextLayout.duration(report.secondsInState)))")
        if let handover = report.handover {
            let end = handover.secondsLeft.map { "for \(TextLayout.duration($0)) more" } ?? "until it is resumed"
            let never = handover.never ? ", even if nobody else is master" : ""
            line("HANDOVER", "by \(handover.requestedBy) at \(handover.requestedAt), \(end)\(never)")
        }
        line("why", report.reason)
        line(
            "router",
            "VRID \(report.virtualRouterId)\(place(report.interface)), VRRPv\(report.version), priority \(report.priority)"
                + configured(report)
        )
        if let group = report.group {
            let others = report.groupMembers ?? []
            line("group", others.isEmpty ? "\(group), alone" : "\(group), with \(others.joined(separator: ", "))")
        }
        if let master = report.master {
            let own = report.state == "master" ? " (this host)" : ""
            line("master", "\(master.address), priority \(master.priority)\(own)")
        } else {
            line("master", "none known")
        }
        if let seconds = report.secondsToNextStep, report.state == "master" {
            line("next", "advertises in \(TextLayout.shortly(seconds))")
        } else if !report.next.isEmpty {
            line("next", report.next)
        }
        for finding in report.findings {
            line(finding.level.uppercased(), finding.text)
            if let advice = finding.advice {
                lines += TextLayout.advice(advice, prefix: TextLayout.fit("", 12) + "→ ")
            }
        }
        for address in report.addresses {
            line("address", "\(address.address)\(place(address.interface)): \(presence(address))")
        }
        if let virtual = report.virtualMac {
            line("MAC", "\(virtual.address) on \(virtual.interface): \(virtual.active ? "on" : "off")")
        }
        for route in report.routes ?? [] { line(route.kind, "\(route.name): \(route.presence)") }
        for tracker in report.trackers ?? [] {
            line("tracked", self.tracker(tracker))
            if let run = tracker.lastRun { line("last run", run.text) }
        }
        if report.inboundFiltered { line("firewall", "keeps advertisements away") }
        for peer in report.peers { line("peer", self.peer(peer)) }
        for (title, counts) in counters(report.counters) where !counts.isEmpty {
            line(title, counts.map { "\($0) \($1)" }.joined(separator: ", "))
        }
        return lines.joined(separator: "\n") + "\n"
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

    /// Empty while no interface is found for an instance that names none.
    private static func place(_ interface: String) -> String { interface.isEmpty ? "" : " on \(interface)" }

    private static func configured(_ report: InstanceReport) -> String {
        guard let configured = report.configuredPriority, configured != report.priority else { return "" }
        return " (configured: \(configured))"
    }

    private static func tracker(_ tracker: InstanceReport.Tracker) -> String {
        var words = tracker.text
        if let seconds = tracker.secondsInState { words += " (\(TextLayout.duration(seconds)))" }
        if tracker.weight != 0 { words += ", weight \(tracker.weight)" }
        if tracker.reverse { words += ", reverse" }
        return tracker.effect.isEmpty ? words : "\(words): \(tracker.effect)"
    }

    private static func peer(_ peer: InstanceReport.PeerReport) -> String {
        var words = peer.address
        if let priority = peer.priority { words += priority == 0 ? ", resigned" : ", priority \(priority)" }
        if let seconds = peer.secondsSinceHeard { words += ", heard \(TextLayout.shortly(seconds)) ago" }
        words += ", \(peer.advertisements) advertisement\(peer.advertisements == 1 ? "" : "s")"
        if peer.addressesDiffer { words += ", another list of addresses" }
        if peer.intervalDiffers { words += ", another interval" }
        let dropped = peer.dropped.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        if !dropped.isEmpty {
            words += "; dropped: " + dropped.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        }
        return words
    }

    /// Those that are not zero.
    private static func counters(_ counters: InstanceReport.Counters) -> [(String, [(String, UInt64)])] {
        func present(_ counts: [(String, UInt64)]) -> [(String, UInt64)] { counts.filter { $0.1 > 0 } }
        return [
            (
                "sent",
                present([
                    ("advertisements", counters.advertisementsSent), ("resignations", counters.resignationsSent),
                    ("errors", counters.sendErrors), ("defences", counters.defences),
                ])
            ),
            (
                "received",
                present([
                    ("advertisements", counters.advertisementsReceived),
                    ("resignations", counters.resignationsReceived),
                    ("other lists", counters.addressListDifferences),
                    ("pseudo-header checksums", counters.pseudoHeaderChecksums),
                    ("plain checksums", counters.plainChecksums),
                ])
            ),
            ("dropped", present(counters.dropped.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })),
            (
                "times",
                present([("became master", counters.becameMaster), ("postponed", counters.takeoversPostponed)])
            ),
        ]
    }
}

extension InstanceReport.Route {
    /// Without the word before it.
    fileprivate var name: String {
        text.hasPrefix("\(kind) ") ? String(text.dropFirst(kind.utf8.count + 1)) : text
    }

    fileprivate var presence: String {
        guard !present else {
            return contested ? "present, CONTESTED: somebody takes it away again and again" : "present"
        }
        return problem ?? "not present"
    }
}
