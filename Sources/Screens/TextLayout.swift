/// Words in columns and lines. Widths are counted in letters; what is shown here has no wide ones.
package enum TextLayout {
    /// Terminals of this width show every screen without a broken line.
    package static let width = 80

    /// Fills up with blanks, or cuts with an ellipsis.
    static func fit(_ text: String, _ width: Int) -> String {
        let count = text.count
        if count <= width { return text + String(repeating: " ", count: width - count) }
        return String(text.prefix(max(width - 1, 0))) + "…"
    }

    /// Breaks at blanks; the first line begins with `prefix`, the others with as many blanks. A word that is longer than a line
    /// stays whole, so that it can be copied.
    static func wrap(_ text: String, prefix: String = "", width: Int = width) -> [String] {
        let indent = String(repeating: " ", count: prefix.count)
        var lines: [String] = []
        var line = prefix
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = indent
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        lines.append(line)
        return lines
    }

    /// What to do about something. What is to be typed, behind the last colon, stays whole even where it is longer than a line: half
    /// of a command must not be pasted.
    static func advice(_ text: String, prefix: String) -> [String] {
        let parts = printable(text).split(separator: ": ", omittingEmptySubsequences: false)
        guard parts.count > 1, let command = parts.last else { return wrap(printable(text), prefix: prefix) }
        var lines = wrap(parts.dropLast().joined(separator: ": ") + ":", prefix: prefix)
        if let last = lines.last, last.count + 1 + command.count <= width {
            lines[lines.count - 1] = "\(last) \(command)"
        } else {
            lines.append(String(repeating: " ", count: prefix.count) + command)
        }
        return lines
    }

    /// The two largest units: `3 d 4 h`, `5 min 6 s`, `7 s`.
    package static func duration(_ seconds: Double) -> String {
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

    /// Seconds with one decimal, for what is near.
    static func shortly(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 60 else { return duration(seconds) }
        let tenths = Int((max(seconds, 0) * 10).rounded(.down))
        return "\(tenths / 10).\(tenths % 10) s"
    }

    /// What the agent tells comes from other hosts, too: nothing of it may steer the terminal.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 32 || (127...159).contains($0.value) ? "?" : $0 }))
    }
}

/// Colours of a terminal, or none.
package struct Palette: Sendable {
    private let isOn: Bool

    package init(isOn: Bool) { self.isOn = isOn }

    func state(_ text: String, of state: String) -> String {
        switch state {
        case "master": paint(text, "32")
        case "fault": paint(text, "31")
        case "leaving", "stopped": paint(text, "33")
        default: text
        }
    }

    func level(_ text: String, of level: String) -> String {
        paint(text, level == "critical" ? "31" : level == "warning" || level == "error" ? "33" : "32")
    }

    func heading(_ text: String) -> String { paint(text, "1") }

    private func paint(_ text: String, _ code: String) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
