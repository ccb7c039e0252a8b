import Addressing

extension [IPAddress] {
    /// The first few.
    var shortList: String {
        let most = 4
        let shown = prefix(most).map(\.description).joined(separator: ", ")
        return count > most ? "\(shown) and \(count - most) more" : shown
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    package var inMilliseconds: Int {
        Int(clamping: components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }

    /// Seconds with three decimals, rounded down.
    package var inSeconds: String {
        let milliseconds = max(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000, 0)
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    }
}
