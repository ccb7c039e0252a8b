/// What a file of `NAME=VALUE` lines says, as systemd's `EnvironmentFile=` reads it: comments begin with `#` or `;`, a value may stand in
/// single or double quotes, and a backslash takes the next character as it is, or joins two lines.
///
/// One such file, which belongs to root, gives `failover-agent` and `failover-scripts` all that a configuration may ask about its
/// environment. So both read the same configuration, whoever started them.
package struct EnvironmentFile: Hashable, Sendable {
    package static let standardPath = "/etc/default/failover-agent"
    /// The variable that `@ID` lines are compared with, unless `--config-id` says something else.
    package static let configurationIDName = "FAILOVER_CONFIG_ID"
    /// How large it may be, in bytes.
    package static let longest = 64 << 10

    /// Of two lines with one name the later one counts.
    package private(set) var variables: [String: String] = [:]
    /// Lines that are passed over, or perhaps mean something else than their author thought.
    package private(set) var faults: [Fault] = []

    package struct Fault: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            /// There is no `=` in it.
            case noAssignment
            /// What stands before the `=` is no name of letters, digits and `_`.
            case noName
            /// The value is no UTF-8, or holds a zero byte.
            case noText
            /// A quote is open at the file's end.
            case openQuote
        }

        /// Counted from 1.
        package var line: Int
        package var kind: Kind

        package init(line: Int, kind: Kind) {
            self.line = line
            self.kind = kind
        }
    }

    /// There is no such file.
    package init() {}

    package init(_ bytes: some Sequence<UInt8>) {
        var reader = LineByLine()
        for byte in bytes { reader.take(byte, &self) }
        reader.end(&self)
    }

    /// What `FAILOVER_CONFIG_ID` says; `nil` where it is missing or empty.
    package var configurationID: String? {
        variables[Self.configurationIDName].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Each fault as a warning.
    /// - Parameter path: of the file.
    package func diagnostics(_ path: String) -> [Diagnostic] {
        faults.map {
            Diagnostic(
                severity: .warning, location: SourceLocation(file: path, line: $0.line, column: 1), message: $0.words)
        }
    }

    fileprivate mutating func set(_ name: [UInt8], _ value: [UInt8], line: Int) {
        var name = name[...]
        while let last = name.last, LineByLine.isBlank(last) { name.removeLast() }
        guard Self.isName(name) else {
            faults.append(Fault(line: line, kind: .noName))
            return
        }
        let text = String(decoding: value, as: UTF8.self)
        guard text.utf8.elementsEqual(value), !value.contains(0) else {
            faults.append(Fault(line: line, kind: .noText))
            return
        }
        variables[String(decoding: name, as: UTF8.self)] = text
    }

    fileprivate mutating func complain(_ kind: Fault.Kind, line: Int) { faults.append(Fault(line: line, kind: kind)) }

    private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, !(48...57).contains(first) else { return false }
        return name.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "_")
        }
    }
}

extension EnvironmentFile.Fault {
    fileprivate var words: String {
        switch kind {
        case .noAssignment: "this line is passed over: it is no NAME=VALUE"
        case .noName:
            "this line is passed over: a name has letters, digits and '_' alone, and begins with no digit ('export' is the shell's)"
        case .noText: "this line is passed over: its value is no UTF-8 text"
        case .openQuote: "the quote that opens here is never closed: the value goes on to the file's end"
        }
    }
}

/// Reads the bytes of such a file, one after the other.
private struct LineByLine {
    private enum Place {
        case beforeName
        case name
        case beforeValue
        case value
        case valueEscape
        case single
        case double
        case doubleEscape
        case comment
    }

    private var place = Place.beforeName
    private var name: [UInt8] = []
    private var value: [UInt8] = []
    /// So much of the value is not blank at its end.
    private var kept = 0
    private var line = 1
    /// Where the assignment begins.
    private var start = 1

    static func isBlank(_ byte: UInt8) -> Bool { [UInt8(ascii: " "), UInt8(ascii: "\t"), 13].contains(byte) }

    mutating func take(_ byte: UInt8, _ file: inout EnvironmentFile) {
        let isEnd = byte == UInt8(ascii: "\n")
        defer { if isEnd { line += 1 } }
        switch place {
        case .beforeName:
            if isEnd || Self.isBlank(byte) { return }
            start = line
            (name, value, kept) = ([byte], [], 0)
            place = byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") ? .comment : .name
            if byte == UInt8(ascii: "=") { (name, place) = ([], .beforeValue) }
        case .comment:
            if isEnd { place = .beforeName }
        case .name:
            if isEnd {
                file.complain(.noAssignment, line: start)
                place = .beforeName
            } else if byte == UInt8(ascii: "=") {
                place = .beforeValue
            } else {
                name.append(byte)
            }
        case .beforeValue:
            if Self.isBlank(byte) { return }
            if byte == UInt8(ascii: "'") {
                place = .single
            } else if byte == UInt8(ascii: "\"") {
                place = .double
            } else {
                place = .value
                takeValue(byte, &file)
            }
        case .value: takeValue(byte, &file)
        case .valueEscape:
            place = .value
            if !isEnd { keep(byte) }
        case .single:
            if byte == UInt8(ascii: "'") { place = .beforeValue } else { keep(byte) }
        case .double:
            if byte == UInt8(ascii: "\"") {
                place = .beforeValue
            } else if byte == UInt8(ascii: "\\") {
                place = .doubleEscape
            } else {
                keep(byte)
            }
        case .doubleEscape:
            place = .double
            if isEnd { return }
            if ![UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "`"), UInt8(ascii: "$")].contains(byte) {
                keep(UInt8(ascii: "\\"))
            }
            keep(byte)
        }
    }

    mutating func end(_ file: inout EnvironmentFile) {
        switch place {
        case .beforeName, .comment: return
        case .name: file.complain(.noAssignment, line: start)
        case .single, .double, .doubleEscape:
            file.complain(.openQuote, line: start)
            file.set(name, Array(value.prefix(kept)), line: start)
        case .beforeValue, .value, .valueEscape: file.set(name, Array(value.prefix(kept)), line: start)
        }
    }

    /// Outside of quotes a quote is a letter like any other.
    private mutating func takeValue(_ byte: UInt8, _ file: inout EnvironmentFile) {
        if byte == UInt8(ascii: "\n") {
            file.set(name, Array(value.prefix(kept)), line: start)
            place = .beforeName
        } else if byte == UInt8(ascii: "\\") {
            place = .valueEscape
        } else if Self.isBlank(byte) {
            value.append(byte)
        } else {
            keep(byte)
        }
    }

    private mutating func keep(_ byte: UInt8) {
        value.append(byte)
        kept = value.count
    }
}
