/// SHA-256, as FIPS 180-4 defines it.
package struct SHA256: Sendable {
    /// The 32 bytes of a digest.
    package struct Digest: Hashable, Sendable, CustomStringConvertible {
        package static let length = 32

        package let bytes: [UInt8]

        /// - Returns: `nil` unless there are 32 bytes.
        package init?(_ bytes: some Collection<UInt8>) {
            guard bytes.count == Self.length else { return nil }
            self.bytes = Array(bytes)
        }

        fileprivate init(words: [UInt32]) {
            var bytes: [UInt8] = []
            for word in words { bytes.append(number: word) }
            self.bytes = bytes
        }

        /// In hexadecimal digits.
        package var description: String {
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined()
        }
    }

    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var schedule = [UInt32](repeating: 0, count: 64)
    /// Bytes that fill no block yet.
    private var pending: [UInt8] = []
    private var count: UInt64 = 0

    package init() {}

    package mutating func add(_ bytes: some Collection<UInt8>) {
        count &+= UInt64(bytes.count)
        pending += bytes
        var start = 0
        while pending.count - start >= 64 {
            compress(at: start)
            start += 64
        }
        pending.removeSubrange(..<start)
    }

    /// The digest of everything that was added.
    package func digest() -> Digest {
        var last = self
        let bits = count &* 8
        last.pending.append(0x80)
        while last.pending.count % 64 != 56 { last.pending.append(0) }
        last.pending.append(number: bits)
        for start in stride(from: 0, to: last.pending.count, by: 64) { last.compress(at: start) }
        return Digest(words: last.state)
    }

    /// Section 6.2.2, for the 64 bytes of `pending` from `start` on.
    private mutating func compress(at start: Int) {
        for index in 0..<16 {
            let place = start + index * 4
            schedule[index] =
                UInt32(pending[place]) << 24 | UInt32(pending[place + 1]) << 16 | UInt32(pending[place + 2]) << 8
                | UInt32(pending[place + 3])
        }
        for index in 16..<64 {
            let (near, far) = (schedule[index - 15], schedule[index - 2])
            let sigma0 = Self.rotate(near, 7) ^ Self.rotate(near, 18) ^ near >> 3
            let sigma1 = Self.rotate(far, 17) ^ Self.rotate(far, 19) ^ far >> 10
            schedule[index] = schedule[index - 16] &+ sigma0 &+ schedule[index - 7] &+ sigma1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let sum1 = Self.rotate(e, 6) ^ Self.rotate(e, 11) ^ Self.rotate(e, 25)
            let choice = e & f ^ ~e & g
            let first = h &+ sum1 &+ choice &+ Self.constants[index] &+ schedule[index]
            let sum0 = Self.rotate(a, 2) ^ Self.rotate(a, 13) ^ Self.rotate(a, 22)
            let majority = a & b ^ a & c ^ b & c
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ sum0 &+ majority)
        }
        for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

    /// Section 4.2.2.
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
