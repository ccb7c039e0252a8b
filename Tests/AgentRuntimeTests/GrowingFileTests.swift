import Addressing
import Foundation
import Kernel
import Testing

@Suite("Files that grow with what there is to keep")
struct GrowingFileTests {
    /// What version 0.1.0 makes, and reads of any file: entries, and the file's size in bytes.
    private static let first = (addresses: 16_384, addressBytes: 16 + 16_384 * 16, roles: 16_384)

    private func withFile(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fotest-grow-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func size(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }

    private func key(_ number: Int) throws -> AddressKey {
        AddressKey(
            interface: InterfaceIndex(rawValue: 2),
            prefix: try #require(
                IPPrefix(address: IPAddress(IPv4Address(rawValue: 0x0A00_0000 + UInt32(number))), length: 24)))
    }

    @Test("The state file keeps every address, and stays as version 0.1.0 makes it up to as many as that knows")
    func addresses() throws {
        try withFile { path in
            let count = Self.first.addresses * 2 + 100
            do {
                let state = try StateFile(path: path)
                for number in 0..<Self.first.addresses { state.remember(try key(number), createdAt: UInt32(number)) }
                #expect(try size(path) == Self.first.addressBytes)
                for number in Self.first.addresses..<count {
                    state.remember(try key(number), createdAt: UInt32(number))
                }
                #expect(state.shortage == nil)
                // Somebody removes the file: what is beyond the first step is kept as well.
                try FileManager.default.removeItem(atPath: path)
                #expect(try state.renewIfMissing())
            }
            do {
                let state = try StateFile(path: path)
                #expect(state.found.count == count)
                for number in [0, Self.first.addresses - 1, Self.first.addresses, count - 1] {
                    #expect(state.found[try key(number)] == UInt32(number))
                }
                state.forget(try key(count - 1))
                state.remember(try key(count), createdAt: 7)
            }
            let found = try StateFile(path: path).found
            #expect(found.count == count)
            #expect(found[try key(count)] == 7)
            #expect(found[try key(count - 1)] == nil)
        }
    }

    @Test("An address for which there is no room is told, until there is room, or it has gone")
    func shortage() throws {
        try withFile { path in
            let state = try StateFile(path: path, most: 3)
            for number in 0..<5 { state.remember(try key(number), createdAt: 1) }
            #expect(state.shortage?.count == 2)
            state.forget(try key(4))
            #expect(state.shortage?.count == 1)
            state.forget(try key(0))
            state.remember(try key(3), createdAt: 1)
            #expect(state.shortage == nil)
        }
    }

    @Test("A count beyond the end of the file is damage: nothing is made of it")
    func damage() throws {
        try withFile { path in
            do { try StateFile(path: path).remember(key(0), createdAt: 9) }
            let file = try FileHandle(forUpdating: URL(filePath: path))
            try file.seek(toOffset: 8)
            try file.write(contentsOf: Data([0xFF, 0xFF, 0xFF, 0x7F]))
            try file.close()
            #expect(try StateFile(path: path).found == [key(0): 9])
            #expect(try size(path) == Self.first.addressBytes)
        }
    }

    @Test("The roles of more virtual routers than version 0.1.0 keeps are kept; it reads the first of them")
    func roles() throws {
        try withFile { path in
            let count = Self.first.roles + 2
            do {
                let file = try RoleFile(path: path)
                let before = try size(path)
                file.begin((0..<UInt64(Self.first.roles)).map { $0 + 1 })
                #expect(try size(path) == before)
                #expect(file.begin((0..<UInt64(count)).map { $0 + 1 })?.count == nil)
                file.noteAdvertisement(count - 1, at: .seconds(5))
                file.noteAdvertisement(0, at: .seconds(4))
            }
            let found = try RoleFile(path: path).found
            #expect(found.count == count)
            #expect(found[UInt64(count)]?.advertisedAt == .seconds(5))
            #expect(found[1]?.advertisedAt == .seconds(4))
        }
    }

    @Test("A content that is longer than the first room is kept once room was made, for any later process")
    func content() throws {
        try withFile { path in
            let long = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
            do {
                let file = try BlobFile(path: path, capacity: 100)
                #expect(file.store([1, 2, 3]))
                #expect(!file.store(long))
                #expect(file.content == [1, 2, 3])
                try file.makeRoom(for: long.count)
                #expect(file.content == [1, 2, 3])
                #expect(file.store(long))
            }
            let file = try BlobFile(path: path, capacity: 100)
            #expect(file.content == long)
            #expect(file.store([4]))
            #expect(file.content == [4])
        }
    }
}
