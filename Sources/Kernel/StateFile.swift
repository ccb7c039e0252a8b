package import Addressing

/// Which addresses this program has added, kept in a mapped file that outlives the process: a crash loses nothing, and
/// no write ever waits for a disk.
///
/// Kernels before 5.18 do not say who added an address. The kernel's creation stamp beside each entry tells our address
/// from a later one that looks the same.
package final class StateFile {
    /// An entry as it lies in the file: it has room for an IPv4 address.
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
    /// Entries that there is room for at first, and by which the file grows: 256 KiB of a memory file system. Version 0.1.0 knows a file
    /// of these only; of a longer one, which is laid out alike, it reads as many.
    package static let step = 16_384
    /// The most entries: 64 MiB, whatever a damaged file says.
    package static let most = 1 << 22

    private let file: MappedFile
    private let most: Int
    private var places: [AddressKey: Int] = [:]
    private var free: [Int] = []
    private var end = 0
    /// What there was no room for.
    private var unkept: Set<AddressKey> = []
    /// Why there was none.
    private var reason: SystemError?
    /// What the file said when it was opened.
    package let found: [AddressKey: UInt32]

    /// Makes the file anew where somebody has removed it.
    /// - Returns: whether it was missing.
    package func renewIfMissing() throws(SystemError) -> Bool { try file.renewIfMissing() }

    /// Opens the file, or makes it. One that is damaged or of another layout counts as empty.
    /// - Parameter most: how many entries it may have.
    /// - Throws: also when another process uses the file.
    package init(path: String, most: Int = StateFile.most) throws(SystemError) {
        self.most = most
        file = try MappedFile(path: path, size: Self.offset(Self.step), magic: Self.magic)
        if file.load(UInt64.self, at: 0) != Self.magic {
            // Of another layout, or new. No entries are looked at beyond the count, so they need not be cleared.
            file.store(Self.magic, at: 0)
            file.store(UInt32(0), at: Self.countOffset)
        }
        // No more than the file has: a count beyond its end is damage.
        let inFile = (file.fileSize - Self.headerSize) / MemoryLayout<Record>.stride
        end = min(Int(file.load(UInt32.self, at: Self.countOffset) ?? 0), inFile, most)
        try file.grow(to: Self.offset((end + Self.step - 1) / Self.step * Self.step))
        var found: [AddressKey: UInt32] = [:]
        for index in 0..<end {
            guard let record = file.load(Record.self, at: Self.offset(index)), record.isUsed == 1,
                let prefix = IPv4Prefix(
                    address: IPv4Address(rawValue: record.address), length: Int(record.prefixLength))
            else {
                free.append(index)
                continue
            }
            let key = AddressKey(interface: InterfaceIndex(rawValue: record.interface), prefix: IPPrefix(prefix))
            found[key] = record.createdAt
            places[key] = index
        }
        self.found = found
    }

    private static func offset(_ index: Int) -> Int { headerSize + index * MemoryLayout<Record>.stride }

    /// Why some addresses are not kept, and how many; `nil` while all are.
    package var shortage: (count: Int, reason: String)? {
        unkept.isEmpty ? nil : (unkept.count, reason?.description ?? "\(most) are kept at most")
    }

    package func remember(_ key: AddressKey, createdAt: UInt32) {
        guard let ipv4 = key.address.ipv4 else { return }
        guard let index = places[key] ?? free.popLast() ?? nextUnused() else {
            unkept.insert(key)
            return
        }
        unkept.remove(key)
        places[key] = index
        store(
            Record(
                interface: key.interface.rawValue, address: ipv4.rawValue, createdAt: createdAt,
                prefixLength: key.prefix.length, isUsed: 1),
            at: index)
    }

    package func forget(_ key: AddressKey) {
        unkept.remove(key)
        guard let index = places.removeValue(forKey: key) else { return }
        store(Record(), at: index)
        free.append(index)
    }

    private func nextUnused() -> Int? {
        guard end < most else { return nil }
        do throws(SystemError) {
            try file.grow(to: Self.offset((end / Self.step + 1) * Self.step))
        } catch {
            reason = error
            return nil
        }
        end += 1
        file.store(UInt32(end), at: Self.countOffset)
        return end - 1
    }

    private func store(_ record: Record, at index: Int) {
        file.store(record, at: Self.offset(index))
    }
}
