package import Control

/// `failoverctl status`: one line an instance, and below what is not as it should be.
package enum StatusTable {
    /// The code of the finding about it, which heads the screen.
    private static let handedOver = "handedOver"

    /// NAME STATE SINCE PRIO MASTER ADDRESSES
    private static let widths = [14, 7, 11, 4, 15, 23]

    package static func render(_ status: StatusReport, _ reports: [InstanceReport], palette: Palette) -> String {
        var lines: [String] = []
        let level = palette.level(status.health.uppercased(), of: status.health)
        let file = status.unconfirmed ? ", waiting for 'failoverctl confirm'" : ""
        lines.append("\(level): failover-agent \(status.version), up \(TextLayout.duration(status.uptime))\(file)")
        for report in reports {
            guard let handover = report.handover else { continue }
            lines += TextLayout.wrap(handed(report, handover), prefix: "HANDED OVER ")
            let finding = report.findings.first { $0.code == Self.handedOver }
            if let advice = finding?.advice { lines += TextLayout.advice(advice, prefix: "       → ") }
        }
        lines.append("")
        lines.append(palette.heading(row(["INSTANCE", "STATE", "SINCE", "PRIO", "MASTER", "ADDRESSES"])))
        for report in reports { lines += rows(report, palette) }
        let findings = status.findings.filter { $0.code != Self.handedOver }
        if !findings.isEmpty { lines.append("") }
        for finding in findings {
            let name = finding.instance.map { "\($0): " } ?? ""
            lines += paint(
                TextLayout.wrap(
                    TextLayout.printable(name + finding.text), prefix: TextLayout.fit(finding.level.uppercased(), 9)),
                finding.level, palette)
            if let advice = finding.advice {
                lines += TextLayout.advice(advice, prefix: "       → ")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func handed(_ report: InstanceReport, _ handover: InstanceReport.Handover) -> String {
        let end = handover.secondsLeft.map { "for \(TextLayout.duration($0)) more" } ?? "until it is resumed"
        let never = handover.never ? ", even if nobody else is master" : ""
        return TextLayout.printable(
            "\(report.name), by \(handover.requestedBy) at \(handover.requestedAt), \(end)\(never)")
    }

    private static func rows(_ report: InstanceReport, _ palette: Palette) -> [String] {
        let master = report.state == "master" ? "this host" : report.master?.address ?? "-"
        let addresses = report.addresses.map { "\($0.address) \(mark($0, report))" }
        let first = row([
            report.name, report.state, TextLayout.duration(report.secondsInState), "\(report.priority)", master,
            addresses.first ?? "-",
        ])
        // The state keeps its place whatever colours take.
        let start = first.index(first.startIndex, offsetBy: widths[0] + 1)
        let end = first.index(start, offsetBy: widths[1])
        var lines = [
            String(first[..<start]) + palette.state(String(first[start..<end]), of: report.state) + first[end...]
        ]
        let indent = String(repeating: " ", count: widths.dropLast().reduce(0) { $0 + $1 + 1 })
        let most = 4
        for address in addresses.dropFirst().prefix(most - 1) {
            lines.append(indent + TextLayout.fit(address, widths[5]).trimmingEnd())
        }
        if addresses.count > most { lines.append("\(indent)and \(addresses.count - most) more") }
        return lines
    }

    /// What the kernel says about an address, in a word.
    private static func mark(_ address: InstanceReport.Address, _ report: InstanceReport) -> String {
        if address.hostsOwn { return "own" }
        if address.conflict != nil { return "TWICE" }
        if address.contested { return "TAKEN" }
        if report.state == "master" { return address.present ? "here" : "MISSING" }
        return address.present ? "HERE" : ""
    }

    private static func row(_ cells: [String]) -> String {
        zip(cells, widths).map { TextLayout.fit(TextLayout.printable($0), $1) }.joined(separator: " ").trimmingEnd()
    }

    private static func paint(_ lines: [String], _ level: String, _ palette: Palette) -> [String] {
        guard let first = lines.first else { return [] }
        let cut = first.prefix(9)
        return [palette.level(String(cut), of: level) + first.dropFirst(9)] + lines.dropFirst()
    }
}

extension String {
    func trimmingEnd() -> String {
        var text = self[...]
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
