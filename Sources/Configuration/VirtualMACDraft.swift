/// What the lines of `use_vmac` say, before the virtual router's number and family are known.
struct VirtualMACDraft {
    /// The first of the lines.
    let keyword: Word
    var name: (word: Word, statement: Statement)?
    /// Five or six octets: to five the virtual router's number is added.
    var address: (octets: [UInt8], word: Word, statement: Statement)?

    init(keyword: Word) { self.keyword = keyword }

    /// What a line is made of.
    enum Part {
        case name(Word)
        case address(Word)
        case noEffect(Word)
        /// A word that needs another one behind it.
        case incomplete(Word)
    }

    static func parts(of statement: Statement) -> [Part] {
        var parts: [Part] = []
        var values = statement.values[...]
        while let word = values.popFirst() {
            switch word.text {
            case "netlink_notify_msg": parts.append(.noEffect(word))
            case "group": parts.append(values.popFirst() == nil ? .incomplete(word) : .noEffect(word))
            case "name": parts.append(values.popFirst().map { .name($0) } ?? .incomplete(word))
            case let text where text.contains(":"): parts.append(.address(word))
            default: parts.append(.name(word))
            }
        }
        return parts
    }

    /// Five or six numbers of one or two hexadecimal digits; else `nil`.
    static func octets(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let octets = parts.compactMap { part in
            (1...2).contains(part.utf8.count) && part.utf8.first != UInt8(ascii: "+") ? UInt8(part, radix: 16) : nil
        }
        return (5...6).contains(parts.count) && octets.count == parts.count ? octets : nil
    }
}
