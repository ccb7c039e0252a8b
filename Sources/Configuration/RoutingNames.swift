/// The names that routing tables have on a host.
package struct RoutingNames: Hashable, Sendable {
    package private(set) var tables: [String: UInt32] = ["default": 253, "main": 254, "local": 255]

    package init() {}

    /// Takes in what a file says whose lines are a number and a name, as iproute2's `rt_tables`; what is no such line is passed over,
    /// as iproute2 does.
    package mutating func add(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count == 2, let number = Self.number(words[0]), number > 0 else { continue }
            tables[String(words[1])] = number
        }
    }

    /// A table by its name or number; `nil` where there is none of that name.
    package func table(_ text: String) -> UInt32? {
        tables[text] ?? Self.number(text).flatMap { $0 > 0 ? $0 : nil }
    }

    /// Decimal, or hexadecimal behind 0x.
    static func number(_ text: some StringProtocol) -> UInt32? {
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let digits = isHexadecimal ? text.dropFirst(2) : text[...]
        // A sign is none of them.
        guard (1...10).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }) else {
            return nil
        }
        return UInt32(digits, radix: isHexadecimal ? 16 : 10)
    }
}
