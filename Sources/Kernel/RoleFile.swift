import Glibc

/// Which virtual routers this program is master of, and when it last said so: what a new process needs to go on where one that
/// was killed or restarted left off.
package final class RoleFile {
    /// What an earlier process left about a virtual router.
    package struct Role: Hashable, Sendable {
        /// The last advertisement as master, on the boot clock.
        package var advertisedAt: Duration
        /// When processes went on as master of it, the latest ones.
        package var adoptions: [Duration]

        package init(advertisedAt: Duration, adoptions: [Duration]) {
            self.advertisedAt = advertisedAt
            self.adoptions = adoptions
        }
    }

    private struct Record: BitwiseCopyable {
        /// Tells the virtual router, and the configuration that it had.
        var fingerprint: UInt64 = 0
        /// Nanoseconds on the boot clock; 0 while not master.
        var advertisedAt: Int64 = 0
        var adoptions: (Int64, Int64, Int64) = (0, 0, 0)
    }

    /// Says what the file is, and in which layout.
    private static let magic: UInt64 = 0x0100_454C_4F52_4146
    private static let headerSize = 16
    private static let countOffset = 8
    private static let orderOffset = 12
    /// Virtual routers that there is room for at first. Version 0.1.0 knows a file of these only; of a longer one, which is laid out
    /// alike, it reads as many.
    package static let capacity = 16_384

    private let file: MappedFile
    private var records: [Record] = []

    /// What the file said when it was opened, by fingerprint.
    package let found: [UInt64: Role]
    /// The earlier process was told to restart, and left everything in order.
    package let continuesInOrder: Bool

    /// Makes the file anew where somebody has removed it.
    /// - Returns: whether it was missing.
    package func renewIfMissing() throws(SystemError) -> Bool { try file.renewIfMissing() }

    /// - Throws: also when another process uses the file.
    package init(path: String) throws(SystemError) {
        file = try MappedFile(
            path: path, size: Self.offset(Self.capacity), magic: Self.magic)
        var found: [UInt64: Role] = [:]
        if file.load(UInt64.self, at: 0) == Self.magic, let count = file.load(UInt32.self, at: Self.countOffset) {
            // No more than the file has: a count beyond its end is damage.
            let inFile = (file.fileSize - Self.headerSize) / MemoryLayout<Record>.stride
            let end = min(Int(count), inFile)
            try file.grow(to: Self.offset(end))
            for index in 0..<end {
                guard let record = file.load(Record.self, at: Self.offset(index)) else { continue }
                let adoptions = [record.adoptions.0, record.adoptions.1, record.adoptions.2].filter { $0 > 0 }
                found[record.fingerprint] = Role(
                    advertisedAt: .nanoseconds(record.advertisedAt), adoptions: adoptions.map { .nanoseconds($0) })
            }
        }
        self.found = found
        continuesInOrder = !found.isEmpty && file.load(UInt32.self, at: Self.orderOffset) == 1
        file.store(UInt32(0), at: Self.orderOffset)
    }

    /// Whether the process that used the file ended because it was told to restart, and none has begun since.
    package static func tellsOfOrderlyEnd(path: String) -> Bool {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard number >= 0 else { return false }
        let file = FileDescriptor(owning: number)
        var magic: UInt64 = 0
        var order: UInt32 = 0
        let lengths = unsafe (
            pread(file.number, &magic, MemoryLayout<UInt64>.size, 0),
            pread(file.number, &order, MemoryLayout<UInt32>.size, off_t(orderOffset))
        )
        return lengths == (MemoryLayout<UInt64>.size, MemoryLayout<UInt32>.size) && magic == Self.magic && order == 1
    }

    /// This process ends because it was told to restart.
    package func noteOrderlyEnd() { file.store(UInt32(1), at: Self.orderOffset) }

    private static func offset(_ index: Int) -> Int { headerSize + index * MemoryLayout<Record>.stride }

    /// Lays the file out for the virtual routers of a configuration, in its order. What is known of each is kept.
    /// - Returns: why those at the end, how many, are not in it; `nil` where all are.
    @discardableResult
    package func begin(_ fingerprints: [UInt64]) -> (count: Int, reason: String)? {
        var shortage: (count: Int, reason: String)?
        var room = (file.size - Self.headerSize) / MemoryLayout<Record>.stride
        if fingerprints.count > room {
            do throws(SystemError) {
                try file.grow(to: Self.offset(fingerprints.count))
                room = fingerprints.count
            } catch {
                shortage = (fingerprints.count - room, "\(error)")
            }
        }
        let old = Dictionary(records.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
        records = fingerprints.prefix(room).map { fingerprint in
            if let record = old[fingerprint] { return record }
            var record = Record(fingerprint: fingerprint)
            let adoptions = (found[fingerprint]?.adoptions ?? []).map(Self.nanoseconds)
            record.adoptions = (
                adoptions.first ?? 0, adoptions.dropFirst().first ?? 0, adoptions.dropFirst(2).first ?? 0
            )
            return record
        }
        // Void while it is written: half of it must not be believed.
        file.store(UInt64(0), at: 0)
        for (index, record) in records.enumerated() { file.store(record, at: Self.offset(index)) }
        file.store(UInt32(records.count), at: Self.countOffset)
        file.store(Self.magic, at: 0)
        return shortage
    }

    /// - Parameters:
    ///   - index: the virtual router's place in the order given to `begin`.
    ///   - time: on the boot clock; `nil` when this host is no longer its master.
    package func noteAdvertisement(_ index: Int, at time: Duration?) {
        guard records.indices.contains(index) else { return }
        let value = time.map(Self.nanoseconds) ?? 0
        guard records[index].advertisedAt != value else { return }
        records[index].advertisedAt = value
        file.store(records[index], at: Self.offset(index))
    }

    /// This process goes on as master of it.
    package func noteAdoption(_ index: Int, at time: Duration) {
        guard records.indices.contains(index) else { return }
        let old = records[index].adoptions
        records[index].adoptions = (Self.nanoseconds(time), old.0, old.1)
        file.store(records[index], at: Self.offset(index))
    }

    private static func nanoseconds(_ span: Duration) -> Int64 {
        let (seconds, attoseconds) = span.components
        guard seconds >= 0, seconds < 1 << 32 else { return 0 }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
