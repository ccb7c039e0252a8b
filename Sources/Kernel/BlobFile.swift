import Addressing

/// Some bytes in a mapped file: the loop stores them without waiting for a disk, and the system writes them in its own time.
package final class BlobFile {
    private static let magic: UInt64 = 0x0100_424F_4C42_4146
    private static let lengthOffset = 8
    /// When it was last in use, in the gap before the hash: what knows nothing of it has 0 there.
    private static let useOffset = 12
    private static let hashOffset = 16
    private static let dataOffset = 24
    private let file: MappedFile

    /// - Parameter capacity: how much there is room for, in bytes, until `makeRoom` makes more. Versions up to 0.1.0 read no content that is
    ///   longer: to them it is as if nothing were stored.
    package init(path: String, capacity: Int) throws(SystemError) {
        file = try MappedFile(path: path, size: Self.dataOffset + capacity, magic: Self.magic)
        // An earlier process may have stored more than that.
        guard let length = file.load(UInt32.self, at: Self.lengthOffset), Int(length) <= file.fileSize - Self.dataOffset
        else { return }
        try file.grow(to: Self.dataOffset + Int(length))
    }

    /// How long a content there is room for, in bytes.
    package var capacity: Int { file.size - Self.dataOffset }

    /// Makes room for a longer content.
    /// - Throws: where there is none.
    package func makeRoom(for count: Int) throws(SystemError) {
        guard count > capacity else { return }
        // In steps: not again for a few bytes more.
        let step = 256 << 10
        try file.grow(to: Self.dataOffset + (count + step - 1) / step * step)
    }

    /// What was stored last; `nil` where nothing was, or only half of it arrived on the disk.
    package var content: [UInt8]? {
        guard file.load(UInt64.self, at: 0) == Self.magic, let length = file.load(UInt32.self, at: Self.lengthOffset),
            let hash = file.load(UInt64.self, at: Self.hashOffset)
        else { return nil }
        let bytes = file.bytes(at: Self.dataOffset, count: Int(length))
        file.letPagesGo()
        return bytes.count == Int(length) && Self.hash(bytes) == hash ? bytes : nil
    }

    /// - Returns: false when there is no room for it; then the old content stays.
    package func store(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= capacity else { return false }
        file.store(UInt64(0), at: 0)
        _ = file.store(bytes, at: Self.dataOffset)
        file.store(UInt32(clamping: bytes.count), at: Self.lengthOffset)
        file.store(Self.hash(bytes), at: Self.hashOffset)
        file.store(Self.magic, at: 0)
        file.letPagesGo()
        return true
    }

    /// Whoever stores in it lives: `time` on the boot clock. That costs no more than four bytes.
    package func noteUse(at time: Duration) {
        file.store(UInt32(clamping: time.components.seconds), at: Self.useOffset)
    }

    /// The last `noteUse`, to the second; `nil` where there was none.
    package var lastUse: Duration? {
        guard let seconds = file.load(UInt32.self, at: Self.useOffset), seconds > 0 else { return nil }
        return .seconds(seconds)
    }

    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        var hash = StableHash()
        hash.add(bytes)
        return hash.value
    }
}
