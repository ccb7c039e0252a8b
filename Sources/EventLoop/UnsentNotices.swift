/// Messages to a service manager that is behind: the order stays, of several status lines the last one counts.
package struct UnsentNotices: Sendable {
    static let status = "STATUS="
    /// More than a service manager that works can miss.
    private static let limit = 4096

    private var texts: [String] = []
    /// Whether there was no room the last time.
    var isBehind = false

    package init() {}

    package mutating func append(_ text: String) {
        if text.hasPrefix(Self.status) { texts.removeAll { $0.hasPrefix(Self.status) } }
        if texts.count == Self.limit { texts.removeFirst() }
        texts.append(text)
    }

    /// - Parameter send: whether there was room; where there is none, the rest stays for the next time.
    package mutating func send(_ send: (String) -> Bool) {
        while let text = texts.first {
            isBehind = !send(text)
            if isBehind { return }
            texts.removeFirst()
        }
    }
}
