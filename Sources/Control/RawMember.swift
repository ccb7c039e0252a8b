/// A member of a JSON object as it was sent, letter by letter: what is handed on must not be changed by being read.
package enum RawMember {
    /// - Parameters:
    ///   - name: without letters that need an escape.
    ///   - message: an object that a JSON decoder has read; of anything else some part may be found, or none.
    /// - Returns: `nil` where the object has no such member.
    package static func find(_ name: String, in message: [UInt8]) -> ArraySlice<UInt8>? {
        let key = Array("\"\(name)\"".utf8)
        var depth = 0
        var isInString = false
        var begin: Int?
        var wordAt = 0
        var lastWord: Range<Int>?
        var index = 0
        while index < message.count {
            let byte = message[index]
            if isInString {
                if byte == UInt8(ascii: "\\") {
                    index += 1
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    lastWord = wordAt..<index + 1
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""):
                    isInString = true
                    wordAt = index
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 1, let begin { return trimmed(message[begin..<index]) }
                    depth -= 1
                case UInt8(ascii: ":") where depth == 1 && begin == nil:
                    if let lastWord, message[lastWord].elementsEqual(key) { begin = index + 1 }
                case UInt8(ascii: ",") where depth == 1:
                    if let begin { return trimmed(message[begin..<index]) }
                default: break
                }
            }
            index += 1
        }
        return nil
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let blanks: Set<UInt8> = [9, 10, 13, 32]
        guard let first = bytes.firstIndex(where: { !blanks.contains($0) }),
            let last = bytes.lastIndex(where: { !blanks.contains($0) })
        else { return bytes[bytes.startIndex..<bytes.startIndex] }
        return bytes[first...last]
    }
}
