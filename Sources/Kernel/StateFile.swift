package import Addressing

/// Which addresses this program has added, kept in a mapped file that outlives the process: a crash loses nothing, and
/// no write ever waits for a disk.
///
/// Kernels before 5.18 do not say who added an address. The kernel's creation stamp beside each entry tells our address
/// from a later one that looks the same.
package final class StateFile {
    /// An entry as it lies in the file.
    private struct Record: BitwiseCopyable {
        var interface: Int32 = 0
        var address: UInt32 = 0
        var createdAt: UInt32 = 0
        var prefixLength: UInt8 = 0
        var isUsed: UInt8 = 0
        var reserved: UInt16 = 0
    }

    /// Says what the file is, and in which layout.
    private static let magic: UInt64 = 0x0100_4553_5641_4641
    private static let headerSize = 16
    /// Where the number of entries stands that were ever used, four bytes behind the magic number.
    private static let countOffset = 8
    /// Entries; 256 kB of a memory file system, touched only as far as it is used.
    private static let capacity = 16_384
    private static let size = headerSize + capacity * MemoryLayout<Record>.stride

    private let file: MappedFile
    private var places: [AddressKey: Int] = [:]
    private var free: [Int] = []
    private var end = 0
    /// What the file said when it was opened.
    package let found: [AddressKey: UInt32]

    /// Makes the file anew where somebody has removed it.
    /// - Returns: whether it was missing.
    package func renewIfMissing() throws(SystemError) -> Bool { try file.renewIfMissing() }

    /// Opens the file, or makes it. One that is damaged or of another layout counts as empty.
    /// - Throws: also when another process uses the file.
    package init(path: String) throws(SystemError) {
        file = try MappedFile(path: path, size: Self.size, magic: Self.magic)
        if file.load(UInt64.self, at: 0) != Self.magic {
            // Of another layout, or new. No entries are looked at beyond the count, so they need not be cleared.
            file.store(Self.magic, at: 0)
            file.store(UInt32(0), at: Self.countOffset)
        }
        end = min(Int(file.load(UInt32.self, at: Self.countOffset) ?? 0), Self.capacity)
        var found: [AddressKey: UInt32] = [:]
        for index in 0..<end {
            guard let record = file.load(Record.self, at: Self.offset(index)), record.isUsed == 1,
                let prefix = IPv4Prefix(
                    address: IPv4Address(rawValue: record.address), length: Int(record.prefixLength))
            else {
                free.append(index)
                continue
            }
            let key = AddressKey(interface: InterfaceIndex(rawValue: record.interface), prefix: prefix)
            found[key] = record.createdAt
            places[key] = index
        }
        self.found = found
    }

    private static func offset(_ index: Int) -> Int { headerSize + index * MemoryLayout<Record>.stride }

    package func remember(_ key: AddressKey, createdAt: UInt32) {
        guard let index = places[key] ?? free.popLast() ?? nextUnused() else { return }
        places[key] = index
        store(
            Record(
                interface: key.interface.rawValue, address: key.address.rawValue, createdAt: createdAt,
                prefixLength: key.prefix.length, isUsed: 1),
            at: index)
    }

    package func forget(_ key: AddressKey) {
        guard let index = places.removeValue(forKey: key) else { return }
        store(Record(), at: index)
        free.append(index)
    }

    private func nextUnused() -> Int? {
        guard end < Self.capacity else { return nil }
        end += 1
        file.store(UInt32(end), at: Self.countOffset)
        return end - 1
    }

    private func store(_ record: Record, at index: Int) {
        file.store(record, at: Self.offset(index))
    }
}
