/// Characters that look like a blank, or like nothing, and part no words: they come with what is pasted from a page or a document.
///
/// A word may hold one and be meant so, a password for instance. So it is a warning where it does no harm, and the error where it does.
struct OddBlanks: Sendable {
    private struct Place {
        var name: String
        var location: SourceLocation
        var line: Int
        var isQuoted: Bool
    }

    /// By the number under which the line is kept; the first of each line.
    private var places: [Int: Place] = [:]
    private var order: [Int] = []

    /// More than anybody reads.
    private static let mostPlaces = 1000

    /// - Parameters:
    ///   - bytes: a line of the file.
    ///   - line: the number under which it is kept.
    mutating func look(at bytes: ArraySlice<UInt8>, file: String, number: Int, line: Int) {
        // Most lines are ASCII.
        guard order.count < Self.mostPlaces, bytes.contains(where: { $0 > 127 }) else { return }
        var column = 0
        var isQuoted = false
        var rest = bytes
        while let byte = rest.first {
            column += 1
            var length = 1
            var name: String?
            if byte > 127 {
                // A byte that is no UTF-8 is a character of its own.
                length += rest.dropFirst().prefix(3).prefix { $0 & 0xC0 == 0x80 }.count
                if let scalar = Self.scalar(rest.prefix(length)) {
                    name = Self.name(of: scalar)
                } else if byte == 0xA0 {
                    name = "a no-break space (the byte A0 of Latin-1)"
                }
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if !isQuoted, byte == UInt8(ascii: "!") || byte == UInt8(ascii: "#") {
                return
            }
            if let name {
                places[line] = Place(
                    name: name, location: SourceLocation(file: file, line: number, column: column), line: line,
                    isQuoted: isQuoted)
                order.append(line)
                return
            }
            rest = rest.dropFirst(length)
        }
    }

    /// Says where an error comes from, and warns of the rest.
    ///
    /// A fault of a word that holds such a character is that character's: it takes the error's place.
    func named(in findings: [Finding]) -> [Finding] {
        guard !order.isEmpty else { return findings }
        var result: [Finding] = []
        var blamed: Set<Int> = []
        for finding in findings {
            guard finding.severity == .error, let line = finding.line, let place = places[line],
                finding.location.file == place.location.file, finding.location.line == place.location.line,
                // For words, a byte that is no UTF-8 may have no column of its own.
                (0...finding.width).contains(place.location.column - finding.location.column)
            else {
                result.append(finding)
                continue
            }
            guard blamed.insert(line).inserted else { continue }
            result.append(Self.finding(.error, place, "type a blank in its place, or delete it"))
        }
        for line in order where !blamed.contains(line) {
            guard let place = places[line], !place.isQuoted else { continue }
            result.append(
                Self.finding(.warning, place, "type a blank in its place, or delete it, unless it is meant"))
        }
        return result
    }

    private static func finding(_ severity: Diagnostic.Severity, _ place: Place, _ advice: String) -> Finding {
        Finding(
            severity: severity,
            message:
                "\(place.name) is part of this word: only blanks and tabs part words; \(advice)",
            location: place.location, line: place.line)
    }

    /// The one character that the bytes are; `nil` where they are no UTF-8.
    private static func scalar(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.count == 1 else { return nil }
        return text.unicodeScalars.first
    }

    /// Whether the text holds such a character.
    static func isIn(_ text: String) -> Bool { text.unicodeScalars.contains { name(of: $0) != nil } }

    private static func name(of scalar: Unicode.Scalar) -> String? {
        let kind: String
        switch scalar.value {
        case 0xA0: kind = "no-break space"
        case 0x85: kind = "next-line character"
        case 0xAD: kind = "soft hyphen"
        case 0x2000...0x200A, 0x205F, 0x1680: kind = "wide or narrow space"
        case 0x202F: kind = "narrow no-break space"
        case 0x3000: kind = "ideographic space"
        case 0x2028, 0x2029: kind = "line separator"
        case 0x200B: kind = "zero-width space"
        case 0x3164, 0xFFA0, 0x115F, 0x1160: kind = "Hangul filler"
        case 0x2800: kind = "blank Braille pattern"
        case 0x200C, 0x200D, 0x2060, 0x180E: kind = "zero-width joiner"
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x61C: kind = "direction mark"
        case 0xFEFF: kind = "byte order mark"
        default: return nil
        }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return
            "\(kind.hasPrefix("i") ? "an" : "a") \(kind) (U+\(String(repeating: "0", count: max(4 - digits.count, 0)))\(digits))"
    }
}
