/// Something in a configuration that is wrong, or that a reader should know.
package struct Diagnostic: Hashable, Sendable {
    package enum Severity: String, Hashable, Sendable {
        /// The file can't be used.
        case error
        /// The file can be used, and means perhaps something else than its author thought.
        case warning
    }

    package var severity: Severity
    package var location: SourceLocation
    /// One sentence; it never holds a secret.
    package var message: String
    /// The line of the file, with its secrets masked.
    package var excerpt: String
    /// How many characters the caret underlines, at least 1.
    package var width: Int

    package init(
        severity: Severity, location: SourceLocation, message: String, excerpt: String = "", width: Int = 1
    ) {
        self.severity = severity
        self.location = location
        self.message = message
        self.excerpt = excerpt
        self.width = width
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: severity: message`, the line, and a caret under the place.
    package var description: String {
        let head = "\(location): \(severity.rawValue): \(message)"
        guard !excerpt.isEmpty else { return head }
        let shown = excerpt.prefix(160)
        // Tabs are kept, so that the caret stands under its place whatever a tab's width.
        let margin = shown.prefix(max(location.column - 1, 0)).map { $0 == "\t" ? "\t" : " " }.joined()
        let underline = String(repeating: "~", count: min(max(width - 1, 0), 80))
        return "\(head)\n    \(shown)\n    \(margin)^\(underline)"
    }
}
