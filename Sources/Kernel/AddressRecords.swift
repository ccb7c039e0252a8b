import Addressing

/// An address as it lies in a file.
protocol AddressRecord: BitwiseCopyable {
    /// Says what the file is, and in which layout.
    static var magic: UInt64 { get }
    /// Entries that there is room for at first, and by which the file grows.
    static var step: Int { get }
    /// The most entries, whatever a damaged file says.
    static var most: Int { get }

    /// A place that is free.
    init()
    /// - Returns: `nil` for one for which it has no room.
    init?(_ key: AddressKey, createdAt: UInt32)
    /// `nil` for a free place, and for an entry that can't be.
    var key: AddressKey? { get }
    var createdAt: UInt32 { get }
}

/// It has room for an IPv4 address.
struct IPv4AddressRecord: AddressRecord {
    private var interface: Int32 = 0
    private var address: UInt32 = 0
    private(set) var createdAt: UInt32 = 0
    private var prefixLength: UInt8 = 0
    private var isUsed: UInt8 = 0
    private var reserved: UInt16 = 0

    static let magic: UInt64 = 0x0100_4553_5641_4641
    /// 256 KiB of a memory file system. Version 0.1.0 knows a file of these only; of a longer one, which is laid out alike, it reads as
    /// many.
    static let step = 16_384
    /// 64 MiB
    static let most = 1 << 22

    init() {}

    init?(_ key: AddressKey, createdAt: UInt32) {
        guard let ipv4 = key.address.ipv4 else { return nil }
        interface = key.interface.rawValue
        address = ipv4.rawValue
        self.createdAt = createdAt
        prefixLength = key.prefix.length
        isUsed = 1
    }

    var key: AddressKey? {
        guard isUsed == 1, let prefix = IPv4Prefix(address: IPv4Address(rawValue: address), length: Int(prefixLength))
        else { return nil }
        return AddressKey(interface: InterfaceIndex(rawValue: interface), prefix: IPPrefix(prefix))
    }
}

/// It has room for an IPv6 address. Version 0.1.0 knows no such file.
struct IPv6AddressRecord: AddressRecord {
    private var high: UInt64 = 0
    private var low: UInt64 = 0
    private var interface: Int32 = 0
    private(set) var createdAt: UInt32 = 0
    private var prefixLength: UInt8 = 0
    private var isUsed: UInt8 = 0
    private var reserved: UInt16 = 0
    private var reservedToo: UInt32 = 0

    static let magic: UInt64 = 0x0100_3653_5641_4641
    /// 128 KiB
    static let step = 4096
    /// 128 MiB
    static let most = 1 << 22

    init() {}

    init?(_ key: AddressKey, createdAt: UInt32) {
        guard let ipv6 = key.address.ipv6 else { return nil }
        (high, low) = (ipv6.high, ipv6.low)
        interface = key.interface.rawValue
        self.createdAt = createdAt
        prefixLength = key.prefix.length
        isUsed = 1
    }

    var key: AddressKey? {
        let address = IPAddress(IPv6Address(high: high, low: low))
        guard isUsed == 1, !address.isIPv4, let prefix = IPPrefix(address: address, length: Int(prefixLength)) else {
            return nil
        }
        return AddressKey(interface: InterfaceIndex(rawValue: interface), prefix: prefix)
    }
}

/// The addresses of one family that this program has added, in a mapped file.
final class AddressRecords<Record: AddressRecord> {
    private static var headerSize: Int { 16 }
    /// Where the number of entries stands that were ever used, four bytes behind the magic number.
    private static var countOffset: Int { 8 }

    private let file: MappedFile
    private let most: Int
    private var places: [AddressKey: Int] = [:]
    private var free: [Int] = []
    private var end = 0
    /// What there was no room for.
    private(set) var unkept: Set<AddressKey> = []
    /// Why there was none.
    private(set) var reason: SystemError?
    /// What the file said when it was opened.
    let found: [AddressKey: UInt32]

    /// Opens the file, or makes it. One that is damaged or of another layout counts as empty.
    /// - Parameter most: how many entries it may have.
    /// - Throws: also when another process uses the file.
    init(path: String, most: Int = Record.most) throws(SystemError) {
        self.most = most
        file = try MappedFile(path: path, size: Self.offset(Record.step), magic: Record.magic)
        if file.load(UInt64.self, at: 0) != Record.magic {
            // Of another layout, or new. No entries are looked at beyond the count, so they need not be cleared.
            file.store(Record.magic, at: 0)
            file.store(UInt32(0), at: Self.countOffset)
        }
        // No more than the file has: a count beyond its end is damage.
        let inFile = (file.fileSize - Self.headerSize) / MemoryLayout<Record>.stride
        end = min(Int(file.load(UInt32.self, at: Self.countOffset) ?? 0), inFile, most)
        try file.grow(to: Self.offset((end + Record.step - 1) / Record.step * Record.step))
        var found: [AddressKey: UInt32] = [:]
        for index in 0..<end {
            guard let record = file.load(Record.self, at: Self.offset(index)), let key = record.key else {
                free.append(index)
                continue
            }
            found[key] = record.createdAt
            places[key] = index
        }
        self.found = found
    }

    private static func offset(_ index: Int) -> Int { headerSize + index * MemoryLayout<Record>.stride }

    func renewIfMissing() throws(SystemError) -> Bool { try file.renewIfMissing() }

    func remember(_ key: AddressKey, createdAt: UInt32) {
        guard let record = Record(key, createdAt: createdAt) else { return }
        guard let index = places[key] ?? free.popLast() ?? nextUnused() else {
            unkept.insert(key)
            return
        }
        unkept.remove(key)
        places[key] = index
        store(record, at: index)
    }

    func forget(_ key: AddressKey) {
        unkept.remove(key)
        guard let index = places.removeValue(forKey: key) else { return }
        store(Record(), at: index)
        free.append(index)
    }

    private func nextUnused() -> Int? {
        guard end < most else { return nil }
        do throws(SystemError) {
            try file.grow(to: Self.offset((end / Record.step + 1) * Record.step))
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
