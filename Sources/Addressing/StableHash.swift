/// FNV-1a: a number that is the same in every process, for what outlives one. No protection against an attacker.
package struct StableHash: Sendable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        // What ends here is not what goes on in the next one.
        value = (value ^ 0xFF) &* 0x0000_0100_0000_01B3
    }

    /// One octet of something whose end needs no mark.
    package mutating func add(octet: UInt8) { value = (value ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }

    package mutating func add(_ text: String) { add(text.utf8) }

    package mutating func add(_ number: UInt64) {
        add((0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
    }
}
