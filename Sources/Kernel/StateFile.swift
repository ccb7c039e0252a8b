package import Addressing
import CLinux
import Glibc

/// Which addresses this program has added, kept in a mapped file that outlives the process: a crash loses nothing, and
/// no write ever waits for a disk.
///
/// Kernels before 5.18 do not say who added an address. The kernel's creation stamp beside each entry tells our address
/// from a later one that looks the same.
@safe package final class StateFile {
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

    private let file: FileDescriptor
    private let mapping: UnsafeMutableRawPointer
    private var places: [AddressKey: Int] = [:]
    private var free: [Int] = []
    private var end = 0
    /// What the file said when it was opened.
    package let found: [AddressKey: UInt32]

    /// Opens the file, or makes it. One that is damaged or of another layout counts as empty.
    /// - Throws: also when another process uses the file.
    package init(path: String) throws(SystemError) {
        let number = try check("can't open \(path)") {
            unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        file = FileDescriptor(owning: number)
        _ = try check("another process uses \(path)") { flock(number, LOCK_EX | LOCK_NB) }
        // Room is set aside now: a full file system must not kill the process later, at a store into the mapping.
        let code = posix_fallocate(number, 0, off_t(Self.size))
        guard code == 0 else { throw SystemError("can't make room in \(path)", code: code) }
        guard let mapping = unsafe mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0),
            unsafe mapping != MAP_FAILED
        else { throw SystemError("can't map \(path)") }
        unsafe self.mapping = unsafe mapping
        if unsafe mapping.load(as: UInt64.self) != Self.magic {
            // Of another layout, or new. No entries are looked at beyond the count, so they need not be cleared.
            unsafe mapping.storeBytes(of: Self.magic, as: UInt64.self)
            unsafe mapping.storeBytes(of: 0, toByteOffset: Self.countOffset, as: UInt32.self)
        }
        let count = unsafe mapping.load(fromByteOffset: Self.countOffset, as: UInt32.self)
        end = min(Int(count), Self.capacity)
        var found: [AddressKey: UInt32] = [:]
        for index in 0..<end {
            let record = unsafe mapping.load(
                fromByteOffset: Self.headerSize + index * MemoryLayout<Record>.stride, as: Record.self)
            guard record.isUsed == 1,
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

    deinit {
        _ = unsafe munmap(mapping, Self.size)
    }

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
        unsafe mapping.storeBytes(of: UInt32(end), toByteOffset: Self.countOffset, as: UInt32.self)
        return end - 1
    }

    private func store(_ record: Record, at index: Int) {
        unsafe mapping.storeBytes(
            of: record, toByteOffset: Self.headerSize + index * MemoryLayout<Record>.stride, as: Record.self)
    }
}
