package import Control

/// `failoverctl explain`
package enum ExplainText {
    package static func render(_ explanation: ExplanationReport) -> String {
        var lines = TextLayout.wrap(TextLayout.printable(explanation.summary))
        for cause in explanation.causes {
            lines += TextLayout.wrap(TextLayout.printable(cause.text), prefix: "  * ")
            if let advice = cause.advice { lines += TextLayout.advice(advice, prefix: "    → ") }
        }
        if explanation.causes.isEmpty { lines.append("  Nothing stands in its way.") }
        lines += TextLayout.wrap(TextLayout.printable(explanation.next), prefix: "Next: ")
        return lines.joined(separator: "\n") + "\n"
    }
}

/// `failoverctl events` and `watch`: one line an event.
package enum EventText {
    package static func line(_ event: EventReport, palette: Palette) -> String {
        // How long something has lasted its own text says; how long the state before did, it does not.
        let saysIt = event.fields["DURATION"] != nil
        let seconds = saysIt ? "" : event.seconds.map { " (after \(TextLayout.shortly($0)))" } ?? ""
        let until = event.until.map { " (until \($0))" } ?? ""
        let text = TextLayout.printable(event.text + seconds + until)
        return
            "\(event.time) \(event.severity == "info" || event.severity == "notice" ? text : palette.level(text, of: event.severity))"
    }

    /// An instance as `watch` shows it before the first event.
    package static func line(_ report: InstanceReport, palette: Palette) -> String {
        let text = TextLayout.printable("\(report.name): \(report.state): \(report.reason)")
        return "\(report.since) \(palette.state(text, of: report.state))"
    }
}

/// `failoverctl interfaces`
package enum InterfacesText {
    package static func render(_ interfaces: [InterfaceReport]) -> String {
        interfaces.map { interface in
            var lines = [TextLayout.printable(title(interface))]
            for address in interface.addresses {
                let owner =
                    switch address.owner {
                    case "agent": "added by the agent"
                    case "stray": "STRAY: a shared address that somebody added"
                    default: "the host's own"
                    }
                lines.append(
                    "  \(TextLayout.fit(address.address, 20)) \(owner)\(address.lapses ? ", lapses unless it is renewed" : "")"
                )
            }
            if !interface.instances.isEmpty {
                lines += TextLayout.wrap(
                    TextLayout.printable(interface.instances.joined(separator: ", ")), prefix: "  instances: ")
            }
            return lines.joined(separator: "\n") + "\n"
        }.joined()
    }

    private static func title(_ interface: InterfaceReport) -> String {
        guard interface.present else { return "\(interface.name): there is no such interface" }
        var words = ["index \(interface.index ?? 0)"]
        words.append(interface.up == true ? "up" : "DOWN")
        words.append(interface.carrier == true ? "carrier" : "NO CARRIER")
        if let address = interface.hardwareAddress { words.append(address) }
        if let mtu = interface.mtu { words.append("MTU \(mtu)") }
        return "\(interface.name): " + words.joined(separator: ", ")
    }
}

/// `failoverctl health`: the one line.
package enum HealthText {
    private static let most = 5

    package static func line(_ status: StatusReport) -> String {
        let order = ["master", "backup", "leaving", "fault", "stopped"]
        let counts = order.compactMap { state in
            status.states[state].flatMap { $0 > 0 ? "\($0) \(state)" : nil }
        }
        // The worst first.
        let findings =
            status.findings.filter { $0.level == "critical" } + status.findings.filter { $0.level != "critical" }
        var texts = findings.prefix(most).map { finding in
            (finding.instance.map { "\($0): " } ?? "") + finding.text
        }
        let count = max(status.findingCount ?? 0, findings.count)
        if count > most { texts.append("and \(count - most) more") }
        // Behind a bar monitoring plugins have numbers.
        return TextLayout.printable(
            ([status.health.uppercased() + " - " + counts.joined(separator: ", ")] + texts).joined(separator: "; ")
                .replacing("|", with: "/"))
    }
}
