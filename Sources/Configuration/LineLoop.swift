/// `~SEQ(…)`, `~SEQx(…)` or `~LST(…)` before a line: the line is read once for each value.
struct LineLoop: Equatable {
    /// The variables, and their values in each turn.
    var variables: [String]
    var turns: [[String]]

    /// More turns than any file needs, a thousand routers with a thousand addresses each not among them.
    static let mostTurns = 65_536

    enum Fault: Error, Equatable {
        case malformed
        case endless
        case tooLong
    }

    /// - Returns: the loop at the beginning of a text, and how many bytes it takes up; `nil` if there is none.
    static func read(_ text: [UInt8]) throws(Fault) -> (loop: LineLoop, length: Int)? {
        let kinds = ["~SEQx", "~SEQ", "~LST"]
        guard let kind = kinds.first(where: { text.starts(with: $0.utf8) }) else { return nil }
        var index = kind.utf8.count
        while index < text.count, text[index] == UInt8(ascii: " ") || text[index] == 9 { index += 1 }
        guard index < text.count, text[index] == UInt8(ascii: "("),
            let close = text[index...].firstIndex(of: UInt8(ascii: ")"))
        else { throw .malformed }
        let body = String(decoding: text[(index + 1)..<close], as: UTF8.self)
        let loop = kind == "~LST" ? try list(body) : try sequence(body, isHexadecimal: kind == "~SEQx")
        return (loop, close + 1)
    }

    // MARK: - ~SEQ(variable, [start, [step,]] end)

    private static func sequence(_ body: String, isHexadecimal: Bool) throws(Fault) -> LineLoop {
        let parts = body.split(separator: ",", omittingEmptySubsequences: false).map { trim($0) }
        guard (2...4).contains(parts.count), !parts[0].isEmpty else { throw .malformed }
        var numbers: [Int] = []
        for part in parts.dropFirst() {
            guard let number = integer(part) else { throw .malformed }
            numbers.append(number)
        }
        guard let end = numbers.last else { throw .malformed }
        let start = numbers.count > 1 ? numbers[0] : end < 0 ? -1 : 1
        let step = numbers.count > 2 ? numbers[1] : end < start ? -1 : 1
        guard step != 0, start == end || (step > 0) == (end > start) else { throw .endless }
        guard (end - start) / step < mostTurns else { throw .tooLong }
        if isHexadecimal, min(start, end) < 0 { throw .malformed }
        return LineLoop(
            variables: [parts[0]],
            turns: stride(from: start, through: end, by: step).map { [String($0, radix: isHexadecimal ? 16 : 10)] })
    }

    /// Decimal, hexadecimal with 0x, octal with 0, as C reads them.
    private static func integer(_ text: String) -> Int? {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard (1...12).contains(digits.count), digits.first != "-", digits.first != "+" else { return nil }
        let value: Int?
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
            value = Int(digits.dropFirst(2), radix: 16)
        } else if digits.hasPrefix("0"), digits.count > 1 {
            value = Int(digits.dropFirst(), radix: 8)
        } else {
            value = Int(digits)
        }
        return value.map { isNegative ? -$0 : $0 }
    }

    // MARK: - ~LST(variable, value, …), ~LST({variable, …}, {value, …}, …)

    private static func list(_ body: String) throws(Fault) -> LineLoop {
        var items: [[String]] = []
        var rest = body[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            if rest.first == "{" {
                guard let close = rest.firstIndex(of: "}") else { throw .malformed }
                let inner = rest[rest.index(after: rest.startIndex)..<close]
                items.append(inner.split(separator: ",", omittingEmptySubsequences: false).map { trim($0) })
                rest = rest[rest.index(after: close)...].drop { $0 == " " || $0 == "\t" }
                guard rest.isEmpty || rest.first == "," else { throw .malformed }
            } else {
                let end = rest.firstIndex(of: ",") ?? rest.endIndex
                let item = trim(rest[..<end])
                guard !item.contains(where: { " \t{}".contains($0) }) else { throw .malformed }
                items.append([item])
                rest = rest[end...]
            }
            guard rest.popFirst() != nil else { break }
        }
        let variables = items.removeFirst()
        guard !items.isEmpty, variables.allSatisfy({ !$0.isEmpty }), items.allSatisfy({ $0.count <= variables.count })
        else {
            throw .malformed
        }
        // A value that is missing is empty.
        return LineLoop(
            variables: variables,
            turns: items.map { $0 + Array(repeating: "", count: variables.count - $0.count) })
    }

    private static func trim(_ text: Substring) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
