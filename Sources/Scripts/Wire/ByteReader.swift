/// Takes numbers off the front of a message, the highest byte first. Where nothing is left it returns `nil`.
struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func number<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type = T.self) -> T? {
        bytes(T.bitWidth / 8)?.reduce(0) { $0 << 8 | T($1) }
    }

    /// A byte that is a case of an enumeration.
    mutating func value<T: RawRepresentable>(_ type: T.Type = T.self) -> T? where T.RawValue == UInt8 {
        number(UInt8.self).flatMap(T.init(rawValue:))
    }

    /// 0 or 1.
    mutating func flag() -> Bool? {
        switch number(UInt8.self) {
        case 0: false
        case 1: true
        default: nil
        }
    }
}

extension [UInt8] {
    /// Appends a number, the highest byte first.
    mutating func append(number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
