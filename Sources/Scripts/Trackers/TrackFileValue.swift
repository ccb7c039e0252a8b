/// The number in a track file, and what is wrong with the file. The numbers are those that keepalived reads, C's prefixes `0x` and `0`
/// included; what it passes over without a word is told.
package struct TrackFileValue: Hashable, Sendable {
    /// Why a file is not as it should be.
    package enum Fault: UInt8, Hashable, Sendable, CaseIterable {
        /// There is no such file. It counts as 0, as in keepalived.
        case missing = 1
        /// The file can't be read. It counts as 0, as in keepalived.
        case unreadable
        /// Nothing but blanks. It counts as 0, as in keepalived.
        case empty
        /// It begins with no number. It counts as 0, as in keepalived.
        case noNumber
        /// More than blanks follows the number, which counts.
        case excess
        /// The number has more than 31 bits: the previous one stays, as in keepalived.
        case outOfRange
    }

    /// -2^31 to 2^31; `nil` where the previous number stays.
    package let number: Int?
    package let fault: Fault?

    private init(number: Int?, fault: Fault?) {
        self.number = number
        self.fault = fault
    }

    package static let missing = TrackFileValue(number: 0, fault: .missing)
    package static let unreadable = TrackFileValue(number: 0, fault: .unreadable)

    /// So much of a file is looked at, in bytes.
    package static let longest = 127

    /// - Parameter content: the file's beginning; what lies beyond `longest` bytes, or a zero byte, is not looked at.
    package init(_ content: some Collection<UInt8>) {
        let text = Array(content.prefix(Self.longest).prefix { $0 != 0 })
        var rest = text.drop(while: Self.isSpace)
        guard !rest.isEmpty else {
            self.init(number: 0, fault: .empty)
            return
        }
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let base = Self.base(&rest)
        let digits = rest.prefix { Self.digit($0, base) != nil }
        guard !digits.isEmpty else {
            self.init(number: 0, fault: .noNumber)
            return
        }
        var magnitude = 0
        for byte in digits where magnitude <= Self.most { magnitude = magnitude * base + (Self.digit(byte, base) ?? 0) }
        guard magnitude <= Self.most else {
            self.init(number: nil, fault: .outOfRange)
            return
        }
        let hasExcess = !rest.dropFirst(digits.count).allSatisfy(Self.isSpace)
        self.init(number: isNegative ? -magnitude : magnitude, fault: hasExcess ? .excess : nil)
    }

    /// keepalived's bounds are -2^31 and 2^31.
    private static let most = 1 << 31

    /// Takes `0x` off where a digit follows. A zero before others makes them octal; it is a digit itself.
    private static func base(_ rest: inout ArraySlice<UInt8>) -> Int {
        guard rest.first == UInt8(ascii: "0") else { return 10 }
        let second = rest.dropFirst().first
        if second == UInt8(ascii: "x") || second == UInt8(ascii: "X"),
            let third = rest.dropFirst(2).first, digit(third, 16) != nil
        {
            rest = rest.dropFirst(2)
            return 16
        }
        return 8
    }

    private static func digit(_ byte: UInt8, _ base: Int) -> Int? {
        let value: Int
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = Int(byte) - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): value = Int(byte) - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): value = Int(byte) - 55
        default: return nil
        }
        return value < base ? value : nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) }
}
